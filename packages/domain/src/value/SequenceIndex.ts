/** The number that the platform gives an event of a replay. */
import { Schema } from "effect"

/** A whole number from 0 to 2^53 − 1. Source: contract of the events, `detail.sequenceIndex`. */
export const SequenceIndex = Schema.Number.pipe(
  Schema.filter(
    (value) => (Number.isSafeInteger(value) && value >= 0) || "a sequence index is a whole number from 0 to 2^53 − 1",
    {
      identifier: "SequenceIndex",
      description: "a whole number from 0 to 2^53 − 1",
      jsonSchema: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER }
    }
  ),
  Schema.brand("SequenceIndex")
)

/** A number that is known to be a sequence index. */
export type SequenceIndex = typeof SequenceIndex.Type
