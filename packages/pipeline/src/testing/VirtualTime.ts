/**
 * Time that passes in a test, for programs with a pipeline in them: the test clock goes from one sleeper to the next, and between two steps
 * everything has run that can run without the clock. Hours take milliseconds, and go the same way each time.
 */
import { Chunk, Duration, Effect, Fiber, Option, TestClock } from "effect"
import type { DurationInput } from "effect/Duration"

// The ids of workflows are digests, made in threads of their own: those that were asked for before this one are there.
const digests = Effect.promise(() =>
  Promise.all(Array.from({ length: 16 }, () => crypto.subtle.digest("SHA-256", new Uint8Array(8))))
)

/** Everything that can run without the clock has run: who sleeps next is asleep by then. */
const idle = Effect.zipRight(Effect.repeatN(digests, 30), TestClock.adjust(0))

/** Lets the clock go forward to `limit`, from one sleeper to the next; not further than `until` needs. */
const forward = (limit: number, until: Effect.Effect<boolean>) =>
  Effect.gen(function* () {
    yield* idle
    let at = yield* TestClock.currentTimeMillis
    while (at < limit && !(yield* until)) {
      const before = at
      const sleepers = yield* TestClock.sleeps()
      at = Math.min(limit, ...Chunk.filter(sleepers, (one) => one > before))
      yield* TestClock.setTime(at)
    }
  })

const limitOf = (duration: DurationInput) =>
  Effect.map(TestClock.currentTimeMillis, (at) => at + Duration.toMillis(duration))

/** Lets time pass. */
export const pass = (duration: DurationInput): Effect.Effect<void> =>
  Effect.flatMap(limitOf(duration), (limit) => forward(limit, Effect.succeed(false)))

/** Waits for a fiber, which may take so long and not longer: a defect where it has not ended by then. */
export const join = <A, E>(duration: DurationInput, fiber: Fiber.Fiber<A, E>): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    yield* forward(yield* limitOf(duration), Effect.map(Fiber.poll(fiber), Option.isSome))
    if (Option.isNone(yield* Fiber.poll(fiber))) return yield* Effect.dieMessage(`not ended in ${String(duration)}`)
    return yield* Fiber.join(fiber)
  })

/** Runs `effect`, which may take so long and not longer. */
export const during = <A, E, R>(duration: DurationInput, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.fork(effect), (fiber) => join(duration, fiber))
