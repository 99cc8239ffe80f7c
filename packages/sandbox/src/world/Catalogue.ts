/** The public topic catalogue, the part of it that a contact centre streams. Source: `GET /api/v2/notifications/availabletopics`. */

import { KnownTopics } from "@genesys-replay/domain"

/** A topic and what carries it. */
export interface CatalogueTopic {
  readonly id: string
  readonly description: string
  readonly transports: ReadonlyArray<string>
}

const everywhere = ["All", "Websocket", "EventBridge", "ProcessAutomation"]
const streamed = ["EventBridge"]
const interactive = ["Websocket"]

const topic = (id: string, description: string, transports: ReadonlyArray<string> = everywhere): CatalogueTopic => ({
  id,
  description,
  transports
})

const happened = "Something happened in a conversation"
const conversations = "Conversations of a medium, as the Event Streams API names them"

/** Every topic that the sandbox knows of: no other one is streamed. */
export const topics: ReadonlyArray<CatalogueTopic> = [
  topic("v2.users.{id}.presence", "Presence of a user"),
  topic("v2.users.{id}.routingStatus", "Routing status of a user"),
  topic("v2.users.{id}.activity", "Presence, routing status and out-of-office of a user"),
  topic("v2.users.{id}.conversations", "Conversations of a user", interactive),
  topic("v2.users.{id}.conversations.calls", "Calls of a user", interactive),
  topic("v2.routing.queues.{id}.users", "Members of a queue"),
  topic("v2.routing.queues.{id}.conversations", "Conversations of a queue", interactive),
  topic("v2.routing.queues.{id}.conversations.messages", "Messages of a queue", interactive),
  topic("v2.analytics.queues.{id}.observations", "Observations of a queue"),
  topic("v2.conversations.{id}.transcription", "Transcription of a conversation"),
  ...KnownTopics.topics
    .filter((id) => id.startsWith("v2.detail.events.conversation."))
    .map((id) => topic(id, happened, streamed)),
  topic("v2.detail.events.agent.{id}.state", "State of an agent", streamed),
  topic("v2.audits.entitytype.{id}.entityid.{id}", "An entity was changed", streamed),
  topic("v2.users.{id}.conversationsummary", "Conversations of a user in numbers", streamed),
  topic("v2.analytics.conversation.{id}.metrics", "Metrics of a conversation", streamed),
  topic("v2.analytics.flow.{id}.aggregates", "Aggregates of a flow", streamed),
  topic("v2.operations.events", "Operational events of the organization"),
  topic("v2.operations.events.{id}", "Operational events of one kind"),
  ...["message", "call", "chat", "email", "callback"].map((medium) =>
    topic(`genesys.conversations.${medium}`, conversations, streamed)
  ),
  topic("genesys.routing.queue", "Members of queues", streamed),
  topic("genesys.routing.call", "Calls that are routed", streamed)
]

/** Details that are left out unless they are asked for. */
export type Expansion = "description" | "transports"

/** The catalogue with the details asked for. */
export const listed = (expand: ReadonlySet<string>): ReadonlyArray<Partial<CatalogueTopic>> =>
  topics.map(({ description, id, transports }) => ({
    id,
    ...(expand.has("description" satisfies Expansion) ? { description } : {}),
    ...(expand.has("transports" satisfies Expansion) ? { transports } : {})
  }))

/** Of the Event Streams API only: no topic of the notification catalogue of Genesys. */
const isOfStreams = (id: string): boolean => id.startsWith("genesys.")

const streamable = topics.filter(({ transports }) => transports.includes("EventBridge")).map(({ id }) => id)

/** Those of `asked` that cannot be streamed to EventBridge: the platform has no such topic, or does not offer it there. */
export const unknown = <Topic extends string>(asked: ReadonlyArray<Topic>): ReadonlyArray<Topic> =>
  KnownTopics.unknown(asked, streamable)

/** The topics that the integration with EventBridge can send. */
export const onEventBridge = streamable.filter((id) => !isOfStreams(id))

/** Those of `asked` that never come over the integration with EventBridge. */
export const notOnEventBridge = <Topic extends string>(asked: ReadonlyArray<Topic>): ReadonlyArray<Topic> =>
  KnownTopics.unknown(asked, onEventBridge)
