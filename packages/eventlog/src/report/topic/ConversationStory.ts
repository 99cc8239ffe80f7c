/** A conversation that lacks something, as its reports tell it: which of its events, and its sessions side by side over time. */
import type { RecordsReport } from "@genesys-replay/domain"
import { DateTime } from "effect"

type Event = RecordsReport.ConversationEvent

/** When it came, else when it is expected; null where neither is known. */
export const timeOf = ({ at, expectedAt }: Event): DateTime.Utc | null => at ?? expectedAt

/** What is missing and what is around it, where there are more than `most`. */
export const around = (events: ReadonlyArray<Event>, most: number): ReadonlyArray<Event> => {
  if (events.length <= most) return events
  const near = new Set<number>()
  for (const [at, { state }] of events.entries()) {
    if (state !== "missing" || near.size >= most) continue
    for (const place of [at - 1, at, at + 1]) if (place >= 0 && place < events.length) near.add(place)
  }
  return events.filter((_, at) => near.has(at))
}

/** An event at its place: from 0, the first event of the conversation, to 1, the last one. */
export interface Placed {
  readonly event: Event
  readonly share: number
}

/** The events of one session, in order of time; of one participant where an event names no session. */
export interface Lane {
  readonly purpose: string
  readonly mediaType: string
  readonly sessionId: string | null
  readonly events: ReadonlyArray<Placed>
}

/** A conversation over time. */
export interface Lanes {
  /** In milliseconds since 1970; with one event both are its time. */
  readonly fromMs: number
  readonly toMs: number
  /** In the order in which they begin. */
  readonly lanes: ReadonlyArray<Lane>
  /** Sessions beyond those, and how many of their events are missing. */
  readonly left: { readonly sessions: number; readonly missing: number }
}

const lacksIn = (events: ReadonlyArray<Placed>): number =>
  events.filter(({ event }) => event.state === "missing").length

/** The sessions of these events side by side, at most `most`: those that lack something before others. None where no event has a time. */
export const lanes = (events: ReadonlyArray<Event>, most: number): Lanes | null => {
  const timed = events.flatMap((event) => {
    const time = timeOf(event)
    return time === null ? [] : [{ event, ms: DateTime.toEpochMillis(time) }]
  })
  const [first] = timed
  if (first === undefined) return null
  let fromMs = first.ms
  let toMs = first.ms
  for (const { ms } of timed) {
    fromMs = Math.min(fromMs, ms)
    toMs = Math.max(toMs, ms)
  }
  const found = new Map<string, Array<Placed>>()
  for (const { event, ms } of timed) {
    const key = JSON.stringify([event.participantId, event.sessionId])
    const placed = { event, share: toMs === fromMs ? 0.5 : (ms - fromMs) / (toMs - fromMs) }
    found.set(key, [...(found.get(key) ?? []), placed])
  }
  const all = [...found.values()].map((placed) => placed.sort((one, other) => one.share - other.share))
  const kept = new Set([...all].sort((one, other) => lacksIn(other) - lacksIn(one)).slice(0, most))
  const rest = all.filter((placed) => !kept.has(placed))
  return {
    fromMs,
    toMs,
    lanes: all
      .filter((placed) => kept.has(placed))
      .flatMap((placed) => {
        const [head] = placed
        if (head === undefined) return []
        const { mediaType, purpose, sessionId } = head.event
        return [{ purpose, mediaType, sessionId, events: placed }]
      }),
    left: { sessions: rest.length, missing: rest.reduce((sum, placed) => sum + lacksIn(placed), 0) }
  }
}
