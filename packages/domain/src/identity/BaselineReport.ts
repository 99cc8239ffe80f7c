/** What comparing a capture with a baseline comes to: complete, or what of the baseline is missing, of which topics and when. */
import { Schema } from "effect"
import { LeftOutSource, RejectedRecord, UnreadSource, Verdict } from "../sequence/SequenceReport.js"
import { Count } from "../value/Count.js"
import { Instant } from "../value/Instant.js"

/** A stretch of time in which nothing of the group came although something was expected; both ends are times of missing events. */
export const MissingRange = Schema.Struct({ from: Instant, to: Instant, count: Count }).annotations({
  identifier: "MissingTimeRange"
})

export type MissingRange = typeof MissingRange.Type

/** The events of one topic. */
export const GroupReport = Schema.Struct({
  /** The `detail-type`; null where an event has none. */
  group: Schema.NullOr(Schema.String),
  /** Distinct events of the baseline, inside the window. */
  expected: Count,
  /** Records of the capture, inside the window. */
  observed: Count,
  /** Distinct events of the baseline that came. */
  unique: Count,
  /** `expected − unique`. */
  missing: Count,
  /** Distinct events of the capture that the baseline does not have. */
  unexpected: Count,
  /** Records of the capture less its distinct events. */
  duplicates: Count,
  /** `unique` over `expected`, in percent; two decimals, never 100 while something is missing. */
  coveragePercentage: Schema.Number.pipe(Schema.between(0, 100)),
  /** The stretches with the most missing events, at most as many as were asked for, the longest first. */
  missingRanges: Schema.Array(MissingRange)
}).annotations({ identifier: "BaselineGroup" })

export type GroupReport = typeof GroupReport.Type

/** An event that is missing, and where the baseline has it. */
export const MissingEvent = Schema.Struct({
  topic: Schema.NullOr(Schema.String),
  /** Its event time. */
  time: Schema.NullOr(Instant),
  conversationId: Schema.NullOr(Schema.String),
  /** The file of the baseline, or `-` for standard input. */
  source: Schema.String,
  /** From 1. */
  line: Schema.Number
}).annotations({ identifier: "MissingEvent" })

export type MissingEvent = typeof MissingEvent.Type

/** The answer of `verify --against`. */
export const BaselineReport = Schema.Struct({
  verdict: Verdict,
  /** Whether nothing that was expected is missing. Without a look at what was not counted: that is for the verdict. */
  isComplete: Schema.Boolean,
  window: Schema.NullOr(Schema.Struct({ start: Schema.NullOr(Instant), end: Schema.NullOr(Instant) })),
  groups: Schema.Array(GroupReport),
  missing: Schema.Struct({ count: Count, first: Schema.Array(MissingEvent) }),
  /** The baseline inside the window: its records, and how many of them are distinct events. */
  baseline: Schema.Struct({ events: Count, unique: Count }),
  rejected: Schema.Struct({ count: Count, first: Schema.Array(RejectedRecord) }),
  /** So many rejected records do not weaken the verdict. */
  allowedRejected: Count,
  unread: Schema.Array(UnreadSource),
  leftOut: Schema.Struct({ count: Count, first: Schema.Array(LeftOutSource) })
}).annotations({ identifier: "BaselineReport" })

export type BaselineReport = typeof BaselineReport.Type
