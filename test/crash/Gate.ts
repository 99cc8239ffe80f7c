/** Holds requests back at one of their moments, until a test lets them go. */
import { Deferred, Effect, Ref } from "effect"
import type { Fate, Moment } from "./Gateway.js"

/** A gate for this moment of every request. */
export const make = (moment: Moment) =>
  Effect.gen(function* () {
    const opened = yield* Deferred.make<void>()
    const held = yield* Ref.make(0)
    return {
      /** For the gateway. */
      reached: (now: Moment): Effect.Effect<Fate> =>
        now === moment
          ? Effect.as(
              Effect.zipRight(
                Ref.update(held, (count) => count + 1),
                Deferred.await(opened)
              ),
              "on" as const
            )
          : Effect.succeed("on"),
      /** Waits until so many have come. */
      holds: (count: number) =>
        Effect.repeat(Effect.delay(Ref.get(held), "5 millis"), { until: (now) => now >= count }),
      /** Lets them go, and those that come from now on. */
      open: Deferred.succeed(opened, undefined)
    }
  })
