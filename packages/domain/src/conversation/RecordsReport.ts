/** What measuring captured events against the platform's own records comes to. */
import { Schema } from "effect"
import { MissingRange } from "../identity/BaselineReport.js"
import { LeftOutSource, RejectedRecord, UnreadSource, Verdict } from "../sequence/SequenceReport.js"
import { Count } from "../value/Count.js"
import { Instant } from "../value/Instant.js"
import { reasons } from "./ExpectedEvents.js"
import { Finality } from "./Finality.js"

const NotJudged = Schema.Literal(...reasons).annotations({ identifier: "NotJudgedReason" })

/** The events of one topic. */
export const GroupReport = Schema.Struct({
  /** The `detail-type`. */
  group: Schema.String,
  /** Events that the records make one expect inside the window, and that are judged. */
  expected: Count,
  /** Those of them that came. */
  unique: Count,
  /** `expected − unique`. */
  missing: Count,
  /** Distinct events inside the window that no record makes one expect. */
  unexpected: Count,
  /** What was expected or came, and proves nothing either way. */
  notJudged: Count,
  /** `unique` over `expected`, in percent; two decimals, never 100 while something is missing. */
  coveragePercentage: Schema.Number.pipe(Schema.between(0, 100)),
  /** The stretches with the most missing events, the longest first. */
  missingRanges: Schema.Array(MissingRange)
}).annotations({ identifier: "RecordsGroup" })

/** See {@link GroupReport}. */
export interface GroupReport extends Schema.Schema.Type<typeof GroupReport> {}

/** An event that must have come and did not. */
export const MissingEvent = Schema.Struct({
  topic: Schema.String,
  /** Of an audit, its id. */
  conversationId: Schema.String,
  participantId: Schema.NullOr(Schema.String),
  sessionId: Schema.NullOr(Schema.String),
  flowOutcomeId: Schema.optional(Schema.String),
  expectedAt: Instant
}).annotations({ identifier: "MissingExpectedEvent" })

/** See {@link MissingEvent}. */
export interface MissingEvent extends Schema.Schema.Type<typeof MissingEvent> {}

/** An event of a conversation that lacks some: one line of its story. */
export const ConversationEvent = Schema.Struct({
  topic: Schema.String,
  participantId: Schema.NullOr(Schema.String),
  /** Who that is: `agent`. */
  purpose: Schema.String,
  mediaType: Schema.String,
  sessionId: Schema.NullOr(Schema.String),
  flowOutcomeId: Schema.optional(Schema.String),
  /** Null where the record does not tell. */
  expectedAt: Schema.NullOr(Instant),
  /** When it came, by its own time; null where it did not. */
  at: Schema.NullOr(Instant),
  state: Schema.Literal("came", "missing", "not judged"),
  /** Why it is not judged. */
  reason: Schema.optional(NotJudged)
}).annotations({ identifier: "ConversationEvent" })

/** See {@link ConversationEvent}. */
export interface ConversationEvent extends Schema.Schema.Type<typeof ConversationEvent> {}

/** A conversation that lacks something, with what it has and lacks in order of time. */
export const IncompleteConversation = Schema.Struct({
  conversationId: Schema.String,
  expected: Count,
  missing: Count,
  events: Schema.Array(ConversationEvent)
}).annotations({ identifier: "IncompleteConversation" })

/** See {@link IncompleteConversation}. */
export interface IncompleteConversation extends Schema.Schema.Type<typeof IncompleteConversation> {}

/** Something odd in a record, and whose it is. */
export const RecordFinding = Schema.Struct({
  conversationId: Schema.String,
  path: Schema.String,
  message: Schema.String
}).annotations({ identifier: "ConversationRecordFinding" })

const some = <A, I>(first: Schema.Schema<A, I>) => Schema.Struct({ count: Count, first: Schema.Array(first) })

/** The answer of `reconcile`. */
export const RecordsReport = Schema.Struct({
  /** Whether nothing that was expected is missing. Without a look at what was not read: that is for `completeness`. */
  isComplete: Schema.Boolean,
  /** What it comes to, what was not read considered. */
  completeness: Verdict,
  /** Whether the records can still change. */
  verdict: Finality,
  /** Up to when the platform says that its records are complete. */
  dataAvailableUntil: Schema.NullOr(Instant),
  /** From when on a verdict can be final, if the records are available by then. */
  finalFrom: Instant,
  window: Schema.Struct({ start: Instant, end: Instant }),
  /** Conversations of which a record was read, each once. */
  conversations: Count,
  groups: Schema.Array(GroupReport),
  missing: some(MissingEvent),
  /** How many conversations lack something, and those that lack most. */
  incomplete: some(IncompleteConversation),
  notJudged: Schema.Array(Schema.Struct({ reason: NotJudged, count: Count })),
  /** How many came at another time than the records say, by more than the tolerance. */
  apart: Count,
  /** How many of the missing are expected within the tolerance of an edge of the window, where the capture may just not reach. */
  missingAtEdge: Count,
  /** Events of other topics in the capture. */
  otherEvents: Count,
  /** Records of the capture that are no events. */
  rejected: some(RejectedRecord),
  /** Conversation records that could not be read: what they make one expect is not known. */
  rejectedRecords: some(RejectedRecord),
  /** What could not be read in records that were read all the same. */
  findings: some(RecordFinding),
  unread: Schema.Array(UnreadSource),
  leftOut: some(LeftOutSource)
}).annotations({ identifier: "RecordsReport" })

/** See {@link RecordsReport}. */
export interface RecordsReport extends Schema.Schema.Type<typeof RecordsReport> {}

/**
 * What it comes to: `incomplete` where something is missing; `not proven` where a record or a source was not read, or nothing at all was
 * expected; else `complete`. A record of the capture that is no event changes nothing: all that was expected came beside it.
 */
export const completenessOf = ({
  groups,
  rejectedRecords,
  unread
}: Pick<RecordsReport, "groups" | "rejectedRecords" | "unread">): Verdict => {
  if (groups.some(({ missing }) => missing > 0)) return "incomplete"
  const isDoubtful = unread.length > 0 || rejectedRecords.count > 0
  return isDoubtful || groups.every(({ expected }) => expected === 0) ? "not proven" : "complete"
}
