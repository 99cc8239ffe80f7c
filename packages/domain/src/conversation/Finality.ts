/** Whether what the platform's records say of a window can still change. */
import { DateTime, Duration, Schema } from "effect"

/** `final`: the records of the window are complete and are reprocessed no more. `provisional`: they may still change. */
export const Finality = Schema.Literal("final", "provisional").annotations({ identifier: "Finality" })

/** See {@link Finality}. */
export type Finality = typeof Finality.Type

/** How long after its end the records of a window may still be reprocessed. */
export const settling = Duration.days(3)

/** What is known of the records of a window. */
export interface Known {
  readonly end: DateTime.Utc
  /** Up to when the platform says that its records are complete; null where it does not say. */
  readonly dataAvailableUntil: DateTime.Utc | null
  /** When the records were read; null where that is not known, and then it was not before `dataAvailableUntil`. */
  readonly retrievedAt: DateTime.Utc | null
}

/** Whether the platform has all records of a window that ends at `end`: it has those of before `dataAvailableUntil`. */
export const isAvailable = ({ dataAvailableUntil, end }: Pick<Known, "dataAvailableUntil" | "end">): boolean =>
  dataAvailableUntil !== null && DateTime.lessThan(end, dataAvailableUntil)

/** From when on the records of a window that ends at `end` may be final, if they are available by then. */
export const finalFrom = (end: DateTime.Utc): DateTime.Utc => DateTime.addDuration(end, settling)

/** `final` where the window ends before the data availability, and more than three days before its records were read. */
export const of = ({ dataAvailableUntil, end, retrievedAt }: Known): Finality => {
  const readAt = retrievedAt ?? dataAvailableUntil
  if (readAt === null || !isAvailable({ dataAvailableUntil, end })) return "provisional"
  return DateTime.greaterThan(readAt, finalFrom(end)) ? "final" : "provisional"
}
