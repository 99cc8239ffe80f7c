/**
 * The state database: an SQLite file, opened by libsql. Only its owner may read it. This is the one module that loads the
 * database driver; the package's index leaves it out, so that a program that needs no database does not pay for one.
 */

import * as Reactivity from "@effect/experimental/Reactivity"
import { FileSystem, Path } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import * as SqlClient from "@effect/sql/SqlClient"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import { Config, type ConfigError, Context, Duration, Effect, Exit, Layer, Schedule, Schema, Scope } from "effect"
import type { AuditTrail } from "./AuditTrail.js"
import * as Migrations from "./Migrations.js"
import * as SqlAuditTrail from "./SqlAuditTrail.js"
import * as SqliteFailure from "./SqliteFailure.js"
import { StateUnavailable } from "./StateUnavailable.js"

/** The database URL names something that this release does not open. Only the scheme is shown: the rest may hold a password. */
export class DatabaseUrlUnsupported extends Schema.TaggedError<DatabaseUrlUnsupported>()("DatabaseUrlUnsupported", {
  /** What stands before the colon; empty where there is none. */
  scheme: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `the database URL cannot be used: ${this.reason}. Set GENESYS_REPLAY_DATABASE_URL to file:PATH`
  }
}

/** How the database is opened. */
export interface Options {
  /** How long a database that another program holds is asked again; 5 seconds. */
  readonly patience?: Duration.DurationInput | undefined
}

// XDG base directory specification: a relative path is not valid and is ignored.
const stateHome = Config.all({
  xdg: Config.string("XDG_STATE_HOME").pipe(Config.withDefault("")),
  home: Config.string("HOME").pipe(Config.withDefault("."))
}).pipe(Config.map(({ home, xdg }) => (xdg.startsWith("/") ? xdg : `${home}/.local/state`)))

/** `GENESYS_REPLAY_DATABASE_URL`; without it `file:` in the user's state directory: `$XDG_STATE_HOME/genesys-replay/state.db`, else below `~/.local/state`. */
export const url: Config.Config<string> = Config.nonEmptyString("GENESYS_REPLAY_DATABASE_URL").pipe(
  Config.orElse(() => Config.map(stateHome, (directory) => `file:${directory}/genesys-replay/state.db`))
)

const unsupported = (scheme: string, reason: string) => new DatabaseUrlUnsupported({ scheme, reason })

/** The file that a URL names: `file:PATH`, `file:///PATH`. {@link DatabaseUrlUnsupported} for every other one. */
export const fileOf = Effect.fn("Database.fileOf")(function* (text: string) {
  const colon = text.indexOf(":")
  const scheme = text.slice(0, Math.max(0, colon)).toLowerCase()
  if (scheme === "postgres" || scheme === "postgresql") {
    return yield* unsupported(scheme, "PostgreSQL is not supported in this release")
  }
  if (scheme !== "file") {
    return yield* unsupported(scheme, scheme === "" ? "it has no scheme" : `its scheme is ${scheme}:`)
  }
  const file = text.slice(colon + 1).replace(/^\/\/(?:localhost)?(?=\/)/, "")
  if (file === "" || file.startsWith("//")) return yield* unsupported(scheme, "it names no file of this machine")
  if (file.startsWith(":memory:")) return yield* unsupported(scheme, "a database in memory keeps nothing")
  return file
})

const reasons: Partial<Record<string, string>> = {
  PermissionDenied: "permission denied",
  NotFound: "no such directory",
  AlreadyExists: "something else is in the way"
}

const openFailed = (location: string, reason: string, remedy: string) =>
  new StateUnavailable({ operation: "opened", location, reason, remedy })

// SQLite gives the files beside it (-wal, -shm) the mode of the database: it is enough to be first with this one.
const prepare = (file: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* files.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 })
    yield* Effect.scoped(files.open(file, { flag: "a+", mode: 0o600 }))
    yield* Effect.ignore(files.chmod(file, 0o600))
  }).pipe(
    Effect.mapError((error: PlatformError) =>
      openFailed(
        file,
        (error._tag === "SystemError" ? reasons[error.reason] : undefined) ?? error.message,
        "Give yourself the right to read and write the file and its directory, or name another file in GENESYS_REPLAY_DATABASE_URL (file:PATH)"
      )
    )
  )

