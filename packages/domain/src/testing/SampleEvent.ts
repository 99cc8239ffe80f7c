/**
 * Events as the EventBridge integration of Genesys Cloud delivers them, for tests: the shape is that of real ones, every value is invented.
 * The same content makes the same event, its ids included.
 */
import { DateTime, Hash } from "effect"
import * as ConversationTopic from "../conversation/ConversationTopic.js"

/** An event in EventBridge's envelope. */
export interface SampleEvent {
  readonly version: "0"
  readonly id: string
  readonly "detail-type": string
  readonly source: string
  readonly account: string
  /** `detail.timestamp` in whole seconds. */
  readonly time: string
  readonly region: string
  /** Only of what a replay delivers. */
  readonly "replay-name"?: string
  readonly resources: ReadonlyArray<string>
  readonly detail: {
    readonly topicName: string
    readonly version: "2"
    readonly eventBody: Readonly<Record<string, unknown>>
    readonly metadata: { readonly CorrelationId: string }
    readonly timestamp: string
    /** Only of what a replay of Event Streams delivers. */
    readonly sequenceIndex?: number
  }
}

/** What an event is made of. */
export interface Content {
  /** The topic, as `detail-type` has it: `v2.users.{id}.presence`. */
  readonly topic: string
  /** What stands in the place of each `{id}`. */
  readonly ids: ReadonlyArray<string>
  /** When it happened, in milliseconds since 1970. */
  readonly atMs: number
  readonly body: Readonly<Record<string, unknown>>
}

/** The organization of the events. */
export const organizationId = "93e9cf39-c1e7-4e02-8b3b-7a3a08a7ad0c"

// How long after it happened an event is made.
const delayMs = 300

/** Text in the form of a UUID, the same for the same text. */
export const idOf = (text: string): string => {
  const digits = [0, 1, 2, 3]
    .map((salt) => (Hash.string(`${salt}${text}`) >>> 0).toString(16).padStart(8, "0"))
    .join("")
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")
}

/** The instant as ISO 8601 in UTC, to the millisecond. */
export const isoOf = (atMs: number): string => DateTime.formatIso(DateTime.unsafeMake(atMs))

/** The event that the integration delivers. */
export const make = ({ atMs, body, ids, topic }: Content): SampleEvent => {
  const left = [...ids]
  const topicName = topic.replaceAll("{id}", () => left.shift() ?? "{id}")
  const timestamp = isoOf(atMs + delayMs)
  const text = JSON.stringify([topicName, atMs, body])
  return {
    version: "0",
    id: idOf(text),
    "detail-type": topic,
    source: `aws.partner/genesys.com/cloud/${organizationId}/contact-events`,
    account: "123456789012",
    time: `${timestamp.slice(0, 19)}Z`,
    region: "us-east-1",
    resources: [],
    detail: {
      topicName,
      version: "2",
      eventBody: body,
      metadata: { CorrelationId: idOf(`correlation ${text}`) },
      timestamp
    }
  }
}

/** An event of a conversation: `acd.start`. `body` holds what it has beside its time and the conversation's id. */
export const ofConversation = (
  topic: ConversationTopic.ConversationTopic,
  conversationId: string,
  atMs: number,
  body: Content["body"] = {}
): SampleEvent =>
  make({
    topic: ConversationTopic.detailType(topic),
    ids: [conversationId],
    atMs,
    body: { eventTime: atMs, conversationId, ...body }
  })

/** The presence of a user has changed. Whose, only `topicName` tells. */
export const presence = (userId: string, atMs: number, systemPresence = "AVAILABLE"): SampleEvent =>
  make({
    topic: "v2.users.{id}.presence",
    ids: [userId],
    atMs,
    body: {
      source: "PURECLOUD",
      presenceDefinition: { id: idOf(systemPresence), systemPresence },
      primary: true,
      message: "",
      modifiedDate: isoOf(atMs)
    }
  })

/** An entity was changed: one record of the audit log is one event, and `auditId` is the id of both. */
export const audit = (auditId: string, atMs: number): SampleEvent => {
  const entity = { id: idOf(`entity ${auditId}`), name: "Billing" }
  return make({
    topic: ConversationTopic.auditDetailType,
    ids: ["Queue", entity.id],
    atMs,
    body: {
      id: auditId,
      userId: idOf(`user ${auditId}`),
      userHomeOrgId: organizationId,
      username: { id: "" },
      clientId: { id: idOf(`client ${auditId}`) },
      serviceName: "ContactCenter",
      eventTime: isoOf(atMs),
      action: "Update",
      entityType: "Queue",
      entity,
      propertyChanges: [{ property: "acwTimeoutMs", oldValues: ["30000"], newValues: ["60000"] }]
    }
  })
}

/** The event as a replay of an archive of EventBridge delivers it: with the name of the replay, and no number. */
export const replayed = ({ resources, detail, ...before }: SampleEvent, replayName: string): SampleEvent => ({
  ...before,
  "replay-name": replayName,
  resources,
  detail
})

/** The events as a replay of Event Streams delivers them: numbered from 1. */
export const numbered = (events: ReadonlyArray<SampleEvent>, replayName: string): ReadonlyArray<SampleEvent> =>
  events.map((event, index) => {
    const named = replayed(event, replayName)
    return { ...named, detail: { ...named.detail, sequenceIndex: index + 1 } }
  })

/** The events as a file of captured events has them, one a line. */
export const toNdjson = (events: ReadonlyArray<unknown>): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join("")
