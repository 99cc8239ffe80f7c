/**
 * What happens in the organization, from one seed: conversations, and beside them presences and audits. Events and records are made
 * from the same conversations.
 *
 * A world is a pure function of its seed and of time: it has no beginning and no end, and every look at a span of it finds the same.
 * Nothing is kept in memory but what goes on at the instant that is enumerated.
 */
import * as AuditEvent from "./AuditEvent.js"
import { type Conversation, endOf } from "./conversation/Conversation.js"
import * as ConversationKinds from "./conversation/ConversationKinds.js"
import * as DetailEvent from "./conversation/DetailEvent.js"
import type { Organization } from "./Organization.js"
import type { EventBody, PlatformEvent } from "./PlatformEvent.js"
import * as PresenceEvent from "./PresenceEvent.js"
import { SeededRandom } from "./SeededRandom.js"
import type { TopicFilter } from "./TopicFilter.js"
import * as TopicFilters from "./TopicFilter.js"

/** How much happens. */
export interface Rates {
  readonly conversationsPerHour: number
  readonly presencesPerHour: number
  readonly auditsPerHour: number
}

/** A world. */
export interface World {
  readonly organization: Organization
  readonly rates: Rates
}

/** A stretch of time in epoch milliseconds: `from` included, `until` not. */
export interface Span {
  readonly from: number
  readonly until: number
}

const minute = 60_000
const hour = 60 * minute

/** Conversations of one length begin in slots of time; how many in each follows from the rate. */
interface Lengths {
  readonly isLong: boolean
  readonly slotMs: number
  readonly longestMs: number
  readonly share: number
}

/** One conversation of a hundred goes on over hours and days. */
const ordinary: Lengths = {
  isLong: false,
  slotMs: minute,
  longestMs: ConversationKinds.longestMs.ordinary,
  share: 0.99
}
const long: Lengths = { isLong: true, slotMs: hour, longestMs: ConversationKinds.longestMs.long, share: 0.01 }

/** How many of `perHour` fall into a slot: spread evenly, the same in every look. */
const countIn = (perHour: number, slotMs: number, slot: number): number => {
  const rate = (perHour * slotMs) / hour
  return Math.floor((slot + 1) * rate) - Math.floor(slot * rate)
}

const begunIn = ({ organization, rates }: World, lengths: Lengths, slot: number): ReadonlyArray<Conversation> => {
  const count = countIn(rates.conversationsPerHour * lengths.share, lengths.slotMs, slot)
  if (count === 0) return []
  const random = SeededRandom.of(organization.seed, lengths.isLong ? "long conversations" : "conversations", slot)
  const starts = Array.from({ length: count }, () => slot * lengths.slotMs + random.int(0, lengths.slotMs - 1))
  return starts
    .sort((left, right) => left - right)
    .map((startedAt) => ConversationKinds.make(organization, random, startedAt, lengths.isLong))
}

const slotsOf = ({ from, until }: Span, { slotMs }: Lengths): ReadonlyArray<number> => {
  const first = Math.floor(from / slotMs)
  return Array.from({ length: Math.max(0, Math.ceil(until / slotMs) - first) }, (_, place) => first + place)
}

const begun = (world: World, lengths: Lengths, span: Span): ReadonlyArray<Conversation> =>
  slotsOf(span, lengths)
    .flatMap((slot) => begunIn(world, lengths, slot))
    .filter(({ startedAt }) => startedAt >= span.from && startedAt < span.until)

const byStart = (left: Conversation, right: Conversation): number =>
  left.startedAt - right.startedAt || (left.id < right.id ? -1 : 1)

/** The conversations that began in a span, in the order of their beginnings. */
export function* conversations(world: World, { from, until }: Span): Generator<Conversation> {
  for (let at = from; at < until; at = (Math.floor(at / hour) + 1) * hour) {
    const part: Span = { from: at, until: Math.min(until, (Math.floor(at / hour) + 1) * hour) }
    yield* [...begun(world, ordinary, part), ...begun(world, long, part)].sort(byStart)
  }
}

/** When something last happened in a conversation, as far as is known: of what never ends, its beginning. */
const lastActivityOf = ({ participants }: Conversation): number =>
  participants.reduce(
    (latest, { sessions }) =>
      sessions.reduce(
        (later, { segments }) =>
          Math.max(later, endOf(segments) ?? segments.reduce((last, { from }) => Math.max(last, from), later)),
        latest
      ),
    Number.NEGATIVE_INFINITY
  )

