/** The runs: which windows were asked for, and how far each of them is. What is written here is what a restart goes on from. */
import { Context, Duration, Effect, Layer, Option, PubSub, Ref, type Scope, type Types } from "effect"
import type { Dequeue } from "effect/Queue"
import { isFailing, isFinal, type RunId, type RunKey, type RunWindow } from "./RunWindow.js"
import type { StateUnavailable } from "./StateUnavailable.js"

/** Which windows. Without any field: all. */
export interface Filter {
  /** Only those of this run. */
  readonly run?: RunId | undefined
  /** Only those that were taken on for this target. */
  readonly target?: string | undefined
  /** Only those that something is to be done for. */
  readonly unfinished?: boolean | undefined
}

/** What became of a window that was to be changed. */
export interface Changed {
  readonly changed: boolean
  /** As it is now. */
  readonly window: RunWindow
}

/** The operations. Writing belongs into a `Transaction`, together with the audit entries that report it. */
export interface Service {
  /** What the place is called in errors; never a password. */
  readonly location: string
  /** Writes down new windows. */
  readonly add: (windows: ReadonlyArray<RunWindow>) => Effect.Effect<void, StateUnavailable>
  /** The window with this key. */
  readonly get: (key: RunKey) => Effect.Effect<Option.Option<RunWindow>, StateUnavailable>
  /** Changes a window, or leaves it where `to` says none. In a transaction nobody else changes it meanwhile. A window that is not there is a bug. */
  readonly change: (
    key: RunKey,
    to: (window: RunWindow) => Option.Option<RunWindow>
  ) => Effect.Effect<Changed, StateUnavailable>
  /** The windows that pass the filter, run by run as they were asked for, in the order of the plan. */
  readonly list: (filter?: Filter) => Effect.Effect<ReadonlyArray<RunWindow>, StateUnavailable>
  /** The keys of the windows that something is to be done for, of those that were taken on for this target. */
  readonly open: (target: string) => Effect.Effect<ReadonlyArray<RunKey>, StateUnavailable>
  /** The keys of a run's windows that nothing more is to be done for, and of those whose latest try failed. */
  readonly settled: (run: RunId) => Effect.Effect<ReadonlyArray<RunKey>, StateUnavailable>
  /** Tells this process that a window has changed: after the transaction, not in it. */
  readonly announce: (key: RunKey) => Effect.Effect<void>
  /** The announcements from now on. */
  readonly announcements: Effect.Effect<Dequeue<RunKey>, never, Scope.Scope>
  /** How often to look for what other processes have changed; none where there are no others. */
  readonly others: Option.Option<Duration.Duration>
}

/** The service tag. `layerMemory` for tests and trials; the lasting one is `SqlRuns`. */
export class Runs extends Context.Tag("@genesys-replay/pipeline/Runs")<Runs, Service>() {
  /** Runs that end with the process. */
  static readonly layerMemory: Layer.Layer<Runs> = Layer.suspend(() => Layer.effect(Runs, makeMemory))
}

/** How processes that share a database look after each other. */
export const glance = Duration.seconds(1)

/** Announcements within one process. */
export const makeAnnouncements: Effect.Effect<Pick<Service, "announce" | "announcements">> = Effect.map(
  PubSub.unbounded<RunKey>(),
  (hub) => ({ announce: (key) => Effect.asVoid(PubSub.publish(hub, key)), announcements: PubSub.subscribe(hub) })
)

const passes =
  ({ run, target, unfinished }: Filter) =>
  (window: RunWindow): boolean =>
    (run === undefined || window.run === run) &&
    (target === undefined || window.target === target) &&
    (unfinished !== true || !isFinal(window))

/** The in-memory service, for who keeps it longer than a layer lives. */
export const makeMemory: Effect.Effect<Types.Simplify<Service>> = Effect.gen(function* () {
  const kept = yield* Ref.make<ReadonlyMap<RunKey, RunWindow>>(new Map())
  const found = (all: ReadonlyMap<RunKey, RunWindow>, key: RunKey) => Option.fromNullable(all.get(key))
  return {
    location: "memory",
    add: (windows) => Ref.update(kept, (all) => new Map([...all, ...windows.map((one) => [one.key, one] as const)])),
    get: (key) => Effect.map(Ref.get(kept), (all) => found(all, key)),
    change: (key, to) =>
      Effect.gen(function* () {
        const before = yield* Effect.orDie(found(yield* Ref.get(kept), key))
        const after = to(before)
        if (Option.isNone(after)) return { changed: false, window: before }
        yield* Ref.update(kept, (all) => new Map(all).set(key, after.value))
        return { changed: true, window: after.value }
      }),
    list: (filter = {}) => Effect.map(Ref.get(kept), (all) => [...all.values()].filter(passes(filter))),
    open: (target) =>
      Effect.map(Ref.get(kept), (all) =>
        [...all.values()].filter(passes({ target, unfinished: true })).map(({ key }) => key)
      ),
    settled: (run) =>
      Effect.map(Ref.get(kept), (all) =>
        [...all.values()].filter((one) => one.run === run && (isFinal(one) || isFailing(one))).map(({ key }) => key)
      ),
    ...(yield* makeAnnouncements),
    others: Option.none()
  }
})
