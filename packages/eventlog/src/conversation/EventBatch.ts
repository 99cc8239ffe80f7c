/** Captured events of conversations and audits as rows of a few words: whose they are, of which topic, and when. Loads no Effect. */
import * as EventTime from "@genesys-replay/domain/EventTime"
import type { Rejection } from "../scan/LogTally.js"
import * as IdWords from "./IdWords.js"
import { JsonScanner, type JsonSink } from "./JsonScanner.js"
import { Rows } from "./Rows.js"
import * as TopicNumber from "./TopicNumber.js"

/**
 * Words of a row: conversation, participant, session and flow outcome of four each; the event time in milliseconds since 1970, as a double,
 * NaN where it says none; the number of its topic; one to spare.
 */
export const eventWords = 20
/** Where in a row of doubles the time stands. */
export const timeAt = 8
/** Where in a row the topic stands. */
export const topicAt = 18

/** The ids of an event that are no UUIDs, and which row it is. */
export interface OddEvent {
  readonly row: number
  readonly ids: readonly [string | null, string | null, string | null, string | null]
}

/** What was found in some of a source. */
export interface EventBatch {
  readonly events: Int32Array<ArrayBuffer>
  readonly odd: ReadonlyArray<OddEvent>
  /** Events of other topics. */
  readonly others: number
  readonly rejectedCount: number
  readonly rejections: ReadonlyArray<Rejection>
}

const textAt = (value: unknown, key: string): string | null => {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined
  return typeof found === "string" && found !== "" ? found : null
}

const fieldsAt = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined

/** Makes rows of the events that its scanner finds. */
export class EventTally implements JsonSink {
  readonly scanner = new JsonScanner(this)
  private readonly rows = new Rows(eventWords)
  private odd: Array<OddEvent> = []
  private others = 0
  private rejections: Array<Rejection> = []
  private rejectedCount = 0

  constructor(private readonly maxRejected: number) {}

  /** See {@link JsonSink}. */
  value(event: unknown): string | undefined {
    if (typeof event !== "object" || event === null || Array.isArray(event)) return "no JSON object"
    const detail = fieldsAt(event, "detail")
    const [detailType, topicName] = [fieldsAt(event, "detail-type"), fieldsAt(detail, "topicName")]
    if (typeof detailType !== "string" && typeof topicName !== "string") return "no event: nothing at detail-type"
    const topic = TopicNumber.ofEvent(detailType, topicName)
    if (topic < 0) {
      this.others++
      return undefined
    }
    const body = fieldsAt(detail, "eventBody")
    const isAudit = topic === TopicNumber.audit
    const conversation = textAt(body, isAudit ? "id" : "conversationId")
    const participant = isAudit ? null : textAt(body, "participantId")
    const session = isAudit ? null : textAt(body, "sessionId")
    const outcome = topic === TopicNumber.flowOutcome ? textAt(body, "flowOutcomeId") : null
    const lacking = this.lacking(topic, conversation, participant, session, outcome)
    if (lacking !== undefined) return `nothing at detail.eventBody.${lacking}`
    this.add(topic, EventTime.of(event) ?? Number.NaN, [conversation, participant, session, outcome])
    return undefined
  }

  /** See {@link JsonSink}. */
  rejected(line: number, byte: number | undefined, reason: string): void {
    this.rejectedCount++
    if (this.rejections.length < this.maxRejected) this.rejections.push({ line, byte, reason })
  }

  /** Rows that wait to be taken. */
  get held(): number {
    return this.rows.count
  }

  /** What was found since the last time. */
  take(): EventBatch {
    const { odd, others, rejectedCount, rejections } = this
    this.odd = []
    this.others = 0
    this.rejections = []
    this.rejectedCount = 0
    return { events: this.rows.take(), odd, others, rejectedCount, rejections }
  }

  private lacking(
    topic: number,
    conversation: string | null,
    participant: string | null,
    session: string | null,
    outcome: string | null
  ): string | undefined {
    if (topic === TopicNumber.audit) return conversation === null ? "id" : undefined
    if (conversation === null) return "conversationId"
    if (!TopicNumber.isDerivable(topic)) return undefined
    if (participant === null) return "participantId"
    if (session === null) return "sessionId"
    return topic === TopicNumber.flowOutcome && outcome === null ? "flowOutcomeId" : undefined
  }

  private add(topic: number, timeMs: number, ids: OddEvent["ids"]): void {
    const row = this.rows.count
    const at = this.rows.add()
    const { words } = this.rows
    let isOdd = false
    for (const [number, id] of ids.entries()) {
      const place = at + number * IdWords.idWords
      if (id === null) IdWords.writeNumber(words, place, 0)
      else if (!IdWords.write(words, place, id)) isOdd = true
    }
    this.rows.doubles[at / 2 + timeAt] = timeMs
    words[at + topicAt] = topic
    if (isOdd) this.odd.push({ row, ids })
  }
}
