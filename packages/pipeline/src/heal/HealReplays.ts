/** From what is missing to the replays of a round. */
import {
  HealPlan,
  Instant,
  type PlannedWindow,
  Plural,
  ReplayPlan,
  type ReplaySpec,
  ReplayWindow
} from "@genesys-replay/domain"
import { Array as Arr, DateTime, Effect, Schema } from "effect"
import type { Healed, HealMeasure } from "./HealMeasure.js"
import type { HealId } from "./HealRecord.js"

/** How rounds are planned. */
export interface Options<E, R> {
  /** What the replays bring events back from, as it is now. */
  readonly source: (healed: Healed) => Effect.Effect<HealPlan.ReplaySource, E, R>
  /** What of the environment planning takes; see `ReplayPlan.Options`. */
  readonly planOptions?: ReplayPlan.Options | undefined
}

/** A round must not replay so much. Nothing of it was submitted. */
export class HealTooLarge extends Schema.TaggedError<HealTooLarge>()("HealTooLarge", {
  events: Schema.Number,
  replays: Schema.Number,
  mostEvents: Schema.Number
}) {
  override get message(): string {
    return `the round would replay about ${this.events} events in ${Plural.counted(this.replays, "replay")}, and no more than ${this.mostEvents} are allowed: nothing of it was submitted`
  }

  /** What to do about it. */
  get remedy(): string {
    return "allow as many, or heal a shorter window"
  }
}

// How many events are expected in these windows, which are whole minutes.
const eventsIn = (windows: ReadonlyArray<HealPlan.HealWindow>, { timelines }: HealMeasure): number => {
  const stretches = windows.map(
    ({ end, start }) => [DateTime.toEpochMillis(start), DateTime.toEpochMillis(end)] as const
  )
  let events = 0
  for (const { expected, fromMs, stepMs } of timelines) {
    for (const [from, to] of stretches) {
      const first = Math.max(0, Math.floor((from - fromMs) / stepMs))
      const last = Math.min(expected.length, Math.ceil((to - fromMs) / stepMs))
      for (let at = first; at < last; at++) events += expected[at] ?? 0
    }
  }
  return events
}

/** The plan for what is missing, and how many events happened in its minutes. */
export const plan = (
  measure: HealMeasure,
  source: HealPlan.ReplaySource
): Effect.Effect<{ readonly plan: HealPlan.HealPlan; readonly events: number }> =>
  Effect.map(DateTime.now, (now) => {
    const { earlierMs, laterMs, missing } = measure
    const made = HealPlan.make(missing, source, { now, earlierMs, laterMs })
    return { plan: made, events: eventsIn(made.windows, measure) }
  })

const nameOf = (id: HealId, round: number, at: number) => ReplayWindow.WindowName.make(`${id}-${round}-${at + 1}`)

const absolute = (instant: DateTime.Utc) => ({ _tag: "Absolute" as const, instant })

/** The spec with its times fixed at `now`, so that a restart means the same. */
export const fixed = (spec: ReplaySpec.ReplaySpec, now: DateTime.Utc): ReplaySpec.ReplaySpec => ({
  ...spec,
  windows: Arr.map(spec.windows, (window) => {
    const millis = (point: typeof window.start) =>
      point._tag === "Absolute" ? point.instant : DateTime.subtract(Instant.wholeSecond(now), { millis: point.millis })
    return {
      ...window,
      start: absolute(millis(window.start)),
      ...(window.end === undefined ? {} : { end: absolute(millis(window.end)) })
    }
  })
})

/**
 * The windows of a round, batch by batch: those of the spec's window (topics, destination, rules, archive) at the times of the plan. Their
 * names are the same for the same heal, round and plan. `PlanRejected` where one of them cannot be planned.
 */
export const windows = Effect.fn("HealReplays.windows")(function* (
  spec: ReplaySpec.ReplaySpec,
  id: HealId,
  round: number,
  { batches }: HealPlan.HealPlan,
  options: ReplayPlan.Options | undefined
): Effect.fn.Return<ReadonlyArray<ReadonlyArray<PlannedWindow.PlannedWindow>>, ReplayPlan.PlanRejected> {
  const [template] = spec.windows
  const numbers = new Map([...batches.flat()].map((window, at) => [window, at]))
  return yield* Effect.forEach(batches, (batch) =>
    Effect.gen(function* () {
      if (!Arr.isNonEmptyReadonlyArray(batch)) return []
      const planned = yield* ReplayPlan.make(
        {
          ...spec,
          windows: Arr.map(batch, (window) => ({
            ...template,
            name: nameOf(id, round, numbers.get(window) ?? 0),
            start: absolute(window.start),
            // What the archive has of these minutes is worth it, also where it does not have all of them.
            ...(spec.provider === "genesys" ? {} : { end: absolute(window.end), partial: true })
          }))
        },
        options
      )
      return planned.windows
    })
  )
})
