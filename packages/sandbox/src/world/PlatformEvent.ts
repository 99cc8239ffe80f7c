/** An event that the platform sends, in the shape that real ones have. */
import type { SeededRandom } from "./SeededRandom.js"

/** An event body. */
export type EventBody = { readonly [key: string]: unknown }

/** An event. */
export interface PlatformEvent {
  /** Of the envelope. */
  readonly id: string
  /** The topic with literal `{id}`: the envelope's `detail-type`. */
  readonly topic: string
  /** The topic with its ids. */
  readonly topicName: string
  /** When the platform sent it, in epoch milliseconds: `detail.timestamp`. The envelope says it in whole seconds. */
  readonly at: number
  readonly correlationId: string
  readonly eventBody: EventBody
}

/** How many correlation ids end in `-archival`. */
const archivalRate = 0.02

/** Not every id is a UUID of version 4. */
const idOf = (random: SeededRandom): string => {
  const id = random.uuid()
  return random.chance(0.05) ? `${id.slice(0, 14)}${random.int(0, 9)}${id.slice(15)}` : id
}

/** An event that happened at `happenedAt`, in epoch milliseconds; it is sent about 0.3 s later unless told otherwise. */
export const make = (
  random: SeededRandom,
  happenedAt: number,
  topic: string,
  topicName: string,
  eventBody: EventBody,
  [least, most]: readonly [leastMs: number, mostMs: number] = [240, 420]
): PlatformEvent => ({
  id: idOf(random),
  topic,
  topicName,
  at: happenedAt + random.int(least, most),
  correlationId: random.chance(archivalRate) ? `${random.uuid()}-archival` : random.uuid(),
  eventBody
})

/** The envelope's `detail`. Only a replay of the Event Streams API numbers its events; nothing else has a `sequenceIndex`. */
export const detail = (
  { at, correlationId, eventBody, topicName }: PlatformEvent,
  sequenceIndex?: number
): EventBody => ({
  topicName,
  version: "2",
  eventBody,
  metadata: { CorrelationId: correlationId },
  timestamp: new Date(at).toISOString(),
  ...(sequenceIndex === undefined ? {} : { sequenceIndex })
})
