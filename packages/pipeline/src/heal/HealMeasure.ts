/** What a measure of completeness says to a heal. Baseline or records: whoever measures hands it in. */

import type { HealPlan, HealReport, PlannedWindow, Timeline } from "@genesys-replay/domain"
import type { DateTime } from "effect"
import type { HealId } from "./HealRecord.js"

/** What is to be measured: the window of a heal, its times fixed. */
export interface Healed {
  readonly id: HealId
  /** Nothing was replayed for it yet: what is missing now is what the heal is about. */
  readonly isNew: boolean
  readonly window: PlannedWindow.PlannedWindow
  readonly start: DateTime.Utc
  /** Exclusive; where the spec names no end, the instant at which the heal began. */
  readonly end: DateTime.Utc
}

/** What is missing now. */
export interface HealMeasure {
  /** Every event that is missing, and no other. */
  readonly missing: ReadonlyArray<HealPlan.Missing>
  /** The first of them, to be told one by one. */
  readonly first: ReadonlyArray<HealReport.MissingEvent>
  /** How much before, and after, the time that is known of an event its envelope's may lie, in milliseconds. */
  readonly earlierMs: number
  readonly laterMs: number
  /**
   * What is expected over time, missing or not: a replay brings at least that. In stretches of at most a minute; by the time of the envelope
   * where that is known, as replays go by it.
   */
  readonly timelines: ReadonlyArray<Timeline.Timeline>
  /** Events of which nobody can say whether they had to come: told, and never called missing. */
  readonly notJudged: number
  /** Why the measure proves less than it says, one sentence each: what was not read, or rejected. */
  readonly doubts: ReadonlyArray<string>
}
