/** The file that captured events are appended to, one line each, durable before anything is said about it. */
import { FileSystem } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Duration, Effect, Option, type Scope } from "effect"
import { CaptureFileFailed } from "./CaptureError.js"

/** An open file. */
export interface CaptureFile {
  /** Appends these lines and waits until they are on the disk (fsync). Fails with {@link CaptureFileFailed}. */
  readonly append: (lines: ReadonlyArray<string>) => Effect.Effect<void, CaptureFileFailed>
  /** How many bytes at the end were cut off when it was opened; see {@link open}. */
  readonly mended: number
}

const lineFeed = 10
const openBrace = 123
const page = 64 * 1_024

// Longer than any message of SQS, escaped in any way.
const longestTail = 16 * 1_024 * 1_024

// A write that is under way has grown by then.
const settling = Duration.millis(250)

const failed = (path: string, step: CaptureFileFailed["step"]) => (error: PlatformError | CaptureFileFailed) =>
  error._tag === "CaptureFileFailed"
    ? error
    : new CaptureFileFailed({
        path,
        step,
        reason: error._tag === "SystemError" ? `${error.reason}: ${error.description ?? error.message}` : error.message
      })

// What stands after the last line feed. None where the file is longer than a line can be, and has no line feed in that.
const tailOf = Effect.fn("CaptureFile.tailOf")(function* (file: FileSystem.File, size: number) {
  let tail = new Uint8Array(0)
  let from = size
  while (from > 0 && tail.length < longestTail) {
    const length = Math.min(page, from)
    from -= length
    yield* file.seek(from, "start")
    const read = Option.getOrElse(yield* file.readAlloc(length), () => new Uint8Array(0))
    const feed = read.lastIndexOf(lineFeed)
    const part = read.subarray(feed + 1)
    const longer = new Uint8Array(part.length + tail.length)
    longer.set(part)
    longer.set(tail, part.length)
    tail = longer
    if (feed !== -1) return Option.some(tail)
  }
  return from === 0 ? Option.some(tail) : Option.none()
})

const isJson = Option.liftThrowable((bytes: Uint8Array): unknown =>
  JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
)

/**
 * What a crash left behind: a last line without its line feed. A whole one gets its line feed. The beginning of an object is
 * cut off: its message cannot have been deleted, for that happens after the whole line is on disk, and so it comes again.
 * Anything else is not of a capture, stays, and gets a line feed.
 */
const mend = Effect.fn("CaptureFile.mend")(function* (path: string, size: number) {
  const files = yield* FileSystem.FileSystem
  const file = yield* files.open(path, { flag: "r+" })
  const tail = yield* tailOf(file, size)
  const torn = Option.filter(tail, (bytes) => bytes[0] === openBrace && Option.isNone(isJson(bytes)))
  if (Option.isSome(torn)) {
    // Another capture that is in the middle of this line would go on after the cut.
    yield* Effect.sleep(settling)
    const { size: later } = yield* file.stat
    if (Number(later) !== size) {
      return yield* new CaptureFileFailed({ path, step: "open", reason: "another program is writing to it" })
    }
    yield* files.truncate(path, size - torn.value.length)
    return torn.value.length
  }
  if (Option.isNone(tail) || tail.value.length > 0) {
    yield* file.seek(size, "start")
    yield* file.writeAll(Uint8Array.of(lineFeed))
  }
  return 0
}, Effect.scoped)

// A new file is durable when its directory is. Not every system can sync a directory.
const syncDirectory = (path: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const directory = yield* files.open(path.replace(/[^/]*$/, "") || ".", { flag: "r" })
    yield* directory.sync
  }).pipe(Effect.scoped, Effect.ignore)

/**
 * Opens `path` for appending, for as long as the scope lives, and makes it (mode 0600) where it is not there. Mends a last
 * line that a crash cut short. Fails with {@link CaptureFileFailed}, also where `path` is no regular file: nothing else can be
 * made durable.
 */
export const open: (
  path: string
) => Effect.Effect<CaptureFile, CaptureFileFailed, FileSystem.FileSystem | Scope.Scope> = Effect.fn("CaptureFile.open")(
  function* (path: string) {
    const files = yield* FileSystem.FileSystem
    const opened = Effect.gen(function* () {
      const file = yield* files.open(path, { flag: "a", mode: 0o600 })
      return { file, info: yield* file.stat }
    })
    const { file, info } = yield* Effect.mapError(opened, failed(path, "open"))
    if (info.type !== "File") {
      return yield* new CaptureFileFailed({ path, step: "open", reason: "it is no regular file" })
    }
    const size = Number(info.size)
    if (size === 0) yield* syncDirectory(path)
    const mended = size === 0 ? 0 : yield* Effect.mapError(mend(path, size), failed(path, "open"))
    const append = Effect.fn("CaptureFile.append")(function* (lines: ReadonlyArray<string>) {
      const text = lines.map((line) => `${line}\n`).join("")
      yield* Effect.mapError(file.writeAll(new TextEncoder().encode(text)), failed(path, "write"))
      yield* Effect.mapError(file.sync, failed(path, "sync"))
    })
    return { append, mended }
  }
)
