/** Where captured events come from: a file by its path, or bytes that arrive by themselves, as standard input does. */
import { FileSystem } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Effect, Schema, Stream } from "effect"

/** A file, read anew each time. */
export interface File {
  readonly _tag: "File"
  readonly path: string
}

/** Bytes that can be read once. */
export interface Bytes {
  readonly _tag: "Bytes"
  /** What reports call it: `-` for standard input. */
  readonly name: string
  readonly bytes: Stream.Stream<Uint8Array, { readonly message: string }>
}

/** See {@link File} and {@link Bytes}. */
export type LogSource = File | Bytes

/** The file at `path`. */
export const file = (path: string): File => ({ _tag: "File", path })

/** A stream of bytes under a name of its own: `bytes("-", NodeStream.stdin)`. */
export const bytes = (name: string, bytes: Stream.Stream<Uint8Array, { readonly message: string }>): Bytes => ({
  _tag: "Bytes",
  name,
  bytes
})

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
    return `${this.source} ${how}: ${this.reason}. What it holds is missing from the result; make it readable and verify again`
  }
}

const reasons: Partial<Record<string, string>> = {
  NotFound: "there is no such file",
  PermissionDenied: "permission denied"
}

const reasonOf = (error: PlatformError): string =>
  (error._tag === "SystemError" ? reasons[error.reason] : undefined) ?? error.description ?? error.message

const chunkSize = 256 * 1_024

/** The bytes of a source, chunk by chunk. Fails with {@link UnreadableSource}. */
export const read = (source: LogSource): Stream.Stream<Uint8Array, UnreadableSource, FileSystem.FileSystem> =>
  Stream.suspend(() => {
    let bytesRead = 0
    const unreadable = (reason: string) => new UnreadableSource({ source: nameOf(source), reason, bytesRead })
    const contents =
      source._tag === "File"
        ? Stream.unwrap(
            Effect.map(FileSystem.FileSystem, (files) => files.stream(source.path, { chunkSize, bufferSize: 2 }))
          ).pipe(Stream.mapError((error) => unreadable(reasonOf(error))))
        : Stream.mapError(source.bytes, (error) => unreadable(error.message))
    return Stream.map(contents, (chunk) => {
      bytesRead += chunk.length
      return chunk
    })
  })

/** How many bytes there are to read; null where nobody knows before the end. Fails as {@link read} would. */
export const size = (source: LogSource): Effect.Effect<number | null, UnreadableSource, FileSystem.FileSystem> =>
  source._tag === "Bytes"
    ? Effect.succeed(null)
    : FileSystem.FileSystem.pipe(
        Effect.flatMap((files) => files.stat(source.path)),
        Effect.map((info) => (info.type === "File" ? Number(info.size) : null)),
        Effect.mapError((error) => new UnreadableSource({ source: source.path, reason: reasonOf(error), bytesRead: 0 }))
      )
