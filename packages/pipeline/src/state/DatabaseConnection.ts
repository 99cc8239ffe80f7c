/** How the database of a URL is opened: the connection, with its tables up to date. Loads the driver; that of PostgreSQL only for it. */
import { Path } from "@effect/platform"
import * as SqlClient from "@effect/sql/SqlClient"
import { type Duration, Effect } from "effect"
import * as DatabaseUrl from "./DatabaseUrl.js"
import * as Migrations from "./Migrations.js"
import * as SqlFailure from "./SqlFailure.js"
import { StateUnavailable } from "./StateUnavailable.js"
import * as SqliteClient from "./sqlite/SqliteClient.js"
import * as SqliteFile from "./sqlite/SqliteFile.js"

/** How the database is opened. */
export interface Options {
  /** How long a database file that another program holds is asked again; 5 seconds. */
  readonly lockTimeout?: Duration.DurationInput | undefined
  /** How long connecting to a server may take; 10 seconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /** How long a server that goes away is waited for before work stops; 30 seconds. */
  readonly reconnect?: Duration.DurationInput | undefined
}

/** Where it is: a file has its path, which is absolute. */
export type Place =
  | { readonly kind: "memory"; readonly location: string }
  | { readonly kind: "file"; readonly location: string; readonly file: string }
  | { readonly kind: "postgres"; readonly location: string }

// Where it is, with an absolute path.
const placeOf = (url: string) =>
  Effect.gen(function* () {
    const found = yield* DatabaseUrl.read(url)
    if (found.kind === "postgres") return { ...found, file: undefined }
    const file = (yield* Path.Path).resolve(found.file)
    return { ...found, file, location: file }
  })

// The driver is an optional peer: who keeps the state in a file does without.
const postgres = (location: string) =>
  Effect.tryPromise({
    try: () => import("./postgres/PostgresClient.js"),
    catch: (cause) =>
      new StateUnavailable({
        operation: "opened",
        location,
        reason: `the driver of PostgreSQL cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
        remedy:
          "Install it (npm install @effect/sql-pg@0.53), or name a file in GENESYS_REPLAY_DATABASE_URL (file:PATH)"
      })
  })

const migrated = (client: SqlClient.SqlClient) =>
  Effect.as(
    Effect.provideService(Migrations.run, SqlClient.SqlClient, client).pipe(Effect.catchAllDefect(Effect.fail)),
    client
  )

/** The SQL client of the database that `url` names, and where that is. See `Database.layer`. */
export const open = Effect.fn("Database.open")(function* (url: string, options: Options) {
  const place = yield* placeOf(url)
  const { location } = place
  yield* Effect.annotateCurrentSpan({ location })
  yield* Effect.logDebug(`the state is kept in ${location}`)
  const connected =
    place.kind === "file"
      ? SqliteFile.open(place.file, options)
      : Effect.flatMap(postgres(location), (module) => module.make(place.url, options))
  const client = yield* Effect.flatMap(connected, migrated).pipe(
    Effect.mapError((error) =>
      error instanceof StateUnavailable ? error : SqlFailure.explainAt(location)("opened")(error)
    )
  )
  const at: Place =
    place.kind === "file" ? { kind: "file", location, file: place.file } : { kind: "postgres", location }
  return { client, place: at }
})

/** The SQL client of a new database in memory. */
export const inMemory = Effect.flatMap(SqliteClient.make(":memory:"), migrated)
