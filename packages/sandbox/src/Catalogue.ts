/** The public topic catalogue, the part of it that a contact centre streams. Source: `GET /api/v2/notifications/availabletopics`. */

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

/** Every topic that the sandbox knows of. */
export const topics: ReadonlyArray<CatalogueTopic> = [
  topic("v2.users.{id}.presence", "Presence of a user"),
  topic("v2.users.{id}.routingStatus", "Routing status of a user"),
  topic("v2.users.{id}.activity", "Presence, routing status and out-of-office of a user"),
  topic("v2.users.{id}.conversations", "Conversations of a user", interactive),
  topic("v2.users.{id}.conversations.calls", "Calls of a user", interactive),
  topic("v2.routing.queues.{id}.users", "Members of a queue"),
  topic("v2.routing.queues.{id}.conversations", "Conversations of a queue", interactive),
  topic("v2.routing.queues.{id}.conversations.messages", "Messages of a queue", interactive),
  topic("v2.analytics.queues.{id}.observations", "Observations of a queue", interactive),
  topic("v2.conversations.{id}.transcription", "Transcription of a conversation"),
  topic("v2.detail.events.conversation.{id}.customer.start", "A customer joined a conversation", streamed),
  topic("v2.detail.events.conversation.{id}.customer.end", "A customer left a conversation", streamed),
  topic("v2.detail.events.conversation.{id}.acd.start", "A conversation entered a queue", streamed),
  topic("v2.detail.events.conversation.{id}.acd.end", "A conversation left a queue", streamed),
  topic("v2.detail.events.conversation.{id}.user.start", "An agent joined a conversation", streamed),
  topic("v2.detail.events.conversation.{id}.user.end", "An agent left a conversation", streamed),
  topic("v2.detail.events.conversation.{id}.wrapup", "A conversation was wrapped up", streamed),
  topic("v2.detail.events.conversation.{id}.outbound", "An outbound attempt was made", streamed),
  topic("v2.audits.entitytype.{id}.entityid.{id}", "An entity was changed", streamed),
  topic("v2.operations.events", "Operational events of the organization")
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
