/** Whether a start time can be replayed: not in the future, and within what is retained. */
import { DateTime, Duration, Effect, Either, Schema } from "effect"
import * as Instant from "../value/Instant.js"
import * as RetentionDays from "../value/RetentionDays.js"

/** Events younger than this may not all have arrived yet: 300 seconds. */
export const defaultMinimumAge: Duration.Duration = Duration.seconds(300)

/** The bounds to check against. */
export interface Options {
  /** What is retained; without it the platform's maximum of 90 days. An archive of Amazon EventBridge has its own: `unlimited`. */
  readonly retention?: RetentionDays.RetentionDays | "unlimited" | undefined
  /** Younger starts are marked `tooRecent`; without it {@link defaultMinimumAge}. */
  readonly minimumAge?: Duration.DurationInput | undefined
}

/** The start is later than now: nothing has happened there yet. */
export class StartInFuture extends Schema.TaggedError<StartInFuture>()("StartInFuture", {
  start: Instant.Instant,
  now: Instant.Instant
}) {
  override get message(): string {
    return `start ${Instant.format(this.start)} is in the future: it is now ${Instant.format(this.now)}. Choose an earlier start`
  }
}

/** The start is older than what is retained: the events are gone. */
export class StartBeyondRetention extends Schema.TaggedError<StartBeyondRetention>()("StartBeyondRetention", {
  start: Instant.Instant,
  now: Instant.Instant,
  retention: RetentionDays.RetentionDays
}) {
  /** The earliest start that is still retained. */
  get earliest(): DateTime.Utc {
    return earliest(this.now, this.retention)
  }

  override get message(): string {
    return `start ${Instant.format(this.start)} is older than the ${this.retention} days that are retained. The earliest start is now ${Instant.format(this.earliest)} (-${this.retention}d)`
  }
}

/** A start that can be replayed. */
export interface TimeVerdict {
  readonly start: DateTime.Utc
  readonly now: DateTime.Utc
  /** How long ago the start is. */
  readonly age: Duration.Duration
  /** Younger than the minimum age: events may still be on their way. */
  readonly tooRecent: boolean
}

/** The earliest start that `retention` still covers at `now`. */
export const earliest = (now: DateTime.Utc, retention: RetentionDays.RetentionDays): DateTime.Utc =>
  DateTime.subtractDuration(now, RetentionDays.toMillis(retention))

/** Checks `start` at the instant `now`. Both bounds are inclusive: a start exactly 90 days ago is retained, one of this very instant is not in the future. */
export const check = (
  start: DateTime.Utc,
  now: DateTime.Utc,
  options: Options = {}
): Either.Either<TimeVerdict, StartInFuture | StartBeyondRetention> => {
  const retention = options.retention ?? RetentionDays.maximum
  const age = DateTime.distance(start, now)
  if (age < 0) return Either.left(new StartInFuture({ start, now }))
  if (retention !== "unlimited" && age > RetentionDays.toMillis(retention)) {
    return Either.left(new StartBeyondRetention({ start, now, retention }))
  }
  const minimumAge = Duration.toMillis(options.minimumAge ?? defaultMinimumAge)
  return Either.right({ start, now, age: Duration.millis(age), tooRecent: age < minimumAge })
}

/**
 * Checks `start` against the Clock. Fails with {@link StartInFuture} or {@link StartBeyondRetention}.
 *
 * @example
 * ```ts
 * import { TimeConsistency } from "@genesys-replay/domain"
 * import { DateTime, Effect } from "effect"
 *
 * const hoursAgo = Effect.gen(function* () {
 *   const start = yield* DateTime.now.pipe(Effect.map(DateTime.subtract({ hours: 36 })))
 *   return yield* TimeConsistency.verify(start)
 * })
 * ```
 */
export const verify = Effect.fn("TimeConsistency.verify")(function* (start: DateTime.Utc, options?: Options) {
  return yield* check(start, yield* DateTime.now, options)
})
