/** The beginning of a file: what form it has, and so how it can be read. */
import { FileSystem } from "@effect/platform"
import { Effect } from "effect"
import * as LogForm from "./LogForm.js"
import type * as LogSource from "./LogSource.js"

/** How a source is read. */
export interface Planned {
  readonly source: LogSource.LogSource
  /** Null where nobody knows before the end. */
  readonly size: number | null
  /** Once, from its beginning; or in parts, at any place, where `isLines` cut at line feeds. */
  readonly access: "stream" | "parts"
  readonly isLines: boolean
}

/** Looks at the beginning of `source`. What can't be looked at is read as a stream, which will say why. */
export const plan = (source: LogSource.LogSource): Effect.Effect<Planned, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    if (source._tag === "Bytes") return streamed(source, null)
    const files = yield* FileSystem.FileSystem
    const info = yield* files.stat(source.path)
    if (info.type !== "File") return streamed(source, info.type === "Directory" ? 0 : null)
    const form = yield* Effect.try(() => LogForm.ofFile(source.path))
    const size = Number(info.size)
    const planned: Planned =
      form === "gzip" ? streamed(source, size) : { source, size, access: "parts", isLines: form === "lines" }
    return planned
  }).pipe(Effect.orElseSucceed(() => streamed(source, 0)))

const streamed = (source: LogSource.LogSource, size: number | null): Planned => ({
  source,
  size,
  access: "stream",
  isLines: false
})
