import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import * as TestRunner from "@effect/cluster/TestRunner"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { ProviderName } from "@genesys-replay/domain"
import { AuditTrail, CallbackSink, Database, ReplayPipeline, Runs, SyncSink } from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Chunk, Effect, Fiber, Layer, Ref, Stream } from "effect"
import { plan } from "./Surroundings.js"

const quick = { wait: { interval: "10 millis" } } as const

describe("ReplayPipeline, as one service", () => {
  it.scopedLive("needs nothing else in a test: a provider and a database in memory are in it", () =>
    Effect.gen(function* () {
      const told = yield* Ref.make<ReadonlyArray<string>>([])
      const sink = CallbackSink.fromEffect("collector", (document) =>
        Ref.update(told, (all) => [...all, SyncSink.kindOf(document)])
      )
      yield* Effect.gen(function* () {
        const pipeline = yield* ReplayPipeline.ReplayPipeline
        const seen = yield* pipeline.changes.pipe(
          Stream.takeUntil(({ state }) => state === "finished"),
          Stream.runCollect,
          Effect.fork
        )
        yield* Effect.yieldNow()
        const { summary } = yield* pipeline.apply(plan("outage"), quick)
        expect(summary).toMatchObject({ created: 1, failed: 0 })
        expect(yield* pipeline.awaitIdle).toEqual([])
        expect(yield* pipeline.unfinished).toEqual([])
        expect(Chunk.toReadonlyArray(yield* Fiber.join(seen)).at(-1)?.window.name).toBe("outage")
        const provider = yield* InMemoryProvider.InMemoryProvider
        expect((yield* provider.replays).map(({ name }) => name)).toEqual(["outage"])
        const trail = yield* AuditTrail.AuditTrail
        expect(yield* trail.verify).toMatchObject({ _tag: "Intact" })
      }).pipe(Effect.provide(ReplayPipeline.ReplayPipeline.layerTest({ sinks: SyncSink.SyncSinks.layerOf(sink) })))
      expect(yield* Ref.get(told)).toEqual(["replay_config_complete"])
    })
  )

  it.scopedLive(
    "takes no window that was planned for another provider: nothing is written down, and nobody is asked",
    () =>
      Effect.gen(function* () {
        const pipeline = yield* ReplayPipeline.ReplayPipeline
        const refused = { _tag: "ProviderMismatch", windows: ["w1", "w2"] }
        expect(yield* Effect.flip(pipeline.apply(plan("w1", "w2"), quick))).toMatchObject(refused)
        expect(yield* Effect.flip(pipeline.request(plan("w1", "w2")))).toMatchObject(refused)
        expect(yield* pipeline.unfinished).toEqual([])
        expect(yield* Effect.flatMap(AuditTrail.AuditTrail, (trail) => trail.list())).toEqual([])
        expect(yield* Effect.flatMap(InMemoryProvider.InMemoryProvider, ({ calls }) => calls)).toEqual([])
      }).pipe(
        Effect.provide(ReplayPipeline.ReplayPipeline.layerTest({ provider: { provider: ProviderName.eventbridge } }))
      )
  )

  it.scopedLive("runs in the workflow engine of the program that has one, in its default group", () =>
    Effect.gen(function* () {
      const { summary } = yield* ReplayPipeline.apply(plan("w1", "w2"), quick)
      expect(summary).toMatchObject({ created: 2, failed: 0 })
    }).pipe(
      Effect.provide(
        ReplayPipeline.ReplayPipeline.layer({
          provider: InMemoryProvider.layer(),
          state: Database.Database.layerMemory,
          engine: Layer.provide(ClusterWorkflowEngine.layer, TestRunner.layer)
        }).pipe(Layer.provide(NodeContext.layer))
      ),
      Effect.timeout("30 seconds")
    )
  )

  it.scopedLive("fails where no runner of that engine has the group in which it is to run, and names the group", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(ReplayPipeline.apply(plan("w1"), quick))
      expect(error).toMatchObject({
        _tag: "ShardGroupUnserved",
        shardGroup: "nobody",
        remedy:
          "Name it in availableShardGroups and assignedShardGroups of a runner's ShardingConfig, or give as shardGroup one that a runner has"
      })
      // It stands, and the next start goes on with it.
      const runs = yield* Runs.Runs
      expect((yield* runs.list()).map(({ state }) => state)).toEqual(["requested"])
    }).pipe(
      Effect.provide(
        ReplayPipeline.ReplayPipeline.layer({
          provider: InMemoryProvider.layer(),
          state: Database.Database.layerMemory,
          engine: Layer.provide(ClusterWorkflowEngine.layer, TestRunner.layer),
          shardGroup: "nobody",
          shardGroupTimeout: "1 second"
        }).pipe(Layer.provide(NodeContext.layer))
      ),
      Effect.timeout("30 seconds")
    )
  )
})
