import { FetchHttpClient, FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { AuditTrail, CallbackSink, FileSink, SyncSink, WebhookSink } from "@genesys-replay/pipeline"
import { type Faults, Sandbox } from "@genesys-replay/sandbox"
import { Effect, Layer, Ref } from "effect"
import * as Receiver from "./Receiver.js"
import { genesys, outside, pipeline, planOf, prove, scene } from "./Scene.js"

const broken = (deliveries: Faults.DeliveryFaults) => scene({ faults: { deliveries } })

const provenOne = Effect.flatMap(planOf(["outage"]), prove)

const actions = Effect.flatMap(AuditTrail.AuditTrail, (trail) =>
  Effect.map(trail.list(), (entries) => entries.map(({ action }) => action))
)

describe("A window that is planned, applied and waited for", () => {
  it.scopedLive("is proven complete by the events that arrived", () =>
    Effect.gen(function* () {
      const { groups, report } = yield* provenOne
      expect(report.summary).toEqual({ created: 1, unchanged: 0, adopted: 0, failed: 0 })
      const [result] = report.results
      expect(result).toMatchObject({
        name: "outage",
        error: null,
        replay: { state: "COMPLETED", sequence: { first: 1 } },
        accuracy: { window_id: "outage", accuracy_rate: 100, sequence_gaps: 0 }
      })
      const last = result?.replay?.sequence?.last ?? 0
      expect(last).toBeGreaterThan(100)
      expect(groups.get("outage")).toMatchObject({
        expected: { start: 1, end: last, inferred: false },
        observed: last,
        unique: last,
        duplicates: 0,
        isContiguous: true
      })
      expect(yield* actions).toEqual([
        "plan_replay_config",
        "submit_replay_config",
        "create_replay_config",
        "complete_replay",
        "verify_replay"
      ])
    }).pipe(Effect.provide(scene()))
  )

  it.scopedLive(
    "is found incomplete where deliveries were lost, exactly those, although the platform says COMPLETED",
    () =>
      Effect.gen(function* () {
        const { groups, report } = yield* provenOne
        const [result] = report.results
        const last = result?.replay?.sequence?.last ?? 0
        const gapCount = 2 + 21 + (last - 109)
        expect(last).toBeGreaterThan(110)
        expect(result).toMatchObject({
          outcome: "created",
          error: null,
          replay: { state: "COMPLETED" },
          accuracy: { sequence_gaps: gapCount }
        })
        const group = groups.get("outage")
        expect(group?.missing.map(({ end, start }) => [start, end])).toEqual([
          [1, 2],
          [50, 70],
          [110, last]
        ])
        expect(group).toMatchObject({ gapCount, gapRanges: 3, isContiguous: false })
        // Between which times, also at the ends, where one of the two is nobody's.
        const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT/)
        expect(group?.missing.map(({ after, before }) => [after, before])).toEqual([
          [null, time],
          [time, time],
          [time, null]
        ])
        expect(result?.accuracy?.accuracy_rate).toBe(group?.coveragePercentage)
        expect(group?.coveragePercentage).toBeLessThan(100)
      }).pipe(Effect.provide(broken({ drop: { indices: [1, 2, [50, 70], [110, 1_000]] } })))
  )

  it.scopedLive("is complete where deliveries come twice and out of order", () =>
    Effect.gen(function* () {
      const { groups, report } = yield* provenOne
      expect(report.results[0]?.accuracy).toMatchObject({ accuracy_rate: 100, sequence_gaps: 0 })
      const group = groups.get("outage")
      expect(group?.isContiguous).toBe(true)
      expect(group?.duplicates).toBeGreaterThan(0)
      expect(group?.outOfOrder).toBeGreaterThan(0)
      expect(group?.observed).toBe((group?.unique ?? 0) + (group?.duplicates ?? 0))
    }).pipe(Effect.provide(broken({ duplicate: { rate: 0.2 }, reorder: { rate: 0.2 } })))
  )

  it.scopedLive("is measured by its own events: two windows on one bus do not hide each other's losses", () =>
    Effect.gen(function* () {
      const { groups } = yield* Effect.flatMap(planOf(["whole", "holey"]), prove)
      expect(groups.get("whole")).toMatchObject({ isContiguous: true, gapCount: 0 })
      expect(groups.get("holey")).toMatchObject({ isContiguous: false, gapCount: 3 })
    }).pipe(Effect.provide(broken({ drop: { indices: [5, 6, 9] }, streams: ["holey"] })))
  )

  it.scopedLive("is 0 % where nothing arrived", () =>
    Effect.gen(function* () {
      // A bus that nothing ever reached has no file; a file that is not there is an error, and no 0 %.
      const files = yield* FileSystem.FileSystem
      const { deliveries } = yield* Sandbox.Sandbox
      yield* files.writeFileString(deliveries("gen-cx-events"), "")
      const { report } = yield* provenOne
      expect(report.results[0]).toMatchObject({ error: null, accuracy: { accuracy_rate: 0 } })
    }).pipe(Effect.provide(broken({ drop: { rate: 1 } })))
  )
})

