/** How many there are of something. */
import { Schema } from "effect"

/** A whole number from 0 to 2^53: the range of all indices has 2^53 of them, one more than the largest safe integer, and still exact. */
export const Count = Schema.Number.pipe(
  Schema.filter((value) => (Number.isInteger(value) && value >= 0 && value <= 2 ** 53) || "a count is a whole number", {
    identifier: "Count",
    jsonSchema: { type: "integer", minimum: 0, maximum: 2 ** 53 }
  })
)
