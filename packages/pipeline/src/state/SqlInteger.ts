/** Whole numbers as databases give them: SQLite as bigint, PostgreSQL's bigint as text. */
import { Schema } from "effect"

const Safe = Schema.Number.pipe(Schema.int(), Schema.between(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER))

/** A whole number that fits a JavaScript number, from any column of any of the databases. */
export const SqlInteger: Schema.Schema<number, bigint | number | string> = Schema.transform(
  Schema.Union(Schema.BigIntFromSelf, Schema.Number, Schema.String.pipe(Schema.pattern(/^-?\d+$/))),
  Safe,
  { strict: true, decode: Number, encode: (value) => value }
).annotations({ identifier: "SqlInteger" })
