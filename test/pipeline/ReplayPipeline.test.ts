import { FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { type PlannedWindow, ProviderError } from "@genesys-replay/domain"
import {
  ApplyReport,
  AuditTrail,
  CallbackSink,
  InMemoryProvider,
  MemoryState,
  ReplayEngine,
  ReplayPipeline,
  StateUnavailable,
  SyncSink
} from "@genesys-replay/pipeline"
import { DateTime, Effect, type Either, Exit, Fiber, Layer, Metric, Option, Ref, Schema, TestClock } from "effect"
import type { DurationInput } from "effect/Duration"
import { now, reportOf, windowOf } from "./Windows.js"

const surroundings = (
  provider: InMemoryProvider.Options = {},
  sinks: Layer.Layer<SyncSink.SyncSinks> = SyncSink.SyncSinks.layerNone
) =>
  MemoryState.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(InMemoryProvider.layer(provider), sinks, FileSystem.layerNoop({})))
  )

/** Applied by an engine that ends with it: what is kept is kept in the surroundings. */
const apply = <E = never, R = never>(
  windows: Parameters<typeof ReplayPipeline.apply>[0],
  options?: ReplayPipeline.ApplyOptions<E, R>
) => Effect.provide(ReplayPipeline.apply(windows, options), ReplayEngine.ReplayEngine.layerMemory)

const configure = <E = never, R = never>(
  window: PlannedWindow.PlannedWindow,
  options?: ReplayPipeline.ApplyOptions<E, R>
) =>
  Effect.map(apply({ windows: [window] }, options), ({ results: [result] }) =>
    result === undefined ? expect.fail("no result") : result
  )

const begin = TestClock.setTime(DateTime.toEpochMillis(now))

const entries = Effect.flatMap(AuditTrail.AuditTrail, (trail) => trail.list())

const actions = Effect.map(entries, (all) =>
  all.map(({ action }) => action).filter((action) => action !== "plan_replay_config")
)

/** Runs `effect` while the clock goes forward by `duration`. */
const during = <A, E, R>(duration: DurationInput, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust(duration)
    return yield* Fiber.join(fiber)
  })

const slow = (pause: DurationInput): InMemoryProvider.Options => ({
  before: ({ operation }) => (operation === "submit" ? Effect.sleep(pause) : Effect.void)
})

const denied = new ProviderError.NotPermitted({
  operation: "POST /api/v2/eventstreams",
  status: 403,
  reason: "missing permission",
  correlationId: "c-1"
})

const gone = new StateUnavailable.StateUnavailable({
  operation: "written",
  location: "/state.db",
  reason: "the disk is full",
  remedy: "Free some space"
})

const unwritable = (isWritable: (action: string) => boolean) =>
  Layer.effect(
    AuditTrail.AuditTrail,
    Effect.gen(function* () {
      const { list, record } = yield* AuditTrail.AuditTrail
      return { list, record: (entry) => (isWritable(entry.action) ? record(entry) : Effect.fail(gone)) }
    })
  ).pipe(Layer.provide(AuditTrail.AuditTrail.layerMemory))

const plan = (...names: ReadonlyArray<string>) => ({ windows: names.map((name) => windowOf(name)) })

const numbered = (count: number) => plan(...Array.from({ length: count }, (_, index) => `w${index + 1}`))

