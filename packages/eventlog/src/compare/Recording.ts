/** A source that can be read once, copied while it is read, so that it can be read again. */
import { Effect, Option, type Scope, Stream } from "effect"
import * as LogSource from "../source/LogSource.js"
import { SpillFile } from "./SpillFile.js"

/** See above; for as long as the scope is open. */
export interface Recording {
  /** To be read first: what it brings is copied. */
  readonly source: LogSource.Descriptor
  /** The copy, under the source's name; none where copying was ended, or the temporary file could not be written. */
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

/** Copies `source` while it is read, into a temporary file without a name, until a piece of it is `enough`: from there on no copy is wanted. */
export const make = Effect.fn("Recording.make")(function* (
  source: LogSource.Descriptor,
  enough: (piece: Uint8Array) => boolean
): Effect.fn.Return<Recording, never, Scope.Scope> {
  const file = yield* SpillFile.make
  let isWanted = true
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
        if (isWanted) isWanted = !enough(piece) && append(piece)
      }
    },
    copy: Effect.sync(() =>
      isWanted && file.size > 0 ? Option.some(LogSource.bytes(source.name, pieces(file))) : Option.none()
    )
  }
})
