/**
 * One connection to an SQLite file, in the shape of a libsql client.
 *
 * The client that libsql brings opens a new connection after each transaction, which knows nothing of the pragmas of the one
 * before, and a transaction that meets a lock takes Effect's client with it. Here there is one connection for as long as the
 * scope is open; who works on it works in the order of asking; and a lock of another program is waited out, by the Clock and
 * without blocking the thread, until the patience of who asked ends.
 */
import { SqlError } from "@effect/sql/SqlError"
import type { LibsqlClientConfig } from "@effect/sql-libsql/LibsqlClient"
import { Clock, Duration, Effect, FiberSet, Schedule } from "effect"
import Sqlite from "libsql"
import * as FairLock from "./FairLock.js"
import * as SqlFailure from "./SqlFailure.js"
import * as SqliteStatement from "./SqliteStatement.js"

/** What Effect's client takes as `liveClient`. */
export type Client = LibsqlClientConfig.Live["liveClient"]

type Transaction = Awaited<ReturnType<Client["transaction"]>>

/** How the connection behaves. */
export interface Options<E = never> {
  /** How long a lock of another program is waited out, from when the work was asked for; 5 seconds. */
  readonly patience?: Duration.DurationInput | undefined
  /** Runs once the file is open and before anything of it is changed; where it fails, nothing is. Answers what is to be executed beside the pragmas. */
  readonly admit?:
    | ((
        query: (sql: string) => Effect.Effect<ReadonlyArray<unknown>, SqlError>
      ) => Effect.Effect<ReadonlyArray<string>, E>)
    | undefined
}

/** Lets what it is around be interrupted where who asked for the work can be. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

// The driver waits for a lock with the whole thread, so it waits for the blink of an eye only: the long wait is ours.
const driverWait = 10
const pause = Duration.millis(25)

const undoes = /^\s*ROLLBACK\b/i
const reads = /^\s*(?:SELECT|PRAGMA|EXPLAIN)\b/i

const waiting = `PRAGMA busy_timeout = ${driverWait}`

const pragmas = [
  // Readers go on while somebody writes.
  "PRAGMA journal_mode = WAL",
  // A commit does not wait for the disk: who must know waits for Durability.
  "PRAGMA synchronous = NORMAL",
  "PRAGMA foreign_keys = ON"
]

const textOf = (statement: SqliteStatement.Input): string => (typeof statement === "string" ? statement : statement.sql)

const nothing = Effect.sync(SqliteStatement.nothing)

const ended = () => new Error("the transaction has ended")
const rolledBack = () => new Error("the database has rolled the transaction back")
const unused = () => Promise.reject(new Error("not offered: use a transaction"))

const refused = (message: string) => (cause: unknown) => new SqlError({ cause, message })

/**
 * Opens `file` (a path, not a URL) and makes it where it is missing. `SqlError` with SQLite's code in its cause where it
 * cannot be opened, is no database, or stays locked for longer than the patience.
 */
