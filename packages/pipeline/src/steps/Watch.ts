/** Watching a replay until it ends. */
import { EventStream, type ProviderError, type Replay, ReplayProvider } from "@genesys-replay/domain"
import { Duration, Effect, Schedule, Stream } from "effect"

/** How often to look, and how long to put up with a provider that does not answer. */
export interface Options {
  /** Between the first two looks; 1 second. Every pause after it is a tenth longer. */
  readonly interval?: Duration.DurationInput | undefined
  /** The longest pause; 10 seconds. */
  readonly maxInterval?: Duration.DurationInput | undefined
  /** How many looks in a row may fail with `ProviderUnavailable` or `RateLimited`; 10. Each has its own retries inside. */
  readonly tolerance?: number | undefined
}

/** How long to wait before look number `look`, from 0: one minute, every time a tenth longer, at most five minutes. */
export const pause = (look: number): Duration.Duration =>
  Duration.min(Duration.minutes(5), Duration.millis(Math.round(60_000 * 1.1 ** look)))

/** What ends a watch early: every error of `describe`, the passing ones after `tolerance`. */
export type WatchError = ProviderError.ProviderError | ProviderError.ReplayNotFound

const isTransient = (error: WatchError): boolean => error._tag === "ProviderUnavailable" || error._tag === "RateLimited"

const paceOf = ({ interval = "1 second", maxInterval = "10 seconds" }: Options) =>
  Schedule.union(Schedule.exponential(interval, 1.1), Schedule.spaced(maxInterval))

// A rate limit that says how long to wait is believed.
const askedToWait = (error: WatchError): Duration.Duration =>
  error._tag === "RateLimited" ? Duration.seconds(error.retryAfterSeconds ?? 0) : Duration.zero

/**
 * The replay as it is now, and again after every pause, until it is completed, cancelled or failed; that is the last element.
 */
export const watch = (
  id: EventStream.ReplayId,
  options: Options = {}
): Stream.Stream<Replay.Replay, WatchError, ReplayProvider.ReplayProvider> =>
  Stream.unwrap(
    Effect.map(ReplayProvider.ReplayProvider, (provider) => {
      const retries = Schedule.identity<WatchError>().pipe(
        Schedule.addDelay(askedToWait),
        Schedule.intersect(Schedule.spaced(options.maxInterval ?? "10 seconds")),
        Schedule.intersect(Schedule.recurs(options.tolerance ?? 10))
      )
      const look = Effect.retry(provider.describe(id), { while: isTransient, schedule: retries })
      return Stream.repeatEffectWithSchedule(look, paceOf(options)).pipe(
        Stream.takeUntil(({ progress }) => EventStream.isFinal(progress.state))
      )
    })
  ).pipe(Stream.withSpan("Watch.watch", { attributes: { id } }))
