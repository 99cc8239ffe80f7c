/** Who in this process looks on while a window is worked on. A window that nobody attends is worked on all the same. */
import type { PlannedWindow, Replay, SequenceReport } from "@genesys-replay/domain"
import { Context, Effect, Layer, Option, type Scope } from "effect"
import type { ApplyProgress } from "./ApplyProgress.js"
import type { RunKey } from "./RunWindow.js"
import type * as Watch from "./Watch.js"

/** Holds work back while as much of its kind is under way as may be. */
export type Bound = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** How much is under way at the same time. Looks have places of their own: a look that waits for the rate limit must not keep a submission from going first. */
export interface Places {
  readonly submitting: Bound
  readonly looking: Bound
  readonly verifying: Bound
}

/** So many places for each kind. */
export const makePlaces = (count: number): Effect.Effect<Places> =>
  Effect.map(
    Effect.all([Effect.makeSemaphore(count), Effect.makeSemaphore(count), Effect.makeSemaphore(count)]),
    ([submitting, looking, verifying]) => ({
      submitting: submitting.withPermits(1),
      looking: looking.withPermits(1),
      verifying: verifying.withPermits(1)
    })
  )

/** A caller who waits for a window. */
export interface Attendant {
  readonly places: Places
  /** How often to look at the replay. */
  readonly watch: Watch.Options
  /** Measures how complete the replay came back. */
  readonly verify: Option.Option<
    (replay: Replay.Replay, window: PlannedWindow.PlannedWindow) => Effect.Effect<SequenceReport.GroupReport, unknown>
  >
  /** Told of every step. */
  readonly tell: (progress: ApplyProgress) => Effect.Effect<void>
}

/** So many requests at a time for windows that nobody attends, as for those whose caller says nothing. */
export const concurrency = 4

const unattended: Effect.Effect<Attendant> = Effect.map(makePlaces(concurrency), (places) => ({
  places,
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

const make = (nobody: Attendant): Context.Tag.Service<Attendance> => {
  const attendants = new Map<RunKey, ReadonlyArray<Attendant>>()
  const without = (key: RunKey, attendant: Attendant) => {
    const rest = (attendants.get(key) ?? []).filter((one) => one !== attendant)
    if (rest.length === 0) attendants.delete(key)
    else attendants.set(key, rest)
  }
  return {
    attend: (keys, attendant) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          for (const key of keys) attendants.set(key, [...(attendants.get(key) ?? []), attendant])
        }),
        () =>
          Effect.sync(() => {
            for (const key of keys) without(key, attendant)
          })
      ),
    of: (key) => Effect.sync(() => attendants.get(key)?.at(-1) ?? nobody)
  }
}

/** The list of attendants. */
export class Attendance extends Context.Tag("@genesys-replay/pipeline/Attendance")<
  Attendance,
  {
    /** Attends these windows for as long as the scope is open. Of two attendants of one window the latest is asked. */
    readonly attend: (keys: ReadonlyArray<RunKey>, attendant: Attendant) => Effect.Effect<void, never, Scope.Scope>
    /** Who attends this window; where nobody does, one who sees nothing. */
    readonly of: (key: RunKey) => Effect.Effect<Attendant>
  }
>() {
  /** Nobody attends anything yet. */
  static readonly layer: Layer.Layer<Attendance> = Layer.effect(Attendance, Effect.map(unattended, make))
}
