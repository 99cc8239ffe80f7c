/** Conversation records, or audit records, as rows of a few words: what they make one expect, and of whom. Loads no Effect. */
import * as ConversationRecord from "@genesys-replay/domain/ConversationRecord"
import * as ExpectedEvents from "@genesys-replay/domain/ExpectedEvents"
import * as InstantText from "@genesys-replay/domain/InstantText"
import * as SessionClass from "@genesys-replay/domain/SessionClass"
import type { Rejection } from "../scan/LogTally.js"
import { ClassNumbers } from "./ClassNumbers.js"
import * as IdWords from "./IdWords.js"
import { JsonScanner, type JsonSink } from "./JsonScanner.js"
import { Rows } from "./Rows.js"
import * as TopicNumber from "./TopicNumber.js"

/** Words of a conversation: its id; the latest instant that it knows of, as a double; its first session in the batch, and how many it has. */
export const conversationWords = 8
/** Where in a row of doubles the latest instant stands. */
export const latestAt = 2
export const firstSessionAt = 6
export const sessionCountAt = 7

/**
 * Words of a session: conversation, participant and session, as an event has them; the number of its class; why nothing of it is judged, 0
 * where it is, else one more than its place in `ExpectedEvents.reasons`; its first expected event in the batch, and how many it has.
 */
export const sessionWords = 16
export const classAt = 12
export const sessionReasonAt = 13
export const firstExpectedAt = 14
export const expectedCountAt = 15

/**
 * Words of an expected event: the flow outcome; when it is expected, as a double, NaN where that is not known; its topic; why it is not
 * judged, as in sessions.
 */
export const expectedWords = 8
/** Where in a row of doubles the time stands. */
export const atAt = 2
export const topicAt = 6
export const reasonAt = 7

/** An id that is no UUID: in which rows, and where. */
export interface OddId {
  readonly of: "conversation" | "session" | "expected"
  /** Where in the words of all rows. */
  readonly at: number
  readonly id: string
}

/** What was found in some of a source. */
export interface RecordBatch {
  readonly conversations: Int32Array<ArrayBuffer>
  readonly sessions: Int32Array<ArrayBuffer>
  readonly expected: Int32Array<ArrayBuffer>
  readonly odd: ReadonlyArray<OddId>
  readonly classes: ReadonlyArray<SessionClass.SessionClass>
  readonly findingsCount: number
  readonly findings: ReadonlyArray<ConversationRecord.Finding>
  /** Up to when the records are complete, as pages among them say: the earliest of them, in milliseconds; NaN where none says it. */
  readonly availableUntilMs: number
  /** When they were read from the platform, as pages among them say: the earliest of them; NaN where none says it. */
  readonly retrievedAtMs: number
  readonly rejectedCount: number
  readonly rejections: ReadonlyArray<Rejection>
}

/** Which records are read. */
export interface RecordOptions {
  readonly records: "conversations" | "audits"
  readonly maxRejected: number
}

/** So many findings are kept of a batch. */
const mostFindings = 10

const reasonNumbers = new Map<string, number>(ExpectedEvents.reasons.map((reason, at) => [reason, at + 1]))
/** The number of a reason: 0 where it is judged, else one more than its place in `ExpectedEvents.reasons`. */
export const reasonNumber = (reason: ExpectedEvents.NotJudged | null): number =>
  reason === null ? 0 : (reasonNumbers.get(reason) ?? 0)

/** The reason of this number; null where it is judged. */
export const reasonOf = (number: number): ExpectedEvents.NotJudged | null => ExpectedEvents.reasons[number - 1] ?? null

/** Who stands behind an audit; there is but one kind. */
const auditClass: SessionClass.SessionClass = { purpose: "audit", mediaType: "", segmentTypes: [] }

const get = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined

const earliest = (before: number, value: unknown): number => {
  const at = typeof value === "string" ? InstantText.toMs(value) : undefined
  return at === undefined ? before : Number.isNaN(before) ? at : Math.min(before, at)
}

/** Conversation, participant, session. */
type SessionIds = readonly [string, string | null, string | null]

/** Makes rows of the records that its scanner finds, alone or in pages. */
export class RecordTally implements JsonSink {
  readonly scanner = new JsonScanner(this)
  private readonly conversations = new Rows(conversationWords)
  private readonly sessions = new Rows(sessionWords)
  private readonly expected = new Rows(expectedWords)
  private odd: Array<OddId> = []
  private classes = new ClassNumbers()
  private findings: Array<ConversationRecord.Finding> = []
  private findingsCount = 0
  private availableUntilMs = Number.NaN
  private retrievedAtMs = Number.NaN
  private rejections: Array<Rejection> = []
  private rejectedCount = 0

  constructor(private readonly options: RecordOptions) {}

  /** See {@link JsonSink}. A page is an object with a list of records. */
  value(value: unknown, line: number, byte: number | undefined): string | undefined {
    const page = get(value, this.options.records === "audits" ? "entities" : "conversations")
    if (!Array.isArray(page)) return this.one(value)
    this.availableUntilMs = earliest(this.availableUntilMs, get(value, "dataAvailabilityDate"))
    this.retrievedAtMs = earliest(this.retrievedAtMs, get(value, "retrievedAt"))
    for (const record of page) this.record(record, line, byte)
    return undefined
  }

