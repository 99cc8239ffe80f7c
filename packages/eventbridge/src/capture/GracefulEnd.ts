/** Work that is not cut off when it is interrupted: it is told to stop, and may finish what it has begun, for a while. */
import { type Duration, Effect, Fiber } from "effect"

/** How work is stopped. */
export interface Options {
  /** Tells it to begin nothing more. */
  readonly stop: Effect.Effect<unknown>
  /** How long it may take to finish after that. */
  readonly grace: Duration.DurationInput
}

/** Runs `work`. Interrupted, it is told to stop, awaited for `grace`, and only then interrupted itself. */
export const run = <A, E, R>(work: Effect.Effect<A, E, R>, { grace, stop }: Options): Effect.Effect<A, E, R> => {
  const windUp = (fiber: Fiber.Fiber<unknown, unknown>) =>
    stop.pipe(
      Effect.zipRight(Effect.interruptible(Fiber.await(fiber))),
      Effect.timeoutOption(grace),
      Effect.zipRight(Fiber.interrupt(fiber))
    )
  return Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDaemon(Effect.interruptible(work)), (fiber) =>
      Effect.onInterrupt(restore(Fiber.join(fiber)), () => windUp(fiber))
    )
  )
}
