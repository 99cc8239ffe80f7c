/**
 * When a call is tried again, and what is said when trying ends.
 *
 * A 429 was not processed: every call is tried again, after `Retry-After` where there is one. What else may pass, a broken
 * connection, a time-out, 502, 503 and 504, is tried again only for calls that can be repeated safely.
 */
import { Clock, Data, DateTime, Duration, Effect, Either, Metric, Option, Random, Ref, Schedule } from "effect"
import * as Instant from "../value/Instant.js"
import * as ProviderError from "./ProviderError.js"

/** Requests that were tried again. Tag `kind`: why, see {@link TransientFailure}. */
export const retries = Metric.counter("genesys_replay_retries", {
  description: "Requests that were tried again",
  incremental: true
})

/** How often, and how slowly, calls are tried again. */
export interface RetryPolicy {
  /** Tries after the first one; 0 is no retry. */
  readonly maxRetries: number
  /** The wait before the first retry; doubled for each one that follows. */
  readonly baseDelay: Duration.Duration
  /** The longest that a 429 may ask to wait: where it asks for more, trying ends. No limit unless told. */
  readonly maxWait?: Duration.Duration | undefined
}

/** Three retries, the first after one second. */
export const defaults: RetryPolicy = { maxRetries: 3, baseDelay: Duration.seconds(1) }

/** A try that brought no usable answer. Stays inside a provider: callers see what {@link retrying} makes of it. */
export class TransientFailure extends Data.TaggedError("TransientFailure")<{
  /**
   * - `limited`: 429, not processed;
   * - `passing`: a broken connection, a time-out, 502, 503, 504: outcome unknown, may work next time;
   * - `broken`: another 5xx: outcome unknown, the same request is likely to fail again.
   */
  readonly kind: "limited" | "passing" | "broken"
  /** The answer in words: `503 Service Unavailable`. */
  readonly lastAnswer: string
  readonly retryAfter: Option.Option<Duration.Duration>
  readonly correlationId: string | undefined
}> {}

/** The largest share that jitter adds to a wait. */
export const jitter = 0.25

/**
 * The wait before retry number `retry`, counted from 0: exactly `Retry-After` where the platform named one, else
 * `baseDelay · 2^retry`, lengthened by a random share of 0 to 25 % (of `Random`) so that callers don't come back in step.
 * Whole milliseconds, and never
 * less than `baseDelay · 2^retry`.
 */
export const delay = (
  policy: RetryPolicy,
  retry: number,
  retryAfter: Option.Option<Duration.Duration>
): Effect.Effect<Duration.Duration> =>
  Option.match(retryAfter, {
    onSome: Effect.succeed,
    onNone: () =>
      Effect.map(Random.next, (share) => {
        const least = Duration.toMillis(policy.baseDelay) * 2 ** retry
        return Duration.millis(Math.floor(least * (1 + jitter * share)))
      })
  })

/** Whether a wait is longer than the policy allows. */
export const isTooLong = ({ maxWait }: RetryPolicy, wait: Duration.Duration): boolean =>
  maxWait !== undefined && Duration.greaterThan(wait, maxWait)

/** A wait from which on people are told of it. */
export const noteworthy = Duration.seconds(5)

// Somebody may be waiting in front of it.
const tellOf = (operation: string, failure: TransientFailure, wait: Duration.Duration): Effect.Effect<void> =>
  Duration.lessThan(wait, noteworthy)
    ? Effect.void
    : Effect.flatMap(DateTime.now, (now) =>
        Effect.logInfo(
          `${operation}: ${failure.lastAnswer}, tried again at ${Instant.timeOfDay(DateTime.addDuration(now, wait))}, in ${Duration.format(wait)}`
        )
      )

/** Recurs `maxRetries` times, after {@link delay}. */
export const schedule = (policy: RetryPolicy, operation: string) =>
  Schedule.recurs(policy.maxRetries).pipe(
    Schedule.intersect(Schedule.identity<TransientFailure>()),
    Schedule.addDelayEffect(([retry, failure]) =>
      Effect.tap(delay(policy, retry, failure.retryAfter), (wait) => tellOf(operation, failure, wait))
    )
  )

