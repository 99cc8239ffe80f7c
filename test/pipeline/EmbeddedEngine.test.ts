import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import {
  AuditTrail,
  CallbackSink,
  type DatabaseEngine,
  ReplayPipeline,
  Runs,
  State,
  SyncSink
} from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Deferred, Effect, Fiber, Layer, Logger, LogLevel, Ref } from "effect"
import { directory, pipelineAt } from "./StateFile.js"
import { calls, numbered, replays } from "./Surroundings.js"
import { reportOf } from "./Windows.js"

/** What outlives every program: a provider whose replays are not looked at before `gate` is open, and one who is told. */
const scene = Effect.gen(function* () {
  const told = yield* Ref.make<ReadonlyArray<string>>([])
  const gate = yield* Deferred.make<void>()
  const url = `file:${yield* directory}/state.db`
  const provider = InMemoryProvider.layer({
    before: ({ operation }) => (operation === "describe" ? Deferred.await(gate) : Effect.void)
  })
  const sink = CallbackSink.fromEffect("collector", (_, id) => Ref.update(told, (all) => [...all, id]))
  const outside = Layer.mergeAll(provider, NodeContext.layer, Logger.minimumLogLevel(LogLevel.None)).pipe(
    Layer.provideMerge(SyncSink.SyncSinks.layerOf(sink))
  )
  return { told: Ref.get(told), open: Deferred.succeed(gate, undefined), url, outside }
})

/** Applies three windows in a program of its own; `stand` is told when all replays stand. */
const apply = (url: string, stand: Effect.Effect<unknown>, options?: DatabaseEngine.Options) =>
  Effect.gen(function* () {
    const submitted = yield* Ref.make(0)
    return yield* ReplayPipeline.apply(numbered(3), {
      wait: { interval: "20 millis" },
      verify: (replay) => Effect.succeed(reportOf(replay.name, 1)),
      onProgress: ({ _tag }) =>
        _tag !== "Submitted"
          ? Effect.void
          : Effect.flatMap(
              Ref.updateAndGet(submitted, (count) => count + 1),
              (count) => Effect.when(stand, () => count === 3)
            )
    })
  }).pipe(Effect.provide(Layer.fresh(pipelineAt(url, options))))

const done = (url: string, told: Effect.Effect<ReadonlyArray<string>>) =>
  Effect.gen(function* () {
    const [windows, entries, chain] = yield* Effect.all([
      Effect.flatMap(Runs.Runs, (runs) => runs.list()),
      Effect.flatMap(AuditTrail.AuditTrail, (trail) => trail.list()),
      Effect.flatMap(AuditTrail.AuditTrail, (trail) => trail.verify)
    ]).pipe(Effect.provide(State.layer(url)))
    expect(
      windows.map(({ result, state }) => [state, result?.outcome, result?.error, result?.accuracy?.sequence_gaps])
    ).toEqual(Array(3).fill(["finished", "created", null, 1]))
    expect(chain._tag).toBe("Intact")
    const ofFirst = entries.filter(({ action, window }) => window === "w1" && action !== "sync_replay")
    expect(ofFirst.map(({ action }) => action)).toEqual([
      "plan_replay_config",
      "submit_replay_config",
      "create_replay_config",
      "complete_replay",
      "verify_replay"
    ])
    expect(entries.filter(({ action }) => action === "sync_replay").length).toBe(6)
    expect(new Set(yield* told).size).toBe(6)
    expect([(yield* replays).sort(), yield* calls("submit")]).toEqual([["w1", "w2", "w3"], 3])
  })

describe("EmbeddedEngine", () => {
  it.scopedLive("goes on in the next program on the file where the last one ended", () =>
    Effect.gen(function* () {
      const { open, outside, told, url } = yield* scene
      yield* Effect.gen(function* () {
        const standing = yield* Deferred.make<void>()
        const first = yield* Effect.fork(apply(url, Deferred.succeed(standing, undefined)))
        yield* Deferred.await(standing)
        yield* Fiber.interrupt(first)
        yield* open
        const { summary } = yield* apply(url, Effect.void)
        expect(summary.created).toBe(3)
        yield* done(url, told)
      }).pipe(Effect.provide(outside))
    })
  )

  it.scopedLive(
    "works in one program at a time: the second on the file follows, and takes over when the first ends",
    () =>
      Effect.gen(function* () {
        const { open, outside, told, url } = yield* scene
        yield* Effect.gen(function* () {
          const standing = yield* Deferred.make<void>()
          const busy = yield* Deferred.make<void>()
          const first = yield* Effect.fork(apply(url, Deferred.succeed(standing, undefined)))
          yield* Deferred.await(standing)
          const second = yield* Effect.fork(apply(url, Effect.void, { onBusy: Deferred.succeed(busy, undefined) }))
          yield* Deferred.await(busy)
          yield* Fiber.interrupt(first)
          yield* open
          const { summary } = yield* Fiber.join(second)
          expect(summary.created).toBe(3)
          yield* done(url, told)
        }).pipe(Effect.provide(outside))
      })
  )

  it.scopedLive("two programs on the file that apply the same plan have the same report", () =>
    Effect.gen(function* () {
      const { open, outside, told, url } = yield* scene
      yield* Effect.gen(function* () {
        yield* open
        const [one, other] = yield* Effect.all([apply(url, Effect.void), apply(url, Effect.void)], { concurrency: 2 })
        expect(one).toEqual(other)
        yield* done(url, told)
      }).pipe(Effect.provide(outside))
    })
  )
})
