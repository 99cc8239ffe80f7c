/** Which events belong to the topics that were asked for. */
import type { PlatformEvent } from "./PlatformEvent.js"

/** The topic that an event comes under; none where it was not asked for. */
export type TopicFilter = (event: PlatformEvent) => string | undefined

const isWildcard = (segment: string): boolean => segment === "*" || /^\{.*\}$/.test(segment)

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** The names that a notification topic stands for: an id for `{id}` and for `*`, at the end `*` for all that follows. */
const named = (topic: string): RegExp => {
  const segments = topic.split(".")
  const parts = segments.map((segment, place) => {
    if (!isWildcard(segment)) return escaped(segment)
    return segment === "*" && place === segments.length - 1 ? ".+" : "[^.]+"
  })
  return new RegExp(`^${parts.join("\\.")}$`)
}

/**
 * What the topics of the Event Streams API's own names carry here. Genesys has no such topics, so this is the sandbox's choice: the
 * detail events of conversations of a medium, and those of queues.
 */
const ofStreams: { readonly [topic: string]: (event: PlatformEvent) => boolean } = {
  "genesys.conversations.call": ({ eventBody }) => eventBody["mediaType"] === "VOICE",
  "genesys.conversations.message": ({ eventBody }) => eventBody["mediaType"] === "MESSAGE",
  "genesys.conversations.chat": ({ eventBody }) => eventBody["mediaType"] === "CHAT",
  "genesys.conversations.email": ({ eventBody }) => eventBody["mediaType"] === "EMAIL",
  "genesys.routing.queue": ({ topic }) => /\.acd\.(?:start|end)$/.test(topic),
  "genesys.routing.call": ({ eventBody, topic }) =>
    /\.user\.(?:start|end)$/.test(topic) && eventBody["mediaType"] === "VOICE"
}

/**
 * The events of some topics: `v2.users.{id}.presence`, `v2.detail.events.conversation.*`, a topic with an id; and those of the Event
 * Streams API, whose events come under the name that was asked for.
 */
export const of = (topics: ReadonlyArray<string>): TopicFilter => {
  const plain = new Set(topics)
  const tests = topics.map((topic) => {
    const own = ofStreams[topic]
    const name = named(topic)
    return own === undefined
      ? (event: PlatformEvent) => (name.test(event.topicName) ? event.topic : undefined)
      : (event: PlatformEvent) => (own(event) ? topic : undefined)
  })
  return (event) => {
    if (plain.has(event.topic)) return event.topic
    for (const test of tests) {
      const topic = test(event)
      if (topic !== undefined) return topic
    }
    return undefined
  }
}

/** Every event, under its own topic. */
export const all: TopicFilter = ({ topic }) => topic
