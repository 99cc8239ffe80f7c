/** How many requests each token, or the client with all its tokens, made in a window of time. */
import { Clock, Context, Duration, Effect, HashMap, Layer, Option, Ref } from "effect"
import { Settings } from "../faults/Settings.js"

/** Where a token stands, the request just made included. */
export interface Usage {
  /** Requests in this window. */
  readonly count: number
  /** Requests that a window allows. */
  readonly allowed: number
  /** Whole seconds until the next window, at least 1. */
  readonly resetSeconds: number
  /** Whether this request is one too many. */
  readonly exceeded: boolean
}

/** The operations. */
export interface Service {
  /** Counts a request of `key`. A window is fixed: it begins with the first request and ends after the set time. */
  readonly count: (key: string) => Effect.Effect<Usage>
}

interface Window {
  readonly endsAt: number
  readonly count: number
}

/** The counters. */
export class RateLimitWindow extends Context.Tag("@genesys-replay/sandbox/RateLimitWindow")<
  RateLimitWindow,
  Service
>() {
  /** In memory, on the Clock. */
  static readonly layer = Layer.effect(
    RateLimitWindow,
    Effect.gen(function* () {
      const { rateLimit } = yield* Settings
      const { allowed } = rateLimit
      const windows = yield* Ref.make(HashMap.empty<string, Window>())
      return RateLimitWindow.of({
        count: Effect.fn("RateLimitWindow.count")(function* (key) {
          const now = yield* Clock.currentTimeMillis
          return yield* Ref.modify(windows, (all) => {
            const running = Option.filter(HashMap.get(all, key), ({ endsAt }) => now < endsAt)
            const window = Option.match(running, {
              onNone: (): Window => ({ endsAt: now + Duration.toMillis(rateLimit.window), count: 1 }),
              onSome: ({ count, endsAt }): Window => ({ endsAt, count: count + 1 })
            })
            const usage: Usage = {
              count: window.count,
              allowed,
              resetSeconds: Math.max(1, Math.ceil((window.endsAt - now) / 1_000)),
              exceeded: window.count > allowed
            }
            // A new window is a good moment to forget those of tokens that nobody uses any more.
            const kept = Option.isSome(running) ? all : HashMap.filter(all, ({ endsAt }) => now < endsAt)
            return [usage, HashMap.set(kept, key, window)]
          })
        })
      })
    })
  )
}
