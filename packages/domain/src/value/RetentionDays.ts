/** How many days the platform keeps events for replay. */
import { Schema } from "effect"

/** The most that the platform keeps: 90 days. Source: the payload rules of the Event Streams API (`retentionDays`). */
export const platformMaximum = 90

/** Whole days, 1 to 90. */
export const RetentionDays = Schema.Number.pipe(
  Schema.filter(
    (days) =>
      (Number.isInteger(days) && days >= 1 && days <= platformMaximum) ||
      `${days} is not a retention: write whole days from 1 to ${platformMaximum}, the platform's maximum`,
    {
      identifier: "RetentionDays",
      description: `whole days, 1 to ${platformMaximum}`,
      jsonSchema: { type: "integer", minimum: 1, maximum: platformMaximum }
    }
  ),
  Schema.brand("RetentionDays")
)

/** A number that is known to be a retention in days. */
export type RetentionDays = typeof RetentionDays.Type

/** {@link platformMaximum} as a retention. */
export const maximum: RetentionDays = RetentionDays.make(platformMaximum)

/** The retention in milliseconds. */
export const toMillis = (days: RetentionDays): number => days * 86_400_000
