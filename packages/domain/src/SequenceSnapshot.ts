/** A tracker on its way into a file, a database or another program: JSON when encoded, small whatever was seen. */
import { Schema } from "effect"
import { span } from "./IndexChunk.js"

const Count = Schema.NonNegativeInt
const Index = Schema.NonNegativeInt
const ChunkKey = Schema.Int.pipe(Schema.between(0, Number.MAX_SAFE_INTEGER / span))
const Offset = Schema.Int.pipe(Schema.between(0, span - 1))

const IndexSetSnapshot = Schema.Struct({
  full: Schema.Array(Schema.Tuple(ChunkKey, ChunkKey)),
  chunks: Schema.Array(
    Schema.Struct({
      key: ChunkKey,
      runs: Schema.optional(Schema.Array(Schema.Tuple(Offset, Offset))),
      bits: Schema.optional(Schema.Uint8ArrayFromBase64)
    })
  )
}).annotations({ identifier: "IndexSetSnapshot" })

/** What `SequenceTracker.snapshot` gives and `SequenceTracker.restore` takes. */
export const SequenceSnapshot = Schema.Struct({
  observed: Count,
  outOfOrder: Count,
  maximum: Schema.NullOr(Index),
  maximumRepeats: Count,
  indices: IndexSetSnapshot,
  records: IndexSetSnapshot,
  repeats: Schema.Array(IndexSetSnapshot),
  times: Schema.Array(Schema.Tuple(Index, Schema.String))
}).annotations({ identifier: "SequenceSnapshot" })

/** See {@link SequenceSnapshot}. */
export type SequenceSnapshot = typeof SequenceSnapshot.Type