/** What went before a try. */
export interface Past {
  /** Tries so far. */
  readonly attempts: number
  /** Those of them that the platform may have processed although no answer came. */
  readonly unknown: number
}

/** What is tried, and how. */
export interface Options {
  readonly policy: RetryPolicy
  /** What errors call it: `POST /api/v2/eventstreams`. */
  readonly operation: string
  /** Whether the call can be repeated although the outcome of the last one is unknown. */
  readonly repeatable: boolean
}

const exhausted = (operation: string, past: Past, elapsedMs: number, now: DateTime.Utc, failure: TransientFailure) => {
  const fields = {
    operation,
    attempts: past.attempts,
    elapsedMs,
    lastAnswer: failure.lastAnswer,
    ...(failure.correlationId === undefined ? {} : { correlationId: failure.correlationId })
  }
  if (failure.kind !== "limited") return new ProviderError.ProviderUnavailable(fields)
  return new ProviderError.RateLimited({
    ...fields,
    ...Option.match(failure.retryAfter, {
      onNone: () => ({}),
      onSome: (wait) => ({
        retryAfterSeconds: Math.ceil(Duration.toSeconds(wait)),
        retryAt: DateTime.formatIso(DateTime.addDuration(now, wait))
      })
    })
  })
}

/**
 * Tries until there is an answer or the policy ends. Fails with `RateLimited` where the last answer was a 429, with
 * `ProviderUnavailable` where there was none; both say how many tries, over how long, and what came last. Every other
 * error of a try ends it at once. Every wait can be interrupted.
 */
export const retrying = <A, E, R>(
  { operation, policy, repeatable }: Options,
  attempt: (past: Past) => Effect.Effect<A, E | TransientFailure, R>
): Effect.Effect<A, E | ProviderError.RateLimited | ProviderError.ProviderUnavailable, R> =>
  Effect.gen(function* () {
    const start = yield* Clock.currentTimeMillis
    const past = yield* Ref.make<Past>({ attempts: 0, unknown: 0 })
    const last = yield* Ref.make(Option.none<TransientFailure["kind"]>())
    const counted = Effect.flatMap(
      Ref.get(last),
      Option.match({
        onNone: () => Effect.void,
        onSome: (kind) => Metric.increment(Metric.tagged(retries, "kind", kind))
      })
    )
    // An error that ends it at once travels as a value, past the schedule, which knows transient failures only.
    const one = Effect.zipRight(counted, Effect.flatMap(Ref.get(past), attempt)).pipe(
      Effect.map((answer): Either.Either<A, E> => Either.right(answer)),
      Effect.catchAll(
        (error): Effect.Effect<Either.Either<A, E>, TransientFailure> =>
          error instanceof TransientFailure ? Effect.fail(error) : Effect.succeed(Either.left(error))
      ),
      Effect.tapError(({ kind, lastAnswer }) =>
        Effect.gen(function* () {
          yield* Ref.set(last, Option.some(kind))
          yield* Ref.update(past, ({ attempts, unknown }) => ({
            attempts: attempts + 1,
            unknown: unknown + (kind === "limited" ? 0 : 1)
          }))
          yield* Effect.logDebug(`${operation}: ${lastAnswer}`)
        })
      )
    )
    const policed = schedule(policy, operation).pipe(
      Schedule.whileInput(
        ({ kind, retryAfter }: TransientFailure) =>
          (kind === "limited" || (repeatable && kind === "passing")) &&
          !Option.exists(retryAfter, (wait) => isTooLong(policy, wait))
      )
    )
    const tried = yield* one.pipe(
      Effect.retry(policed),
      Effect.catchAll((failure) =>
        Effect.gen(function* () {
          const now = yield* DateTime.now
          const elapsedMs = DateTime.toEpochMillis(now) - start
          return yield* exhausted(operation, yield* Ref.get(past), elapsedMs, now, failure)
        })
      )
    )
    return yield* tried
  })
