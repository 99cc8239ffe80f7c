/** What verification says of one sequence: complete, or what is missing, where and between which times. */
import { Schema } from "effect"
import { SequenceIndex } from "./SequenceIndex.js"

/** The range of all indices has 2^53 of them: one more than the largest safe integer, and still exact. */
const Count = Schema.Number.pipe(
  Schema.filter((value) => (Number.isInteger(value) && value >= 0 && value <= 2 ** 53) || "a count is a whole number", {
    identifier: "Count",
    jsonSchema: { type: "integer", minimum: 0, maximum: 2 ** 53 }
  })
)

/** The indices that should have come; `inferred` where nobody said so and the smallest and largest index seen stand in. */
export const ExpectedRange = Schema.Struct({
  start: SequenceIndex,
  end: SequenceIndex,
  inferred: Schema.Boolean
}).annotations({ identifier: "ExpectedRange" })

/** See {@link ExpectedRange}. */
export type ExpectedRange = typeof ExpectedRange.Type

/** A run of missing indices, both ends missing. */
export const MissingRange = Schema.Struct({
  start: SequenceIndex,
  end: SequenceIndex,
  count: Count,
  /** The event time of the index just before the run, where one came. */
  after: Schema.NullOr(Schema.String),
  /** The event time of the index just behind the run, where one came. */
  before: Schema.NullOr(Schema.String)
}).annotations({ identifier: "MissingRange" })

/** See {@link MissingRange}. */
export type MissingRange = typeof MissingRange.Type

/** One sequence: the events of one replay, or the live ones. */
export const GroupReport = Schema.Struct({
  /** The `replay-name`; null for live events. */
  group: Schema.NullOr(Schema.String),
  /** Null where nothing was seen and nobody named a range. */
  expected: Schema.NullOr(ExpectedRange),
  /** Events with a valid index. */
  observed: Count,
  /** Distinct indices among them. */
  unique: Count,
  /** `observed − unique`. */
  duplicates: Count,
  /** Events that came behind a larger index. */
  outOfOrder: Count,
  /** Distinct indices outside the expected range. */
  outOfRange: Count,
  /** The runs of missing indices, in order, at most as many as were asked for. */
  missing: Schema.Array(MissingRange),
  /** Whether there are more runs than `missing` holds. */
  missingTruncated: Schema.Boolean,
  /** Missing indices, exact. */
  gapCount: Count,
  /** Runs of missing indices, exact. */
  gapRanges: Count,
  /** Distinct in-range indices over the expected range, in percent; two decimals, never 100 while something is missing. */
  coveragePercentage: Schema.Number.pipe(Schema.between(0, 100)),
  isContiguous: Schema.Boolean
}).annotations({ identifier: "GroupReport" })

/** See {@link GroupReport}. */
export type GroupReport = typeof GroupReport.Type

/** A record that could not be counted, and where it stands. */
export const RejectedRecord = Schema.Struct({
  /** The file, or `-` for standard input. */
  source: Schema.String,
  /** From 1; of a record that goes over lines, the one it begins on. */
  line: Schema.Number,
  /** Where in the source the record begins, from 0, where the line doesn't tell: it is not the first on its line. */
  byte: Schema.optional(Schema.Number),
  reason: Schema.String
}).annotations({ identifier: "RejectedRecord" })

/** See {@link RejectedRecord}. */
export type RejectedRecord = typeof RejectedRecord.Type

/** The answer of `verify`: every group, and what was rejected. */
export const CompletenessReport = Schema.Struct({
  /** Whether every group is contiguous, and there is one. */
  isContiguous: Schema.Boolean,
  groups: Schema.Array(GroupReport),
  rejected: Schema.Struct({ count: Count, first: Schema.Array(RejectedRecord) })
}).annotations({ identifier: "CompletenessReport" })

/** See {@link CompletenessReport}. */
export type CompletenessReport = typeof CompletenessReport.Type
