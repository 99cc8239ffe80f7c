/**
 * Topics that are known by name, to tell mistyped ones by. Genesys Cloud has more: those that an organization is offered stand
 * in its own catalogue (`GET /api/v2/notifications/availabletopics`).
 */
import { Option } from "effect"
import * as NearestKey from "./NearestKey.js"

const conversationEvents = [
  ...[
    "acd.start",
    "acd.end",
    "acw",
    "attributes",
    "contact",
    "customer.start",
    "customer.end",
    "flow.start",
    "flow.end"
  ],
  ...["flow.outcome", "outbound", "user.start", "user.end", "voicemail.start", "voicemail.end", "wrapup"]
]

/** Notification topics that are known to come over EventBridge, and the event types of the Event Streams API's own examples. */
export const topics: ReadonlyArray<string> = [
  ...conversationEvents.map((event) => `v2.detail.events.conversation.{id}.${event}`),
  "v2.detail.events.agent.{id}.state",
  "v2.audits.entitytype.{id}.entityid.{id}",
  "v2.users.{id}.presence",
  "v2.users.{id}.routingStatus",
  "v2.users.{id}.activity",
  "v2.users.{id}.conversationsummary",
  "v2.conversations.{id}.transcription",
  "v2.operations.events.{id}",
  "v2.analytics.conversation.{id}.metrics",
  "v2.analytics.queues.{id}.observations",
  "v2.analytics.flow.{id}.aggregates",
  "genesys.conversations.message",
  "genesys.conversations.call"
]

const isWildcard = (segment: string): boolean => segment === "*" || /^\{.*\}$/.test(segment)

const stands = (asked: ReadonlyArray<string>, known: ReadonlyArray<string>): boolean => {
  const open = asked.at(-1) === "*"
  if (open ? known.length < asked.length : known.length !== asked.length) return false
  return asked.every((segment, index) => {
    const counterpart = known[index] ?? ""
    return isWildcard(segment) || isWildcard(counterpart) || segment === counterpart
  })
}

/**
 * Those of `asked` that a catalogue with the topics `known` does not have. An id stands for the catalogue's `{id}`, as does a `*`;
 * a `*` at the end stands for all that follows.
 */
export const unknown = <Topic extends string>(
  asked: ReadonlyArray<Topic>,
  known: ReadonlyArray<string>
): ReadonlyArray<Topic> => {
  // Most are written as the catalogue has them.
  const others = asked.filter((topic) => !known.includes(topic))
  if (others.length === 0) return []
  const segments = known.map((topic) => topic.split("."))
  return others.filter((topic) => !segments.some((one) => stands(topic.split("."), one)))
}

const isId = (segment: string): boolean =>
  isWildcard(segment) || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(segment)

/** How many letters of `asked` are other than in `known`; ids count for nothing, also where one is left out. */
const edits = (asked: ReadonlyArray<string>, known: ReadonlyArray<string>): number => {
  if (asked.at(-1) === "*") return edits(asked.slice(0, -1), known.slice(0, asked.length - 1))
  if (asked.length === known.length) {
    return asked.reduce((sum, segment, index) => {
      const counterpart = known[index] ?? ""
      return sum + (isWildcard(segment) || isWildcard(counterpart) ? 0 : NearestKey.distance(segment, counterpart))
    }, 0)
  }
  const words = (segments: ReadonlyArray<string>) => segments.filter((segment) => !isId(segment)).join(".")
  return NearestKey.distance(words(asked), words(known))
}

const fewest = 2

/** The known topic that one was probably meant to be: not more than two letters are other. */
export const nearest = (asked: string, known: ReadonlyArray<string>): Option.Option<string> => {
  const segments = asked.split(".")
  let best: { readonly topic: string; readonly edits: number } | undefined
  for (const topic of known) {
    if (segments[0] !== topic.split(".", 1)[0]) continue
    const count = edits(segments, topic.split("."))
    if (count <= fewest && (best === undefined || count < best.edits)) best = { topic, edits: count }
  }
  return Option.map(Option.fromNullable(best), ({ topic }) => topic)
}
