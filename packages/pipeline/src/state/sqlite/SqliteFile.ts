/**
 * The state database as an SQLite file. Only its owner may read it, and a file of another program is left as it is, down to its
 * mode: SQLite keeps a number for the program that made a file (`PRAGMA application_id`).
 */
import type * as Reactivity from "@effect/experimental/Reactivity"
import { FileSystem, Path } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect, Schema, type Scope } from "effect"
import { StateUnavailable } from "../StateUnavailable.js"
import * as SqliteClient from "./SqliteClient.js"

/** How the file is opened. */
export type Options = Pick<SqliteClient.Options, "lockTimeout">

/** Ours: `GcRp`. */
export const applicationId = 0x47_63_52_70

const tables =
  "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"

const reasons: Partial<Record<string, string>> = {
  PermissionDenied: "permission denied",
  NotFound: "no such directory",
  AlreadyExists: "something else is in the way",
  BadResource: "it is no file"
}

const elsewhere = "name another file in GENESYS_REPLAY_DATABASE_URL (file:PATH)"

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
          remedy: `Give yourself the right to read and write the file and its directory, or ${elsewhere}`
        })
    )
  )

// Why a file with this number and these tables is another program's; nothing where it is ours or new.
const foreign = (id: number, names: ReadonlyArray<string>): string | undefined => {
  if (id === applicationId || (id === 0 && names.length === 0)) return undefined
  const has =
    names.length === 0
      ? []
      : [`it has ${names.length === 1 ? "the table" : "tables like"} ${names.slice(0, 3).join(", ")}`]
  const mark = id === 0 ? [] : [`application_id ${id}`]
  return `the database is another program's: ${[...has, ...mark].join(", ")}`
}

const Id = Schema.Tuple(Schema.Struct({ application_id: Schema.Number }))
const Names = Schema.Array(Schema.Struct({ name: Schema.String }))

// Refuses a file of another program, before anything of it is changed.
const admit = (file: string) =>
  Effect.fnUntraced(function* (query: (sql: string) => Effect.Effect<ReadonlyArray<unknown>, SqlError>) {
    const files = yield* FileSystem.FileSystem
    const rows = <A, I>(schema: Schema.Schema<A, I>, sql: string) =>
      Effect.flatMap(query(sql), (found) => Effect.orDie(Schema.decodeUnknown(schema)(found)))
    const [{ application_id }] = yield* rows(Id, "PRAGMA application_id")
    const names = (yield* rows(Names, tables)).map(({ name }) => name)
    const reason = foreign(application_id, names)
    if (reason !== undefined) {
      return yield* new StateUnavailable({
        operation: "opened",
        location: file,
        reason,
        remedy: "Name another file in GENESYS_REPLAY_DATABASE_URL (file:PATH)"
      })
    }
    // SQLite gives the files beside it (-wal, -shm) the mode of the database: it is enough to be first with this one.
    yield* Effect.ignore(files.chmod(file, 0o600))
    return application_id === applicationId ? [] : [`PRAGMA application_id = ${applicationId}`]
  })

/**
 * The SQL client of a file. Makes it (mode 0600) and its directory (mode 0700) where they are missing. `StateUnavailable` where the
 * file system refuses, or the file is another program's; `SqlError` where SQLite refuses.
 */
export const open: (
  file: string,
  options?: Options
) => Effect.Effect<
  SqlClient.SqlClient,
  StateUnavailable | SqlError,
  FileSystem.FileSystem | Path.Path | Reactivity.Reactivity | Scope.Scope
> = Effect.fn("SqliteFile.open")(function* (file: string, options?: Options) {
  yield* prepare(file)
  const context = yield* Effect.context<FileSystem.FileSystem>()
  return yield* SqliteClient.make(file, {
    ...options,
    admit: (query) => Effect.provide(admit(file)(query), context)
  })
})
