/** The whole system in one process: a sandbox, and a pipeline that talks to it over real HTTP. */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { ReplayPlan, type ReplayProvider, ReplaySpec, type SequenceReport } from "@genesys-replay/domain"
import { LogSource, ReplayCompleteness } from "@genesys-replay/eventlog"
import { Genesys, GenesysConfig } from "@genesys-replay/genesys"
import { ReplayEngine, ReplayPipeline, State, SyncOutbox, SyncSink } from "@genesys-replay/pipeline"
import { Sandbox, type Settings } from "@genesys-replay/sandbox"
import { Duration, Effect, HashMap, Layer, Logger, LogLevel, Ref } from "effect"

/** The event bus of every window here. */
export const bus = "gen-cx-events"

export const collection = "/api/v2/eventstreams"

/** Replays that do not begin: for tests of submissions, which need no events. */
export const unbegun: Settings.Options = { pace: { pending: Duration.hours(1) } }

/** A sandbox whose replays are over in a moment, and which counts no requests unless told. */
export const sandbox = (options: Settings.Options = {}) =>
  Sandbox.layer({
    seed: "e2e",
    world: { conversationsPerHour: 20 },
    pace: { pending: Duration.millis(10), eventsPerSecond: 20_000, tick: Duration.millis(10) },
    rateLimit: { allowed: 100_000 },
    ...options
  })

/** Genesys Cloud, which is the sandbox; retries come quickly unless told. */
export const genesys = (
  tuning: GenesysConfig.Tuning = {},
  http: Layer.Layer<HttpClient.HttpClient> = FetchHttpClient.layer
) =>
  Layer.unwrapEffect(
    Effect.map(Sandbox.Sandbox, ({ clientId, clientSecret, url }) =>
      Genesys.layerOf({
        apiUrl: url,
        loginUrl: url,
        clientId,
        clientSecret,
        scope: GenesysConfig.defaultScope,
        retry: { maxRetries: 3, baseDelay: Duration.millis(10) },
        ...tuning
      }).pipe(Layer.provide(http))
    )
  )

/** What is logged on the way belongs to the test that asks for it. */
export const quiet = Logger.minimumLogLevel(LogLevel.None)

/** A pipeline on a provider: its engine, and what it keeps in memory. Built again, it is another machine that knows nothing. */
export const pipeline = <E, R, E2 = never, R2 = never>(
  provider: Layer.Layer<ReplayProvider.ReplayProvider, E, R>,
  sinks: Layer.Layer<SyncSink.SyncSinks, E2, R2> = SyncSink.SyncSinks.layerNone
) =>
  ReplayPipeline.ReplayPipeline.layerOver(ReplayEngine.ReplayEngine.layerMemory).pipe(
    Layer.provideMerge(SyncOutbox.SyncOutbox.layer()),
    Layer.provideMerge(State.layerMemory),
    Layer.provideMerge(Layer.merge(provider, sinks))
  )

/** What happens outside: the sandbox, and the machine. */
export const outside = (options: Settings.Options = {}) =>
  sandbox(options).pipe(Layer.provideMerge(NodeContext.layer), Layer.merge(quiet))

/** Everything that a pipeline runs on; what is kept ends with it, nobody is told. */
export const scene = (options: Settings.Options = {}, tuning: GenesysConfig.Tuning = {}) =>
  pipeline(genesys(tuning)).pipe(Layer.provideMerge(outside(options)))

/** A plan of windows of these names: two topics, the last hour. */
export const planOf = (names: ReadonlyArray<string>, window: Readonly<Record<string, unknown>> = {}) =>
  ReplaySpec.decode({
    defaults: { destination: `arn:aws:events:us-east-1:123456789012:event-bus/${bus}` },
    retention: { "*": 60 },
    windows: names.map((name) => ({
      name,
      topics: ["genesys.conversations.message", "genesys.conversations.call"],
      start: "-1h",
      ...window
    }))
  }).pipe(Effect.flatMap((spec) => ReplayPlan.make(spec)))

export const numbered = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `window-${index + 1}`)

/** Looks often: replays here are short. */
export const wait = { interval: Duration.millis(20) }

/** Applies a plan, waits, and measures every window by the events that arrived in the file of the bus. */
export const prove = (plan: ReplayPlan.ReplayPlan) =>
  Effect.gen(function* () {
    const { deliveries } = yield* Sandbox.Sandbox
    const groups = yield* Ref.make<ReadonlyMap<string, SequenceReport.GroupReport>>(new Map())
    const report = yield* ReplayPipeline.apply(plan, {
      wait,
      verify: (replay) =>
        ReplayCompleteness.measure(replay, [LogSource.file(deliveries(bus))]).pipe(
          Effect.tap((group) => Ref.update(groups, (before) => new Map(before).set(replay.name, group)))
        )
    })
    return { report, groups: yield* Ref.get(groups) }
  })

/** How often a stream of each name was made. */
export const made = Effect.gen(function* () {
  const { submissions } = yield* Sandbox.Sandbox
  return Object.fromEntries(HashMap.map(yield* submissions, ({ created }) => created))
})
