/** What a resend would do: how many events of each topic, hour by hour. Nothing is sent. */
import type { FileSystem } from "@effect/platform"
import { Effect, Either, Stream } from "effect"
import * as Acknowledgements from "./Acknowledgements.js"
import type { ResendFileFailed } from "./ResendError.js"
import type * as ResendEvent from "./ResendEvent.js"
import * as ResendSelection from "./ResendSelection.js"
import type { ResendTarget } from "./target/ResendTarget.js"

/** Events of one topic in one hour. */
export interface Cell {
  /** When the hour begins, in milliseconds since 1970, in UTC; null for events that do not say when they happened. */
  readonly hourMs: number | null
  readonly topic: string
  readonly count: number
}

/** The answer. */
export interface Survey extends ResendSelection.Tally {
  /** Events that no request can take: they would be refused. */
  readonly tooLarge: number
  /** All events to be sent, by hour and topic, in that order. */
  readonly cells: ReadonlyArray<Cell>
}

/** What is asked. */
export interface Options<E, R> extends ResendSelection.Options {
  readonly events: Stream.Stream<ResendEvent.Input, E, R>
  /** Which events fit into it is asked of it, and nothing else. */
  readonly target: Pick<ResendTarget, "measure">
  /** What was acknowledged before; nothing unless told. */
  readonly acknowledgements?: Pick<Acknowledgements.Acknowledgements, "has" | "before"> | undefined
}

const hour = 3_600_000

/** Counts events by hour and topic. */
export class HourTable {
  private readonly counts = new Map<string, Cell & { count: number }>()

  /** Counts one. */
  add({ timeMs, topic }: ResendEvent.ResendEvent): void {
    const hourMs = timeMs === undefined ? null : Math.floor(timeMs / hour) * hour
    const key = `${hourMs} ${topic}`
    const cell = this.counts.get(key) ?? { hourMs, topic, count: 0 }
    cell.count++
    this.counts.set(key, cell)
  }

  /** By hour, then by topic; without an hour last. */
  cells(): ReadonlyArray<Cell> {
    const at = ({ hourMs }: Cell): number => hourMs ?? Number.POSITIVE_INFINITY
    return [...this.counts.values()].sort((one, other) =>
      at(one) === at(other) ? (one.topic < other.topic ? -1 : 1) : at(one) - at(other)
    )
  }
}

/** Reads everything, and sends nothing: the numbers are those of a run with the same options at the same moment. */
export const survey = <E, R>({
  acknowledgements = Acknowledgements.none,
  events,
  target,
  ...options
}: Options<E, R>): Effect.Effect<Survey, E | ResendFileFailed, R | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const table = new HourTable()
    let tooLarge = 0
    const kept = { ...Acknowledgements.none, ...acknowledgements }
    // An order changes no number, unless only the first of them are sent.
    const order = options.limit === undefined ? "file" : options.order
    const selection = ResendSelection.make(events, kept, { ...options, order })
    yield* Stream.runForEachChunk(selection.events, (chunk) =>
      Effect.sync(() => {
        for (const event of chunk) {
          table.add(event)
          if (Either.isLeft(target.measure(event))) tooLarge++
        }
      })
    )
    return { ...selection.tally(), tooLarge, cells: table.cells() }
  }).pipe(Effect.withSpan("ResendSurvey.survey"))
