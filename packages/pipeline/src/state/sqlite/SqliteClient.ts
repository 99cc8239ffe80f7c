/**
 * An `SqlClient` of one connection to an SQLite file, over `libsql`. Statements run here and now, on this thread; who works on the
 * connection works in the order of asking; and a lock of another program is waited out, by the Clock and without blocking the
 * thread, until the time that whoever asked may wait is over.
 */
import type * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import * as Statement from "@effect/sql/Statement"
import { Clock, Context, Duration, Effect, Function, Schedule, type Scope, Stream } from "effect"
import Sqlite from "libsql"
import * as FairLock from "../FairLock.js"
import * as SqlFailure from "../SqlFailure.js"

/** How the connection behaves. */
export interface Options<E = never> {
  /** How long a lock of another program is waited out, from when the work was asked for; 5 seconds. */
  readonly lockTimeout?: Duration.DurationInput | undefined
  /**
   * Runs once the file is open and before anything of it is changed; where it fails, nothing is. Answers what is to be executed
   * beside the pragmas.
   */
  readonly admit?:
    | ((
        query: (sql: string) => Effect.Effect<ReadonlyArray<unknown>, SqlError>
      ) => Effect.Effect<ReadonlyArray<string>, E>)
    | undefined
  /** Told how to drop the connection at any moment, as the end of its process would: what is under way is rolled back. */
  readonly onOpen?: ((drop: () => void) => void) | undefined
}

// The driver waits for a lock with the whole thread, so it waits for the blink of an eye only: the long wait is ours.
const driverWait = 10
const pause = Duration.millis(25)

const reads = /^\s*(?:SELECT|PRAGMA|EXPLAIN)\b/i

const waiting = `PRAGMA busy_timeout = ${driverWait}`

const pragmas = [
  // Readers go on while somebody writes.
  "PRAGMA journal_mode = WAL",
  // What is committed outlives a power failure.
  "PRAGMA synchronous = FULL",
  "PRAGMA foreign_keys = ON"
]

const widest = 2n ** 63n

// The driver ends the process on a value that it does not know.
const bind = (value: unknown): null | string | number | bigint | Uint8Array => {
  if (value === null || typeof value === "string") return value
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new RangeError(`${value} is no number that a database keeps`)
    // A number binds as a float, which a column of text would keep as 3.0.
    return Number.isSafeInteger(value) ? BigInt(value) : value
  }
  if (typeof value === "bigint") {
    if (value < -widest || value >= widest) throw new RangeError(`${value} does not fit 64 bits`)
    return value
  }
  if (typeof value === "boolean") return value ? 1n : 0n
  if (value instanceof Uint8Array) return value
  if (value instanceof Date) return BigInt(value.valueOf())
  throw new TypeError(`a database keeps no ${typeof value}`)
}

type Row = Record<string, unknown>

const isRow = (row: unknown): row is Row => typeof row === "object" && row !== null

const prepared = (db: Sqlite.Database, sql: string) => db.prepare(sql).safeIntegers(true)

/** The rows of a statement. Throws the driver's error, with SQLite's code, and a `TypeError` or `RangeError` for a value that no database keeps. */
const rowsOf = (db: Sqlite.Database, sql: string, params: ReadonlyArray<unknown>): ReadonlyArray<Row> => {
  const statement = prepared(db, sql)
  const values = params.map(bind)
  if (statement.reader) return statement.all(values).filter(isRow)
  statement.run(values)
  return []
}

const valuesOf = (
  db: Sqlite.Database,
  sql: string,
  params: ReadonlyArray<unknown>
): ReadonlyArray<ReadonlyArray<unknown>> => prepared(db, sql).raw().all(params.map(bind)).filter(Array.isArray)

const refused = (message: string) => (cause: unknown) => new SqlError({ cause, message })

