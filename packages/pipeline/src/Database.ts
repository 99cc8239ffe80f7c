/**
 * The state database and everything that is kept in it: an SQLite file, or a PostgreSQL server. The package's index leaves this
 * module out, so that a program that needs no database does not load a driver; the driver of PostgreSQL is loaded only for it.
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import { type FileSystem, Path } from "@effect/platform"
import * as SqlClient from "@effect/sql/SqlClient"
import { type Config, type Duration, Effect, Layer, Option } from "effect"
import type { AuditTrail } from "./AuditTrail.js"
import * as DatabaseUrl from "./DatabaseUrl.js"
import * as Migrations from "./Migrations.js"
import type * as ReplayEngine from "./ReplayEngine.js"
import type { Runs } from "./Runs.js"
import type { SinkAddresses } from "./SinkAddresses.js"
import * as SqlAuditTrail from "./SqlAuditTrail.js"
import * as SqlFailure from "./SqlFailure.js"
import * as SqliteDatabase from "./SqliteDatabase.js"
import * as SqlRequestAllowance from "./SqlRequestAllowance.js"
import * as SqlRuns from "./SqlRuns.js"
import * as SqlSinkAddresses from "./SqlSinkAddresses.js"
import * as SqlSyncOutbox from "./SqlSyncOutbox.js"
import * as SqlTransaction from "./SqlTransaction.js"
import { StateUnavailable } from "./StateUnavailable.js"
import type { SyncOutbox } from "./SyncOutbox.js"
import type { SyncSinks } from "./SyncSink.js"
import type { Transaction } from "./Transaction.js"

/** How the database is opened. */
export interface Options {
  /** How long a database file that another program holds is asked again; 5 seconds. */
  readonly patience?: Duration.DurationInput | undefined
  /** How long connecting to a server may take; 5 seconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /** How long a server that goes away is waited for before work stops; 30 seconds. */
  readonly reconnect?: Duration.DurationInput | undefined
}

/** `file`: one machine; `postgres`: several may share it. */
export type Kind = DatabaseUrl.Place["kind"]

/** Which kind of database a URL names. `DatabaseUrlUnsupported` where it is none. */
export const kindOf = (url: string): Effect.Effect<Kind, DatabaseUrl.DatabaseUrlUnsupported> =>
  Effect.map(DatabaseUrl.read(url), ({ kind }) => kind)

/** The URL that the environment names: `DatabaseUrl.config`. */
export const url: Config.Config<string> = DatabaseUrl.config

// Where it is, with an absolute path.
const placeOf = (text: string) =>
  Effect.gen(function* () {
    const place = yield* DatabaseUrl.read(text)
    if (place.kind === "postgres") return place
    const file = (yield* Path.Path).resolve(place.file)
    return { ...place, file, location: file }
  })

type Place = Effect.Effect.Success<ReturnType<typeof placeOf>>

const connect = (place: Place, options: Options) =>
  place.kind === "file"
    ? SqliteDatabase.make(place.file, options)
    : Effect.flatMap(
        Effect.promise(() => import("./PostgresDatabase.js")),
        ({ make }) => make(place.url, options)
      )

// Nobody has named the file, and it is not where the next command looks for it, if that is run elsewhere.
const warnOfPlace = (location: string) =>
  Effect.gen(function* () {
    const path = yield* Path.Path
    const chosen = yield* Effect.orElseSucceed(DatabaseUrl.withoutHome, Option.none<string>)
    if (Option.exists(chosen, (file) => path.resolve(file) === location)) {
      yield* Effect.logWarning(
        `HOME is not set: the state is kept below the working directory, in ${location}. Set GENESYS_REPLAY_DATABASE_URL=file:/PATH to keep it elsewhere`
      )
    }
  })

const open = (place: Place, options: Options = {}) =>
  Effect.gen(function* () {
    yield* Effect.logDebug(`the state is kept in ${place.location}`)
    yield* warnOfPlace(place.location)
    const client = yield* connect(place, options)
    yield* Effect.provideService(Migrations.run, SqlClient.SqlClient, client).pipe(Effect.catchAllDefect(Effect.fail))
    return client
  }).pipe(
    Effect.mapError((error) =>
      error instanceof StateUnavailable ? error : SqlFailure.explainAt(place.location)("opened")(error)
    ),
    Effect.withSpan("Database.open", { attributes: { location: place.location } })
  )

