/**
 * Whether the state can be kept: the database is there or can be made, can be written, and has the tables of this version. It is only
 * read. What the tables of this version are is asked of a database that is made for this and thrown away.
 */
import { pathToFileURL } from "node:url"
import { FileSystem, Path } from "@effect/platform"
import { CheckOutcome, HealthCheck } from "@genesys-replay/domain"
import { ConfigProvider, Effect, Layer, type Redacted, Schema } from "effect"
import * as State from "../wiring/State.js"
import * as StateDatabase from "../wiring/StateDatabase.js"

const variable = "GENESYS_REPLAY_DATABASE_URL"
const elsewhere = `or name another one in ${variable}`

/** What a database holds. */
export interface Contents {
  readonly tables: ReadonlyArray<string>
  /** The number of the latest migration; 0 where there is none. */
  readonly migration: number
}

const Names = Schema.Array(Schema.Struct({ name: Schema.String }))
const Latest = Schema.Tuple(Schema.Struct({ latest: Schema.NullOr(Schema.NumberFromString) }))

type Query<E> = (sql: string) => Effect.Effect<unknown, E>

const rowsOf = <A, I, E>(schema: Schema.Schema<A, I>, query: Query<E>, sql: string) =>
  Effect.flatMap(query(sql), (rows) => Effect.orDie(Schema.decodeUnknown(schema)(rows)))

const contentsOf = <E>(query: Query<E>, listTables: string): Effect.Effect<Contents, E> =>
  Effect.gen(function* () {
    const tables = (yield* rowsOf(Names, query, listTables)).map(({ name }) => name)
    const table = tables.find((name) => name.endsWith("migrations"))
    if (table === undefined) return { tables, migration: 0 }
    const latest = `SELECT CAST(max(migration_id) AS TEXT) AS latest FROM "${table}"`
    const [row] = yield* rowsOf(Latest, query, latest)
    return { tables, migration: row.latest ?? 0 }
  })

/** The driver refused. */
class Refused extends Schema.TaggedError<Refused>()("Refused", { message: Schema.String, remedy: Schema.String }) {}

const sqliteTables =
  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"

/** What an SQLite file holds, and the number that its program gave it; opened so that nothing can be written. */
const inFile = (file: string) =>
  Effect.gen(function* () {
    const { default: Sqlite } = yield* Effect.promise(() => import("libsql"))
    const attempt = <A>(evaluate: () => A) =>
      Effect.try({
        try: evaluate,
        catch: (error) =>
          new Refused({
            message: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
            remedy: `Restore it from a backup, ${elsewhere}`
          })
      })
    const database = yield* Effect.acquireRelease(
      attempt(() => new Sqlite(`${pathToFileURL(file).href}?mode=ro`)),
      (open) => Effect.ignore(attempt(() => open.close()))
    )
    const query = (sql: string) => attempt((): unknown => database.prepare<[]>(sql).all())
    const Id = Schema.Tuple(Schema.Struct({ application_id: Schema.Number }))
    const [{ application_id }] = yield* rowsOf(Id, query, "PRAGMA application_id")
    return { ...(yield* contentsOf(query, sqliteTables)), applicationId: application_id }
  })

/** A database that this version has just made. */
const fresh = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const directory = yield* files.makeTempDirectoryScoped({ prefix: "genesys-replay-doctor-" })
  const file = path.join(directory, "state.db")
  const named = ConfigProvider.fromMap(new Map([[variable, `file:${file}`]]))
  yield* Effect.scoped(Layer.build(State.layer)).pipe(Effect.withConfigProvider(named))
  return yield* inFile(file)
})

const isNew = (found: Contents, own: Contents): boolean => !own.tables.some((name) => found.tables.includes(name))