describe("ReplayPipeline.configure", () => {
  it.effect("records the window before the request and after the answer, with the latency to the millisecond", () =>
    Effect.gen(function* () {
      yield* begin
      const result = yield* during("2 seconds", configure(windowOf("outage")))
      expect(result).toEqual({
        name: "outage",
        id: "replay-1",
        outcome: "created",
        payloadHash: windowOf("outage").payloadHash,
        latencyMs: 1_234,
        error: null
      })
      const [before, behind, ...others] = yield* entries
      expect(others).toEqual([])
      expect(before).toMatchObject({
        action: "submit_replay_config",
        config_id: null,
        latency_ms: null,
        timestamp: "2024-01-15T20:30:00Z"
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
        detail: { provider: "genesys", state: "PENDING", correlation_id: "correlation-outage" }
      })
    }).pipe(Effect.provide(surroundings(slow("1234 millis"))))
  )

  it.effect("is unchanged the second time, and makes no second replay", () =>
    Effect.gen(function* () {
      yield* configure(windowOf("outage"))
      const again = yield* configure(windowOf("outage"))
      expect([again.outcome, again.id, again.error]).toEqual(["unchanged", "replay-1", null])
      const provider = yield* InMemoryProvider.InMemoryProvider
      expect((yield* provider.replays).length).toBe(1)
      expect(yield* actions).toEqual([
        "submit_replay_config",
        "create_replay_config",
        "submit_replay_config",
        "confirm_replay_config"
      ])
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("says that a replay was adopted", () =>
    Effect.gen(function* () {
      expect((yield* configure(windowOf("outage"))).outcome).toBe("adopted")
      expect(yield* actions).toEqual(["submit_replay_config", "adopt_replay_config"])
    }).pipe(Effect.provide(surroundings({ adopts: ["outage"] })))
  )

  it.effect("fails with a conflict that says which fields differ, and records the refusal", () =>
    Effect.gen(function* () {
      yield* configure(windowOf("outage"))
      const error = yield* Effect.flip(configure(windowOf("outage", "2024-01-15T09:00:00Z")))
      expect(error._tag).toBe("ReplayConflict")
      expect(error.message).toContain("replayConfig.startDate")
      expect((yield* entries).at(-1)).toMatchObject({
        action: "refuse_replay_config",
        config_id: null,
        detail: { tag: "ReplayConflict", message: error.message }
      })
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("records a refusal with tag, message and correlation id", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(configure(windowOf("outage")))
      expect([error._tag, error.message]).toEqual(["NotPermitted", denied.message])
      expect((yield* entries).at(-1)).toMatchObject({
        action: "refuse_replay_config",
        latency_ms: 0,
        detail: { tag: "NotPermitted", message: denied.message, correlation_id: "c-1" }
      })
    }).pipe(Effect.provide(surroundings({ before: () => Effect.fail(denied) })))
  )

  it.effect("sends nothing when the trail cannot be written", () =>
    Effect.gen(function* () {
      expect((yield* Effect.flip(configure(windowOf("outage")))).message).toBe(gone.message)
      const provider = yield* InMemoryProvider.InMemoryProvider
      expect(yield* provider.calls).toEqual([])
    }).pipe(
      Effect.provide(
        Layer.mergeAll(
          InMemoryProvider.layer(),
          unwritable(() => false),
          SyncSink.SyncSinks.layerNone
        )
      )
    )
  )

  it.effect("keeps the replay and names the error when only the answer cannot be recorded", () =>
    Effect.gen(function* () {
      const result = yield* configure(windowOf("outage"))
      expect([result.outcome, result.id, result.error?.tag]).toEqual(["created", "replay-1", "StateUnavailable"])
    }).pipe(
      Effect.provide(
        Layer.mergeAll(
          InMemoryProvider.layer(),
          unwritable((action) => action === "submit_replay_config"),
          SyncSink.SyncSinks.layerNone
        )
      )
    )
  )

  it.effect("waits until the replay ends, verifies it, and tells the sinks: in this order", () =>
    Effect.gen(function* () {
      yield* begin
      const told = yield* Ref.make<ReadonlyArray<SyncSink.SyncDocument>>([])
      const steps = yield* Ref.make<ReadonlyArray<string>>([])
      const sink = CallbackSink.fromEffect("collector", (document) => Ref.update(told, (all) => [...all, document]))
      const result = yield* during(
        "1 minute",
        configure(windowOf("outage"), {
          wait: true,
          verify: (replay) => Effect.succeed(reportOf(replay.name, 3)),
          onProgress: (progress) => Ref.update(steps, (all) => [...all, progress._tag])
        }).pipe(Effect.provide(SyncSink.SyncSinks.layerOf(sink)))
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
      expect(yield* Ref.get(told)).toEqual([
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
      expect(yield* actions).toEqual([
        "submit_replay_config",
        "create_replay_config",
        "complete_replay",
        "verify_replay",
        "sync_replay",
        "sync_replay"
      ])
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
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("reports a verification that failed, and tells the sinks all the same", () =>
    Effect.gen(function* () {
      const told = yield* Ref.make(0)
      const sink = CallbackSink.fromEffect("collector", () => Ref.update(told, (count) => count + 1))
      const result = yield* during(
        "1 minute",
        configure(windowOf("outage"), { verify: () => Effect.fail(denied) }).pipe(
          Effect.provide(SyncSink.SyncSinks.layerOf(sink))
        )
      )
      expect([result.outcome, result.error?.tag, result.replay?.state]).toEqual([
        "created",
        "NotPermitted",
        "COMPLETED"
      ])
      expect(yield* Ref.get(told)).toBe(1)
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("never fails for a sink that fails, dies or hangs; the trail names each", () =>
    Effect.gen(function* () {
      const result = yield* during("2 minutes", configure(windowOf("outage")))
      expect([result.outcome, result.error]).toEqual(["created", null])
      const synced = (yield* entries).filter(({ action }) => action === "sync_replay").map(({ detail }) => detail)
      expect(synced.map(({ delivered, reason, sink }) => [sink, delivered, reason])).toEqual([
        ["failing", false, "no room"],
        ["throwing", false, "thrown"],
        ["dying", false, "Error: boom"],
        ["hanging", false, "it did not answer in time"],
        ["stubborn", false, "it did not answer in time"],
        ["good", true, undefined]
      ])
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
      const result = yield* configure(windowOf("outage"), {
        onProgress: () => Effect.die(new Error("boom"))
      })
      expect(result.error).toBeNull()
    }).pipe(Effect.provide(surroundings()))
  )
})

/** Interrupts a fiber while the clock goes forward by `duration`. */
const interruptDuring = <A, E>(duration: DurationInput, fiber: Fiber.RuntimeFiber<A, E>) =>
  Effect.gen(function* () {
    const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
    yield* TestClock.adjust(duration)
    return yield* Fiber.join(interrupting)
  })

describe("ReplayPipeline, interrupted", () => {
  it.effect("records that no answer came, after a grace of five seconds", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(configure(windowOf("outage")))
      yield* TestClock.adjust("250 millis")
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* TestClock.adjust("4999 millis")
      expect(yield* actions).toEqual(["submit_replay_config"])
      yield* TestClock.adjust("1 millis")
      expect(Exit.isInterrupted(yield* Fiber.join(interrupting))).toBe(true)
      const [first, second, ...others] = yield* entries
      expect(others).toEqual([])
      expect(first?.action).toBe("submit_replay_config")
      expect(second).toMatchObject({
        action: "interrupt_replay_config",
        config_id: null,
        latency_ms: 5_250,
        detail: { outcome: "unknown" }
      })
    }).pipe(Effect.provide(surroundings(slow("1 hour"))))
  )

  it.effect("loses no submission whose answer comes within the grace", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(configure(windowOf("outage")))
      yield* TestClock.adjust("250 millis")
      expect(Exit.isInterrupted(yield* interruptDuring("4 seconds", fiber))).toBe(true)
      expect(yield* actions).toEqual(["submit_replay_config", "create_replay_config"])
      expect((yield* entries)[1]).toMatchObject({ config_id: "replay-1", latency_ms: 4_000 })
    }).pipe(Effect.provide(surroundings(slow("4 seconds"))))
  )

  it.effect("sends nothing more after the interruption", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(configure(windowOf("outage"), { wait: true }))
      yield* TestClock.adjust("250 millis")
      yield* interruptDuring("1 minute", fiber)
      const provider = yield* InMemoryProvider.InMemoryProvider
      expect((yield* provider.calls).map(({ operation }) => operation)).toEqual(["submit"])
    }).pipe(Effect.provide(surroundings(slow("1 second"))))
  )

  it.effect("in the middle of a plan, the trail tells which windows stand, which are unknown, and no others", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(apply(numbered(6), { concurrency: 2 }))
      yield* TestClock.adjust("1500 millis")
      yield* interruptDuring("5 seconds", fiber)
      const all = yield* entries
      expect(all.map(({ action, window }) => `${window} ${action}`).sort()).toEqual([
        "w1 create_replay_config",
        "w1 submit_replay_config",
        "w2 create_replay_config",
        "w2 submit_replay_config",
        "w3 interrupt_replay_config",
        "w3 submit_replay_config",
        "w4 interrupt_replay_config",
        "w4 submit_replay_config"
      ])
    }).pipe(
      Effect.provide(
        surroundings({
          before: ({ subject }) => Effect.sleep(subject === "w3" || subject === "w4" ? "1 hour" : "1 second")
        })
      )
    )
  )
})

describe("ReplayPipeline.apply", () => {
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
        error: { tag: "NotPermitted", message: denied.message, correlationId: "c-1" }
      })
      expect(report.results[3]?.error).toEqual({ tag: "Defect", message: "a bug" })
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

  it.effect("keeps at most `concurrency` requests under way, and no fewer while there is work", () =>
    Effect.gen(function* () {
      yield* begin
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
      yield* TestClock.adjust("20 seconds")
      const provider = yield* InMemoryProvider.InMemoryProvider
      expect((yield* provider.replays).length).toBe(10)
      expect(yield* provider.mostAtOnce).toBe(2)
      expect(Option.isNone(yield* Fiber.poll(fiber))).toBe(true)
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(surroundings({ before: () => Effect.sleep("10 millis"), progress: [{ state: "RUNNING" }] })))
  )

  it.effect("is the document that leaves the process", () =>
    Effect.gen(function* () {
      const report = yield* during("1 minute", apply(plan("a", "b"), { wait: true }))
      const encoded = yield* Schema.encode(ApplyReport.ApplyReport)(report)
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
      const report = yield* apply(plan("a"), { wait: true })
      expect(report.results[0]).toMatchObject({ outcome: "created", error: null, replay: { state: "FAILED" } })
      expect((yield* entries).at(-1)).toMatchObject({
        action: "complete_replay",
        detail: { state: "FAILED", stateReason: "the bus is gone" }
      })
    }).pipe(Effect.provide(surroundings({ progress: [{ state: "FAILED", stateReason: "the bus is gone" }] })))
  )

  it.effect("an empty plan is an empty report", () =>
    Effect.gen(function* () {
      expect((yield* apply(plan())).results).toEqual([])
    }).pipe(Effect.provide(surroundings()))
  )
})

describe("ReplayPipeline.cancel", () => {
  const tagOf = <E extends { readonly _tag: string }>(either: Either.Either<unknown, E>) =>
    either._tag === "Left" ? either.left._tag : "none"

  it.effect("stops the replay and records it", () =>
    Effect.gen(function* () {
      yield* begin
      yield* configure(windowOf("outage"))
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

  it.effect("fails for an unknown id, and records nothing", () =>
    Effect.gen(function* () {
      yield* configure(windowOf("outage"))
      const provider = yield* InMemoryProvider.InMemoryProvider
      const [replay] = yield* provider.replays
      if (replay === undefined) return expect.fail("no replay")
      const unknown = yield* Effect.either(ReplayPipeline.cancel(replay.id)).pipe(
        Effect.provide(InMemoryProvider.layer())
      )
      expect(tagOf(unknown)).toBe("ReplayNotFound")
      expect(yield* actions).toEqual(["submit_replay_config", "create_replay_config"])
    }).pipe(Effect.provide(surroundings()))
  )
})