/** Lets what it is around be interrupted where whoever asked for the work can be. */
interface Restore {
  readonly restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

// Where `withTransaction` asks for the connection nothing interrupts, and waiting for it has to.
class Asking extends Context.Reference<Asking>()("@genesys-replay/pipeline/SqliteClient/Asking", {
  defaultValue: (): Restore => ({ restore: Function.identity })
}) {}

const transactions = { beginTransaction: "BEGIN IMMEDIATE", commit: "COMMIT", rollback: "ROLLBACK" }

/**
 * Opens `file` (a path, not a URL) and makes it where it is missing. `SqlError` with SQLite's code in its cause where it
 * cannot be opened, is no database, or stays locked for longer than the lockTimeout.
 */
export const make: <E = never>(
  file: string,
  options?: Options<E>
) => Effect.Effect<SqlClient.SqlClient, E | SqlError, Reactivity.Reactivity | Scope.Scope> = Effect.fn(
  "SqliteClient.make"
)(function* <E = never>(file: string, options: Options<E> = {}) {
  const db = yield* Effect.acquireRelease(
    Effect.try({ try: () => new Sqlite(file), catch: refused("Failed to open the database") }),
    // The driver keeps a connection open until its statements are collected as garbage: what is in the log beside the file
    // is brought into it here, so that the file is whole by itself, for a backup say.
    (open) =>
      Effect.ignore(Effect.try(() => open.exec("PRAGMA wal_checkpoint(TRUNCATE)"))).pipe(
        Effect.zipRight(Effect.ignore(Effect.try(() => open.close())))
      )
  )
  options.onOpen?.(() => {
    if (db.open && db.inTransaction) db.exec("ROLLBACK")
    db.close()
  })
  // Whose turn it is: one statement, or one transaction from its beginning to its end.
  const closed = refused("The connection is closed")(undefined)
  const turn = yield* Effect.acquireRelease(
    Effect.sync(() => FairLock.make<SqlError>()),
    ({ close }) => close(closed)
  )
  let isClosing = false
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      isClosing = true
    })
  )

  const attempt = <A>(evaluate: () => A): Effect.Effect<A, SqlError> =>
    Effect.suspend(() =>
      isClosing ? Effect.fail(closed) : Effect.try({ try: evaluate, catch: refused("Failed to execute statement") })
    )
  // A prepared statement that meets a lock stays under way in the driver, and then no transaction of the connection can be
  // committed ("SQL statements in progress"): what waits for a lock is executed, which leaves nothing behind.
  const control = (sql: string) => attempt(() => db.exec(sql))
  const inTransaction = () => db.open && db.inTransaction
  const undo = Effect.suspend(() => (inTransaction() ? Effect.ignore(control("ROLLBACK")) : Effect.void))

  const lockTimeout = Duration.toMillis(options.lockTimeout ?? "5 seconds")
  // Waits out a lock of another program, and tries once also where the lockTimeout of who asked then is over.
  const patientlySince = <A>(asked: number, what: Effect.Effect<A, SqlError>) =>
    Effect.catchIf(what, SqlFailure.isBusy, (busy) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        asked + lockTimeout <= now
          ? Effect.fail(busy)
          : Effect.delay(
              Effect.retry(what, {
                while: SqlFailure.isBusy,
                schedule: Schedule.spaced(pause).pipe(
                  Schedule.upTo(Math.max(0, asked + lockTimeout - now - Duration.toMillis(pause)))
                )
              }),
              pause
            )
      )
    )
  const patiently = <A>(what: Effect.Effect<A, SqlError>) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => patientlySince(now, what))
  const commit = Effect.ensuring(patiently(control("COMMIT")), undo)

  // The last time that somebody here was refused for another program's lock.
  let refusal = { at: Number.NEGATIVE_INFINITY, error: closed }
  // Many who have waited as long as they may are refused together: one of them tries for all.
  const begin = (asked: number) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      asked + lockTimeout <= now && now - refusal.at < Duration.toMillis(pause)
        ? Effect.fail(refusal.error)
        : Effect.tapError(patientlySince(asked, control("BEGIN IMMEDIATE")), (error) =>
            Effect.map(Clock.currentTimeMillis, (at) => {
              if (SqlFailure.isBusy(error)) refusal = { at, error }
            })
          )
    )

  // A statement on its own. Readers meet no lock; a writer takes the lock first, for the reason above.
  const alone = <A>(asked: number, sql: string, what: Effect.Effect<A, SqlError>) =>
    reads.test(sql)
      ? patientlySince(asked, what)
      : Effect.uninterruptibleMask((restore) =>
          restore(begin(asked)).pipe(Effect.zipRight(what), Effect.zipLeft(commit), Effect.ensuring(undo))
        )

  /** The connection in the hands of whoever has its turn: for a statement, or for a transaction once it has begun. */
  const connectionOf = (asked: number, { restore }: Restore): Connection => {
    let hasBegun = false
    // On a full disk SQLite rolls everything back by itself.
    const inside = <A>(what: Effect.Effect<A, SqlError>) =>
      Effect.suspend(() =>
        inTransaction() ? what : Effect.fail(refused("The database has rolled the transaction back")(undefined))
      )
    const run = <A>(sql: string, evaluate: () => A) =>
      Effect.suspend(() => (hasBegun ? inside(attempt(evaluate)) : alone(asked, sql, attempt(evaluate))))
    const execute: Connection["execute"] = (sql, params, transform) =>
      Effect.map(
        run(sql, () => rowsOf(db, sql, params)),
        (rows) => transform?.(rows) ?? rows
      )
    const controls: Readonly<Record<string, Effect.Effect<void, SqlError>>> = {
      [transactions.beginTransaction]: Effect.tap(restore(begin(asked)), () => {
        hasBegun = true
      }),
      [transactions.commit]: inside(commit),
      [transactions.rollback]: undo
    }
    const savepoint = (sql: string) =>
      Effect.suspend(() => (/^ROLLBACK\b/.test(sql) && !inTransaction() ? Effect.void : inside(control(sql))))
    return {
      execute,
      executeRaw: (sql, params) => execute(sql, params, undefined),
      executeValues: (sql, params) => run(sql, () => valuesOf(db, sql, params)),
      executeStream: (sql, params, transform) => Stream.fromIterableEffect(execute(sql, params, transform)),
      executeUnprepared: (sql, params, transform) =>
        controls[sql] !== undefined || /^(?:SAVEPOINT|ROLLBACK TO)\b/.test(sql)
          ? Effect.as(controls[sql] ?? savepoint(sql), [])
          : execute(sql, params, transform)
    }
  }

  const acquirer = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const asked = yield* Clock.currentTimeMillis
      const asking = yield* Asking
      const release = yield* turn.take((waiting) => asking.restore(restore(waiting)))
      yield* Effect.addFinalizer(() => release)
      return connectionOf(asked, asking)
    })
  )

  yield* patiently(control(waiting))
  const query = (sql: string) => patiently(attempt((): ReadonlyArray<unknown> => db.prepare<[]>(sql).all()))
  const more = options.admit === undefined ? [] : yield* options.admit(query)
  yield* Effect.forEach([...pragmas, ...more], (pragma) => patiently(control(pragma)), { discard: true })

  const client = yield* SqlClient.make({
    acquirer,
    compiler: Statement.makeCompilerSqlite(),
    spanAttributes: [["db.system.name", "sqlite"]],
    ...transactions
  })
  const { withTransaction } = client
  return Object.assign(client, {
    withTransaction: <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.provideService(withTransaction(restore(effect)), Asking, { restore })
      )
  })
})
