/** The way of the platform's events to AWS, on which some get lost, come late or come twice. */
import { Duration } from "effect"
import type { PlatformEvent } from "../world/PlatformEvent.js"
import { type Seed, SeededRandom } from "../world/SeededRandom.js"
import * as TopicFilter from "../world/TopicFilter.js"
import type { Entry } from "./FaultLog.js"
import type { EventSelection, PlatformFaults } from "./Faults.js"

/** An event that reaches AWS, and when, in epoch milliseconds. */
export interface Arrival {
  readonly event: PlatformEvent
  readonly arrivesAt: number
}

/** What became of some events. */
export interface Sent {
  readonly arrivals: ReadonlyArray<Arrival>
  readonly entries: ReadonlyArray<Entry>
}

const usualDelay = Duration.minutes(10)

const selecting = (selection: EventSelection | undefined): ((event: PlatformEvent, roll: number) => boolean) => {
  if (selection === undefined) return () => false
  const { conversations, from, rate = 1, until } = selection
  const topics = selection.topics === undefined ? TopicFilter.all : TopicFilter.of(selection.topics)
  return (event, roll) => {
    const conversationId = event.eventBody["conversationId"]
    return (
      roll < rate &&
      event.at >= (from ?? event.at) &&
      (until === undefined || event.at < until) &&
      (conversations === undefined || conversations.some((id) => id === conversationId)) &&
      topics(event) !== undefined
    )
  }
}

/** Sends events to a bus. What happens to one hangs on the seed and the event only. */
export const send = (
  seed: Seed,
  bus: string,
  events: ReadonlyArray<PlatformEvent>,
  faults: PlatformFaults = {}
): Sent => {
  const isLost = selecting(faults.lost)
  const isLate = selecting(faults.late)
  const isDoubled = selecting(faults.doubled)
  const delay = Duration.toMillis(faults.lateBy ?? usualDelay)
  const arrivals: Array<Arrival> = []
  const entries: Array<Entry> = []
  for (const event of events) {
    const random = SeededRandom.of(seed, "to AWS", event.id)
    const [lost, late, doubled] = [random.next(), random.next(), random.next()]
    const { at, id, topic, topicName } = event
    const note = (fault: Entry["fault"]) => entries.push({ fault, path: bus, id, topic, topicName, at })
    if (isLost(event, lost)) {
      note("lost before AWS")
      continue
    }
    const comesLate = isLate(event, late)
    if (comesLate) note("late")
    arrivals.push({ event, arrivesAt: comesLate ? at + delay : at })
    if (isDoubled(event, doubled)) {
      note("doubled before AWS")
      arrivals.push({ event: { ...event, id: random.uuid() }, arrivesAt: at })
    }
  }
  return { arrivals, entries }
}
