/** Where captured events come from: a file by its path, or bytes that arrive by themselves, as standard input does. */
import { Effect, Schema, type Scope, Stream } from "effect"
import type { Pull } from "./ByteReader.js"
import * as DisplayText from "./DisplayText.js"
import * as FileBytes from "./FileBytes.js"

/** A file, read anew each time; a pipe with a name can be read once. */
export interface File {
  readonly _tag: "File"
  /** Where a name is no UTF-8, its bytes are written as `FilePath` says. */
  readonly path: string
}

/** Bytes that can be read once. */
export interface Bytes {
  readonly _tag: "Bytes"
  /** What reports call it: `-` for standard input. */
  readonly name: string
  readonly bytes: Stream.Stream<Uint8Array, { readonly message: string }>
}

/** A descriptor that is open already, and can be read once. */
export interface Descriptor {
  readonly _tag: "Descriptor"
  readonly name: string
  readonly descriptor: number
  /** Told of every piece that is read, before the piece is used. */
  readonly onBytes?: ((piece: Uint8Array) => void) | undefined
}

/** See {@link File}, {@link Bytes} and {@link Descriptor}. */
export type LogSource = File | Bytes | Descriptor

/** The file at `path`. */
export const file = (path: string): File => ({ _tag: "File", path })

/** A stream of bytes under a name of its own. */
export const bytes = (name: string, bytes: Stream.Stream<Uint8Array, { readonly message: string }>): Bytes => ({
  _tag: "Bytes",
  name,
  bytes
})

/** What standard input brings. Unlike a stream over it, it tells where it cannot be read at all. */
export const standardInput: Descriptor = { _tag: "Descriptor", name: "-", descriptor: 0 }

/** The path, or the name that the stream was given: what rejected records and progress are told under. */
export const nameOf = (source: LogSource): string => (source._tag === "File" ? source.path : source.name)

/** A source that could not be read, or not to its end. What was read of it before is counted. */
export class UnreadableSource extends Schema.TaggedError<UnreadableSource>()("UnreadableSource", {
  /** The path, or `-` for standard input. */
  source: Schema.String,
  /** What the system said. */
  reason: Schema.String,
  /** How much had been read. */
  bytesRead: Schema.NonNegativeInt
}) {
  override get message(): string {
    const how = this.bytesRead === 0 ? "could not be read" : `could not be read past byte ${this.bytesRead}`
    return `${DisplayText.safe(this.source, true)} ${how}: ${DisplayText.safe(this.reason, true)}. What it holds is missing from the result; make it readable and verify again`
  }
}

const quoted = (path: string): string => {
  const shown = DisplayText.safe(path, true)
  return /^[\w./:@%+-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`
}

/** A source in a form that is not read. None of it is counted. */
export class UnsupportedFormat extends Schema.TaggedError<UnsupportedFormat>()("UnsupportedFormat", {
  /** The path, or `-` for standard input. */
  source: Schema.String,
  /** What it is: `zstd`, `UTF-16 text`. */
  format: Schema.String,
  /** The command that writes what it holds to standard output; null where there is none that can be told. */
  command: Schema.NullOr(Schema.String)
}) {
  /** Nothing. */
  get bytesRead(): number {
    return 0
  }

  /** What it is, and what to do about it. */
  get reason(): string {
    return this.command === null
      ? `it is ${this.format}, which is not read: write its events as lines of JSON first`
      : `it is ${this.format}, which is not read: convert it first, with ${this.command}`
  }

  override get message(): string {
    return `${DisplayText.safe(this.source, true)} was not counted: ${this.reason}`
  }
}

/** See {@link UnreadableSource} and {@link UnsupportedFormat}. */
export type Unread = UnreadableSource | UnsupportedFormat

/** That `source` is of a form which `converter` makes readable; what is inside of another source cannot be named to a command. */
export const unsupported = (
  source: string,
  { converter, name }: { readonly name: string; readonly converter: string | null },
  isInside: boolean
): UnsupportedFormat =>
  new UnsupportedFormat({
    source,
    format: name,
    command: converter === null || isInside ? null : source === "-" ? converter : `${converter} ${quoted(source)}`
  })

const ofStream = ({ bytes }: Bytes): Effect.Effect<Pull<FileBytes.NotRead>, never, Scope.Scope> =>
  Effect.map(Stream.toPull(Stream.rechunk(bytes, 1)), (pull) =>
    pull.pipe(
      Effect.map((chunk) => [...chunk][0]),
      Effect.catchAll((end) =>
        end._tag === "None" ? Effect.succeed(undefined) : new FileBytes.NotRead({ reason: end.value.message })
      )
    )
  )

/** The bytes of a source, piece by piece. Fails with {@link UnreadableSource}. */
export const read = (source: LogSource): Effect.Effect<Pull<UnreadableSource>, UnreadableSource, Scope.Scope> => {
  let bytesRead = 0
  const unreadable = (reason: string) => new UnreadableSource({ source: nameOf(source), reason, bytesRead })
  const opened: Effect.Effect<Pull<FileBytes.NotRead>, FileBytes.NotRead, Scope.Scope> = source._tag === "File"
    ? FileBytes.ofPath(source.path)
    : source._tag === "Descriptor"
      ? FileBytes.ofDescriptor(source.descriptor)
      : ofStream(source)
  return opened.pipe(
    Effect.map((pull) =>
      pull.pipe(
        Effect.tap((piece) =>
          Effect.sync(() => {
            if (piece === undefined) return
            bytesRead += piece.length
            if (source._tag === "Descriptor") source.onBytes?.(piece)
          })
        ),
        Effect.mapError(({ reason }) => unreadable(reason))
      )
    ),
    Effect.mapError(({ reason }) => unreadable(reason))
  )
}