describe("Systems downstream", () => {
  it.scopedLive("are told that the window stands and how complete it came back; one that fails harms nobody", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const directory = yield* files.makeTempDirectoryScoped()
      const receiver = yield* Receiver.Receiver
      const called = yield* Ref.make<ReadonlyArray<unknown>>([])
      const { and, layerMake, layerOf } = SyncSink.SyncSinks
      const sinks = layerOf(
        CallbackSink.fromEffect("callback", (document) => Ref.update(called, (before) => [...before, document])),
        CallbackSink.fromEffect("broken", () => Effect.fail({ message: "the table is locked" }))
      ).pipe(
        and(layerMake(FileSink.make({ path: `${directory}/deep/sync.ndjson` }))),
        and(layerMake(WebhookSink.make({ url: receiver.url, secret: receiver.secret })))
      )
      const { entries, report } = yield* Effect.all({
        report: Effect.map(provenOne, ({ report }) => report),
        entries: Effect.flatMap(AuditTrail.AuditTrail, (trail) => trail.list({ action: "sync_replay" }))
      }).pipe(Effect.provide(pipeline(genesys(), Layer.provide(sinks, FetchHttpClient.layer))))
      const [result] = report.results
      expect(result).toMatchObject({ outcome: "created", error: null })

      const told = [
        {
          event_type: "replay_config_complete",
          config_id: result?.id,
          payload_hash: result?.payloadHash,
          timestamp: expect.stringMatching(/Z$/),
          latency_ms: result?.latencyMs,
          window: "outage",
          outcome: "created"
        },
        result?.accuracy
      ]
      expect(yield* Ref.get(called)).toEqual(told)
      expect(yield* receiver.received).toEqual(told)
      const lines = (yield* files.readFileString(`${directory}/deep/sync.ndjson`)).trim().split("\n")
      expect(lines.map((line): unknown => JSON.parse(line))).toEqual(told)

      // One after the other for each sink: the second waits until the broken one has taken the first.
      // The mark that tells webhooks of one origin apart says nothing of where they are.
      const nameOf = (sink: unknown) => String(sink).replace(/ #[0-9a-f]{6}$/, "")
      const outcomes = entries.map(
        ({ detail }) => `${nameOf(detail["sink"])} ${detail["document"]} ${detail["delivered"]}`
      )
      const good = ["callback", `file ${directory}/deep/sync.ndjson`, `webhook ${new URL(receiver.url).origin}`]
      expect(outcomes.sort()).toEqual(
        [
          "broken replay_config_complete false",
          ...good.flatMap((sink) => [`${sink} replay_config_complete true`, `${sink} replay_accuracy true`])
        ].sort()
      )
      expect(entries.find(({ detail }) => detail["sink"] === "broken")?.detail["reason"]).toContain(
        "the table is locked"
      )
    }).pipe(Effect.provide(Layer.provideMerge(Receiver.layer, outside())))
  )
})
