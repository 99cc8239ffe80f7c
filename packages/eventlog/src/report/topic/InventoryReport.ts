/** What is in a capture whose events carry no index: told, as such a capture proves nothing by itself. */
import { Plural, type SequenceReport } from "@genesys-replay/domain"
import type { DateTime } from "effect"

/** The events of one topic. */
export interface InventoryGroup {
  /** The `detail-type`; null where an event has none. */
  readonly group: string | null
  /** Records. */
  readonly observed: number
  /** Distinct events among them. */
  readonly unique: number
  /** `observed − unique`. */
  readonly duplicates: number
  /** The first and the last event time; null where no event has one. */
  readonly from: DateTime.Utc | null
  readonly to: DateTime.Utc | null
}

/** See the head of this file. */
export interface InventoryReport {
  readonly groups: ReadonlyArray<InventoryGroup>
  readonly rejected: SequenceReport.CompletenessReport["rejected"]
  readonly unread: SequenceReport.CompletenessReport["unread"]
  readonly leftOut: SequenceReport.CompletenessReport["leftOut"]
}

/** All groups as one. */
export const total = (
  groups: ReadonlyArray<InventoryGroup>
): Pick<InventoryGroup, "observed" | "unique" | "duplicates"> => ({
  observed: groups.reduce((sum, { observed }) => sum + observed, 0),
  unique: groups.reduce((sum, { unique }) => sum + unique, 0),
  duplicates: groups.reduce((sum, { duplicates }) => sum + duplicates, 0)
})

/** The verdict, in one sentence. */
export const verdict = ({ groups }: InventoryReport, figure: (count: number) => string = String): string => {
  const { observed, unique } = total(groups)
  const events = Plural.counted(observed, "event", "events", figure)
  const distinct = observed === unique ? "" : `, ${figure(unique)} of them distinct,`
  return `Not proven: ${events}${distinct} and no sequence index in ${observed === 1 ? "it" : "any of them"}.`
}

/** What to make of it. */
export const explanation =
  "What was lost leaves no trace among such events. What is here is proven complete against a baseline, another capture of the same time, or against the platform's own records."
