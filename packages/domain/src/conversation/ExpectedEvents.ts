/**
 * Which events a conversation record makes one expect: the table, row by row, and what of it can be judged.
 *
 * No vendor publishes such a table. Each row says how certain it is and where that comes from. Loads nothing, so that threads which read
 * records may use it.
 */
import * as TopicMatch from "../value/TopicMatch.js"
import type { ConversationRecord, Participant, Segment, Session } from "./ConversationRecord.js"
import { type ConversationTopic, detailType } from "./ConversationTopic.js"

/** `seen` in captures or schemas that others published; `said` by a vendor's or an integrator's documentation; `derived` from schemas. */
export type Certainty = "seen" | "said" | "derived"

/** Why an event is not judged: whether it came or not proves nothing. */
export const reasons = [
  "a supervisor listens in",
  "a conference",
  "an external participant",
  "co-browsing or screen sharing",
  "the record has no id for it",
  "the record has no time for it",
  "a date in the record cannot be read",
  "the record says that it goes on",
  "a flow in a queue",
  "when it is sent is not known",
  "its class of sessions does not always have it",
  "its class of sessions was not seen when calibrating",
  "no record tells of this topic"
] as const

/** One of {@link reasons}. */
export type NotJudged = (typeof reasons)[number]

/** An event that a session makes one expect, once. Its key is topic, conversation, participant, session and flow outcome. */
export interface ExpectedEvent {
  readonly topic: ConversationTopic
  /** For `flow.outcome`; null for all others. */
  readonly flowOutcomeId: string | null
  /** When, in milliseconds since 1970; null where the record does not tell. */
  readonly atMs: number | null
  /** Null where it is judged. */
  readonly notJudged: NotJudged | null
}

/** When something is expected, or why the record does not tell. */
type When = { readonly atMs: number; readonly notJudged: null } | { readonly atMs: null; readonly notJudged: NotJudged }

const at = (atMs: number): When => ({ atMs, notJudged: null })
const unknown = (notJudged: NotJudged): When => ({ atMs: null, notJudged })

const timeless = unknown("the record has no time for it")
const unreadable = unknown("a date in the record cannot be read")
const open = unknown("the record says that it goes on")

type Moment = (segments: ReadonlyArray<Segment>) => When

const isWrapup = ({ segmentType }: Segment): boolean => segmentType === "wrapup"

const firstStart: Moment = (segments) => {
  let first = Number.POSITIVE_INFINITY
  for (const { hasUnreadableDate, startMs } of segments) {
    if (hasUnreadableDate) return unreadable
    if (startMs !== null && startMs < first) first = startMs
  }
  return first === Number.POSITIVE_INFINITY ? timeless : at(first)
}

/** The last end, when every segment has ended. */
const lastEnd: Moment = (segments) => {
  let last = Number.NEGATIVE_INFINITY
  for (const { endMs, hasUnreadableDate } of segments) {
    if (hasUnreadableDate) return unreadable
    if (endMs === null) return open
    if (endMs > last) last = endMs
  }
  return last === Number.NEGATIVE_INFINITY ? timeless : at(last)
}

const withoutWrapup = (segments: ReadonlyArray<Segment>): ReadonlyArray<Segment> =>
  segments.some(isWrapup) ? segments.filter((segment) => !isWrapup(segment)) : segments

const voicemailOf = (segments: ReadonlyArray<Segment>): ReadonlyArray<Segment> => {
  const own = segments.filter(({ segmentType }) => segmentType === "voicemail")
  return own.length === 0 ? segments : own
}

/** A row of the table. */
export interface Row {
  readonly topic: ConversationTopic
  /** What makes one expect it, once. */
  readonly once: string
  /** When it is expected. */
  readonly at: string
  readonly certainty: Certainty
  readonly source: string
  /** Whether a session makes one expect it. */
  readonly applies: (participant: Participant, session: Session) => boolean
  /** When a session to which it applies makes one expect it. */
  readonly when: Moment
  /** Why it is not judged unless calibration says that it always comes; null where it is judged, and what depends on the session. */
  readonly uncertain: NotJudged | ((participant: Participant) => NotJudged | null) | null
}

