/**
 * What happened in the organization: a history of events that stands still.
 *
 * It is a pure function of the seed, the topic and the minute, so every replay of a window finds the same events, and
 * windows that overlap share some. Nothing is kept in memory; a replay enumerates the minutes of its window.
 */
import { Array, Order } from "effect"
import { Dice } from "./Dice.js"
import type { Organization } from "./Organization.js"
import * as SyntheticEvent from "./SyntheticEvent.js"

/** Something that happened. */
export interface HistoricEvent {
  readonly id: string
  readonly topic: string
  readonly topicName: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly correlationId: string
  readonly eventBody: SyntheticEvent.EventBody
}

/** How much happens. */
export interface Density {
  /** Events of a topic in an hour. */
  readonly eventsPerHour: number
  /**
   * About how many events a replay finds at most. A window that holds more finds every second, fourth, eighth … minute
   * of the history, as many as stay below.
   */
  readonly maximumEvents: number
}

/** Which part of the history: `from` included, `until` not, in epoch milliseconds. */
export interface Extract {
  readonly topics: ReadonlyArray<string>
  readonly from: number
  readonly until: number
}

const minute = 60_000

const strideOf = (extract: Extract, density: Density): number => {
  const expected = (extract.topics.length * density.eventsPerHour * (extract.until - extract.from)) / (60 * minute)
  let stride = 1
  while (expected / stride > density.maximumEvents) stride *= 2
  return stride
}

const minuteOf = (organization: Organization, topic: string, index: number, density: Density) => {
  const rate = density.eventsPerHour / 60
  const count = Math.floor((index + 1) * rate) - Math.floor(index * rate)
  const dice = Dice.of(organization.seed, "history", topic, index)
  return Array.makeBy(count, (): HistoricEvent => {
    const at = index * minute + dice.int(0, minute - 1)
    const id = dice.uuid()
    const correlationId = dice.uuid()
    return { id, topic, at, correlationId, ...SyntheticEvent.make(organization, topic, at, dice) }
  }).slice(0, count)
}

const inTime = Order.combine(
  Order.mapInput(Order.number, (event: HistoricEvent) => event.at),
  Order.mapInput(Order.string, (event: HistoricEvent) => event.id)
)

/** The events of a part of the history in the order in which they happened, across the topics. */
export function* events(organization: Organization, extract: Extract, density: Density): Generator<HistoricEvent> {
  const stride = strideOf(extract, density)
  const first = Math.ceil(Math.floor(extract.from / minute) / stride) * stride
  for (let index = first; index * minute < extract.until; index += stride) {
    const happened = extract.topics
      .flatMap((topic) => minuteOf(organization, topic, index, density))
      .filter((event) => event.at >= extract.from && event.at < extract.until)
    yield* Array.sort(happened, inTime)
  }
}