const clientAt = (place: Place, options?: Options) =>
  Layer.provide(Layer.scoped(SqlClient.SqlClient, open(place, options)), Reactivity.layer)

type Failure = StateUnavailable | DatabaseUrl.DatabaseUrlUnsupported
type Files = FileSystem.FileSystem | Path.Path

/**
 * The SQL client of the database that `url` names, its tables up to date. {@link StateUnavailable} where it cannot be opened,
 * is locked, is no database, or the server cannot be reached or refuses.
 */
export const layer = (text: string, options?: Options): Layer.Layer<SqlClient.SqlClient, Failure, Files> =>
  Layer.unwrapEffect(Effect.map(placeOf(text), (place) => clientAt(place, options)))

/** Everything that is kept, but for the outbox: that one must know the sinks ({@link layerOutbox}). */
export type State = AuditTrail | Runs | SinkAddresses | Transaction

const stateAt = (location: string): Layer.Layer<State, never, SqlClient.SqlClient> =>
  Layer.mergeAll(
    SqlTransaction.layer({ location }),
    SqlAuditTrail.layer({ location }),
    SqlRuns.layer({ location }),
    SqlSinkAddresses.layer({ location })
  )

/** {@link layer}, and everything that is kept in it. */
export const layerState = (text: string, options?: Options): Layer.Layer<State | SqlClient.SqlClient, Failure, Files> =>
  Layer.unwrapEffect(
    Effect.map(placeOf(text), (place) => Layer.provideMerge(stateAt(place.location), clientAt(place, options)))
  )

/** The outbox in the database that `url` names; it is told of sinks by the context. */
export const layerOutbox = (
  text: string
): Layer.Layer<
  SyncOutbox,
  DatabaseUrl.DatabaseUrlUnsupported,
  AuditTrail | Path.Path | SqlClient.SqlClient | SyncSinks | Transaction
> => Layer.unwrapEffect(Effect.map(placeOf(text), ({ location }) => SqlSyncOutbox.layer({ location })))

/**
 * The allowance of requests that the runners on a PostgreSQL server share. On a file one process works at a time, and shares
 * with nobody.
 */
export const layerAllowance = (
  text: string
): Layer.Layer<never, DatabaseUrl.DatabaseUrlUnsupported, Path.Path | SqlClient.SqlClient> =>
  Layer.unwrapEffect(
    Effect.map(placeOf(text), ({ kind, location }) =>
      kind === "file" ? Layer.empty : SqlRequestAllowance.layer({ location })
    )
  )

/** How an engine on a database works. */
export interface EngineOptions {
  /** Runs once where another process works on the same file for the same target: this one follows it. */
  readonly onBusy?: Effect.Effect<void> | undefined
}

type Engine = Layer.Layer<
  ReplayEngine.ReplayEngine,
  StateUnavailable,
  Path.Path | ReplayEngine.Requirements | SqlClient.SqlClient
>

/**
 * The engine that belongs to the database that `url` names: on a file one process at a time works, and a second one takes
 * over when it ends; on PostgreSQL every process takes its share.
 */
export const layerEngine = (
  text: string,
  options: EngineOptions = {}
): Layer.Layer<ReplayEngine.ReplayEngine, Failure, Path.Path | ReplayEngine.Requirements | SqlClient.SqlClient> =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const place = yield* placeOf(text)
      if (place.kind === "file") {
        const { layer } = yield* Effect.promise(() => import("./EmbeddedEngine.js"))
        const engine: Engine = layer({ file: place.file, ...options })
        return engine
      }
      const { layer } = yield* Effect.promise(() => import("./ClusterEngine.js"))
      return layer
    })
  )

/** What `ReplayPipeline.apply` runs on, beside a provider and the sinks. */
export type Pipeline = ReplayEngine.ReplayEngine | State | SyncOutbox

/**
 * Everything that the pipeline needs of a database: {@link layerState}, {@link layerOutbox} and {@link layerEngine}. What is
 * begun goes on as soon as a program builds this again with the same URL and a provider of the same target.
 */
export const layerPipeline = (text: string, options: Options & EngineOptions = {}) =>
  layerEngine(text, options).pipe(
    Layer.provideMerge(layerOutbox(text)),
    Layer.provideMerge(layerState(text, options))
  ) satisfies Layer.Layer<Pipeline, unknown, unknown>

/** {@link layerPipeline} of the database that the environment names ({@link url}). */
export const layerPipelineConfig = Layer.unwrapEffect(Effect.map(url, (text) => layerPipeline(text)))
