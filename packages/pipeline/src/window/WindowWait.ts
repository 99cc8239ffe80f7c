/** Waiting for windows. */
import { type Duration, Effect, Option, Queue } from "effect"
import { Runs } from "./Runs.js"
import { hasFailedSince, isFinal, type RunKey, type RunWindow } from "./RunWindow.js"

/**
 * Waits until nothing more is to be done for these windows, but for those of which the latest try has failed since they were as
 * they are given; answers them in the same order. A window that does not get on is still worked on for as long as the others are
 * waited for. `StateUnavailable` where they cannot be read, or the engine of this process cannot go on.
 */
export const awaitWindows = Effect.fn("WindowWait.awaitWindows")(
  function* (
    windows: ReadonlyArray<RunWindow>,
    onFinished: (window: RunWindow) => Effect.Effect<void> = () => Effect.void
  ) {
    const runs = yield* Runs
    const news = yield* runs.announcements
    const open = new Set(windows.map(({ key }) => key))
    const failedSince = new Map(windows.map((window) => [window.key, hasFailedSince(window)]))
    const done = new Map<RunKey, RunWindow>()
    const stalled = new Map<RunKey, RunWindow>()
    const check = (key: RunKey) =>
      Effect.gen(function* () {
        if (!open.has(key)) return
        const window = yield* Effect.orDie(yield* runs.get(key))
        stalled.delete(key)
        if (failedSince.get(key)?.(window) === true) stalled.set(key, window)
        if (!isFinal(window)) return
        open.delete(key)
        done.set(key, window)
        yield* onFinished(window)
      })
    const glance = Effect.gen(function* () {
      const runIds = new Set(windows.filter(({ key }) => open.has(key)).map(({ run }) => run))
      const settled = yield* Effect.forEach(runIds, runs.settled)
      yield* Effect.forEach(new Set([...stalled.keys(), ...settled.flat()]), check, { discard: true })
    })
    yield* glance
    while (open.size > stalled.size) {
      const told = Effect.asSome(Queue.take(news))
      const key = yield* Option.match(runs.others, {
        onNone: () => told,
        onSome: (pause: Duration.Duration) =>
          Effect.raceFirst(told, Effect.as(Effect.sleep(pause), Option.none<RunKey>()))
      })
      yield* Option.match(key, { onNone: () => glance, onSome: check })
    }
    yield* Effect.forEach(stalled.values(), onFinished, { discard: true })
    return windows.map((window) => done.get(window.key) ?? stalled.get(window.key) ?? window)
  },
  (effect) => Effect.scoped(effect)
)
