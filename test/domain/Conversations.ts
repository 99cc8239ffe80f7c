/** Conversation records for tests: one with what is told, and sessions of it. */
import { readFileSync } from "node:fs"
import { ConversationRecord, ExpectedEvents } from "@genesys-replay/domain"

const sample = (name: string) => readFileSync(new URL(`samples/${name}`, import.meta.url), "utf8")

/** A conversation as analytics keeps it. */
export const voiceRecord: unknown = JSON.parse(sample("voice-conversation.record.json"))

/** The events of that conversation, one a line. */
export const voiceEvents: ReadonlyArray<string> = sample("voice-conversation.events.ndjson").trimEnd().split("\n")

/** Events of other topics, one a line. */
export const otherEvents: ReadonlyArray<string> = sample("other-topics.events.ndjson").trimEnd().split("\n")

/** A minute of the hour in which these conversations are. */
export const minute = (at: number, second = 0): string =>
  `2025-11-10T10:${String(at).padStart(2, "0")}:${String(second).padStart(2, "0")}.000Z`

/** A segment from one minute to another; null is an end that is open. */
export const segment = (segmentType: string, from: number, to: number | null, more: object = {}) => ({
  segmentType,
  segmentStart: minute(from),
  ...(to === null ? {} : { segmentEnd: minute(to) }),
  conference: false,
  ...more
})

/** A session of a participant of its own. */
export interface SessionCase {
  readonly purpose?: string
  readonly segments: ReadonlyArray<object>
  readonly session?: object
  readonly participant?: object
}

/** A record with these sessions: participant `p-0` has session `s-0`, and so on. */
export const recordOf = (...cases: ReadonlyArray<SessionCase>) => ({
  conversationId: "c-1",
  conversationStart: minute(0),
  participants: cases.map(({ participant, purpose = "agent", segments, session }, index) => ({
    participantId: `p-${index}`,
    purpose,
    ...participant,
    sessions: [{ sessionId: `s-${index}`, mediaType: "voice", ...session, segments }]
  }))
})

/** The record that `value` is. */
export const read = (value: unknown): ConversationRecord.ConversationRecord => {
  const reading = ConversationRecord.read(value)
  if (reading._tag === "Record") return reading.record
  throw new Error(reading.reason)
}

/** What the record makes one expect, short: `user.start 10:01:00`, with the reason where it is not judged. */
export const expected = (value: unknown): ReadonlyArray<string> =>
  ExpectedEvents.of(read(value)).map(({ atMs, notJudged, topic }) => {
    const at = atMs === null ? "?" : new Date(atMs).toISOString().slice(11, 19)
    return `${topic} ${at}${notJudged === null ? "" : ` (${notJudged})`}`
  })
