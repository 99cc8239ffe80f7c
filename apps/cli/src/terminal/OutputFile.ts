/** The files that commands write: one way to open them, whatever their option is called. */
import { FileSystem, Path } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { WriteFailure } from "@genesys-replay/domain"
import { Effect, Option, Schema } from "effect"

/** A file cannot be written: the disk, its place, or what it is. */
export class OutputFileFailed extends Schema.TaggedError<OutputFileFailed>()("OutputFileFailed", {
  path: Schema.String,
  reason: Schema.String,
  /** What to do. */
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.reason}`
  }
}

/** How a file is written. */
export interface Options {
  /** The files that the command reads: none of them is ever written over. */
  readonly inputs?: ReadonlyArray<string>
  /** Whether it holds lines of text: the name of a compressed file is refused then. */
  readonly isLines?: boolean
  /** Who may read a file that is new; as the umask says, unless told. */
  readonly mode?: number
}

const failed = (path: string) => (error: PlatformError) => new OutputFileFailed({ path, ...WriteFailure.of(error) })

// None where nothing has this name.
const found = Effect.fn("OutputFile.found")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  return yield* Effect.asSome(files.stat(path)).pipe(
    Effect.catchIf(
      (error) => error._tag === "SystemError" && error.reason === "NotFound",
      () => Effect.succeedNone
    )
  )
})

const compressed = /\.(?:gz|tgz|bz2|xz|zst|zip|lz4|7z)$/i

const isSame = (one: FileSystem.File.Info) => (other: FileSystem.File.Info) =>
  one.dev === other.dev && Option.getOrUndefined(one.ino) === Option.getOrUndefined(other.ino)

/**
 * Makes the place of a file ready before the work begins: the directories that are missing are made, and what cannot be written,
 * or is read by the same command under whatever name, is refused. Answers what stands there now.
 */
export const prepare = Effect.fn("OutputFile.prepare")(function* (
  path: string,
  { inputs = [], isLines = false }: Options = {}
) {
  if (isLines && compressed.test(path)) {
    return yield* new OutputFileFailed({
      path,
      reason: "its name is that of a compressed file, and lines of text are written",
      remedy: "name a file such as missing.ndjson, and compress it afterwards"
    })
  }
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const overwriting = (input: string) =>
    new OutputFileFailed({
      path,
      reason: `the same command reads ${input === path ? "it" : `it as ${input}`}: it would be written over`,
      remedy: "name another file: what is read is never written over"
    })
  const same = inputs.find((input) => paths.resolve(input) === paths.resolve(path))
  if (same !== undefined) return yield* overwriting(same)
  const there = yield* Effect.mapError(found(path), failed(path))
  if (Option.isNone(there)) {
    yield* Effect.mapError(files.makeDirectory(paths.dirname(path), { recursive: true }), failed(path))
    return there
  }
  if (there.value.type === "Directory") {
    return yield* new OutputFileFailed({ path, ...WriteFailure.of({ code: "EISDIR" }) })
  }
  for (const input of inputs) {
    // Whether an input can be read is told where it is read.
    if (Option.exists(yield* Effect.orElseSucceed(found(input), Option.none), isSame(there.value))) {
      return yield* overwriting(input)
    }
  }
  yield* Effect.mapError(files.access(path, { writable: true }), failed(path))
  return there
})

/** Writes text, or its bytes, piece by piece. */
export type Write = (text: string | Uint8Array) => Effect.Effect<void, OutputFileFailed>

/**
 * Writes a whole file, in place of the one that has the name now. It has another name until it is whole: a part of it must
 * not be taken for all of it, and where the disk is full the old one stays. What is no regular file (a FIFO, `/dev/fd/63`) is
 * written to as it is.
 */
export const replace = Effect.fn("OutputFile.replace")(function* <E, R>(
  path: string,
  options: Options,
  content: (write: Write) => Effect.Effect<void, E, R>
) {
  const files = yield* FileSystem.FileSystem
  const there = yield* prepare(path, options)
  const open = (name: string, mode: number | undefined) =>
    Effect.mapError(files.open(name, { flag: "w", ...(mode === undefined ? {} : { mode }) }), failed(path))
  const encoder = new TextEncoder()
  const fill = (file: FileSystem.File) =>
    content((text) =>
      // Of no bytes the system takes none, which would pass for a disk that is full.
      text.length === 0
        ? Effect.void
        : Effect.mapError(file.writeAll(typeof text === "string" ? encoder.encode(text) : text), failed(path))
    )

  const inPlace = Effect.scoped(Effect.flatMap(open(path, undefined), fill))
  const asWhole = Effect.gen(function* () {
    // Where it is a link, what it leads to is replaced.
    const target = Option.isNone(there) ? path : yield* Effect.mapError(files.realPath(path), failed(path))
    const part = `${target}.part`
    yield* prepare(part, options)
    const mode = Option.match(there, { onNone: () => options.mode, onSome: (info) => info.mode & 0o777 })
    const written = Effect.tap(open(part, mode), (file) =>
      Effect.zipRight(fill(file), Effect.mapError(file.sync, failed(path)))
    )
    yield* Effect.scoped(written).pipe(
      Effect.zipRight(Effect.mapError(files.rename(part, target), failed(path))),
      Effect.onError(() => Effect.ignore(files.remove(part, { force: true })))
    )
  })
  yield* Option.exists(there, ({ type }) => type !== "File") ? inPlace : asWhole
})
