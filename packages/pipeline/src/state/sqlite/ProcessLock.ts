/**
 * One worker for each database file and target: the lock of this machine that a process holds until it ends, however it
 * ends. It is SQLite's own lock on an empty database beside the other one; the system gives it back when a process is gone. Who
 * holds the lock takes its file away before it gives the lock back, so that none is left but by a process that was killed.
 */
import { FileSystem } from "@effect/platform"
import { SqlError } from "@effect/sql/SqlError"
import { Effect, Option, Schedule, type Scope } from "effect"
import Libsql from "libsql"
import * as SqlFailure from "../SqlFailure.js"
import type { StateUnavailable } from "../StateUnavailable.js"

/** How often a lock that another process holds is asked for again. */
export const interval = "250 millis"

const refused = (cause: unknown) => new SqlError({ cause, message: "Failed to take the lock" })

const locked = (file: string) =>
  Effect.try({
    try: () => {
      const database = new Libsql(file)
      try {
        database.exec("PRAGMA locking_mode = EXCLUSIVE")
        database.exec("BEGIN EXCLUSIVE")
        return database
      } catch (error) {
        database.close()
        throw error
      }
    },
    catch: refused
  })

// Which file it is that has this name now.
const identityOf = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.option(
      Effect.map(files.stat(file), ({ birthtime, dev, ino }) =>
        [dev, Option.getOrNull(ino), Option.getOrNull(birthtime)?.getTime()].join(" ")
      )
    )
  )

// The file may be taken away between opening it and the lock: then it is the lock of a file that nobody finds any more. Where there
// was none yet, the first try makes it, and the second one can tell.
const tryLock = (file: string): Effect.Effect<Libsql.Database, SqlError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const before = yield* identityOf(file)
    const database = yield* locked(file)
    const after = yield* identityOf(file)
    if (Option.isSome(before) && Option.contains(after, before.value)) return database
    database.close()
    return yield* tryLock(file)
  }).pipe(Effect.uninterruptible)

const release = (file: string, database: Libsql.Database) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.ensuring(
      Effect.ignore(files.remove(file)),
      Effect.sync(() => database.close())
    )
  )

/**
 * Waits for the lock, and holds it as long as the scope is open. `onBusy` runs once, where another process has it.
 * {@link StateUnavailable} where the file cannot be made.
 */
export const acquire = <R = never>(
  file: string,
  onBusy: Effect.Effect<void, never, R> = Effect.void
): Effect.Effect<void, StateUnavailable, FileSystem.FileSystem | Scope.Scope | R> =>
  Effect.gen(function* () {
    const said = yield* Effect.cached(onBusy)
    yield* Effect.acquireRelease(
      tryLock(file).pipe(
        Effect.tapError((error) => (SqlFailure.isBusy(error) ? said : Effect.void)),
        Effect.retry({ while: SqlFailure.isBusy, schedule: Schedule.spaced(interval) }),
        Effect.mapError(SqlFailure.explainAt(file)("opened")),
        Effect.interruptible
      ),
      (database) => release(file, database)
    )
  })

/** Whether nobody has the lock: it is held then as long as the scope is open. {@link StateUnavailable} where the file cannot be made. */
export const attempt = (file: string): Effect.Effect<boolean, StateUnavailable, FileSystem.FileSystem | Scope.Scope> =>
  Effect.acquireRelease(tryLock(file), (database) => release(file, database)).pipe(
    Effect.as(true),
    Effect.catchIf(SqlFailure.isBusy, () => Effect.succeed(false)),
    Effect.mapError(SqlFailure.explainAt(file)("opened"))
  )

/** Takes away a file that a process has left which was killed; one that somebody holds stays, and so does one that cannot be had. */
export const removeAbandoned = (file: string): Effect.Effect<void, never, FileSystem.FileSystem> =>
  tryLock(file).pipe(
    Effect.flatMap((database) => release(file, database)),
    Effect.uninterruptible,
    Effect.ignore
  )
