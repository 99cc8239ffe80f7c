import { describe, expect, it } from "@effect/vitest"
import { type PlannedWindow, ProviderError, ReplayProvider, SideEffect } from "@genesys-replay/domain"
import {
  ApplyReport,
  CallbackSink,
  ReplayPipeline,
  Runs,
  RunWindow,
  SyncSink,
  WindowError
} from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Effect, type Either, Fiber, Metric, Option, Ref, Schema } from "effect"
import type { DurationInput } from "effect/Duration"
import { awaitWindows } from "../../packages/pipeline/src/window/WindowWait.js"
import * as Surroundings from "./Surroundings.js"
import { actions, apply, during, engine, entries, numbered, pass, plan, stop, surroundings } from "./Surroundings.js"
import { reportOf, windowOf } from "./Windows.js"

const applyOne = <E = never, R = never>(
  window: PlannedWindow.PlannedWindow,
  options?: ReplayPipeline.ApplyOptions<E, R>
) => Effect.map(apply({ windows: [window] }, options), ({ results: [result] }) => result ?? expect.fail("no result"))

const slow = (pause: DurationInput): InMemoryProvider.Options => ({
  before: ({ operation }) => (operation === "submit" ? Effect.sleep(pause) : Effect.void)
})

const denied = new ProviderError.NotPermitted({
  operation: "POST /api/v2/eventstreams",
  status: 403,
  reason: "missing permission",
  correlationId: "c-1"
})

/** A sink that keeps what it is told. */
const collector = Effect.map(Ref.make<ReadonlyArray<SyncSink.SyncDocument>>([]), (told) => ({
  told: Ref.get(told),
  sink: CallbackSink.fromEffect("collector", (document) => Ref.update(told, (all) => [...all, document]))
}))

