/** A sink that is a file: one line of JSON for each document. */
import { FileSystem, Path } from "@effect/platform"
import { WriteFailure } from "@genesys-replay/domain"
import { Effect } from "effect"
import { SyncFailed, type SyncSink } from "../SyncSink.js"

/**
 * Appends to `path`; the file and its directory are made when the first document comes. A line is written in one piece,
 * so that lines of several programs do not mix.
 */
export const make = Effect.fn("FileSink.make")(function* (options: {
  readonly path: string
}): Effect.fn.Return<SyncSink, never, FileSystem.FileSystem | Path.Path> {
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  // Another process may work in another directory.
  const path = paths.resolve(options.path)
  const name = `file ${path}`
  const append = (line: string) =>
    Effect.gen(function* () {
      yield* files.makeDirectory(paths.dirname(path), { recursive: true })
      const file = yield* files.open(path, { flag: "a" })
      yield* file.writeAll(new TextEncoder().encode(line))
    }).pipe(Effect.scoped)
  return {
    name,
    address: { kind: "file", location: path },
    deliver: (document, id) =>
      Effect.mapError(
        append(`${JSON.stringify(document)}\n`),
        (error) => new SyncFailed({ sink: name, id, reason: WriteFailure.of(error).reason })
      )
  }
})
