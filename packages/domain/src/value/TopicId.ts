/**
 * The identifier of a stream of Genesys Cloud events, as a replay asks for it.
 *
 * Two forms are in use: the event type `genesys.<namespace>.<event-type>`, and the notification topic
 * `v2.…` of the public catalogue (`GET /api/v2/notifications/availabletopics`).
 */
import { Schema } from "effect"

const eventType = /^genesys(?:\.[a-z0-9-]+){2,}$/
const notificationTopic = /^v2(?:\.(?:[A-Za-z0-9_-]+|\{[A-Za-z0-9_-]+\}|\*))+$/

/**
 * A topic: `genesys.conversations.message`, `v2.users.{id}.presence`.
 *
 * - `genesys.` is followed by two or more segments of `a-z0-9-`;
 * - `v2.` is followed by dotted segments, each a word, an id, `{id}` or `*`.
 *
 * Source: the payload rules of the Event Streams API.
 */
export const TopicId = Schema.String.pipe(
  Schema.filter(
    (topic) =>
      eventType.test(topic) ||
      notificationTopic.test(topic) ||
      `not a topic: ${JSON.stringify(topic)}. Write genesys.<namespace>.<event-type> in lower case, or a v2.… notification topic`,
    {
      identifier: "TopicId",
      description: "genesys.<namespace>.<event-type>, or a v2.… notification topic of the public catalogue",
      jsonSchema: { pattern: `${eventType.source}|${notificationTopic.source}` }
    }
  ),
  Schema.brand("TopicId")
)

/** A string that is known to be a topic. */
export type TopicId = typeof TopicId.Type

/**
 * One or more topics, none of them twice: what one window replays.
 *
 * Source: the payload rules of the Event Streams API (`filters.topics`).
 */
export const TopicIds = Schema.NonEmptyArray(TopicId).pipe(
  Schema.filter((topics) => {
    const seen = new Set<string>()
    for (const [index, topic] of topics.entries()) {
      if (seen.has(topic)) return { path: [index], message: `duplicate topic ${topic}: name each topic once` }
      seen.add(topic)
    }
    return true
  })
)

/** See {@link TopicIds}. */
export type TopicIds = typeof TopicIds.Type