// libsql reads the path of its URL percent-decoded, up to a ? or #.
const libsqlUrl = (file: string): string => `file:${encodeURI(file).replaceAll("?", "%3F").replaceAll("#", "%23")}`

// How long the driver itself waits for a lock. It blocks the thread meanwhile: the long wait is ours.
const driverWait = "PRAGMA busy_timeout = 100"

const connect = (file: string) =>
  Effect.gen(function* () {
    // 64-bit integers as bigint: the ids of a cluster do not fit a number.
    const client = yield* LibsqlClient.make({ url: libsqlUrl(file), intMode: "bigint" })
    yield* client.unsafe(driverWait)
    yield* client.unsafe("PRAGMA journal_mode = WAL")
    yield* Effect.provideService(Migrations.run, SqlClient.SqlClient, client)
    // libsql opens a new connection after a transaction, and a connection knows nothing of the pragmas of another.
    yield* client.unsafe(driverWait)
    return client
  }).pipe(Effect.catchAllDefect(Effect.fail))

// A client that met a lock while it began a transaction waits for itself for ever: every attempt takes a new one.
const attempt = (file: string) =>
  Effect.gen(function* () {
    const inner = yield* Effect.flatMap(Effect.scope, (outer) => Scope.fork(outer, outer.strategy))
    return yield* connect(file).pipe(
      Scope.extend(inner),
      Effect.onError((cause) => Scope.close(inner, Exit.failCause(cause)))
    )
  })

const pause = Duration.millis(100)

const make = Effect.fn("Database.make")(function* (text: string, options: Options = {}) {
  const path = yield* Path.Path
  const file = path.resolve(yield* fileOf(text))
  yield* prepare(file)
  const times = Math.ceil(Duration.toMillis(options.patience ?? "5 seconds") / Duration.toMillis(pause))
  return yield* attempt(file).pipe(
    Effect.retry({ while: SqliteFailure.isBusy, schedule: Schedule.spaced(pause), times }),
    Effect.mapError((error) => {
      const { reason, remedy } = SqliteFailure.explain(error)
      return openFailed(file, reason, remedy)
    })
  )
})

/**
 * The SQL client of the database that `url` names, its tables up to date. Makes the file (mode 0600) and its directory
 * (mode 0700) where they are missing. {@link StateUnavailable} where the file cannot be opened, is locked or no database.
 */
export const layer = (
  url: string,
  options?: Options
): Layer.Layer<SqlClient.SqlClient, StateUnavailable | DatabaseUrlUnsupported, FileSystem.FileSystem | Path.Path> =>
  Layer.scopedContext(Effect.map(make(url, options), (client) => Context.make(SqlClient.SqlClient, client))).pipe(
    Layer.provide(Reactivity.layer)
  )

/** {@link layer}, and the audit trail in it. */
export const layerAuditTrail = (
  url: string,
  options?: Options
): Layer.Layer<
  AuditTrail | SqlClient.SqlClient,
  StateUnavailable | DatabaseUrlUnsupported,
  FileSystem.FileSystem | Path.Path
> =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const path = yield* Path.Path
      const location = path.resolve(yield* fileOf(url))
      return SqlAuditTrail.layer({ location, ...options }).pipe(Layer.provideMerge(layer(url, options)))
    })
  )

/** {@link layerAuditTrail} of the database that the environment names ({@link url}). */
export const layerConfig: Layer.Layer<
  AuditTrail | SqlClient.SqlClient,
  StateUnavailable | DatabaseUrlUnsupported | ConfigError.ConfigError,
  FileSystem.FileSystem | Path.Path
> = Layer.unwrapEffect(Effect.map(url, (text) => layerAuditTrail(text)))
