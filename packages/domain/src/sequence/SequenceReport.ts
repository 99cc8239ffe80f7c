/** What verification says of one sequence: complete, or what is missing, where and between which times. */
import { Schema } from "effect"
import { Count } from "../value/Count.js"
import { SequenceIndex } from "../value/SequenceIndex.js"

/** The indices that should have come; `inferred` where nobody said so and the smallest and largest index seen stand in. */
export const ExpectedRange = Schema.Struct({
  start: SequenceIndex,
  end: SequenceIndex,
  inferred: Schema.Boolean
}).annotations({ identifier: "ExpectedRange" })

/** See {@link ExpectedRange}. */
export interface ExpectedRange extends Schema.Schema.Type<typeof ExpectedRange> {}

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
export interface MissingRange extends Schema.Schema.Type<typeof MissingRange> {}

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
export interface GroupReport extends Schema.Schema.Type<typeof GroupReport> {}

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
export interface RejectedRecord extends Schema.Schema.Type<typeof RejectedRecord> {}

/** A source of which nothing was read, or not all: what it holds may be missing from the report. */
export const UnreadSource = Schema.Struct({
  /** The path, or `-` for standard input. */
  source: Schema.String,
  reason: Schema.String,
  /** How much had been read of it. */
  bytesRead: Count
}).annotations({ identifier: "UnreadSource" })

/** See {@link UnreadSource}. */
export interface UnreadSource extends Schema.Schema.Type<typeof UnreadSource> {}

/** A file that a directory or an archive has and that was not looked into, as nothing about it says that it holds events. */
export const LeftOutSource = Schema.Struct({ source: Schema.String, reason: Schema.String }).annotations({
  identifier: "LeftOutSource"
})

/** See {@link LeftOutSource}. */
export interface LeftOutSource extends Schema.Schema.Type<typeof LeftOutSource> {}

/** Events that were not records of their own but taken out of something around them. */
export const UnwrappedEvents = Schema.Struct({
  /** What they stood in: the path of keys, `[]` for the elements of an array: `Messages[].Body`; see `EventEnvelope`. */
  wrapping: Schema.String,
  events: Count
}).annotations({ identifier: "UnwrappedEvents" })

/** See {@link UnwrappedEvents}. */
export interface UnwrappedEvents extends Schema.Schema.Type<typeof UnwrappedEvents> {}

/**
 * What a report comes to. `complete`: everything that should have come did. `incomplete`: something is missing. `not proven`: nothing is
 * known to be missing, and yet it may be; see {@link verdictOf}.
 */
export const Verdict = Schema.Literal("complete", "incomplete", "not proven").annotations({ identifier: "Verdict" })

/** See {@link Verdict}. */
export type Verdict = typeof Verdict.Type

/** The answer of `verify`: every group, and what was not counted. {@link make} makes one. */
export const CompletenessReport = Schema.Struct({
  verdict: Verdict,
  /** Whether every group is contiguous, and there is one. Without a look at what was not counted: that is for the verdict. */
  isContiguous: Schema.Boolean,
  groups: Schema.Array(GroupReport),
  rejected: Schema.Struct({ count: Count, first: Schema.Array(RejectedRecord) }),
  /** So many rejected records do not weaken the verdict. */
  allowedRejected: Count,
  unread: Schema.Array(UnreadSource),
  leftOut: Schema.Struct({ count: Count, first: Schema.Array(LeftOutSource) }),
  unwrapped: Schema.Array(UnwrappedEvents)
}).annotations({ identifier: "CompletenessReport" })

/** See {@link CompletenessReport}. */
export interface CompletenessReport extends Schema.Schema.Type<typeof CompletenessReport> {}

/** What a report is made of. What is left out is nothing. */
export interface Measured {
  readonly groups: ReadonlyArray<GroupReport>
  readonly rejected?: CompletenessReport["rejected"] | undefined
  /** So many rejected records do not weaken the verdict, 0 by default: for who knows that they are no events. */
  readonly allowRejected?: number | undefined
  readonly unread?: ReadonlyArray<UnreadSource> | undefined
  readonly leftOut?: CompletenessReport["leftOut"] | undefined
  readonly unwrapped?: CompletenessReport["unwrapped"] | undefined
}

/** What of a log was not counted. */
type NotCounted = Pick<CompletenessReport, "rejected" | "allowedRejected" | "unread">

const isDoubtful = ({ allowedRejected, rejected, unread }: NotCounted): boolean =>
  unread.length > 0 || rejected.count > allowedRejected

/**
 * The verdict on one group. Where its bounds were given and every index between them came, it is complete, whatever else there was. Where
 * they are inferred, the record that was rejected, or the source that was not read, may hold what lies beyond them.
 */
export const verdictOf = (group: GroupReport, notCounted: NotCounted): Verdict => {
  if (!group.isContiguous) return "incomplete"
  return group.expected?.inferred === true && isDoubtful(notCounted) ? "not proven" : "complete"
}

const verdict = (groups: ReadonlyArray<GroupReport>, notCounted: NotCounted): Verdict => {
  const verdicts = new Set(groups.map((group) => verdictOf(group, notCounted)))
  if (verdicts.has("incomplete")) return "incomplete"
  // A source that was not read may hold groups that nobody has seen.
  return verdicts.size === 0 || verdicts.has("not proven") || notCounted.unread.length > 0 ? "not proven" : "complete"
}

/** The report, with the verdict that follows from the rest. */
export const make = ({ allowRejected, groups, leftOut, rejected, unread, unwrapped }: Measured): CompletenessReport => {
  const notCounted = {
    rejected: rejected ?? { count: 0, first: [] },
    allowedRejected: allowRejected ?? 0,
    unread: unread ?? []
  }
  return {
    verdict: verdict(groups, notCounted),
    isContiguous: groups.length > 0 && groups.every((group) => group.isContiguous),
    groups,
    ...notCounted,
    leftOut: leftOut ?? { count: 0, first: [] },
    unwrapped: unwrapped ?? []
  }
}

/**
 * Whether at least so many percent of every group came, and that is certain: everything was read, and where records were rejected the
 * bounds were given.
 */
export const covers = (report: CompletenessReport, percent: number): boolean =>
  report.groups.length > 0 &&
  report.unread.length === 0 &&
  report.groups.every(
    (group) => group.coveragePercentage >= percent && (group.expected?.inferred !== true || !isDoubtful(report))
  )
