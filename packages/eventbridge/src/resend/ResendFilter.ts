/** Which events of a capture are sent again. */
import type { TopicPattern } from "@genesys-replay/domain"
import * as TopicMatch from "@genesys-replay/domain/TopicMatch"
import { DateTime } from "effect"
import type { IdentitySet } from "./IdentitySet.js"
import type { ResendEvent } from "./ResendEvent.js"

/** What an event has to be; what is not given lets every event pass. */
export interface ResendFilter {
  /** One of these, by its `detail-type` or by its topic with the ids in it. */
  readonly topics?: ReadonlyArray<TopicPattern.TopicPattern> | undefined
  /** By event time: not before it. */
  readonly start?: DateTime.Utc | undefined
  /** By event time: before it. */
  readonly end?: DateTime.Utc | undefined
  readonly conversations?: ReadonlyArray<string> | undefined
  /** Events of these ids, and no others. */
  readonly only?: IdentitySet | undefined
}

/** Whether events have to say when they happened. */
export const needsTime = ({ end, start }: ResendFilter): boolean => start !== undefined || end !== undefined

/** The filter as a function. An event without a time is of no stretch of time. */
export const make = (filter: ResendFilter): ((event: ResendEvent) => boolean) => {
  const { conversations, end, only, start, topics = [] } = filter
  const named = conversations === undefined || conversations.length === 0 ? undefined : new Set(conversations)
  const fromMs = start === undefined ? Number.NEGATIVE_INFINITY : DateTime.toEpochMillis(start)
  const toMs = end === undefined ? Number.POSITIVE_INFINITY : DateTime.toEpochMillis(end)
  const timed = needsTime(filter)
  // There are few topics, and many events of each.
  const known = new Map<string, boolean>()
  const matches = (topic: string): boolean => {
    const found = known.get(topic)
    if (found !== undefined) return found
    const answer = topics.some((pattern) => TopicMatch.matches(pattern, topic))
    known.set(topic, answer)
    return answer
  }
  const isOfTopics = ({ topic, topicName }: ResendEvent): boolean =>
    topics.length === 0 ||
    matches(topic) ||
    (topicName !== undefined && topics.some((pattern) => TopicMatch.matches(pattern, topicName)))
  return (event) =>
    isOfTopics(event) &&
    (!timed || (event.timeMs !== undefined && event.timeMs >= fromMs && event.timeMs < toMs)) &&
    (named === undefined || (event.conversationId !== undefined && named.has(event.conversationId))) &&
    (only === undefined || only.has(event.id))
}
