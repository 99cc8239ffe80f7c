/** Which events are meant: of some topics, of some conversations, of some time. Loads nothing, so that threads which read events may use it. */
import * as TopicMatch from "../value/TopicMatch.js"
import { inside, isEvent } from "./EventEnvelope.js"
import { valueAt } from "./EventIdentity.js"
import * as EventTime from "./EventTime.js"

/** What is left out leaves nothing out. */
export interface EventSelection {
  /**
   * Patterns over topics: one of them stands for the event's `detail-type`, where ids are written `{id}`, or for its `detail.topicName`,
   * where they are spelt out.
   */
  readonly topics?: ReadonlyArray<string> | undefined
  /** Ids: the event's `conversationId`, or a segment of its `detail.topicName`, is one of them. */
  readonly conversations?: ReadonlyArray<string> | undefined
  /** Event times from here on, in milliseconds since 1970. */
  readonly startMs?: number | undefined
  /** Event times before this, in milliseconds since 1970. */
  readonly endMs?: number | undefined
}

/** Whether every event is meant. */
export const isAll = ({ conversations = [], endMs, startMs, topics = [] }: EventSelection): boolean =>
  topics.length === 0 && conversations.length === 0 && startMs === undefined && endMs === undefined

const textAt = (event: unknown, ...path: readonly [string, ...ReadonlyArray<string>]): string => {
  const value = valueAt(event, path)
  return typeof value === "string" ? value : ""
}

/** Whether an event is of one of the conversations with these ids: its `conversationId`, or a segment of its `detail.topicName`, says so. */
export const isOfConversation = (conversations: ReadonlyArray<string>, event: unknown): boolean => {
  const ids = [
    textAt(event, "detail", "eventBody", "conversationId"),
    ...textAt(event, "detail", "topicName").split(".")
  ]
  return conversations.some((id) => ids.includes(id))
}

const isMeant = (selection: EventSelection, record: unknown): boolean => {
  const {
    conversations = [],
    endMs = Number.POSITIVE_INFINITY,
    startMs = Number.NEGATIVE_INFINITY,
    topics = []
  } = selection
  const names = [textAt(record, "detail-type"), textAt(record, "detail", "topicName")]
  const isOfTopic = topics.length === 0 || topics.some((topic) => names.some((name) => TopicMatch.matches(topic, name)))
  if (!isOfTopic || (conversations.length > 0 && !isOfConversation(conversations, record))) return false
  if (selection.startMs === undefined && selection.endMs === undefined) return true
  const time = EventTime.of(record)
  return time !== undefined && time >= startMs && time < endMs
}

/**
 * Whether a parsed record is an event that is meant, or wraps one. Where a time is asked for, an event without one is not meant; where all are
 * meant, anything is, also what is no event.
 */
export const includes = (selection: EventSelection, record: unknown): boolean => {
  if (isAll(selection)) return true
  if (isEvent(record)) return isMeant(selection, record)
  return inside(record).some((one) => one._tag === "Event" && isMeant(selection, one.event))
}
