/**
 * One worker for each database file and target: the lock of this machine that a process holds until it ends, however it
 * ends. It is SQLite's own lock on an empty database beside the other one; the system gives it back when a process is gone.
 */
import { SqlError } from "@effect/sql/SqlError"
import { Effect, Schedule, type Scope } from "effect"
import Libsql from "libsql"
import * as SqlFailure from "./SqlFailure.js"
import type { StateUnavailable } from "./StateUnavailable.js"

/** How often a lock that another process holds is asked for again. */
export const interval = "250 millis"

const tryLock = (file: string) =>
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
    catch: (cause) => new SqlError({ cause, message: "Failed to take the lock" })
  })

/**
 * Waits for the lock, and holds it as long as the scope is open. `onBusy` runs once, where another process has it.
 * {@link StateUnavailable} where the file cannot be made.
 */
export const acquire = <R = never>(
  file: string,
  onBusy: Effect.Effect<void, never, R> = Effect.void
): Effect.Effect<void, StateUnavailable, Scope.Scope | R> =>
  Effect.gen(function* () {
    const said = yield* Effect.cached(onBusy)
    yield* Effect.acquireRelease(
      tryLock(file).pipe(
        Effect.tapError((error) => (SqlFailure.isBusy(error) ? said : Effect.void)),
        Effect.retry({ while: SqlFailure.isBusy, schedule: Schedule.spaced(interval) }),
        Effect.mapError(SqlFailure.explainAt(file)("opened")),
        Effect.interruptible
      ),
      (database) => Effect.sync(() => database.close())
    )
  })
