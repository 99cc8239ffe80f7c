/** Wakes those who wait for something to change, all of them. */
import { Deferred, Effect, Ref } from "effect"

/** A bell. */
export interface Bell {
  readonly ring: Effect.Effect<void>
  /** From now on: the effect that it answers ends at the next ring, also when that comes before somebody waits for it. */
  readonly listen: Effect.Effect<Effect.Effect<void>>
}

/** A bell that nobody has rung. */
export const make: Effect.Effect<Bell> = Effect.gen(function* () {
  const next = yield* Ref.make(yield* Deferred.make<void>())
  return {
    ring: Effect.gen(function* () {
      const rung = yield* Ref.getAndSet(next, yield* Deferred.make<void>())
      yield* Deferred.succeed(rung, undefined)
    }),
    listen: Effect.map(Ref.get(next), Deferred.await)
  }
})
