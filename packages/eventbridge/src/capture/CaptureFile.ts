/**
 * The file that captured events are appended to, one line each, durable before anything is said about it.
 *
 * Durable means: in the file that has this name. A program that rotates files may move or delete it at any moment (logrotate),
 * and what is written to it after that is lost with it. So after every sync the path is looked at again.
 */
import { FileSystem } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { WriteFailure } from "@genesys-replay/domain"
import { Duration, Effect, ExecutionStrategy, Exit, Option, Ref, Scope } from "effect"
import { CaptureFileFailed } from "./CaptureError.js"

/** What became of lines that were appended. */
export interface Appended {
  /** How often the file had been moved or deleted meanwhile, so that the lines were written again to a new one. */
  readonly reopened: number
}

/** An open file. */
export interface CaptureFile {
  /**
   * Appends these lines and waits until they are on the disk (fsync), in the file that has the name. Fails with
   * {@link CaptureFileFailed}, also where another program has cut the file short: what it copied before is not known.
   */
  readonly append: (lines: ReadonlyArray<string>) => Effect.Effect<Appended, CaptureFileFailed>
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

// A path whose file is another one at every look is none to write to.
const mostReopened = 10

const failed = (path: string, step: CaptureFileFailed["step"]) => (error: PlatformError | CaptureFileFailed) =>
  error._tag === "CaptureFileFailed" ? error : new CaptureFileFailed({ path, step, ...WriteFailure.of(error) })

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
      return yield* new CaptureFileFailed({
        path,
        step: "open",
        reason: "another program is writing to it",
        remedy: "wait until that has ended, or write to a file of its own; several files can be verified together"
      })
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

const directoryOf = (path: string): string => path.replace(/[^/]*$/, "") || "."

// A new file is durable when its directory is. Not every system can sync a directory.
const syncDirectory = (path: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const directory = yield* files.open(directoryOf(path), { flag: "r" })
    yield* directory.sync
  }).pipe(Effect.scoped, Effect.ignore)

const compressed = /\.(?:gz|tgz|bz2|xz|zst|zip|lz4|7z)$/i

const isText = Option.liftThrowable((bytes: Uint8Array): string =>
  // What is cut off at the end of the page may be the middle of a character.
  new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true })
)

const notAppendable = (path: string, reason: string) =>
  new CaptureFileFailed({
    path,
    step: "open",
    reason,
    remedy:
      "capture into a new file, captured.ndjson say, and compress that when the capture has ended: verify reads both kinds together"
  })

// Lines behind what is compressed, or behind a database, are of use to nobody and may destroy it.
const refuseBinary = Effect.fn("CaptureFile.refuseBinary")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const file = yield* files.open(path, { flag: "r" })
  const beginning = Option.getOrElse(yield* file.readAlloc(page), () => new Uint8Array(0))
  if (!Option.exists(isText(beginning), (text) => !text.includes("\0"))) {
    return yield* notAppendable(path, "it holds no text, and a capture appends lines of text")
  }
}, Effect.scoped)

const isSame = (one: FileSystem.File.Info, other: FileSystem.File.Info): boolean =>
  one.dev === other.dev && Option.getOrUndefined(one.ino) === Option.getOrUndefined(other.ino)

// None where nothing has this name.
const found = (path: string) =>
  FileSystem.FileSystem.pipe(
    Effect.flatMap((files) => Effect.asSome(files.stat(path))),
    Effect.catchIf(
      (error) => error._tag === "SystemError" && error.reason === "NotFound",
      () => Effect.succeedNone
    )
  )

interface Opened {
  readonly file: FileSystem.File
  readonly close: Effect.Effect<void>
  readonly mended: number
  /** How long it is at least: others may append to it too. */
  readonly size: Ref.Ref<number>
}