  /** See {@link JsonSink}. */
  rejected(line: number, byte: number | undefined, reason: string): void {
    this.rejectedCount++
    if (this.rejections.length < this.options.maxRejected) this.rejections.push({ line, byte, reason })
  }

  /** Expected events that wait to be taken. */
  get held(): number {
    return this.expected.count
  }

  /** Takes in one record, as it came, or rejects it. */
  record(value: unknown, line: number, byte: number | undefined): void {
    const reason = this.one(value)
    if (reason !== undefined) this.rejected(line, byte, reason)
  }

  /** What was found since the last time. */
  take(): RecordBatch {
    const { availableUntilMs, classes, findings, findingsCount, odd, rejectedCount, rejections, retrievedAtMs } = this
    this.odd = []
    this.classes = new ClassNumbers()
    this.findings = []
    this.findingsCount = 0
    this.availableUntilMs = Number.NaN
    this.retrievedAtMs = Number.NaN
    this.rejections = []
    this.rejectedCount = 0
    return {
      conversations: this.conversations.take(),
      sessions: this.sessions.take(),
      expected: this.expected.take(),
      odd,
      classes: classes.classes,
      findings,
      findingsCount,
      availableUntilMs,
      retrievedAtMs,
      rejectedCount,
      rejections
    }
  }

  /** Takes in one record, or says why it is none. */
  private one(value: unknown): string | undefined {
    if (this.options.records === "audits") return this.audit(value)
    const reading = ConversationRecord.read(value)
    if (reading._tag === "Unreadable") return reading.reason
    this.conversation(reading.record)
    return undefined
  }

  private conversation(record: ConversationRecord.ConversationRecord): void {
    const first = this.sessions.count
    for (const participant of record.participants) {
      for (const session of participant.sessions) {
        const expected = ExpectedEvents.ofSession(participant, session)
        const whole = ExpectedEvents.sessionNotJudged(participant, session)
        // A session that makes one expect nothing is told apart only where what comes of it is not to be judged.
        if (expected.length === 0 && whole === null) continue
        const own = SessionClass.of(participant, session)
        this.session([record.conversationId, participant.participantId, session.sessionId], own, whole, expected)
      }
    }
    this.close(record.conversationId, ConversationRecord.latestMs(record), first)
    this.findingsCount += record.findings.length
    for (const finding of record.findings) {
      if (this.findings.length < mostFindings) this.findings.push(finding)
    }
  }

  private audit(value: unknown): string | undefined {
    const id = get(value, "id")
    if (typeof id !== "string" || id === "") return "no audit record: nothing at id"
    const date = get(value, "eventDate")
    const atMs = typeof date === "string" ? InstantText.toMs(date) : undefined
    const first = this.sessions.count
    const notJudged = atMs === undefined ? "the record has no time for it" : null
    const at = this.startSession([id, null, null], auditClass, null)
    this.expect(TopicNumber.audit, null, atMs ?? null, notJudged)
    this.sessions.words[at + expectedCountAt] = 1
    this.close(id, atMs ?? Number.NEGATIVE_INFINITY, first)
    return undefined
  }

  private close(id: string, latestMs: number, firstSession: number): void {
    const at = this.conversations.add()
    this.writeId("conversation", this.conversations.words, at, id)
    this.conversations.doubles[at / 2 + latestAt] = latestMs
    this.conversations.words[at + firstSessionAt] = firstSession
    this.conversations.words[at + sessionCountAt] = this.sessions.count - firstSession
  }

  private session(
    ids: SessionIds,
    own: SessionClass.SessionClass,
    whole: ExpectedEvents.NotJudged | null,
    expected: ReadonlyArray<ExpectedEvents.ExpectedEvent>
  ): void {
    const at = this.startSession(ids, own, whole)
    for (const { atMs, flowOutcomeId, notJudged, topic } of expected) {
      this.expect(TopicNumber.of(topic), flowOutcomeId, atMs, notJudged)
    }
    this.sessions.words[at + expectedCountAt] = expected.length
  }

  private startSession(
    ids: SessionIds,
    own: SessionClass.SessionClass,
    whole: ExpectedEvents.NotJudged | null
  ): number {
    const at = this.sessions.add()
    const { words } = this.sessions
    for (const [number, id] of ids.entries()) this.writeId("session", words, at + number * IdWords.idWords, id)
    words[at + classAt] = this.classes.of(own)
    words[at + sessionReasonAt] = reasonNumber(whole)
    words[at + firstExpectedAt] = this.expected.count
    return at
  }

  private expect(
    topic: number,
    flowOutcomeId: string | null,
    atMs: number | null,
    notJudged: ExpectedEvents.NotJudged | null
  ): void {
    const at = this.expected.add()
    const { doubles, words } = this.expected
    this.writeId("expected", words, at, flowOutcomeId)
    doubles[at / 2 + atAt] = atMs ?? Number.NaN
    words[at + topicAt] = topic
    words[at + reasonAt] = reasonNumber(notJudged)
  }

  private writeId(of: OddId["of"], words: Int32Array, at: number, id: string | null): void {
    if (id === null) IdWords.writeNumber(words, at, 0)
    else if (!IdWords.write(words, at, id)) this.odd.push({ of, at, id })
  }
}
