/**
 * Where everything is kept: an SQLite file, a PostgreSQL server that several machines share, or, for tests and trials, SQLite in
 * memory. The stores of this package (`AuditTrail`, `Runs`, `SyncOutbox`, `SinkAddresses`, `SharedAllowance`) read and write through
 * this service. The SQL client belongs to it alone: a program's own `SqlClient` is neither used nor replaced.
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import type { FileSystem, Path } from "@effect/platform"
import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import { Context, Data, Duration, Effect, FiberRef, Layer, Option, Schedule, Schema } from "effect"
import type { Options, Place } from "./DatabaseConnection.js"
import * as DatabaseUrl from "./DatabaseUrl.js"
import * as SqlFailure from "./SqlFailure.js"
import { StateUnavailable } from "./StateUnavailable.js"

export type { Options, Place } from "./DatabaseConnection.js"

/** What a statement answers. */
export type Rows = ReadonlyArray<unknown>

/** What the rows of a table are, and what one of them is called where it cannot be read. */
export interface Table<A, I> {
  readonly row: Schema.Schema<A, I>
  readonly called: string
  /** What to do where one cannot be read; to restore the database, unless told. */
  readonly remedy?: string
}

// The transaction that runs, and the latest failure of a statement in it.
interface Transaction {
  readonly client: SqlClient.SqlClient
  failure: unknown
}

class CurrentTransaction extends Context.Reference<CurrentTransaction>()(
  "@genesys-replay/pipeline/Database/CurrentTransaction",
  { defaultValue: (): Option.Option<Transaction> => Option.none() }
) {}

// An app that calls this package within a transaction of its own lends it no connection: @effect/sql would take that one.
const apart = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(FiberRef.get(FiberRef.currentContext), ({ unsafeMap }) => {
    const { key } = SqlClient.TransactionConnection
    if (!unsafeMap.has(key)) return work
    const others = new Map([...unsafeMap].filter(([name]) => name !== key))
    return Effect.locally(work, FiberRef.currentContext, Context.unsafeMake(others))
  })

// Why a try of a transaction failed, and what of it the database has to answer for.
class Failed<E> extends Data.TaggedClass("Failed")<{ readonly error: E; readonly because: unknown }> {}

const afterConflict = Schedule.exponential(Duration.millis(10)).pipe(
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(8))
)

/** How processes that share a database look after each other. */
export const glance = Duration.seconds(1)

/** The service over a client, which has the tables. */
const make = (
  client: SqlClient.SqlClient,
  place: Place,
  others = place.kind === "memory" ? Option.none() : Option.some(glance)
): Context.Tag.Service<Database> => {
  const unavailable = SqlFailure.explainAt(place.location)

  // A statement of the transaction that runs, or one of its own.
  const run = <A>(statement: Effect.Effect<A, SqlError>, operation: StateUnavailable["operation"]) =>
    Effect.flatMap(CurrentTransaction, (current) => {
      const own = Option.filter(current, (one) => one.client === client)
      const done = Option.match(own, {
        onNone: () => apart(operation === "read" ? SqlFailure.readAgain(statement) : statement),
        onSome: (transaction) =>
          Effect.tapError(statement, (error) =>
            Effect.sync(() => {
              transaction.failure = error
            })
          )
      })
      return Effect.mapError(done, unavailable(operation))
    })

  const decoded =
    <A, I>({
      called,
      remedy = "Use the release that wrote it, or restore the database from a backup",
      row
    }: Table<A, I>) =>
    (rows: Rows) =>
      Effect.mapError(
        // A schema of all rows would be a new one each time, and its parser be made anew.
        Effect.forEach(rows, (one) => Schema.decodeUnknown(row)(one, { onExcessProperty: "preserve" })),
        ({ message }) =>
          new StateUnavailable({
            operation: "read",
            location: place.location,
            reason: `${called} cannot be read: ${message}`,
            remedy
          })
      )

  const outermost = <A, E, R>(changes: Effect.Effect<A, E, R>): Effect.Effect<A, E | StateUnavailable, R> => {
    const whole = Effect.suspend(() => {
      const transaction: Transaction = { client, failure: undefined }
      return client
        .withTransaction(Effect.provideService(changes, CurrentTransaction, Option.some(transaction)))
        .pipe(
          Effect.mapError((error) =>
            error instanceof SqlError
              ? new Failed<E | StateUnavailable>({ error: unavailable("written")(error), because: error })
              : new Failed<E | StateUnavailable>({ error, because: transaction.failure })
          )
        )
    })
    // Where the connection broke before the commit nothing is kept: the changes are made again on another one.
    const again = Effect.retry(whole, { while: ({ because }) => SqlFailure.isAway(because), times: 2 })
    // A commit that fails is a defect to Effect's client. Whether it took effect nobody knows, so it is not made again, unless the
    // server says that it did not.
    const committed = Effect.catchSomeDefect(again, (defect) =>
      defect instanceof SqlError
        ? Option.some(
            Effect.fail(new Failed<E | StateUnavailable>({ error: unavailable("written")(defect), because: defect }))
          )
        : Option.none()
    )
    return Effect.retry(committed, {
      while: ({ because }) => SqlFailure.isConflict(because),
      schedule: afterConflict
    }).pipe(
      Effect.mapError(({ error }) => error),
      apart
    )
  }
  // A part of the transaction around it.
  const inner = <A, E, R>(changes: Effect.Effect<A, E, R>): Effect.Effect<A, E | StateUnavailable, R> =>
    Effect.mapError(client.withTransaction(changes), (error) =>
      error instanceof SqlError ? unavailable("written")(error) : error
    )

  return {
    ...place,
    sql: client,
    forUpdate: client.onDialectOrElse({ pg: () => client.literal("FOR UPDATE"), orElse: () => client.literal("") }),
    others,
    read: (table, statement) => Effect.flatMap(run(statement, "read"), decoded(table)),
    write: (statement) => run(statement, "written"),
    change: (table, statement) => Effect.flatMap(run(statement, "written"), decoded(table)),
    atomically: (changes) =>
      Effect.flatMap(CurrentTransaction, (current) =>
        Option.exists(current, (one) => one.client === client) ? inner(changes) : outermost(changes)
      ),
    apart: (work) => Effect.provideService(apart(work), CurrentTransaction, Option.none())
  }
}