const openOnce = Effect.fn("CaptureFile.openOnce")(function* (path: string, scope: Scope.Scope) {
  const files = yield* FileSystem.FileSystem
  // Asked before: opening a FIFO would wait for who reads it.
  const before = yield* found(path)
  if (Option.exists(before, ({ type }) => type === "Directory")) {
    return yield* new CaptureFileFailed({ path, step: "open", ...WriteFailure.of({ code: "EISDIR" }) })
  }
  if (Option.exists(before, ({ type }) => type !== "File")) {
    return yield* new CaptureFileFailed({
      path,
      step: "open",
      reason: "it is no regular file: nothing else can be made durable",
      remedy: "name a file"
    })
  }
  if (compressed.test(path)) {
    return yield* notAppendable(path, "its name is that of a compressed file, and a capture appends lines of text")
  }
  if (Option.isNone(before)) yield* files.makeDirectory(directoryOf(path), { recursive: true })
  const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
  const file = yield* Scope.extend(files.open(path, { flag: "a", mode: 0o600 }), own)
  const size = Number((yield* file.stat).size)
  if (size === 0) yield* syncDirectory(path)
  else yield* refuseBinary(path)
  const mended = size === 0 ? 0 : yield* mend(path, size)
  const now = yield* file.stat
  const close = Scope.close(own, Exit.void)
  return { file, close, mended, size: yield* Ref.make(Number(now.size)) } satisfies Opened
})

/**
 * Opens `path` for appending, for as long as the scope lives, and makes it (mode 0600) and its directory where they are not
 * there. Mends a last line that a crash cut short. A file that is moved away or deleted while it is written to is made anew, and
 * the lines that were appended at that moment are written once more.
 *
 * Fails with {@link CaptureFileFailed}, also where `path` is no regular file (nothing else can be made durable), and where it is
 * compressed or no text at all.
 */
export const open: (
  path: string
) => Effect.Effect<CaptureFile, CaptureFileFailed, FileSystem.FileSystem | Scope.Scope> = Effect.fn("CaptureFile.open")(
  function* (path: string) {
    const files = yield* FileSystem.FileSystem
    const opening = openOnce(path, yield* Effect.scope).pipe(
      Effect.mapError(failed(path, "open")),
      Effect.provideService(FileSystem.FileSystem, files)
    )
    const first = yield* opening
    const current = yield* Ref.make<Opened>(first)

    // Whether the path is still that of the open file.
    const isInPlace = Effect.fn("CaptureFile.isInPlace")(function* ({ file, size }: Opened) {
      const named = yield* Effect.provideService(found(path), FileSystem.FileSystem, files)
      const own = yield* file.stat
      if (!Option.exists(named, (info) => isSame(info, own))) return false
      if (Number(own.size) < (yield* Ref.get(size))) {
        return yield* new CaptureFileFailed({
          path,
          step: "check",
          reason:
            "another program has cut it short while it was written to; lines that were written while that copied it may be in neither file",
          remedy: "rotate it by renaming (create of logrotate, not copytruncate), and run the same command again"
        })
      }
      yield* Ref.set(size, Number(own.size))
      return true
    })

    const write = Effect.fn("CaptureFile.write")(function* (bytes: Uint8Array) {
      const opened = yield* Ref.get(current)
      yield* Effect.mapError(opened.file.writeAll(bytes), failed(path, "write"))
      yield* Effect.mapError(opened.file.sync, failed(path, "sync"))
      yield* Ref.update(opened.size, (before) => before + bytes.length)
      return yield* Effect.mapError(isInPlace(opened), failed(path, "check"))
    })

    const append = Effect.fn("CaptureFile.append")(function* (lines: ReadonlyArray<string>) {
      const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""))
      let reopened = 0
      while (!(yield* write(bytes))) {
        if (reopened === mostReopened) {
          return yield* new CaptureFileFailed({
            path,
            step: "check",
            reason: "another file has its name again and again",
            remedy: "stop what replaces it, or write to another file"
          })
        }
        const before = yield* Ref.getAndSet(current, yield* opening)
        yield* before.close
        reopened += 1
      }
      if (reopened > 0) {
        yield* Effect.logInfo(`${path} was moved away or deleted: going on in a new file of that name`)
      }
      return { reopened } satisfies Appended
    })
    return { append, mended: first.mended }
  }
)
