/** The platform's own conversation records, by which windows are proven. Declared here, implemented by the package that knows the platform. */
import { Context, type DateTime, type Effect, type Option, type Stream } from "effect"
import { type RecordsError, RecordsNotConfigured } from "./RecordsError.js"

/** The records of a window. */
export interface Retrieval {
  /** When they were asked for. */
  readonly retrievedAt: DateTime.Utc
  /** Up to when the platform says that its records are complete; null where it does not say. */
  readonly dataAvailableUntil: DateTime.Utc | null
  /** The records, each as it came, each conversation once. */
  readonly records: Stream.Stream<unknown, RecordsError>
}

/** The operations. */
export interface Service {
  /** Whether anybody can be asked at all; asks nobody. So that nothing is submitted that could not be proven. */
  readonly configured: Effect.Effect<void, RecordsNotConfigured>
  /** Up to when the platform's records are complete; none where it does not say. */
  readonly availability: Effect.Effect<Option.Option<DateTime.Utc>, RecordsError | RecordsNotConfigured>
  /**
   * The records of all conversations that make one expect events at or after `start` and before `end`. Fails with `WindowNotOver` and
   * `RecordsNotAvailable` where the platform does not have all of them yet.
   */
  readonly retrieve: (window: {
    readonly start: DateTime.Utc
    readonly end: DateTime.Utc
  }) => Effect.Effect<Retrieval, RecordsError | RecordsNotConfigured>
}

const absent = new RecordsNotConfigured({
  reason: "this program was given no platform to ask",
  remedy: "Provide the layer of the platform's records"
})

/** The records, where a program has them; by default nobody can be asked. */
export class PlatformRecords extends Context.Reference<PlatformRecords>()("@genesys-replay/domain/PlatformRecords", {
  defaultValue: (): Service => ({ configured: absent, availability: absent, retrieve: () => absent })
}) {}
