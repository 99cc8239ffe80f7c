/** A copy of a baseline that can be read only once, standard input say: what is missing of it is read a second time. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import * as LogSource from "../source/LogSource.js"
import { SpillFile } from "./SpillFile.js"

const attempt = <A>(act: () => A) => Effect.try({ try: act, catch: SpillFile.failure })

/** A copy for as long as the scope is open. */
export interface Copied {
  readonly path: string
  readonly size: number
  /** Why the source could not be read to its end; undefined where it was. */
  readonly unread: LogSource.UnreadableSource | undefined
}

/** Copies all that `source` brings into a temporary file, which is removed with the scope. Fails with `TemporaryFileFailure`. */
export const make = Effect.fn("BaselineCopy.make")(function* (
  source: LogSource.LogSource,
  onBytes: (bytes: number) => Effect.Effect<void>
) {
  const directory = yield* Effect.acquireRelease(
    attempt(() => mkdtempSync(join(tmpdir(), "genesys-replay-baseline-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const path = join(directory, "baseline")
  let size = 0
  const copy = Effect.gen(function* () {
    const file = yield* Effect.acquireRelease(
      attempt(() => openSync(path, "wx", 0o600)),
      (opened) => Effect.sync(() => closeSync(opened))
    )
    const pull = yield* LogSource.read(source)
    for (let piece = yield* pull; piece !== undefined; piece = yield* pull) {
      const bytes = piece
      yield* attempt(() => {
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
      })
      size += bytes.length
      yield* onBytes(size)
    }
    return undefined
  }).pipe(Effect.scoped)
  const unread = yield* Effect.catchTag(copy, "UnreadableSource", (error) => Effect.succeed(error))
  const copied: Copied = { path, size, unread }
  return copied
})