describe("ReplayPipeline.apply, one window", () => {
  it.effect(
    "records the plan, the window before the request and after the answer, with the latency to the millisecond",
    () =>
      Effect.gen(function* () {
        const result = yield* during("2 seconds", applyOne(windowOf("outage")))
        expect(result).toEqual({
          name: "outage",
          id: "replay-1",
          outcome: "created",
          payloadHash: windowOf("outage").payloadHash,
          latencyMs: 1_234,
          error: null
        })
        const [planned, before, behind, ...others] = yield* entries
        expect(others).toEqual([])
        const run: unknown = planned?.detail["run"]
        expect(run).toMatch(/^20240115203000-[0-9a-f]{6}$/)
        expect(planned).toMatchObject({
          action: "plan_replay_config",
          config_id: null,
          timestamp: "2024-01-15T20:30:00Z",
          detail: { run, provider: "genesys", target: "in memory" }
        })
        expect(before).toMatchObject({
          action: "submit_replay_config",
          config_id: null,
          latency_ms: null,
          timestamp: "2024-01-15T20:30:00Z",
          detail: { run, provider: "genesys" }
        })
        expect(behind).toEqual({
          action: "create_replay_config",
          config_id: "replay-1",
          retention_days: 60,
          replay_start: "2024-01-15T08:00:00Z",
          topics: ["genesys.conversations.message", "genesys.conversations.call"],
          latency_ms: 1_234,
          timestamp: "2024-01-15T20:30:01.234Z",
          window: "outage",
          payload_hash: windowOf("outage").payloadHash,
          detail: { run, provider: "genesys", state: "PENDING", correlation_id: "correlation-outage" }
        })
      }).pipe(Effect.provide(surroundings(slow("1234 millis"))))
  )

  it.effect("is unchanged the second time, in a run of its own, and makes no second replay", () =>
    Effect.gen(function* () {
      yield* applyOne(windowOf("outage"))
      const again = yield* applyOne(windowOf("outage"))
      expect([again.outcome, again.id, again.error]).toEqual(["unchanged", "replay-1", null])
      expect(yield* Surroundings.replays).toEqual(["outage"])
      expect(yield* actions).toEqual([
        "plan_replay_config",
        "submit_replay_config",
        "create_replay_config",
        "plan_replay_config",
        "submit_replay_config",
        "confirm_replay_config"
      ])
      expect(new Set((yield* entries).map(({ detail }) => detail["run"])).size).toBe(2)
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("says that a replay was adopted", () =>
    Effect.gen(function* () {
      expect((yield* applyOne(windowOf("outage"))).outcome).toBe("adopted")
      expect(yield* actions).toEqual(["plan_replay_config", "submit_replay_config", "adopt_replay_config"])
    }).pipe(Effect.provide(surroundings({ adopts: ["outage"] })))
  )

  it.effect("is a failed result for a conflict, which says which fields differ, and the refusal is recorded", () =>
    Effect.gen(function* () {
      yield* applyOne(windowOf("outage"))
      const { error, id, outcome } = yield* applyOne(windowOf("outage", "2024-01-15T09:00:00Z"))
      expect([outcome, id, error?._tag]).toEqual(["failed", null, "ReplayConflict"])
      expect(error?.message).toContain("replayConfig.startDate")
      expect((yield* entries).at(-1)).toMatchObject({
        action: "refuse_replay_config",
        config_id: null,
        detail: { tag: "ReplayConflict", message: error?.message }
      })
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("is a failed result for a refusal, recorded with tag, message and correlation id", () =>
    Effect.gen(function* () {
      const { error } = yield* applyOne(windowOf("outage"))
      expect(error).toEqual(denied)
      expect((yield* entries).at(-1)).toMatchObject({
        action: "refuse_replay_config",
        latency_ms: 0,
        detail: { tag: "NotPermitted", message: denied.message, correlation_id: "c-1" }
      })
    }).pipe(Effect.provide(surroundings({ before: () => Effect.fail(denied) })))
  )

  it.effect("is a failed result for a provider that gives up by itself: only a stop leaves the outcome open", () =>
    Effect.gen(function* () {
      const { error, outcome } = yield* applyOne(windowOf("outage"))
      expect(outcome).toBe("failed")
      expect(error).toMatchObject({ _tag: "OtherError", tag: "InterruptedException" })
      expect(yield* Surroundings.states).toEqual(["finished"])
      expect((yield* actions).at(-1)).toBe("refuse_replay_config")
    }).pipe(Effect.provide(surroundings({ before: () => Effect.interrupt })))
  )

  it.effect(
    "records what the provider makes beside the replay, before and after, also where the window is refused",
    () => {
      const archive = { action: "create_archive", detail: { archive: "genesys-replay-1" } } as const
      const making = (made: Effect.Effect<SideEffect.Outcome, ProviderError.ProviderError>) =>
        Effect.updateService(ReplayProvider.ReplayProvider, (provider) => ({
          ...provider,
          submit: (window: PlannedWindow.PlannedWindow) =>
            Effect.flatMap(SideEffect.SideEffects, (record) =>
              Effect.zipRight(record(archive, made), provider.submit(window))
            )
        }))
      const recorded = (made: Effect.Effect<SideEffect.Outcome, ProviderError.ProviderError>) =>
        Effect.gen(function* () {
          yield* applyOne(windowOf("outage"))
          return (yield* entries).map(({ action, detail }) => [
            action,
            detail["archive"],
            detail["outcome"],
            detail["tag"]
          ])
        }).pipe(making(made), Effect.provide(surroundings()))
      return Effect.gen(function* () {
        const asked = ["create_archive", "genesys-replay-1", "requested", undefined]
        const rest = [undefined, undefined, undefined]
        expect(yield* recorded(Effect.succeed("created"))).toEqual([
          ["plan_replay_config", ...rest],
          ["submit_replay_config", ...rest],
          asked,
          ["create_archive", "genesys-replay-1", "created", undefined],
          ["create_replay_config", ...rest]
        ])
        expect((yield* recorded(Effect.fail(denied))).slice(2)).toEqual([
          asked,
          ["create_archive", "genesys-replay-1", "failed", "NotPermitted"],
          ["refuse_replay_config", undefined, undefined, "NotPermitted"]
        ])
      })
    }
  )

  it.effect("waits until the replay ends, verifies it, and tells the sinks of each step in order", () =>
    Effect.gen(function* () {
      const { sink, told } = yield* collector
      const steps = yield* Ref.make<ReadonlyArray<string>>([])
      const program = Effect.gen(function* () {
        const result = yield* during(
          "1 minute",
          applyOne(windowOf("outage"), {
            wait: true,
            verify: (replay) => Effect.succeed(reportOf(replay.name, 3)),
            onProgress: (progress) => Ref.update(steps, (all) => [...all, progress._tag])
          })
        )
        const accuracy = {
          window_id: "outage",
          accuracy_rate: 97,
          sequence_gaps: 3,
          timestamp: "2024-01-15T20:30:02.100Z"
        }
        expect(result).toMatchObject({
          outcome: "created",
          error: null,
          replay: { state: "COMPLETED", sequence: { first: 1, last: 100 } },
          accuracy
        })
        expect(yield* told).toEqual([
          {
            event_type: "replay_config_complete",
            config_id: "replay-1",
            payload_hash: windowOf("outage").payloadHash,
            timestamp: "2024-01-15T20:30:00Z",
            latency_ms: 0,
            window: "outage",
            outcome: "created"
          },
          accuracy
        ])
        // The first event goes out as soon as it is written: it does not wait for the end of the replay.
        expect(yield* actions).toEqual([
          "plan_replay_config",
          "submit_replay_config",
          "create_replay_config",
          "sync_replay",
          "complete_replay",
          "verify_replay",
          "sync_replay"
        ])
      })
      yield* Effect.provide(program, surroundings({}, SyncSink.SyncSinks.layerOf(sink)))
      expect(yield* Ref.get(steps)).toEqual([
        "Submitting",
        "Submitted",
        "Watching",
        "Watching",
        "Watching",
        "Verified",
        "Synced",
        "Synced",
        "Finished"
      ])
      const gauges = (yield* Metric.snapshot).filter(({ metricKey }) => metricKey.name.startsWith("genesys_replay_"))
      expect(gauges.map(({ metricKey }) => metricKey.name)).toEqual(
        expect.arrayContaining(["genesys_replay_coverage_percent", "genesys_replay_missing_events"])
      )
    })
  )

  it.effect("reports a verification that failed, and tells the sinks that the replay stands all the same", () =>
    Effect.gen(function* () {
      const { sink, told } = yield* collector
      const result = yield* during(
        "1 minute",
        applyOne(windowOf("outage"), { verify: () => Effect.fail(denied) })
      ).pipe(Effect.provide(surroundings({}, SyncSink.SyncSinks.layerOf(sink))))
      expect([result.outcome, result.error?._tag, result.replay?.state]).toEqual([
        "created",
        "NotPermitted",
        "COMPLETED"
      ])
      expect((yield* told).map(SyncSink.kindOf)).toEqual(["replay_config_complete"])
    })
  )

  it.effect(
    "never fails for a sink that fails, dies or hangs; the trail names each, and the outbox keeps what is owed",
    () =>
      Effect.gen(function* () {
        const result = yield* during("2 minutes", applyOne(windowOf("outage")))
        expect([result.outcome, result.error]).toEqual(["created", null])
        const synced = (yield* entries).filter(({ action }) => action === "sync_replay").map(({ detail }) => detail)
        expect(synced.map(({ delivered, reason, sink }) => [sink, delivered, reason]).sort()).toEqual([
          ["dying", false, "Error: boom"],
          ["failing", false, "no room"],
          ["good", true, undefined],
          ["hanging", false, "it did not answer in time"],
          ["stubborn", false, "it did not answer in time"],
          ["throwing", false, "thrown"]
        ])
        expect(yield* Surroundings.messages).toEqual(
          ["failing", "throwing", "dying", "hanging", "stubborn", "good"].map(
            (sink) => `${sink} replay_config_complete ${sink === "good" ? "delivered" : "pending"}`
          )
        )
      }).pipe(
        Effect.provide(
          surroundings(
            {},
            SyncSink.SyncSinks.layerOf(
              CallbackSink.fromEffect("failing", () => Effect.fail({ message: "no room" })),
              CallbackSink.fromFunction("throwing", () => {
                throw new Error("thrown")
              }),
              CallbackSink.fromEffect("dying", () => Effect.die(new Error("boom"))),
              CallbackSink.fromEffect("hanging", () => Effect.never),
              CallbackSink.fromEffect("stubborn", () => Effect.uninterruptible(Effect.sleep("1 day"))),
              CallbackSink.fromFunction("good", async () => {})
            )
          )
        )
      )
  )

  it.effect("a progress callback that dies changes nothing", () =>
    Effect.gen(function* () {
      const result = yield* applyOne(windowOf("outage"), { onProgress: () => Effect.die(new Error("boom")) })
      expect(result.error).toBeNull()
    }).pipe(Effect.provide(surroundings()))
  )
})

describe("ReplayPipeline.apply, a plan", () => {
  it.effect("submits every window, reports in the order of the plan, and one failure stops nobody", () =>
    Effect.gen(function* () {
      const report = yield* during("1 minute", apply(numbered(5)))
      expect(report.results.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
        "w1 created",
        "w2 failed",
        "w3 created",
        "w4 failed",
        "w5 adopted"
      ])
      expect(report.summary).toEqual({ created: 2, unchanged: 0, adopted: 1, failed: 2 })
      expect(report.results[1]).toEqual({
        name: "w2",
        id: null,
        outcome: "failed",
        payloadHash: windowOf("w2").payloadHash,
        latencyMs: null,
        error: denied
      })
      expect(report.results[3]?.error).toEqual(new WindowError.Defect({ message: "a bug" }))
      expect(yield* Surroundings.states).toEqual(Array(5).fill("finished"))
    }).pipe(
      Effect.provide(
        surroundings({
          adopts: ["w5"],
          before: ({ subject }) =>
            subject === "w2"
              ? Effect.fail(denied)
              : subject === "w4"
                ? Effect.die(new Error("a bug"))
                : Effect.sleep(subject === "w1" ? "3 seconds" : "1 second")
        })
      )
    )
  )

  it.effect("plans every window before the first is submitted", () =>
    Effect.gen(function* () {
      yield* apply(numbered(3))
      expect((yield* entries).slice(0, 3).map(({ action, window }) => `${window} ${action}`)).toEqual([
        "w1 plan_replay_config",
        "w2 plan_replay_config",
        "w3 plan_replay_config"
      ])
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("keeps at most `concurrency` requests under way, and no fewer while there is work", () =>
    Effect.gen(function* () {
      const report = yield* during("5 seconds", apply(numbered(20)))
      const provider = yield* InMemoryProvider.InMemoryProvider
      expect(yield* provider.mostAtOnce).toBe(4)
      expect(report.summary.created).toBe(20)
      const last = (yield* entries).at(-1)
      expect(last?.timestamp).toBe("2024-01-15T20:30:05Z")
    }).pipe(Effect.provide(surroundings(slow("1 second"))))
  )

  it.effect("starts every replay before it waits for the first, and bounds the looks as well", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(apply(numbered(10), { concurrency: 2, wait: true }))
      yield* pass("3 seconds")
      const provider = yield* InMemoryProvider.InMemoryProvider
      expect((yield* provider.replays).length).toBe(10)
      expect(yield* Surroundings.calls("describe")).toBeGreaterThan(20)
      // Two submissions and two looks.
      expect(yield* provider.mostAtOnce).toBe(4)
      expect(Option.isNone(yield* Fiber.poll(fiber))).toBe(true)
      yield* stop("1 second", fiber)
    }).pipe(Effect.provide(surroundings({ before: () => Effect.sleep("10 millis"), progress: [{ state: "RUNNING" }] })))
  )

  it.effect("is the document that leaves the process", () =>
    Effect.gen(function* () {
      const report = yield* during("1 minute", apply(plan("a", "b"), { wait: true }))
      const encoded = yield* Schema.encode(ApplyReport.ApplyDocument)(report)
      expect(JSON.parse(JSON.stringify(encoded))).toEqual({
        results: ["a", "b"].map((name, index) => ({
          name,
          id: `replay-${index + 1}`,
          outcome: "created",
          payloadHash: windowOf(name).payloadHash,
          latencyMs: 0,
          error: null,
          replay: { state: "COMPLETED", sequence: { first: 1, last: 100 } }
        })),
        summary: { created: 2, unchanged: 0, adopted: 0, failed: 0 }
      })
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("reports a replay that failed as one that stands, with its state", () =>
    Effect.gen(function* () {
      const report = yield* during("1 minute", apply(plan("a"), { wait: true }))
      expect(report.results[0]).toMatchObject({ outcome: "created", error: null, replay: { state: "FAILED" } })
      expect((yield* entries).at(-1)).toMatchObject({
        action: "complete_replay",
        detail: { state: "FAILED", stateReason: "the bus is gone" }
      })
    }).pipe(Effect.provide(surroundings({ progress: [{ state: "FAILED", stateReason: "the bus is gone" }] })))
  )

  it.effect("a replay that completed without an event did not go well", () =>
    Effect.gen(function* () {
      const report = yield* during("1 minute", apply(plan("a"), { wait: true }))
      const [result] = report.results
      expect(result).toMatchObject({ outcome: "created", error: null, replay: { state: "COMPLETED", empty: true } })
      expect(report.results.every(ApplyReport.wentWell)).toBe(false)
    }).pipe(Effect.provide(surroundings({ progress: [{ state: "RUNNING" }, { state: "COMPLETED" }] })))
  )

  it.effect("an empty plan is an empty report, and no run", () =>
    Effect.gen(function* () {
      expect((yield* apply(plan())).results).toEqual([])
      expect([yield* Surroundings.states, yield* actions]).toEqual([[], []])
    }).pipe(Effect.provide(surroundings()))
  )
})

describe("ReplayPipeline, the same windows from two sides", () => {
  it.effect("two at the same time are one run: one request, one report, the plan recorded once", () =>
    Effect.gen(function* () {
      const both = Effect.all([ReplayPipeline.apply(numbered(3)), ReplayPipeline.apply(numbered(3))], {
        concurrency: 2
      })
      const [one, other] = yield* during("1 minute", Surroundings.withEngine(both))
      expect(one).toEqual(other)
      expect(one.summary.created).toBe(3)
      expect(yield* Surroundings.calls("submit")).toBe(3)
      expect(yield* Surroundings.states).toEqual(["finished", "finished", "finished"])
      expect((yield* actions).filter((action) => action === "plan_replay_config").length).toBe(3)
    }).pipe(Effect.provide(surroundings(slow("1 second"))))
  )

  it.effect("two engines on the same state make one replay of each window, and tell of it once", () =>
    Effect.gen(function* () {
      const both = Effect.all([apply(numbered(3), { wait: true }), apply(numbered(3), { wait: true })], {
        concurrency: 2
      })
      const [one, other] = yield* during("1 minute", both)
      expect(one).toEqual(other)
      expect((yield* Surroundings.replays).sort()).toEqual(["w1", "w2", "w3"])
      expect(yield* Surroundings.states).toEqual(["finished", "finished", "finished"])
      // Both have asked; only the first answer counts.
      const told = (yield* entries).filter(({ window }) => window === "w1").map(({ action }) => action)
      expect(told).toEqual([
        "plan_replay_config",
        "submit_replay_config",
        "submit_replay_config",
        "create_replay_config",
        "sync_replay",
        "complete_replay"
      ])
      expect(yield* Surroundings.messages).toEqual(Array(3).fill("collector replay_config_complete delivered"))
    }).pipe(
      Effect.provide(
        surroundings(
          slow("1 second"),
          SyncSink.SyncSinks.layerOf(CallbackSink.fromEffect("collector", () => Effect.void))
        )
      )
    )
  )

  it.effect(
    "another payload under the name of an unfinished window is a window of its own, and the conflict is told",
    () =>
      Effect.gen(function* () {
        const first = yield* Effect.fork(apply(plan("outage"), { wait: true }))
        yield* pass("1 second")
        const other = yield* during("1 second", applyOne(windowOf("outage", "2024-01-15T09:00:00Z")))
        expect(other.error?._tag).toBe("ReplayConflict")
        yield* stop("1 second", first)
        expect(yield* Surroundings.states).toEqual(["submitted", "finished"])
      }).pipe(Effect.provide(surroundings({ progress: [{ state: "RUNNING" }] })))
  )

  it.effect("what is asked for again, with more to do, is done with more", () =>
    Effect.gen(function* () {
      yield* ReplayPipeline.request(plan("outage"))
      const again = yield* ReplayPipeline.request(plan("outage"), { wait: true })
      expect(again.map(({ state, wait }) => [state, wait])).toEqual([["requested", true]])
      yield* ReplayPipeline.request(plan("outage"))
      const result = yield* during("1 minute", applyOne(windowOf("outage")))
      expect(result.replay?.state).toBe("COMPLETED")
      expect(yield* Surroundings.states).toEqual(["finished"])
    }).pipe(Effect.provide(surroundings()))
  )
})

describe("ReplayPipeline.apply, with more to do for a window that is already submitted", () => {
  it.effect("is a run of its own, which finds the replay unchanged", () =>
    Effect.gen(function* () {
      const first = yield* Effect.fork(ReplayPipeline.apply(plan("outage")))
      yield* pass("1 second")
      expect(yield* Surroundings.states).toEqual(["submitted"])
      const same = yield* ReplayPipeline.request(plan("outage"))
      expect(same.length).toBe(1)
      expect(yield* Surroundings.states).toEqual(["submitted"])
      const { results } = yield* during("2 minutes", ReplayPipeline.apply(plan("outage"), { wait: true }))
      expect(results).toMatchObject([{ outcome: "unchanged", replay: { state: "COMPLETED" } }])
      expect((yield* Surroundings.join("2 minutes", first)).results).toMatchObject([{ outcome: "created" }])
      expect(yield* Surroundings.states).toEqual(["finished", "finished"])
    }).pipe(
      Surroundings.withEngine,
      Effect.provide(
        surroundings({}, SyncSink.SyncSinks.layerOf(CallbackSink.fromEffect("slow", () => Effect.sleep("30 seconds"))))
      )
    )
  )
})

describe("ReplayPipeline.request", () => {
  it.effect("writes the windows down and sends nothing; an engine that comes later does it", () =>
    Effect.gen(function* () {
      const asked = yield* ReplayPipeline.request(numbered(3), { wait: true })
      expect(asked.map(({ position, state, window }) => [position, window.name, state])).toEqual([
        [0, "w1", "requested"],
        [1, "w2", "requested"],
        [2, "w3", "requested"]
      ])
      yield* pass("1 hour")
      const provider = yield* InMemoryProvider.InMemoryProvider
      expect(yield* provider.calls).toEqual([])
      expect(yield* actions).toEqual(Array(3).fill("plan_replay_config"))
      yield* Surroundings.stopAfter("1 minute", engine)
      const windows = yield* Effect.flatMap(Runs.Runs, ({ list }) => list())
      expect(windows.map(({ result, state }) => [state, result?.outcome, result?.replay?.state])).toEqual(
        Array(3).fill(["finished", "created", "COMPLETED"])
      )
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("is taken up at once by an engine that works already, and can be waited for", () =>
    Effect.gen(function* () {
      const working = yield* Effect.fork(engine)
      yield* pass("1 minute")
      const asked = yield* ReplayPipeline.request(plan("outage"))
      const settled = yield* during("1 second", awaitWindows(asked))
      expect(settled.map(({ result, state }) => [state, result?.outcome])).toEqual([["finished", "created"]])
      yield* stop("1 second", working)
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("leaves alone what was asked for another target", () =>
    Effect.gen(function* () {
      const runs = yield* Runs.Runs
      const [asked] = yield* ReplayPipeline.request(plan("outage"))
      if (asked === undefined) return expect.fail("nothing was asked for")
      const run = RunWindow.RunId.make("20240115203001-000000")
      yield* runs.add([{ ...asked, run, key: RunWindow.keyOf(run, "outage"), target: "another region" }])
      yield* Surroundings.stopAfter("1 minute", engine)
      const windows = yield* runs.list()
      expect(windows.map(({ state, target }) => [target, state])).toEqual([
        ["in memory", "finished"],
        ["another region", "requested"]
      ])
      expect((yield* ReplayPipeline.unfinished).length).toBe(0)
    }).pipe(Effect.provide(surroundings()))
  )
})

describe("ReplayPipeline.cancel", () => {
  const tagOf = <E extends { readonly _tag: string }>(either: Either.Either<unknown, E>) =>
    either._tag === "Left" ? either.left._tag : "none"

  it.effect("stops the replay and records it", () =>
    Effect.gen(function* () {
      yield* applyOne(windowOf("outage"))
      const provider = yield* InMemoryProvider.InMemoryProvider
      const [replay] = yield* provider.replays
      if (replay === undefined) return expect.fail("no replay")
      yield* ReplayPipeline.cancel(replay.id)
      expect((yield* provider.replays)[0]?.progress.state).toBe("CANCELLED")
      expect((yield* entries).at(-1)).toEqual({
        action: "cancel_replay",
        config_id: "replay-1",
        retention_days: 60,
        replay_start: "2024-01-15T08:00:00Z",
        topics: ["genesys.conversations.message", "genesys.conversations.call"],
        latency_ms: null,
        timestamp: "2024-01-15T20:30:00Z",
        window: "outage",
        payload_hash: null,
        detail: { provider: "genesys", was: { state: "PENDING" } }
      })
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("records a replay that was cancelled before no second time; one that the trail does not have, once", () =>
    Effect.gen(function* () {
      yield* apply(plan("outage", "other"))
      const { replays } = yield* InMemoryProvider.InMemoryProvider
      const [outage, other] = yield* replays
      if (outage === undefined || other === undefined) return expect.fail("no replays")
      // Somebody else has stopped it.
      yield* Effect.flatMap(ReplayProvider.ReplayProvider, (provider) => provider.cancel(other.id))
      for (const { id } of [outage, outage, other, other]) yield* ReplayPipeline.cancel(id)
      const cancelled = (yield* entries).filter(({ action }) => action === "cancel_replay")
      expect(cancelled.map(({ config_id }) => config_id)).toEqual([outage.id, other.id])
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("fails for an unknown id, and records nothing", () =>
    Effect.gen(function* () {
      yield* applyOne(windowOf("outage"))
      const provider = yield* InMemoryProvider.InMemoryProvider
      const [replay] = yield* provider.replays
      if (replay === undefined) return expect.fail("no replay")
      const before = yield* actions
      const unknown = yield* Effect.either(ReplayPipeline.cancel(replay.id)).pipe(
        Effect.provide(InMemoryProvider.layer())
      )
      expect(tagOf(unknown)).toBe("ReplayNotFound")
      expect(yield* actions).toEqual(before)
    }).pipe(Effect.provide(surroundings()))
  )
})
