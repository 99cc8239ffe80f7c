/** Events in the shape of real ones, every value invented. */
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

/** An envelope around an event of Genesys; each call makes another id. */
export const event = ({
  body,
  conversationId = "c-1",
  envelope,
  eventTime = dayMs,
  topic = "acd.start"
}: RealEvent = {}) => ({
  version: "0",
  id: "9c1726bc-0cab-4e0c-b015-eb969819e59f",
  "detail-type": `v2.detail.events.conversation.{id}.${topic}`,
  source: "aws.partner/genesys.com/cloud/50a74cff-026f-4c84-aa8f-f5f8d837115f/contact-events",
  account: "123456789012",
  time: "2025-11-10T00:00:00Z",
  region: "us-east-1",
  resources: [],
  detail: {
    topicName: `v2.detail.events.conversation.${conversationId}.${topic}`,
    version: "2",
    eventBody: { eventTime, conversationId, mediaType: "VOICE", ...body },
    metadata: { CorrelationId: "bcde15a0-e028-4275-ac9b-bfdee99c648c" },
    timestamp: "2025-11-10T00:00:00.300Z"
  },
  ...envelope
})

/** Records as a source of lines; what is no text is written as JSON. */
export const source = (name: string, records: ReadonlyArray<unknown>): LogSource.LogSource =>
  LogSource.bytes(
    name,
    Stream.make(
      Buffer.from(records.map((record) => `${typeof record === "string" ? record : JSON.stringify(record)}\n`).join(""))
    )
  )
