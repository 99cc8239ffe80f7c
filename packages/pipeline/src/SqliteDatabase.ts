/** The state database as an SQLite file, opened by libsql. Only its owner may read it. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import { FileSystem, Path } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect, type Scope } from "effect"
import * as SqliteClient from "./SqliteClient.js"
import { StateUnavailable } from "./StateUnavailable.js"

const reasons: Partial<Record<string, string>> = {
  PermissionDenied: "permission denied",
  NotFound: "no such directory",
  AlreadyExists: "something else is in the way",
  BadResource: "it is no file"
}

// SQLite gives the files beside it (-wal, -shm) the mode of the database: it is enough to be first with this one.
const prepare = (file: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* files.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 })
    yield* Effect.scoped(files.open(file, { flag: "a+", mode: 0o600 }))
    yield* Effect.ignore(files.chmod(file, 0o600))
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

/**
 * The SQL client of a file. Makes it (mode 0600) and its directory (mode 0700) where they are missing. {@link StateUnavailable}
 * where the file system refuses, `SqlError` where SQLite does.
 */
export const make: (
  file: string,
  options?: SqliteClient.Options
) => Effect.Effect<
  SqlClient.SqlClient,
  StateUnavailable | SqlError,
  FileSystem.FileSystem | Path.Path | Reactivity.Reactivity | Scope.Scope
> = Effect.fn("SqliteDatabase.make")(function* (file: string, options?: SqliteClient.Options) {
  yield* prepare(file)
  return yield* SqliteClient.make(file, options)
})
