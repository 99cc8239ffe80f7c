/**
 * What a heal works on, outside of all lives: events of which some never came, the replays that bring them back, the queue and the
 * capture that they come to, and the consumer that is handed what it missed.
 */
import { ResendEvent } from "@genesys-replay/eventbridge"
import { Array as Arr, Predicate } from "effect"
import type { Dice } from "./Dice.js"
import type { Stream } from "./Platform.js"
import type { Lasting } from "./Program.js"

/** An event that happened. */
export interface Happened {
  readonly number: number
  /** What `Resend` tells it apart by. */
  readonly id: string
  readonly timeMs: number
  readonly text: string
}

/** A step that an event takes with the consumer. */
export interface Step {
  /** `taken`: the consumer has it. `written`: that it has acknowledged it is written down. */
  readonly what: "taken" | "written"
  readonly heal: string
  /** The event's. */
  readonly id: string
  readonly life: number
}

/** A message of the queue. */
export interface Message {
  readonly event: Happened
  /** Since when, or from when on again, somebody can receive it. */
  visibleAt: number
}

/** See the module. */
export interface Outage {
  readonly events: ReadonlyArray<Happened>
  /** What of the events is in the capture, in order and as often as it was captured. */
  readonly captured: Array<Happened>
  /** What was missing when the heal of this id began. */
  readonly missingOf: Map<string, ReadonlyArray<Happened>>
  readonly steps: Array<Step>
  /** How far a replay reaches: see `HealPlan.ReplaySource`. */
  readonly reach: "window" | "to-now"
  /** At most so many rounds. */
  readonly rounds: number
  /** What the consumer takes at once. */
  readonly batch: number
  readonly concurrency: number
  /** What is missing now. */
  readonly missing: () => ReadonlyArray<Happened>
  /** Up to ten messages that can be received now; nobody else receives them for half a minute. */
  readonly receive: () => ReadonlyArray<Message>
  readonly remove: (messages: ReadonlyArray<Message>) => void
}

/** The topic of all events. */
export const topic = "v2.detail.events.conversation.{id}.acd.start"

/** When the window of the outage begins and ends. */
export const window = { start: "2024-01-15T08:00:00Z", end: "2024-01-15T12:00:00Z" }

const [from, to] = [Date.parse(window.start), Date.parse(window.end)]

const textOf = (number: number, timeMs: number): string =>
  JSON.stringify({
    version: "0",
    id: `event-${number}`,
    "detail-type": topic,
    source: "aws.partner/genesys.com/cloud/org/suffix",
    time: `${new Date(timeMs).toISOString().slice(0, 19)}Z`,
    resources: [],
    detail: {
      topicName: topic.replace("{id}", `conversation-${number % 5}`),
      eventBody: { eventTime: timeMs, conversationId: `conversation-${number % 5}`, number }
    }
  })

/** The event as a line of the capture. */
export const lineOf = ({ number, text }: Pick<Happened, "number" | "text">) => ({
  source: "captured.ndjson",
  line: number + 1,
  text
})

const happened = (number: number, timeMs: number): Happened => {
  const text = textOf(number, timeMs)
  const [read] = Arr.getRights(ResendEvent.read(lineOf({ number, text })))
  return { number, timeMs, text, id: read?.event.id ?? "" }
}

const startOf = ({ payload: { replayConfig } }: Stream): number =>
  Predicate.hasProperty(replayConfig, "startDate") ? Date.parse(String(replayConfig.startDate)) : Number.NaN

// A receiver that dies gives its messages back after so long.
const visibility = 30_000

/** The outage of a run. */
export const make = (
  { platform, world: { machine, trace } }: Pick<Lasting, "platform" | "world">,
  dice: Dice
): Outage => {
  const events = Array.from({ length: dice.between(5, 40) }, (_, number) =>
    happened(number, dice.between(from, to - 1))
  )
  const lost = new Set(events.filter(() => dice.chance(0.4)).map(({ number }) => number))
  // Some come with the second or third replay of their time only, and a few never reached the platform.
  const tries = new Map(events.map(({ number }) => [number, dice.chance(0.05) ? 99 : dice.pick([1, 1, 1, 2, 3])]))
  const captured = events.filter(({ number }) => !lost.has(number))
  const queue: Array<Message> = []
  let seen = 0

  // What the replays that were made since the last look bring, and when.
  const look = () => {
    const streams = platform.streams()
    for (const stream of streams.slice(seen)) {
      const begin = stream.createdAt + stream.pending
      for (const event of events.filter(({ timeMs }) => timeMs >= startOf(stream))) {
        const left = (tries.get(event.number) ?? 1) - 1
        tries.set(event.number, left)
        if (left > 0 || (stream.fails && dice.chance(0.5))) continue
        for (let copy = 0; copy < (dice.chance(0.1) ? 2 : 1); copy++) {
          queue.push({ event, visibleAt: begin + Math.round(dice.next() * (stream.running + dice.pick([0, 10_000]))) })
        }
      }
    }
    seen = streams.length
  }

  return {
    events,
    captured,
    missingOf: new Map(),
    steps: [],
    reach: dice.pick(["window", "to-now"]),
    rounds: dice.between(1, 4),
    batch: dice.between(1, 4),
    concurrency: dice.between(1, 3),
    missing: () => {
      const came = new Set(captured.map(({ number }) => number))
      return events.filter(({ number }) => !came.has(number))
    },
    receive: () => {
      look()
      const now = machine.now()
      const due = queue.filter(({ visibleAt }) => visibleAt <= now).slice(0, 10)
      for (const message of due) message.visibleAt = now + visibility
      if (due.length > 0) trace.note(`the queue gives ${due.map(({ event }) => event.number).join(" ")}`)
      return due
    },
    remove: (messages) => {
      for (const message of messages) {
        const at = queue.indexOf(message)
        if (at >= 0) queue.splice(at, 1)
      }
    }
  }
}
