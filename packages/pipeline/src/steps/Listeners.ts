/** Who in this process listens while a window is worked on. A window without a listener is worked on all the same. */
import type { PlannedWindow, Replay, SequenceReport } from "@genesys-replay/domain"
import { Context, Effect, Layer, Option, type Scope } from "effect"
import type { ApplyProgress } from "../window/ApplyProgress.js"
import type { RunKey } from "../window/RunWindow.js"
import type * as Watch from "./Watch.js"

/** Holds work back while as much of its kind is under way as may be. */
export type Bound = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** How much is under way at the same time. Looks have slots of their own: a look that waits for the rate limit must not keep a submission from going first. */
export interface Slots {
  readonly submitting: Bound
  readonly looking: Bound
  readonly verifying: Bound
}

/** So many slots for each kind. */
export const makeSlots = (count: number): Effect.Effect<Slots> =>
  Effect.map(
    Effect.all([Effect.makeSemaphore(count), Effect.makeSemaphore(count), Effect.makeSemaphore(count)]),
    ([submitting, looking, verifying]) => ({
      submitting: submitting.withPermits(1),
      looking: looking.withPermits(1),
      verifying: verifying.withPermits(1)
    })
  )

/** A caller who waits for a window. */
export interface Listener {
  readonly slots: Slots
  /** How often to look at the replay. */
  readonly watch: Watch.Options
  /** Measures how complete the replay came back. */
  readonly verify: Option.Option<
    (replay: Replay.Replay, window: PlannedWindow.PlannedWindow) => Effect.Effect<SequenceReport.GroupReport, unknown>
  >
  /** Told of every step. */
  readonly tell: (progress: ApplyProgress) => Effect.Effect<void>
}

/** So many requests at a time for windows without a listener, as for those whose caller says nothing. */
export const concurrency = 4

const silent: Effect.Effect<Listener> = Effect.map(makeSlots(concurrency), (slots) => ({
  slots,
  watch: {},
  verify: Option.none(),
  // Nobody else would hear of it before somebody asks.
  tell: (progress) =>
    progress._tag === "Stalled"
      ? Effect.logWarning(
          `${progress.window.name} does not get on, and is tried again from time to time: ${progress.error.message}`
        )
      : Effect.void
}))

const make = (otherwise: Listener): Context.Tag.Service<Listeners> => {
  const listeners = new Map<RunKey, ReadonlyArray<Listener>>()
  const without = (key: RunKey, listener: Listener) => {
    const rest = (listeners.get(key) ?? []).filter((one) => one !== listener)
    if (rest.length === 0) listeners.delete(key)
    else listeners.set(key, rest)
  }
  return {
    listen: (keys, listener) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          for (const key of keys) listeners.set(key, [...(listeners.get(key) ?? []), listener])
        }),
        () =>
          Effect.sync(() => {
            for (const key of keys) without(key, listener)
          })
      ),
    of: (key) => Effect.sync(() => listeners.get(key)?.at(-1) ?? otherwise)
  }
}

/** The service tag. */
export class Listeners extends Context.Tag("@genesys-replay/pipeline/Listeners")<
  Listeners,
  {
    /** Listens to these windows for as long as the scope is open. Of two listeners of one window the latest is asked. */
    readonly listen: (keys: ReadonlyArray<RunKey>, listener: Listener) => Effect.Effect<void, never, Scope.Scope>
    /** The listener of this window, or one that ignores everything but a window that does not get on. */
    readonly of: (key: RunKey) => Effect.Effect<Listener>
  }
>() {
  /** Nobody listens yet. */
  static readonly layer: Layer.Layer<Listeners> = Layer.effect(Listeners, Effect.map(silent, make))
}
