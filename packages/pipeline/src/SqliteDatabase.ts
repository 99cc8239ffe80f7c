/** The state database as an SQLite file, opened by libsql. Only its owner may read it. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import { FileSystem, Path } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect, Schema, type Scope } from "effect"
import * as SqliteClient from "./SqliteClient.js"
import * as SqliteOwner from "./SqliteOwner.js"
import { StateUnavailable } from "./StateUnavailable.js"

/** How the file is opened. */
export type Options = Pick<SqliteClient.Options, "patience">

const reasons: Partial<Record<string, string>> = {
  PermissionDenied: "permission denied",
  NotFound: "no such directory",
  AlreadyExists: "something else is in the way",
  BadResource: "it is no file"
}

const prepare = (file: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* files.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 })
    yield* Effect.scoped(files.open(file, { flag: "a+", mode: 0o600 }))
  }).pipe(
    Effect.mapError(
      (error: PlatformError) =>
        new StateUnavailable({
          operation: "opened",
          location: file,
          reason: (error._tag === "SystemError" ? reasons[error.reason] : undefined) ?? error.message,
          remedy:
            "Give yourself the right to read and write the file and its directory, or name another file in GENESYS_REPLAY_DATABASE_URL (file:PATH)"
        })
    )
  )

const Id = Schema.Tuple(Schema.Struct({ application_id: Schema.Number }))
const Tables = Schema.Array(Schema.Struct({ name: Schema.String }))

// Refuses a file of another program, before anything of it is changed.
const admit = (file: string) =>
  Effect.fnUntraced(function* (query: (sql: string) => Effect.Effect<ReadonlyArray<unknown>, SqlError>) {
    const files = yield* FileSystem.FileSystem
    const rows = <A, I>(schema: Schema.Schema<A, I>, sql: string) =>
      Effect.flatMap(query(sql), (found) => Effect.orDie(Schema.decodeUnknown(schema)(found)))
    const [{ application_id }] = yield* rows(Id, SqliteOwner.queries.applicationId)
    const tables = yield* rows(Tables, SqliteOwner.queries.tables)
    const owner = SqliteOwner.of(
      application_id,
      tables.map(({ name }) => name)
    )
    if (typeof owner === "object") {
      return yield* new StateUnavailable({
        operation: "opened",
        location: file,
        reason: owner.reason,
        remedy: "Name another file in GENESYS_REPLAY_DATABASE_URL (file:PATH)"
      })
    }
    // SQLite gives the files beside it (-wal, -shm) the mode of the database: it is enough to be first with this one.
    yield* Effect.ignore(files.chmod(file, 0o600))
    return owner === "ours" ? [] : [`PRAGMA application_id = ${SqliteOwner.applicationId}`]
  })

/**
 * The SQL client of a file. Makes it (mode 0600) and its directory (mode 0700) where they are missing. {@link StateUnavailable}
 * where the file system refuses, or the file is another program's; `SqlError` where SQLite refuses.
 */
export const make: (
  file: string,
  options?: Options
) => Effect.Effect<
  SqlClient.SqlClient,
  StateUnavailable | SqlError,
  FileSystem.FileSystem | Path.Path | Reactivity.Reactivity | Scope.Scope
> = Effect.fn("SqliteDatabase.make")(function* (file: string, options?: Options) {
  yield* prepare(file)
  const context = yield* Effect.context<FileSystem.FileSystem>()
  return yield* SqliteClient.make(file, {
    ...options,
    admit: (query) => Effect.provide(admit(file)(query), context)
  })
})
