/** What the steps of a window have in common: they change its record and the trail at once, and tell its listener. */
import { type EventStream, Instant, type PlannedWindow, ReplayProvider } from "@genesys-replay/domain"
import { DateTime, Effect, Option } from "effect"
import { recordFor } from "../audit/AuditTrail.js"
import { atomically } from "../state/Database.js"
import type { ApplyProgress } from "../window/ApplyProgress.js"
import { isMeasured } from "../window/ApplyReport.js"
import { Runs } from "../window/Runs.js"
import { isFinal, type RunKey, type RunWindow, WindowState } from "../window/RunWindow.js"
import { Listeners } from "./Listeners.js"

/** The record of a window, as it is now. */
export const load = Effect.fn("WindowRecord.load")(function* (key: RunKey) {
  const runs = yield* Runs
  return yield* Effect.orDie(yield* runs.get(key))
})

const stage = ({ state }: Pick<RunWindow, "state">): number => WindowState.literals.indexOf(state)

// Measuring changes no state: of two processes that measured at the same time, the result of the first one stands.
const comesSecond = ({ result }: RunWindow, change: Partial<Pick<RunWindow, "result">>): boolean =>
  change.result !== undefined && result !== null && isMeasured(result)

/**
 * Changes a window's record and does `along` with it, both or neither; answers the record. Neither is done where somebody has
 * cancelled the window meanwhile, or another process has taken it further than it was when this step saw it: what that one
 * wrote down stands. `StateUnavailable` where it cannot be written.
 */
export const commit = Effect.fn("WindowRecord.commit")(function* <E, R>(
  seen: Pick<RunWindow, "key" | "state">,
  change: Partial<Pick<RunWindow, "state" | "result" | "failure" | "awaiting">>,
  along: Effect.Effect<unknown, E, R>
) {
  const runs = yield* Runs
  const updatedAt = Instant.format(yield* DateTime.now)
  const { changed, window } = yield* atomically(
    Effect.gen(function* () {
      const after = yield* runs.change(seen.key, (now) =>
        isFinal(now) || stage(now) > stage(seen) || comesSecond(now, change)
          ? Option.none()
          : Option.some({ ...now, ...change, updatedAt })
      )
      if (after.changed) yield* along
      return after
    })
  )
  if (changed) yield* runs.announce(seen.key)
  return window
})

/** Tells the listener of the window of a step. */
export const tell = ({ key }: RunWindow, progress: ApplyProgress): Effect.Effect<void, never, Listeners> =>
  Effect.gen(function* () {
    const listeners = yield* Listeners
    const listener = yield* listeners.of(key)
    yield* listener.tell(progress)
  })

/** Records that somebody stopped a window. */
export const recordCancelled = (
  window: PlannedWindow.PlannedWindow,
  run: RunWindow["run"],
  id: EventStream.ReplayId | null,
  detail: Readonly<Record<string, unknown>> = {}
) => recordFor(window, "cancel_replay", { configId: id, detail: { run, ...detail } })

/** Stops a replay that was made for a window which nobody wants any more. What the provider says to it is logged only. */
export const takeBack = Effect.fn("WindowRecord.takeBack")(function* (
  { run, window }: RunWindow,
  id: EventStream.ReplayId
) {
  const provider = yield* ReplayProvider.ReplayProvider
  yield* provider.cancel(id).pipe(
    // Gone is as good as stopped.
    Effect.catchTag("ReplayNotFound", () => Effect.void),
    Effect.catchAll((error) =>
      Effect.logWarning(`${window.name} was cancelled, but its replay stands: ${error.message}`)
    )
  )
  yield* recordCancelled(window, run, id)
})
