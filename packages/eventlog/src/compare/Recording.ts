/** A source that can be read once, copied while it is read, so that it can be read again. */
import { Effect, Either, Option, type Scope, Stream } from "effect"
import * as EventRecord from "../scan/EventRecord.js"
import * as FieldPath from "../scan/FieldPath.js"
import * as LogSource from "../source/LogSource.js"
import { SpillFile } from "./SpillFile.js"

/** See above; for as long as the scope is open. */
export interface Recording {
  /** To be read first: what it brings is copied. */
  readonly source: LogSource.Descriptor
  /** The copy, under the source's name; none where an index was seen, or the temporary file could not be written. */
  readonly copy: Effect.Effect<Option.Option<LogSource.LogSource>>
}

const pieceSize = 65_536

const pieces = (file: SpillFile): Stream.Stream<Uint8Array, { readonly message: string }> =>
  Stream.unfoldEffect(0, (from) =>
    Effect.try({
      try: () => {
        const piece = new Uint8Array(Math.min(pieceSize, file.size - from))
        if (piece.length === 0) return Option.none()
        file.read(piece, from)
        return Option.some([piece, from + piece.length] as const)
      },
      catch: SpillFile.failure
    })
  )

/** The last key of the path: where it stands nowhere, no event has an index. */
const keyOf = (indexPath: string | undefined): Option.Option<Buffer> => {
  const path =
    indexPath === undefined ? Option.some(EventRecord.envelope.index) : Either.getRight(FieldPath.parse(indexPath))
  return Option.map(path, (keys) => Buffer.from(keys.at(-1) ?? ""))
}

/**
 * Copies `source` while it is read, into a temporary file without a name, until a piece of it has the key of the index at `indexPath`
 * (`detail.sequenceIndex` by default): what has indices is not read again.
 */
export const make = Effect.fn("Recording.make")(function* (
  source: LogSource.Descriptor,
  indexPath?: string | undefined
): Effect.fn.Return<Recording, never, Scope.Scope> {
  const file = yield* SpillFile.make
  const key = keyOf(indexPath)
  const hasKey = (piece: Uint8Array): boolean =>
    Option.exists(key, (bytes) => Buffer.from(piece.buffer, piece.byteOffset, piece.length).includes(bytes))
  let isWanted = Option.isSome(key)
  const append = (piece: Uint8Array): boolean => {
    try {
      file.append([piece])
      return true
    } catch {
      // Nothing is lost by it but the copy.
      return false
    }
  }
  return {
    source: {
      ...source,
      onBytes: (piece) => {
        if (isWanted) isWanted = !hasKey(piece) && append(piece)
      }
    },
    copy: Effect.sync(() =>
      isWanted && file.size > 0 ? Option.some(LogSource.bytes(source.name, pieces(file))) : Option.none()
    )
  }
})
