import { FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import type { AuditEntry } from "@genesys-replay/domain"
import {
  AuditTrail,
  CallbackSink,
  ReplayEngine,
  ReplayPipeline,
  Runs,
  State,
  SyncOutbox,
  SyncSink
} from "@genesys-replay/pipeline"
import { type Faults, Sandbox } from "@genesys-replay/sandbox"
import { Array, Deferred, Duration, Effect, Exit, Fiber, Layer, Ref, Supervisor } from "effect"
import { pipelineAt } from "../pipeline/StateFile.js"
import { bus, genesys, made, numbered, outside, planOf } from "./Scene.js"

const around = (requests: ReadonlyArray<Faults.RequestFault>) => outside({ faults: { requests } })

const actionsOf = (entries: ReadonlyArray<AuditEntry.AuditEntry>) =>
  Object.fromEntries(
    Object.entries(Array.groupBy(entries, ({ window }) => window)).map(([window, all]) => [
      window,
      all.map(({ action }) => action.replace("_replay_config", ""))
    ])
  )

const entriesOf = Effect.flatMap(AuditTrail.AuditTrail, ({ list }) => list())

/** Waits until it is so. */
const until = <E, R>(holds: Effect.Effect<boolean, E, R>) =>
  Effect.repeat(Effect.sleep("10 millis"), { until: () => holds })

const once = (count: number) => Object.fromEntries(numbered(count).map((name) => [name, 1]))

describe("apply on a database file, interrupted in the middle", () => {
  it.scopedLive("leaves a trail that says what was submitted, runs on nowhere, and is completed by the same plan", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const { requests, streams } = yield* Sandbox.Sandbox
      const told = yield* Ref.make<ReadonlyArray<string>>([])
      const sink = CallbackSink.fromEffect("collector", (_, id) => Ref.update(told, (all) => [...all, id]))
      const url = `file:${yield* files.makeTempDirectoryScoped()}/state.db`
      // Built anew each time, as the next process would.
      const pipeline = Layer.fresh(
        Layer.provideMerge(pipelineAt(url), Layer.merge(genesys(), SyncSink.SyncSinks.layerOf(sink)))
      )
      const plan = yield* planOf(numbered(20))
      const underWay = yield* Deferred.make<void>()
      const supervisor = yield* Supervisor.track

      const run = yield* ReplayPipeline.apply(plan, {
        concurrency: 4,
        wait: true,
        onProgress: (progress) =>
          progress._tag === "Submitted" && progress.window.name === "window-6"
            ? Deferred.succeed(underWay, undefined)
            : Effect.void
      }).pipe(Effect.provide(pipeline), Effect.supervised(supervisor), Effect.fork)
      yield* Deferred.await(underWay)
      expect(Exit.isInterrupted(yield* Fiber.interrupt(run))).toBe(true)

      const left = yield* supervisor.value
      expect(yield* Effect.forEach(left, Fiber.status)).toEqual([...left].map(() => ({ _tag: "Done" })))
      const asked = yield* requests.count()

      const entries = yield* Effect.provide(entriesOf, State.layer(url))
      const standing = yield* streams
      expect(standing.length).toBeGreaterThanOrEqual(6)
      expect(standing.length).toBeLessThan(20)
      const said = actionsOf(entries)
      for (const { payload } of standing) {
        // Some may have come further.
        const first = (said[payload.name] ?? []).slice(0, 3)
        expect([payload.name, ...first]).toEqual([payload.name, "plan", "submit", "create"])
      }
      // Everything was planned; nothing is said to stand that does not.
      expect(Object.keys(said).length).toBe(20)
      const idsOf = (all: ReadonlyArray<AuditEntry.AuditEntry>) =>
        all.filter(({ action }) => action === "create_replay_config").map(({ config_id }) => config_id)
      expect(idsOf(entries).sort()).toEqual(standing.map(({ id }) => id).sort())
      expect(yield* requests.count()).toBe(asked)

      const again = yield* Effect.provide(ReplayPipeline.apply(plan, { wait: true }), pipeline)
      expect([again.summary.failed, again.summary.adopted]).toEqual([0, 0])
      expect(yield* made).toEqual(once(20))
      const after = yield* Effect.provide(
        Effect.all({
          entries: entriesOf,
          windows: Effect.flatMap(Runs.Runs, ({ list }) => list()),
          chain: Effect.flatMap(AuditTrail.AuditTrail, ({ verify }) => verify)
        }),
        State.layer(url)
      )
      expect(idsOf(after.entries).sort()).toEqual((yield* streams).map(({ id }) => id).sort())
      expect(new Set(after.windows.map(({ state }) => state))).toEqual(new Set(["finished"]))
      expect(after.chain._tag).toBe("Intact")
      // Every window of every run is told of, each time by an id of its own.
      expect(new Set(yield* Ref.get(told)).size).toBe(after.windows.length)
    }).pipe(Effect.provide(around([{ kind: "slow", delay: Duration.millis(20), method: "POST" }])))
  )

  it.scopedLive("goes on by itself in any process that works on the file, also with the proof", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const { deliveries } = yield* Sandbox.Sandbox
      const url = `file:${yield* files.makeTempDirectoryScoped()}/state.db`
      const provider = Layer.merge(genesys(), SyncSink.SyncSinks.layerNone)
      // One that only asks, and ends.
      yield* Effect.flatMap(planOf(numbered(3)), (plan) =>
        ReplayPipeline.request(plan, { captured: [deliveries(bus)] })
      ).pipe(Effect.provide(Layer.provideMerge(State.layer(url), Layer.fresh(provider))))
      expect(yield* made).toEqual({})
      // One that only works.
      const windows = yield* until(Effect.map(ReplayPipeline.unfinished, (open) => open.length === 0)).pipe(
        Effect.zipRight(Effect.flatMap(Runs.Runs, ({ list }) => list())),
        Effect.provide(Layer.provideMerge(pipelineAt(url), Layer.fresh(provider)))
      )
      expect(
        windows.map(({ result, state }) => [state, result?.outcome, result?.error, result?.accuracy?.accuracy_rate])
      ).toEqual(Array.makeBy(3, () => ["finished", "created", null, 100]))
      expect(yield* made).toEqual(once(3))
    }).pipe(Effect.provide(around([])))
  )
})