/** What tables say beside those of this version. Where other programs have tables too, only those named like ours count. */
export const ofContents = (
  location: string,
  found: Contents,
  own: Contents,
  isShared: boolean
): CheckOutcome.CheckOutcome => {
  const present = own.tables.filter((name) => found.tables.includes(name))
  if (present.length === 0)
    return CheckOutcome.ok(`no tables yet, the first run that keeps something makes them: ${location}`)
  const strange = found.tables.filter(
    (name) =>
      !own.tables.includes(name) &&
      !name.startsWith("genesys_replay_engine_") &&
      (!isShared || name.startsWith("genesys_replay"))
  )
  if (found.migration > own.migration || strange.length > 0) {
    const told = strange.length === 0 ? `migration ${found.migration}` : CheckOutcome.together(strange)
    return CheckOutcome.failed(
      `${location} has tables of another version: ${told}`,
      `Use the version that made them, ${elsewhere}`
    )
  }
  return present.length < own.tables.length || found.migration < own.migration
    ? CheckOutcome.warning(
        `${location} has tables of an older version`,
        "Back it up: the next run that keeps something brings them up to date"
      )
    : CheckOutcome.ok(location)
}

const noRight = (what: string) =>
  CheckOutcome.failed(what, `Give yourself the right to read and write it and its directory, ${elsewhere}`)

/** The nearest directory of `path` that is there. */
const standing = (path: string): Effect.Effect<string, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const { dirname } = yield* Path.Path
    const parent = dirname(path)
    if (parent === path || (yield* Effect.orElseSucceed(files.exists(parent), () => true))) return parent
    return yield* standing(parent)
  })

const ofFile = (file: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const may = (path: string) => Effect.isSuccess(files.access(path, { readable: true, writable: true }))
    const directory = yield* standing(file)
    if (!(yield* Effect.orElseSucceed(files.exists(file), () => true))) {
      return (yield* may(directory))
        ? CheckOutcome.ok(`not there yet, the first run that keeps something makes it: ${file}`)
        : noRight(`${file} cannot be made: ${directory} cannot be written`)
    }
    if (!(yield* may(file)) || !(yield* may(directory))) return noRight(`${file} cannot be read and written`)
    const found = yield* inFile(file)
    const own = yield* fresh
    return found.applicationId === own.applicationId || (found.applicationId === 0 && found.tables.length === 0)
      ? ofContents(file, found, own, false)
      : CheckOutcome.failed(
          `${file} is another program's database: ${CheckOutcome.together(found.tables)}`,
          `Name another file in ${variable} (file:PATH)`
        )
  })

const serverTables = "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"

const Rights = Schema.Tuple(
  Schema.Struct({ may_create: Schema.NullOr(Schema.Boolean), read_only: Schema.String, in_recovery: Schema.Boolean })
)
const rights =
  "SELECT has_schema_privilege(current_schema(), 'CREATE') AS may_create, current_setting('transaction_read_only') AS read_only, pg_is_in_recovery() AS in_recovery"

const ofServer = (url: Redacted.Redacted, location: string) =>
  Effect.gen(function* () {
    const PgClient = yield* Effect.promise(() => import("@effect/sql-pg/PgClient"))
    const Reactivity = yield* Effect.promise(() => import("@effect/experimental/Reactivity"))
    const { explainAt } = yield* Effect.promise(() => import("@genesys-replay/pipeline/SqlFailure"))
    const unavailable = explainAt(location)("opened")
    const client = yield* PgClient.make({ url, applicationName: "genesys-replay doctor", maxConnections: 1 }).pipe(
      Effect.provide(Reactivity.layer),
      Effect.mapError(unavailable)
    )
    const query = (sql: string) => Effect.mapError(client.unsafe(sql), unavailable)
    const [right] = yield* rowsOf(Rights, query, rights)
    if (right.in_recovery || right.read_only === "on") {
      return CheckOutcome.failed(
        `${location} cannot be written: it is read-only`,
        `Name the primary server in ${variable}`
      )
    }
    const found = yield* contentsOf(query, serverTables)
    const own = yield* fresh
    return isNew(found, own) && right.may_create !== true
      ? CheckOutcome.failed(`${location}: the user may not create tables`, "Grant CREATE on the schema to the user")
      : ofContents(location, found, own, true)
  })

/** The check. */
export const check = HealthCheck.make({
  check: "state",
  area: "local",
  remedy: `Set ${variable} to file:PATH or postgres://USER:PASSWORD@HOST/DATABASE`,
  needs: StateDatabase.place,
  ask: (place) => Effect.scoped(place.kind === "file" ? ofFile(place.file) : ofServer(place.url, place.location))
})
