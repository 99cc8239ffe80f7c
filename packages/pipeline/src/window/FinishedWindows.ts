/** Tells which windows this process brings to their end: what a runner, which waits for no window of its own, has done. */
import { Effect, HashSet, Option, Queue, Ref, type Scope } from "effect"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import { Runs } from "./Runs.js"
import { isFinal, type RunKey, type RunWindow } from "./RunWindow.js"

/** The operations. */
export interface Service<R> {
  /** Listens, for ever. Interrupted, it leaves what it has not heard for {@link Service.rest}. */
  readonly run: Effect.Effect<never, StateUnavailable, R>
  /** What was not told yet: the last announcement of a window comes after its last change, and may come too late. */
  readonly rest: Effect.Effect<void, StateUnavailable, R>
  /** How many windows were told of. */
  readonly count: Effect.Effect<number>
}

/**
 * Hears of every window that changes in this process, from now on: made before the engine begins, it misses nothing. `tell` is
 * called once for each window that nothing more is to be done for.
 */
export const make = Effect.fn("FinishedWindows.make")(function* <R = never>(
  tell: (window: RunWindow) => Effect.Effect<void, never, R>
): Effect.fn.Return<Service<R>, never, Runs | Scope.Scope> {
  const runs = yield* Runs
  const news = yield* runs.announcements
  const open = yield* Ref.make(HashSet.empty<RunKey>())
  const told = yield* Ref.make(HashSet.empty<RunKey>())

  const look = (key: RunKey) =>
    Effect.gen(function* () {
      if (HashSet.has(yield* Ref.get(told), key)) return
      yield* Ref.update(open, HashSet.add(key))
      const window = yield* runs.get(key)
      if (Option.isNone(window) || !isFinal(window.value)) return
      yield* Ref.update(open, HashSet.remove(key))
      yield* Ref.update(told, HashSet.add(key))
      yield* tell(window.value)
    })

  return {
    run: Effect.forever(Effect.uninterruptibleMask((restore) => Effect.flatMap(restore(Queue.take(news)), look))),
    rest: Effect.gen(function* () {
      const heard = yield* Queue.takeAll(news)
      yield* Effect.forEach([...heard, ...(yield* Ref.get(open))], look, { discard: true })
    }),
    count: Effect.map(Ref.get(told), HashSet.size)
  }
})
