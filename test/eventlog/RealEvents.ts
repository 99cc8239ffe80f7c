/** Events in the shape of real ones, every value invented. */
import { ConversationTopic } from "@genesys-replay/domain"
import { SampleEvent } from "@genesys-replay/domain/testing"
import { LogSource } from "@genesys-replay/eventlog"
import { Stream } from "effect"

export interface RealEvent {
  readonly topic?: string
  readonly conversationId?: string
  /** Milliseconds since 1970. */
  readonly eventTime?: unknown
  readonly body?: Record<string, unknown>
  readonly envelope?: Record<string, unknown>
}

/** A day on which nothing else happened. */
export const dayMs = 1_762_732_800_000

/** An event of a conversation, which may say of itself what it likes. */
export const event = ({
  body,
  conversationId = "c-1",
  envelope,
  eventTime = dayMs,
  topic = "acd.start"
}: RealEvent = {}) => {
  const eventBody = { eventTime, conversationId, mediaType: "VOICE", ...body }
  const made = SampleEvent.make({
    topic: `${ConversationTopic.prefix}${topic}`,
    ids: [conversationId],
    atMs: dayMs,
    body: eventBody
  })
  return { ...made, detail: { ...made.detail, eventBody }, ...envelope }
}

/** Records as a source of lines; what is no text is written as JSON. */
export const source = (name: string, records: ReadonlyArray<unknown>): LogSource.LogSource =>
  LogSource.bytes(
    name,
    Stream.make(
      Buffer.from(records.map((record) => `${typeof record === "string" ? record : JSON.stringify(record)}\n`).join(""))
    )
  )
