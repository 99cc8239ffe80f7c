/** A pipeline to try: a provider in memory, what is kept in memory, and engines that start and stop under a test clock. */
import { FileSystem } from "@effect/platform"
import { AuditTrail, ReplayEngine, ReplayPipeline, Runs, State, SyncOutbox, SyncSink } from "@genesys-replay/pipeline"
import { InMemoryProvider, VirtualTime } from "@genesys-replay/pipeline/testing"
import { DateTime, Effect, Fiber, Layer, TestClock } from "effect"
import type { DurationInput } from "effect/Duration"
import { now, windowOf } from "./Windows.js"

/** Sets the clock to the time at which these tests begin. */
const begin = Layer.effectDiscard(TestClock.setTime(DateTime.toEpochMillis(now)))

/** What outlives an engine: the provider with its replays, and everything that is kept. */
export const surroundings = (
  provider: InMemoryProvider.Options = {},
  sinks: Layer.Layer<SyncSink.SyncSinks> = SyncSink.SyncSinks.layerNone
) =>
  SyncOutbox.SyncOutbox.layer().pipe(
    Layer.provideMerge(State.layerMemory),
    Layer.provideMerge(Layer.mergeAll(InMemoryProvider.layer(provider), sinks, FileSystem.layerNoop({}), begin))
  )

/** An engine for as long as `effect` runs; the next one knows only what is kept in the surroundings. */
export const withEngine = Effect.provide(ReplayPipeline.ReplayPipeline.layerOver(ReplayEngine.ReplayEngine.layerMemory))

/** Applied by an engine that ends with it. */
export const apply = <E = never, R = never>(
  windows: Parameters<typeof ReplayPipeline.apply>[0],
  options?: ReplayPipeline.ApplyOptions<E, R>
) => withEngine(ReplayPipeline.apply(windows, options))

/** An engine that nobody waits with. */
export const engine = withEngine(Effect.never)

/** A plan of windows of these names. */
export const plan = (...names: ReadonlyArray<string>) => ({ windows: names.map((name) => windowOf(name)) })

/** A plan of so many windows: w1, w2, … */
export const numbered = (count: number) => plan(...Array.from({ length: count }, (_, index) => `w${index + 1}`))

/** The trail. */
export const entries = Effect.flatMap(AuditTrail.AuditTrail, (trail) => trail.list())

/** What was done, in order. */
export const actions = Effect.map(entries, (all) => all.map(({ action }) => action))

/** How far each window of each run is, in the order in which they were asked for. */
export const states = Effect.flatMap(Runs.Runs, (runs) =>
  Effect.map(runs.list(), (all) => all.map(({ state }) => state))
)

/** The messages of the outbox: for whom, what, and how they stand. */
export const messages = Effect.flatMap(SyncOutbox.SyncOutbox, (outbox) =>
  Effect.map(outbox.list(), (all) =>
    all.map(({ document, sink, state }) => `${sink} ${SyncSink.kindOf(document)} ${state}`)
  )
)

/** How often the provider was asked to do this. */
export const calls = (operation: InMemoryProvider.Call["operation"]) =>
  Effect.flatMap(InMemoryProvider.InMemoryProvider, (provider) =>
    Effect.map(provider.calls, (all) => all.filter((call) => call.operation === operation).length)
  )

/** The names of the replays that there are. */
export const replays = Effect.flatMap(InMemoryProvider.InMemoryProvider, (provider) =>
  Effect.map(provider.replays, (all) => all.map(({ name }): string => name))
)

export const { during, join, pass } = VirtualTime

/** Stops a fiber, which may take so long and not longer: with an engine in it, a process that ends in good order. */
export const stop = <A, E>(duration: DurationInput, fiber: Fiber.Fiber<A, E>) =>
  during(duration, Fiber.interrupt(fiber))

/** Runs `effect` for so long, and stops it. */
export const stopAfter = <A, E, R>(duration: DurationInput, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    yield* pass(duration)
    return yield* stop("10 seconds", fiber)
  })