/** The conversations with activity in a span, in the order of their beginnings. */
export const active = (world: World, { from, until }: Span): ReadonlyArray<Conversation> =>
  from >= until
    ? []
    : [ordinary, long]
        .flatMap((lengths) => begun(world, lengths, { from: from - lengths.longestMs, until }))
        .filter((conversation) => lastActivityOf(conversation) >= from)
        .sort(byStart)

/** The records of the audit log of what happened in a span, in order. */
export const auditRecords = ({ organization, rates }: World, { from, until }: Span): ReadonlyArray<EventBody> => {
  const first = Math.floor(from / minute)
  return Array.from({ length: Math.max(0, Math.ceil(until / minute) - first) }, (_, place) => first + place)
    .flatMap((at) => AuditEvent.inMinute(organization, at, countIn(rates.auditsPerHour, minute, at)))
    .map((event) => ({ at: AuditEvent.happenedAt(event), record: AuditEvent.recordOf(event) }))
    .filter(({ at }) => at >= from && at < until)
    .sort((left, right) => left.at - right.at)
    .map(({ record }) => record)
}

/** The part of the world that a span is enumerated from; see {@link events}. */
export interface Selection {
  /** Which topics; all unless told. */
  readonly topics?: TopicFilter
  /** Only what begins in every second, third … minute of the world; every one unless told. */
  readonly stride?: number
}

const inOrder = (left: PlatformEvent, right: PlatformEvent): number =>
  left.at - right.at || (left.id < right.id ? -1 : 1)

/**
 * The events that the platform sent in a span, in the order in which it did. Their topic is the one that they come under; see
 * {@link TopicFilter}.
 */
export function* events(world: World, span: Span, selection: Selection = {}): Generator<PlatformEvent> {
  const { from, until } = span
  const { stride = 1, topics = TopicFilters.all } = selection
  const { organization, rates } = world
  const waiting = new Map<number, Array<PlatformEvent>>()

  const take = (events: ReadonlyArray<PlatformEvent>) => {
    for (const event of events) {
      if (event.at < from || event.at >= until) continue
      const topic = topics(event)
      if (topic === undefined) continue
      const at = Math.floor(event.at / minute)
      const together = waiting.get(at)
      const own = topic === event.topic ? event : { ...event, topic }
      if (together === undefined) waiting.set(at, [own])
      else together.push(own)
    }
  }
  const takeBegun = (lengths: Lengths, slot: number) => {
    if (slot % stride !== 0) return
    for (const conversation of begunIn(world, lengths, slot)) {
      if (lastActivityOf(conversation) + DetailEvent.latestMs >= from) {
        take(DetailEvent.ofConversation(organization, conversation))
      }
    }
  }

  const first = Math.floor((from - ordinary.longestMs) / minute)
  for (let slot = Math.floor((from - long.longestMs) / hour); slot * hour < first * minute; slot++)
    takeBegun(long, slot)
  for (let at = first; at * minute < until; at++) {
    if ((at * minute) % hour === 0) takeBegun(long, at / (hour / minute))
    takeBegun(ordinary, at)
    // What happens at the end of a minute may be sent at the beginning of the next one.
    if ((at + 2) * minute > from && at % stride === 0) {
      take(PresenceEvent.inMinute(organization, at, countIn(rates.presencesPerHour, minute, at)))
      take(AuditEvent.inMinute(organization, at, countIn(rates.auditsPerHour, minute, at)))
    }
    const sent = waiting.get(at)
    if (sent !== undefined) {
      waiting.delete(at)
      yield* sent.sort(inOrder)
    }
  }
}

/** What was sent since the last look, and when to look again: nothing is sent before that instant, in epoch milliseconds. */
export interface Look {
  readonly sent: ReadonlyArray<PlatformEvent>
  readonly nextAt: number
}

/**
 * The events that are sent from `from` on, asked for again and again while time goes on: each look gives those that were sent up to
 * `now` and not given yet. A look costs what comes, where {@link events} begins anew hours before.
 */
export const feed = (world: World, from: number, topics: TopicFilter): ((now: number) => Look) => {
  let start = from
  let ahead = events(world, { from: start, until: start + hour }, { topics })
  let next = ahead.next()
  return (now) => {
    const sent: Array<PlatformEvent> = []
    for (;;) {
      if (next.done !== true) {
        if (next.value.at > now) return { sent, nextAt: next.value.at }
        sent.push(next.value)
      } else {
        if (start + hour > now) return { sent, nextAt: start + hour }
        start += hour
        ahead = events(world, { from: start, until: start + hour }, { topics })
      }
      next = ahead.next()
    }
  }
}
