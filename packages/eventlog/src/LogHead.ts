/** The beginning of a file: what form it has, and so how it can be read. */
import { closeSync, openSync, readSync } from "node:fs"
import { FileSystem } from "@effect/platform"
import { Effect } from "effect"
import { isGzip } from "./Gunzip.js"
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

const opensObject = /^(?:\u00ef\u00bb\u00bf)?[ \t\r\n]*\{/

const headOf = (path: string): Uint8Array => {
  const file = openSync(path, "r")
  try {
    const head = new Uint8Array(4_096)
    return head.subarray(0, readSync(file, head))
  } finally {
    closeSync(file)
  }
}

/** Looks at the beginning of `source`. What can't be looked at is read as a stream, which will say why. */
export const plan = (source: LogSource.LogSource): Effect.Effect<Planned, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    if (source._tag === "Bytes") return streamed(source, null)
    const files = yield* FileSystem.FileSystem
    const info = yield* files.stat(source.path)
    if (info.type !== "File") return streamed(source, info.type === "Directory" ? 0 : null)
    const head = yield* Effect.try(() => headOf(source.path))
    const size = Number(info.size)
    const isLines = opensObject.test(Buffer.from(head).toString("latin1"))
    const planned: Planned = isGzip(head) ? streamed(source, size) : { source, size, access: "parts", isLines }
    return planned
  }).pipe(Effect.orElseSucceed(() => streamed(source, 0)))

const streamed = (source: LogSource.LogSource, size: number | null): Planned => ({
  source,
  size,
  access: "stream",
  isLines: false
})