// Loaded with the driver only where a database is opened.
const connecting = Effect.promise(() => import("./DatabaseConnection.js"))

/** The service tag. */
export class Database extends Context.Tag("@genesys-replay/pipeline/Database")<
  Database,
  Place & {
    /** Writes statements in the language of the database; they are run by the operations below. */
    readonly sql: SqlClient.SqlClient
    /** Ends a SELECT whose row is about to be changed: nothing on SQLite, which has one writer at a time. */
    readonly forUpdate: ReturnType<SqlClient.SqlClient["literal"]>
    /** How often to look for what other processes have changed; none where there can be no others. */
    readonly others: Option.Option<Duration.Duration>
    /** The rows that a statement finds. What a connection that broke did not answer is read again. */
    readonly read: <A, I>(
      table: Table<A, I>,
      statement: Effect.Effect<Rows, SqlError>
    ) => Effect.Effect<ReadonlyArray<A>, StateUnavailable>
    /** What a statement that changes something answers. */
    readonly write: (statement: Effect.Effect<Rows, SqlError>) => Effect.Effect<Rows, StateUnavailable>
    /** {@link write}, of rows. */
    readonly change: <A, I>(
      table: Table<A, I>,
      statement: Effect.Effect<Rows, SqlError>
    ) => Effect.Effect<ReadonlyArray<A>, StateUnavailable>
    /**
     * Runs `changes`: when this returns, all of them are kept and outlive a power failure; when it fails, is interrupted, or the
     * machine stops, none is. A transaction inside belongs to the outer one. Where PostgreSQL breaks one off because another was in
     * its way (a deadlock, a serialization failure), or the connection breaks before the commit, the changes are made again, from
     * their beginning; so they change nothing but what is kept.
     */
    readonly atomically: <A, E, R>(changes: Effect.Effect<A, E, R>) => Effect.Effect<A, E | StateUnavailable, R>
    /** Runs `work` outside of the transaction that may be around it: others see at once what it changes. */
    readonly apart: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>() {
  /**
   * The database that `url` names (`file:PATH`, `postgres://…`), its tables up to date. `StateUnavailable` where it cannot be
   * opened, is locked, is no database, or the server cannot be reached or refuses.
   */
  static readonly layer = (
    url: string,
    options: Options = {}
  ): Layer.Layer<Database, StateUnavailable | DatabaseUrl.DatabaseUrlUnsupported, FileSystem.FileSystem | Path.Path> =>
    Layer.scoped(
      Database,
      Effect.flatMap(connecting, ({ open }) =>
        Effect.map(apart(open(url, options)), ({ client, place }) => make(client, place))
      )
    ).pipe(Layer.provide(Reactivity.layer))

  /** {@link layer} of the database that `GENESYS_REPLAY_DATABASE_URL` names; `DatabaseUrlMissing` where it names none. */
  static readonly layerConfig = (
    options: Options = {}
  ): Layer.Layer<
    Database,
    StateUnavailable | DatabaseUrl.DatabaseUrlUnsupported | DatabaseUrl.DatabaseUrlMissing,
    FileSystem.FileSystem | Path.Path
  > => Layer.unwrapEffect(Effect.map(DatabaseUrl.named, (url) => Database.layer(url, options)))

  /** A database in memory, for tests and trials: SQLite as it is in a file, and gone with the layer. */
  static readonly layerMemory: Layer.Layer<Database> = Layer.scoped(
    Database,
    Effect.flatMap(connecting, ({ inMemory }) =>
      Effect.map(apart(inMemory), (client) => make(client, { kind: "memory", location: "memory" }))
    )
  ).pipe(Layer.provide(Reactivity.layer), Layer.orDie)

  /** Over a client of the caller's own, whose tables are made: a connection with faults, say. */
  static readonly layerClient = (place: Place, others?: Option.Option<Duration.Duration>) =>
    Layer.effect(
      Database,
      Effect.map(SqlClient.SqlClient, (client) => make(client, place, others))
    )
}

/** The operation of the service in the context. */
export const atomically = <A, E, R>(
  changes: Effect.Effect<A, E, R>
): Effect.Effect<A, E | StateUnavailable, R | Database> =>
  Effect.flatMap(Database, (database) => database.atomically(changes))

/** Which kind of database a URL names. `DatabaseUrlUnsupported` where it is none. */
export const kindOf = (url: string): Effect.Effect<"file" | "postgres", DatabaseUrl.DatabaseUrlUnsupported> =>
  Effect.map(DatabaseUrl.read(url), ({ kind }) => kind)