const ofPurpose =
  (...purposes: ReadonlyArray<string>): Row["applies"] =>
  ({ purpose }) =>
    purposes.includes(purpose)

const hasFlow: Row["applies"] = (_, { outcomes }) => outcomes !== null
const inQueue = ({ purpose }: Participant): NotJudged | null => (purpose === "acd" ? "a flow in a queue" : null)

const hasVoicemail: Row["applies"] = ({ purpose }, { segments }) =>
  purpose === "voicemail" || segments.some(({ segmentType }) => segmentType === "voicemail")

const integrator = "an integrator's description of the events"
const names = "the names of the topics and the fields of their schemas"

/** The table. */
export const table: ReadonlyArray<Row> = [
  {
    topic: "customer.start",
    once: "each session of purpose customer",
    at: "first segmentStart",
    certainty: "said",
    source: integrator,
    applies: ofPurpose("customer"),
    when: firstStart,
    uncertain: null
  },
  {
    topic: "customer.end",
    once: "each session of purpose customer of which every segment has ended",
    at: "last segmentEnd",
    certainty: "said",
    source: integrator,
    applies: ofPurpose("customer"),
    when: lastEnd,
    uncertain: null
  },
  {
    topic: "acd.start",
    once: "each session of purpose acd: again for each queue transfer",
    at: "first segmentStart",
    certainty: "derived",
    source: names,
    applies: ofPurpose("acd"),
    when: firstStart,
    uncertain: null
  },
  {
    topic: "acd.end",
    once: "each session of purpose acd of which every segment has ended",
    at: "last segmentEnd",
    certainty: "derived",
    source: names,
    applies: ofPurpose("acd"),
    when: lastEnd,
    uncertain: null
  },
  {
    topic: "user.start",
    once: "each session of purpose agent or user, also one that only rang",
    at: "first segmentStart",
    certainty: "said",
    source: "the vendor's description of the topic",
    applies: ofPurpose("agent", "user"),
    when: firstStart,
    uncertain: null
  },
  {
    topic: "user.end",
    once: "each session of purpose agent or user that has ended, also by a refusal, no answer or a transfer",
    at: "end of the last segment that is no wrapup",
    certainty: "said",
    source: "the vendor's description of the topic",
    applies: ofPurpose("agent", "user"),
    when: (segments) => lastEnd(withoutWrapup(segments)),
    uncertain: null
  },
  {
    topic: "acw",
    once: "each session of purpose agent with a wrapup segment that has ended",
    at: "its segmentEnd",
    certainty: "said",
    source: "the vendor's description of the topic",
    applies: ({ purpose }, { segments }) => purpose === "agent" && segments.some(isWrapup),
    when: (segments) => lastEnd(segments.filter(isWrapup)),
    uncertain: null
  },
  {
    topic: "flow.start",
    once: "each session with a flow, but of purpose acd",
    at: "first segmentStart",
    certainty: "derived",
    source: names,
    applies: hasFlow,
    when: firstStart,
    uncertain: inQueue
  },
  {
    topic: "flow.end",
    once: "each session with a flow, but of purpose acd, of which every segment has ended",
    at: "last segmentEnd",
    certainty: "derived",
    source: names,
    applies: hasFlow,
    when: lastEnd,
    uncertain: inQueue
  },
  {
    topic: "outbound",
    once: "each session with outboundCampaignId or outboundContactId",
    at: "not known",
    certainty: "derived",
    source: names,
    applies: (_, { isOutbound }) => isOutbound,
    when: firstStart,
    uncertain: "when it is sent is not known"
  },
  {
    topic: "voicemail.start",
    once: "each session of purpose voicemail, or with a segment of type voicemail",
    at: "its segmentStart",
    certainty: "derived",
    source: names,
    applies: hasVoicemail,
    when: (segments) => firstStart(voicemailOf(segments)),
    uncertain: null
  },
  {
    topic: "voicemail.end",
    once: "each session of purpose voicemail, or with a segment of type voicemail, that has ended",
    at: "its segmentEnd",
    certainty: "derived",
    source: names,
    applies: hasVoicemail,
    when: (segments) => lastEnd(voicemailOf(segments)),
    uncertain: null
  }
]

