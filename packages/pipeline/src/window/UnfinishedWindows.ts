/** The windows that are still worked on: which they are, how they change, and when there are none left. */
import { ReplayProvider } from "@genesys-replay/domain"
import { type Context, Duration, Effect, Stream } from "effect"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import { SyncOutbox } from "../sync/SyncOutbox.js"
import { Runs } from "./Runs.js"
import { hasFailedSince, type RunWindow } from "./RunWindow.js"

/** The windows that were taken on for the provider's target and are not finished. */
export const unfinished = Effect.gen(function* () {
  const { target } = yield* ReplayProvider.ReplayProvider
  const runs = yield* Runs
  return yield* runs.list({ target, unfinished: true })
})

// How often it is looked whether nothing is left to do.
const idleInterval = Duration.millis(500)

/**
 * Waits until nothing is open but windows of which a try has failed since then, which it answers, and the outbox has nothing that it
 * still tries.
 */
export const awaitIdle = Effect.gen(function* () {
  const outbox = yield* SyncOutbox
  const before = new Map((yield* unfinished).map((window) => [window.key, window]))
  const look = Effect.gen(function* () {
    const open = yield* unfinished
    const pending = yield* outbox.list({ state: "pending", limit: 1 })
    return { open, isOver: pending.length === 0 && open.every((one) => hasFailedSince(before.get(one.key))(one)) }
  })
  const { open } = yield* Effect.repeat(Effect.delay(look, idleInterval), { until: ({ isOver }) => isOver })
  return open
})

/** Every window that changes in this process, as it is then, from now on. */
export const changesOf = (runs: Context.Tag.Service<Runs>): Stream.Stream<RunWindow, StateUnavailable> =>
  Stream.unwrapScoped(
    Effect.map(runs.announcements, (news) =>
      Stream.fromQueue(news).pipe(
        Stream.mapEffect(runs.get),
        Stream.filterMap((found) => found)
      )
    )
  )