describe("apply, interrupted before the answer", () => {
  it.scopedLive("says that the outcome is unknown, and the same plan again finds out", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      const plan = yield* planOf(["outage"])
      const apply = Effect.provide(
        ReplayPipeline.apply(plan),
        ReplayPipeline.ReplayPipeline.layerOver(ReplayEngine.ReplayEngine.layerMemory)
      )
      const run = yield* Effect.fork(apply)
      // The request is under way when its first entry stands.
      yield* until(Effect.map(entriesOf, (entries) => entries.length === 2))
      expect(Exit.isInterrupted(yield* Fiber.interrupt(run))).toBe(true)
      const entries = yield* entriesOf
      expect(actionsOf(entries)).toEqual({ outage: ["plan", "submit", "interrupt"] })
      expect(entries.at(-1)).toMatchObject({ config_id: null, detail: { outcome: "unknown" } })
      yield* faults.clear
      const again = yield* apply
      expect(again.summary.failed).toBe(0)
      expect(yield* made).toEqual({ outage: 1 })
    }).pipe(
      Effect.provide(
        SyncOutbox.SyncOutbox.layer()
          .pipe(
            Layer.provideMerge(State.layerMemory),
            Layer.provideMerge(Layer.merge(genesys(), SyncSink.SyncSinks.layerNone))
          )
          .pipe(
            Layer.provideMerge(
              around([{ kind: "slow", delay: Duration.minutes(10), method: "POST", path: "/api/v2/eventstreams" }])
            )
          )
      )
    )
  )
})
