/**
 * How work stops. The pipeline is built to be killed at any moment and to go on from what is written; stopping in good order
 * only spares it the doubt about requests that are under way.
 */
import { Cause, Context, Deferred, Duration, Effect, Layer, Option } from "effect"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import type { EngineError } from "./EngineError.js"

/** How long a request that is under way is waited for: an answer is worth more than a quick end. */
export const grace = Duration.seconds(5)

// More than will ever be under way: all of them together are the proof that nothing is.
const places = 1_000_000

/** The operations. */
export interface Service {
  /** Ends when work is to stop. */
  readonly stopping: Effect.Effect<void>
  /** Asks for the stop, and waits until no {@link Service.request} is under way. */
  readonly stop: Effect.Effect<void>
  /** Runs what {@link Service.stop} waits for. Not begun any more once work is to stop. */
  readonly request: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /**
   * A step that a restart can repeat. It never fails: where what is kept is not available the whole work halts, and a step
   * that was stopped never ends, so that nothing is taken for its result.
   */
  readonly step: <A, R>(effect: Effect.Effect<A, StateUnavailable, R>) => Effect.Effect<A, never, R>
  /** Ends the work of this process for this reason. */
  readonly halt: (cause: Cause.Cause<EngineError>) => Effect.Effect<void>
  /** Fails when the work has halted. */
  readonly halted: Effect.Effect<never, EngineError>
}

/** The service tag. */
export class Shutdown extends Context.Tag("@genesys-replay/pipeline/Shutdown")<Shutdown, Service>() {
  /** Nothing asks for a stop yet. */
  static readonly layer: Layer.Layer<Shutdown> = Layer.effect(
    Shutdown,
    Effect.gen(function* () {
      const latch = yield* Deferred.make<void>()
      const failed = yield* Deferred.make<never, EngineError>()
      const underWay = yield* Effect.makeSemaphore(places)
      const stopping = Deferred.await(latch)
      const halt = (cause: Cause.Cause<EngineError>) =>
        Effect.zipRight(Deferred.failCause(failed, cause), Deferred.succeed(latch, undefined)).pipe(Effect.asVoid)
      return {
        stopping,
        stop: Effect.zipRight(Deferred.succeed(latch, undefined), underWay.withPermits(places)(Effect.void)),
        request: <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
          Effect.flatMap(Deferred.isDone(latch), (done) =>
            done ? Effect.interruptible(Effect.never) : underWay.withPermits(1)(effect)
          ).pipe(Effect.uninterruptible),
        step: <A, R>(effect: Effect.Effect<A, StateUnavailable, R>): Effect.Effect<A, never, R> =>
          Effect.raceFirst(
            Effect.asSome(Effect.interruptible(effect)),
            Effect.zipRight(stopping, Effect.succeedNone)
          ).pipe(
            Effect.interruptible,
            Effect.catchAllCause((cause) =>
              Cause.isInterruptedOnly(cause) ? Effect.interrupt : Effect.zipRight(halt(cause), Effect.succeedNone)
            ),
            Effect.flatMap((result) =>
              Option.isSome(result) ? Effect.succeed(result.value) : Effect.interruptible(Effect.never)
            )
          ),
        halt,
        halted: Deferred.await(failed)
      } satisfies Service
    })
  )
}