/** The row beside the table that goes by the outcomes of a flow and not by segments. */
export const outcomeRow = {
  topic: "flow.outcome",
  once: "each element of flow.outcomes",
  at: "its end timestamp; the event is made later, 89 s later in one that was seen",
  certainty: "derived",
  source: "names of the ids in both schemas"
} as const

/** The topics that no record tells of. */
export const notDerivable: ReadonlyArray<ConversationTopic> = ["attributes", "contact", "wrapup"]

const judgedTopics: ReadonlyArray<string> = [
  ...table.flatMap(({ topic, uncertain }) => (typeof uncertain === "string" ? [] : [detailType(topic)])),
  detailType(outcomeRow.topic)
]

/** Whether a record can say, without calibration, of any topic that `pattern` stands for that an event must have come. */
export const isJudged = (pattern: string): boolean => judgedTopics.some((topic) => TopicMatch.matches(pattern, topic))

const supervision = ["barging", "coaching", "monitoring", "screenmonitoring"]

/** Why nothing of a session is judged; null where it is. */
export const sessionNotJudged = (
  participant: Participant,
  { mediaType, segments, sessionId }: Session
): NotJudged | null => {
  if (participant.participantId === null || sessionId === null) return "the record has no id for it"
  if (participant.purpose === "external") return "an external participant"
  if (mediaType === "cobrowse" || mediaType === "screenshare") return "co-browsing or screen sharing"
  for (const { isConference, segmentType } of segments) {
    if (supervision.includes(segmentType)) return "a supervisor listens in"
    if (isConference) return "a conference"
  }
  return null
}

/** Whether what is not judged for this reason is judged where calibration says that it always comes. */
export const isCalibratable = (reason: NotJudged): boolean =>
  reason === "a flow in a queue" || reason === "when it is sent is not known"

const outcomesOf = (session: Session, whole: NotJudged | null): ReadonlyArray<ExpectedEvent> => {
  const { topic } = outcomeRow
  const found = new Map<string | null, ExpectedEvent>()
  for (const { endMs, flowOutcomeId, hasUnreadableDate } of session.outcomes ?? []) {
    const when = hasUnreadableDate ? unreadable : endMs === null ? open : at(endMs)
    const own = flowOutcomeId === null ? "the record has no id for it" : when.notJudged
    found.set(flowOutcomeId, { topic, flowOutcomeId, atMs: when.atMs, notJudged: whole ?? own })
  }
  return [...found.values()]
}

/** What one session makes one expect. */
export const ofSession = (participant: Participant, session: Session): ReadonlyArray<ExpectedEvent> => {
  const whole = sessionNotJudged(participant, session)
  const expected: Array<ExpectedEvent> = []
  for (const { applies, topic, uncertain, when } of table) {
    if (!applies(participant, session)) continue
    const { atMs, notJudged } = when(session.segments)
    const row = typeof uncertain === "function" ? uncertain(participant) : uncertain
    expected.push({ topic, flowOutcomeId: null, atMs, notJudged: whole ?? notJudged ?? row })
  }
  return session.outcomes === null ? expected : [...expected, ...outcomesOf(session, whole)]
}

/** An expected event and whose it is. */
export interface Located extends ExpectedEvent {
  readonly participantId: string | null
  readonly sessionId: string | null
}

/** What a whole record makes one expect. */
export const of = ({ participants }: ConversationRecord): ReadonlyArray<Located> =>
  participants.flatMap((participant) =>
    participant.sessions.flatMap((session) =>
      ofSession(participant, session).map((expected) => ({
        ...expected,
        participantId: participant.participantId,
        sessionId: session.sessionId
      }))
    )
  )
