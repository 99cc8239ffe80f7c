/**
 * One connection to an SQLite file, in the shape of a libsql client.
 *
 * The client that libsql brings opens a new connection after each transaction, which knows nothing of the pragmas of the one
 * before, and a transaction that meets a lock takes Effect's client with it. Here there is one connection for as long as the
 * scope is open; a transaction begins with its first statement; and a lock of another program is waited out, by the Clock and
 * without blocking the thread.
 */
import { SqlError } from "@effect/sql/SqlError"
import type { LibsqlClientConfig } from "@effect/sql-libsql/LibsqlClient"
import { Duration, Effect, FiberSet, Schedule } from "effect"
import Sqlite from "libsql"
import * as SqlFailure from "./SqlFailure.js"
import * as SqliteStatement from "./SqliteStatement.js"

/** What Effect's client takes as `liveClient`. */
export type Client = LibsqlClientConfig.Live["liveClient"]

type Transaction = Awaited<ReturnType<Client["transaction"]>>

/** How the connection behaves. */
export interface Options {
  /** How long a lock of another program is waited out; 5 seconds. */
  readonly patience?: Duration.DurationInput | undefined
}

// The driver waits for a lock with the whole thread, so it waits for the blink of an eye only: the long wait is ours.
const driverWait = 10
const pause = Duration.millis(25)

const undoes = /^\s*ROLLBACK\b/i
const reads = /^\s*(?:SELECT|PRAGMA|EXPLAIN)\b/i

const pragmas = [
  `PRAGMA busy_timeout = ${driverWait}`,
  // Readers go on while somebody writes.
  "PRAGMA journal_mode = WAL",
  // A commit does not wait for the disk: who must know waits for Durability.
  "PRAGMA synchronous = NORMAL",
  "PRAGMA foreign_keys = ON"
]

const textOf = (statement: SqliteStatement.Input): string => (typeof statement === "string" ? statement : statement.sql)

const nothing = Effect.sync(SqliteStatement.nothing)

const closed = () => new Error("the transaction has ended")
const rolledBack = () => new Error("the database has rolled the transaction back")
const unused = () => Promise.reject(new Error("not offered: use a transaction"))

const refused = (message: string) => (cause: unknown) => new SqlError({ cause, message })

/**
 * Opens `file` (a path, not a URL) and makes it where it is missing. `SqlError` with SQLite's code in its cause where it
 * cannot be opened, is no database, or stays locked for longer than the patience.
 */
export const make = Effect.fn("LibsqlConnection.make")(function* (file: string, options: Options = {}) {
  const db = yield* Effect.acquireRelease(
    Effect.try({ try: () => new Sqlite(file), catch: refused("Failed to open the database") }),
    // The driver keeps a connection open until its statements are collected as garbage: what is in the log beside the file is
    // brought into it here, so that the file is whole by itself, for a backup say.
    (open) =>
      Effect.ignore(Effect.try(() => open.exec("PRAGMA wal_checkpoint(TRUNCATE)"))).pipe(
        Effect.zipRight(Effect.ignore(Effect.try(() => open.close())))
      )
  )
  // Ends, with the scope and before the connection closes, what still waits for it.
  const promise = yield* FiberSet.makeRuntimePromise()
  // Whose turn it is: one statement, or one transaction from its first statement to its end.
  const turn = yield* Effect.makeSemaphore(1)

  const run = (statement: SqliteStatement.Input) => Effect.try(() => SqliteStatement.run(db, statement))

  // A prepared statement that meets a lock stays under way in the driver, and then no transaction of the connection can be
  // committed ("SQL statements in progress"): what waits for a lock is executed, which leaves nothing behind.
  const control = (sql: string) => Effect.try(() => db.exec(sql))

  const patience = Schedule.spaced(pause).pipe(Schedule.upTo(options.patience ?? "5 seconds"))
  const patiently = <A>(what: Effect.Effect<A, unknown>, wanted: () => boolean = () => true) =>
    Effect.retry(what, { while: (error) => SqlFailure.isBusy(error) && wanted(), schedule: patience })

  const undo = Effect.suspend(() => (db.inTransaction ? Effect.ignore(control("ROLLBACK")) : Effect.void))

  // A statement on its own. Readers meet no lock; a writer takes the lock first, for the reason above.
  const alone = (statement: SqliteStatement.Input) =>
    reads.test(textOf(statement))
      ? patiently(run(statement))
      : Effect.uninterruptibleMask((restore) =>
          restore(patiently(control("BEGIN IMMEDIATE"))).pipe(
            Effect.zipRight(run(statement)),
            Effect.zipLeft(patiently(control("COMMIT"))),
            Effect.onError(() => undo)
          )
        )

  const transaction = (): Transaction => {
    // What of it happens, happens one after the other.
    const lane = Effect.unsafeMakeSemaphore(1)
    let state: "fresh" | "begun" | "ended" = "fresh"

    const begin = Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        yield* restore(turn.take(1))
        yield* restore(patiently(control("BEGIN IMMEDIATE"), () => state === "fresh")).pipe(
          Effect.zipRight(Effect.suspend(() => (state === "fresh" ? Effect.void : Effect.fail(closed())))),
          Effect.onError(() => Effect.zipRight(undo, turn.release(1)))
        )
        state = "begun"
      })
    )
    const inside = <A>(what: Effect.Effect<A, unknown>) =>
      Effect.suspend(() => (db.inTransaction ? what : Effect.fail(rolledBack())))

    const execute = (statement: SqliteStatement.Input) =>
      Effect.suspend(() => {
        if (state === "ended") return Effect.fail(closed())
        // On a full disk SQLite rolls everything back by itself: then there is no savepoint left to go back to.
        if (state === "begun" && !db.inTransaction && undoes.test(textOf(statement))) return nothing
        return Effect.zipRight(state === "fresh" ? begin : Effect.void, inside(run(statement)))
      })

    const end = (how: Effect.Effect<unknown, unknown>) =>
      Effect.suspend(() => {
        const was = state
        // Whoever still waits to begin gives up.
        state = "ended"
        return lane.withPermits(1)(
          was === "begun" ? Effect.ensuring(how, Effect.zipRight(undo, turn.release(1))) : Effect.void
        )
      }).pipe(Effect.uninterruptible, Effect.asVoid)

    const rollback = () => promise(end(Effect.void))

    return {
      execute: (statement) => promise(lane.withPermits(1)(execute(statement))),
      commit: () => promise(end(inside(patiently(control("COMMIT"))))),
      rollback,
      close: () => void rollback(),
      get closed() {
        return state === "ended"
      },
      batch: unused,
      executeMultiple: unused
    }
  }

  yield* Effect.forEach(pragmas, (pragma) => patiently(control(pragma)), { discard: true }).pipe(
    Effect.mapError(refused("Failed to prepare the connection"))
  )

  return {
    execute: (statement: SqliteStatement.Input) => promise(turn.withPermits(1)(alone(statement))),
    transaction: () => Promise.resolve(transaction()),
    close: () => undefined,
    closed: false,
    protocol: "file",
    batch: unused,
    migrate: unused,
    executeMultiple: unused,
    sync: unused
  } satisfies Client
})
