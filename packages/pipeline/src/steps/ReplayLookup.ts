/** Finding a replay by its name or its id, also one that is still to be submitted. */
import { EventStream, type ProviderError, type Replay, ReplayProvider } from "@genesys-replay/domain"
import { Clock, DateTime, Duration, Effect, Option } from "effect"

/** How long to wait for it. */
export interface Options {
  /** How long a replay that is not there is waited for; not at all unless told. */
  readonly timeout?: Duration.DurationInput | undefined
  /** Between two looks; 5 seconds. */
  readonly interval?: Duration.DurationInput | undefined
  /** Told once, when the wait begins, until when it will last. */
  readonly onWait?: ((until: DateTime.Utc) => Effect.Effect<void>) | undefined
}

/** What a look can fail with. */
export type LookupError = ProviderError.ProviderError | ProviderError.ReplayNotFound

// What may be otherwise at the next look.
const passes = ({ _tag }: LookupError): boolean =>
  _tag === "ReplayNotFound" || _tag === "ProviderUnavailable" || _tag === "RateLimited"

// A name is looked up first: it may look like an id.
const look = Effect.fn("ReplayLookup.look")(function* (nameOrId: string) {
  const provider = yield* ReplayProvider.ReplayProvider
  const named = yield* provider.findByName(nameOrId)
  return Option.isSome(named) ? named.value : yield* provider.describe(EventStream.ReplayId.make(nameOrId))
})

/**
 * The replay of this name, else of this id, as soon as there is one. Fails with the error of the last look when `timeout` is
 * over, and at once with what no waiting mends.
 */
export const find: (
  nameOrId: string,
  options?: Options
) => Effect.Effect<Replay.Replay, LookupError, ReplayProvider.ReplayProvider> = Effect.fn("ReplayLookup.find")(
  function* (nameOrId: string, { interval = "5 seconds", onWait, timeout = 0 }: Options = {}) {
    const until = (yield* Clock.currentTimeMillis) + Duration.toMillis(timeout)
    let told = false
    for (;;) {
      const seen = yield* Effect.either(look(nameOrId))
      if (seen._tag === "Right") return seen.right
      const leftMs = until - (yield* Clock.currentTimeMillis)
      if (leftMs <= 0 || !passes(seen.left)) return yield* seen.left
      if (!told) yield* onWait?.(DateTime.unsafeMake(until)) ?? Effect.void
      told = true
      yield* Effect.sleep(Math.min(leftMs, Duration.toMillis(interval)))
    }
  }
)