export const make = Effect.fn("LibsqlConnection.make")(function* <E = never>(file: string, options: Options<E> = {}) {
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
  // Whose turn it is: one statement, or one transaction from its beginning to its end.
  const turn = yield* Effect.acquireRelease(
    Effect.sync(() => FairLock.make<SqlError>()),
    ({ close }) => close(refused("The connection is closed")(undefined))
  )

  const run = (statement: SqliteStatement.Input) => Effect.try(() => SqliteStatement.run(db, statement))

  // A prepared statement that meets a lock stays under way in the driver, and then no transaction of the connection can be
  // committed ("SQL statements in progress"): what waits for a lock is executed, which leaves nothing behind.
  const control = (sql: string) => Effect.try(() => db.exec(sql))

  const patience = Duration.toMillis(options.patience ?? "5 seconds")
  // Waits out a lock of another program, and tries once also where the patience of who asked then is over.
  const patientlySince = <A>(asked: number, what: Effect.Effect<A, unknown>) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.retry(what, {
        while: SqlFailure.isBusy,
        schedule: Schedule.spaced(pause).pipe(Schedule.upTo(Math.max(0, asked + patience - now)))
      })
    )
  const patiently = <A>(what: Effect.Effect<A, unknown>) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => patientlySince(now, what))

  const inTurn = <A, E, R>(work: (asked: number, restore: Restore) => Effect.Effect<A, E, R>) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const asked = yield* Clock.currentTimeMillis
        const release = yield* turn.take(restore)
        return yield* Effect.ensuring(work(asked, restore), release)
      })
    )

  // The last time that somebody here was refused for another program's lock.
  let refusal: { readonly at: number; readonly error: unknown } = { at: Number.NEGATIVE_INFINITY, error: undefined }
  // Many who have waited as long as they may are refused together: one of them tries for all.
  const begin = (asked: number) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      asked + patience <= now && now - refusal.at < Duration.toMillis(pause)
        ? Effect.fail(refusal.error)
        : Effect.tapError(patientlySince(asked, control("BEGIN IMMEDIATE")), (error) =>
            Effect.map(Clock.currentTimeMillis, (at) => {
              if (SqlFailure.isBusy(error)) refusal = { at, error }
            })
          )
    )
  // The driver ends the process that asks this of a connection that is closed.
  const inTransaction = () => db.open && db.inTransaction
  const undo = Effect.suspend(() => (inTransaction() ? Effect.ignore(control("ROLLBACK")) : Effect.void))

  // A statement on its own. Readers meet no lock; a writer takes the lock first, for the reason above.
  const alone = (statement: SqliteStatement.Input) =>
    inTurn((asked, restore) =>
      reads.test(textOf(statement))
        ? restore(patientlySince(asked, run(statement)))
        : restore(begin(asked)).pipe(
            Effect.zipRight(run(statement)),
            Effect.zipLeft(patiently(control("COMMIT"))),
            Effect.ensuring(undo)
          )
    )

  /**
   * Runs `use` when a transaction has begun: the one that it gets from the client, and ends there. Effect's client makes
   * everybody else wait from before it asks for a transaction, and lets who waits in no order: so it asks only where it need
   * not wait for a lock.
   */
  const begun = <A, E, R>(use: (restore: Restore) => Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
    inTurn((asked, restore) =>
      restore(begin(asked)).pipe(
        Effect.mapError(refused("Failed to begin transaction")),
        Effect.zipRight(use(restore)),
        Effect.ensuring(undo)
      )
    )

  // The one that has begun.
  const transaction = (): Transaction => {
    let open = true
    const inside = <A>(what: Effect.Effect<A, unknown>) =>
      Effect.suspend(() => (inTransaction() ? what : Effect.fail(rolledBack())))
    const execute = (statement: SqliteStatement.Input) =>
      Effect.suspend(() => {
        if (!open) return Effect.fail(ended())
        // On a full disk SQLite rolls everything back by itself: then there is no savepoint left to go back to.
        if (!inTransaction() && undoes.test(textOf(statement))) return nothing
        return inside(run(statement))
      })
    const end = (how: Effect.Effect<unknown, unknown>) =>
      Effect.suspend(() => {
        if (!open) return Effect.void
        open = false
        return Effect.ensuring(how, undo)
      }).pipe(Effect.uninterruptible, Effect.asVoid)
    const rollback = () => promise(end(Effect.void))
    return {
      execute: (statement) => promise(execute(statement)),
      commit: () => promise(end(inside(patiently(control("COMMIT"))))),
      rollback,
      close: () => void rollback(),
      get closed() {
        return !open
      },
      batch: unused,
      executeMultiple: unused
    }
  }

  const prepared = <A>(what: Effect.Effect<A, unknown>) =>
    Effect.mapError(patiently(what), refused("Failed to prepare the connection"))
  yield* prepared(control(waiting))
  const query = (sql: string) => prepared(Effect.try((): ReadonlyArray<unknown> => db.prepare<[]>(sql).all()))
  const more = options.admit === undefined ? [] : yield* options.admit(query)
  yield* Effect.forEach([...pragmas, ...more], (pragma) => prepared(control(pragma)), { discard: true })

  const client = {
    execute: (statement: SqliteStatement.Input) => promise(alone(statement)),
    transaction: () => Promise.resolve(transaction()),
    close: () => undefined,
    closed: false,
    protocol: "file",
    batch: unused,
    migrate: unused,
    executeMultiple: unused,
    sync: unused
  } satisfies Client

  return { client, begun }
})
