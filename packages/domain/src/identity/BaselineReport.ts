/** What comparing a capture with a baseline comes to: complete, or what of the baseline is missing, of which topics and when. */
import { Schema } from "effect"
import { LeftOutSource, RejectedRecord, UnreadSource, UnwrappedEvents, Verdict } from "../sequence/SequenceReport.js"
import { Count } from "../value/Count.js"
import { percentage } from "../value/Coverage.js"
import { Instant } from "../value/Instant.js"

/** A stretch of time in which nothing of the group came although something was expected; both ends are times of missing events. */
export const MissingRange = Schema.Struct({ from: Instant, to: Instant, count: Count }).annotations({
  identifier: "MissingTimeRange"
})

export interface MissingRange extends Schema.Schema.Type<typeof MissingRange> {}

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

export interface GroupReport extends Schema.Schema.Type<typeof GroupReport> {}

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

export interface MissingEvent extends Schema.Schema.Type<typeof MissingEvent> {}

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
  leftOut: Schema.Struct({ count: Count, first: Schema.Array(LeftOutSource) }),
  /** Of both sides. */
  unwrapped: Schema.Array(UnwrappedEvents)
}).annotations({ identifier: "BaselineReport" })

export interface BaselineReport extends Schema.Schema.Type<typeof BaselineReport> {}

/** See {@link GroupReport}, of which the rest follows. */
export interface GroupCounts extends Omit<GroupReport, "missing" | "coveragePercentage"> {}

/** What a report is made of. What is left out is nothing. */
export interface Measured {
  readonly window: BaselineReport["window"]
  readonly groups: ReadonlyArray<GroupCounts>
  /** The missing events that are listed. */
  readonly firstMissing: ReadonlyArray<MissingEvent>
  /** Records of the baseline that were looked at. */
  readonly baselineEvents: number
  readonly rejected?: BaselineReport["rejected"] | undefined
  /** So many rejected records do not weaken the verdict, 0 by default: for who knows that they are no events. */
  readonly allowRejected?: number | undefined
  readonly unread?: BaselineReport["unread"] | undefined
  readonly leftOut?: BaselineReport["leftOut"] | undefined
  readonly unwrapped?: BaselineReport["unwrapped"] | undefined
}

/**
 * The report, with the verdict that follows from the rest: `incomplete` where an event is missing; `not proven` where a source of either
 * side was not read to its end, or more records were rejected than allowed; else `complete`.
 */
export const make = (measured: Measured): BaselineReport => {
  const { allowRejected: allowedRejected = 0, leftOut, rejected = { count: 0, first: [] }, unread = [] } = measured
  const groups = measured.groups.map((counts) => ({
    ...counts,
    missing: counts.expected - counts.unique,
    coveragePercentage: percentage(counts.unique, counts.expected)
  }))
  const count = groups.reduce((sum, { missing }) => sum + missing, 0)
  const isDoubtful = unread.length > 0 || rejected.count > allowedRejected
  return {
    verdict: count > 0 ? "incomplete" : isDoubtful ? "not proven" : "complete",
    isComplete: count === 0,
    window: measured.window,
    groups,
    missing: { count, first: measured.firstMissing },
    baseline: {
      events: measured.baselineEvents,
      unique: groups.reduce((sum, { expected }) => sum + expected, 0)
    },
    rejected,
    allowedRejected,
    unread,
    leftOut: leftOut ?? { count: 0, first: [] },
    unwrapped: measured.unwrapped ?? []
  }
}

/** Whether at least so many percent of every group came of which something was expected, and that is certain: everything was counted. */
export const covers = (report: BaselineReport, percent: number): boolean =>
  report.unread.length === 0 &&
  report.rejected.count <= report.allowedRejected &&
  report.groups.every(({ coveragePercentage, expected }) => expected === 0 || coveragePercentage >= percent)
