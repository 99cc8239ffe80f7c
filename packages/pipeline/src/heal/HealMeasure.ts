/** What a measure of completeness says to a heal. Baseline, records or sequence: whoever measures hands it in. */
import type { HealPlan, HealReport } from "@genesys-replay/domain"
import type { Effect } from "effect"

/** A stretch of time in milliseconds since 1970; the end is exclusive. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

/** What is missing now. */
export interface HealMeasure<E = never, R = never> {
  /** Every event that is missing, and no other. */
  readonly missing: ReadonlyArray<HealPlan.Missing>
  /** The first of them, to be told one by one. */
  readonly first: ReadonlyArray<HealReport.MissingEvent>
  /** How much before, and after, the time that is known of an event its envelope's may lie, in milliseconds. */
  readonly earlierMs: number
  readonly laterMs: number
  /** Why the measure proves less than it says, one sentence each: what was not read, not judged, or rejected. */
  readonly doubts: ReadonlyArray<string>
  /** How many events the measure expects in these stretches, missing or not: what replaying them brings at least. */
  readonly eventsIn: (stretches: ReadonlyArray<Stretch>) => Effect.Effect<number, E, R>
}
