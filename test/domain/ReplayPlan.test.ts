import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { type Finding, PayloadHash, ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { DateTime, Effect, TestClock } from "effect"
import { bus, documentsOf, draft, draftAt, hash, now, oneWindow } from "./Planning.js"

const codes = (findings: ReadonlyArray<Finding.Finding>) =>
  findings.map(({ code, path, severity, window }) => `${severity} ${code} ${window} ${path}`)

describe("ReplayPlan", () => {
  it.effect("plans the golden payload at the Clock's instant", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(DateTime.toEpochMillis(DateTime.unsafeMake("2024-01-15T20:30:00Z")))
      const spec = yield* ReplaySpec.decode({
        windows: [
          {
            topics: ["genesys.conversations.message", "genesys.conversations.call"],
            retention: 60,
            start: "2024-01-15T08:00:00Z",
            destination: "arn:aws:eventbridge:us-east-1:123456789012:event-bus/gen-cx-events"
          }
        ]
      })
      const plan = yield* ReplayPlan.make(spec)
      const golden: unknown = JSON.parse(readFileSync(new URL("golden/payload.json", import.meta.url), "utf8"))
      expect(documentsOf(plan).map(({ payload }) => JSON.stringify(payload))).toEqual([JSON.stringify(golden)])
      expect(plan.findings).toEqual([])
    }).pipe(Effect.provide(PayloadHash.PayloadHasher.layerOf(hash)))
  )

  it.effect("rejects a plan with an error, and says every one of them", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(DateTime.toEpochMillis(now))
      const spec = yield* ReplaySpec.decode({
        defaults: { destination: bus },
        retention: { "*": 7 },
        windows: [
          { name: "a", topics: ["genesys.x.y"], start: "2025-01-01T00:00:00Z", retention: 30, region: "eu-west-1" },
          { name: "b", topics: ["genesys.x.y"], start: "2023-01-01T00:00:00Z", end: "2022-01-01T00:00:00Z" },
          { name: "b", topics: ["genesys.x.z"], start: "-1d" }
        ]
      })
      const rejected = yield* Effect.flip(ReplayPlan.make(spec))
      expect(codes(rejected.draft.findings)).toEqual([
        "error start-in-future a windows[0].start",
        "error retention-above-matrix a windows[0].retention",
        "error region-conflict a windows[0].region",
        "error start-beyond-platform-retention b windows[1].start",
        "error start-beyond-window-retention b windows[1].start",
        "error end-before-start b windows[1].end",
        "error duplicate-window b windows[2].name"
      ])
      expect(rejected.draft.windows).toEqual([])
      expect(rejected.message.split("\n")).toHaveLength(7)
    }).pipe(Effect.provide(PayloadHash.PayloadHasher.layerOf(hash)))
  )

  describe("start", () => {
    const rows: ReadonlyArray<readonly [start: string, findings: ReadonlyArray<string>]> = [
      ["2024-01-16T12:00:00Z", ["warning start-too-recent outage windows[0].start"]],
      ["2024-01-16T12:00:00.001Z", ["error start-in-future outage windows[0].start"]],
      ["2024-01-16T11:55:00Z", []],
      ["2024-01-16T11:55:00.001Z", ["warning start-too-recent outage windows[0].start"]],
      ["2023-10-18T12:00:00Z", []],
      [
        "2023-10-18T11:59:59.999Z",
        [
          "error start-beyond-platform-retention outage windows[0].start",
          "error start-beyond-window-retention outage windows[0].start"
        ]
      ],
      ["-90d", []],
      ["-4m", ["warning start-too-recent outage windows[0].start"]]
    ]
    for (const [start, findings] of rows) {
      it.effect(`${start} raises ${findings.length === 0 ? "nothing" : findings.join(", ")}`, () =>
        Effect.gen(function* () {
          const plan = yield* draft(oneWindow({ start }))
          expect(codes(plan.findings)).toEqual(findings)
        })
      )
    }

    it.effect(
      "of a relative age is exactly so old, whatever fraction of a second it is planned at: a limit is included",
      () =>
        Effect.gen(function* () {
          for (const millis of [1, 500, 999]) {
            const at = DateTime.add(now, { millis })
            const plan = (window: Record<string, unknown>) =>
              Effect.map(draftAt(at, oneWindow(window)), ({ findings }) => codes(findings))
            expect(yield* plan({ start: "-90d" })).toEqual([])
            expect(yield* plan({ start: "-30d", retention: 30 })).toEqual([])
            expect(yield* plan({ start: "-300s" })).toEqual([])
            expect(yield* plan({ start: "-0s" })).toEqual(["warning start-too-recent outage windows[0].start"])
            expect(yield* plan({ start: "-91d" })).toHaveLength(2)
          }
        })
    )

    it.effect("is too recent below a configured age", () =>
      Effect.gen(function* () {
        const plan = yield* draft(oneWindow({ start: "-59s" }), { minimumAge: "1 minute" })
        const older = yield* draft(oneWindow({ start: "-60s" }), { minimumAge: "1 minute" })
        expect(codes(plan.findings)).toEqual(["warning start-too-recent outage windows[0].start"])
        expect(older.findings).toEqual([])
      })
    )

    it.effect("beyond the window's own retention means that the events are gone", () =>
      Effect.gen(function* () {
        const within = yield* draft(oneWindow({ start: "-30d", retention: 30 }))
        const beyond = yield* draft(oneWindow({ start: "2023-12-17T11:59:59Z", retention: 30 }))
        expect(within.findings).toEqual([])
        expect(codes(beyond.findings)).toEqual(["error start-beyond-window-retention outage windows[0].start"])
        expect(beyond.windows).toEqual([])
      })
    )
  })

  describe("end", () => {
    it.effect("is ignored by Genesys Cloud, with a warning, and taken by EventBridge", () =>
      Effect.gen(function* () {
        const genesys = yield* draft(oneWindow({ end: "2024-01-15T11:00:00Z" }))
        const eventbridge = yield* draft(oneWindow({ end: "2024-01-15T11:00:00Z" }, { provider: "eventbridge" }))
        expect(codes(genesys.findings)).toEqual(["warning end-ignored outage windows[0].end"])
        expect(eventbridge.findings).toEqual([])
      })
    )

    it.effect("equal to the start is before it", () =>
      Effect.gen(function* () {
        const plan = yield* draft(oneWindow({ end: "2024-01-15T08:00:00Z" }))
        expect(codes(plan.findings)).toEqual(["error end-before-start outage windows[0].end"])
      })
    )
  })

  describe("retention", () => {
    const matrix = { retention: { "genesys.conversations.*": 60, "genesys.conversations.call": 30, "*": 7 } }
    const topics = ["genesys.conversations.message", "genesys.routing.queue", "genesys.conversations.call"]

    it.effect("splits a window into one stream for each retention that the matrix gives", () =>
      Effect.gen(function* () {
        const plan = yield* draft(oneWindow({ topics }, matrix))
        expect(plan.windows.map(({ name, retentionDays, topics }) => [name, retentionDays, topics])).toEqual([
          ["outage-60d", 60, ["genesys.conversations.message"]],
          ["outage-7d", 7, ["genesys.routing.queue"]],
          ["outage-30d", 30, ["genesys.conversations.call"]]
        ])
        expect(plan.findings).toEqual([])
      })
    )

    it.effect("of the window itself keeps it one stream, within the matrix", () =>
      Effect.gen(function* () {
        const within = yield* draft(oneWindow({ topics, retention: 7 }, matrix))
        const above = yield* draft(oneWindow({ topics, retention: 31 }, matrix))
        expect(within.windows.map(({ name, retentionDays }) => [name, retentionDays])).toEqual([["outage", 7]])
        expect(above.findings.map(({ code, message }) => [code, message])).toEqual([
          [
            "retention-above-matrix",
            expect.stringContaining("7 days that the matrix allows genesys.routing.queue (pattern *)")
          ],
          [
            "retention-above-matrix",
            expect.stringContaining("30 days that the matrix allows genesys.conversations.call")
          ]
        ])
      })
    )

    it.effect("is the platform's maximum where nothing bounds it", () =>
      Effect.gen(function* () {
        const plan = yield* draft(oneWindow({}))
        expect(plan.windows.map(({ retentionDays }) => retentionDays)).toEqual([90])
      })
    )
  })

  describe("region", () => {
    const withoutRegion = "arn:aws:events::123456789012:event-bus/gen-cx-events"
    const regionOf = (plan: ReplayPlan.PlanDraft) =>
      plan.windows.map(({ destination }) => destination._tag === "EventBus" && destination.region)

    it.effect("is the ARN's, whatever the environment says", () =>
      Effect.gen(function* () {
        expect(regionOf(yield* draft(oneWindow({}), { region: "eu-west-1" }))).toEqual(["us-east-1"])
      })
    )

    it.effect("is the window's, the environment's or us-east-1 where the ARN tells none", () =>
      Effect.gen(function* () {
        const window = { destination: withoutRegion }
        expect(regionOf(yield* draft(oneWindow({ ...window, region: "ap-south-1" }), { region: "eu-west-1" }))).toEqual(
          ["ap-south-1"]
        )
        expect(regionOf(yield* draft(oneWindow(window), { region: "eu-west-1" }))).toEqual(["eu-west-1"])
        expect(regionOf(yield* draft(oneWindow(window)))).toEqual(["us-east-1"])
      })
    )
  })

  describe("names", () => {
    const unnamed = { topics: ["genesys.x.y"], start: "-1d" }

    it.effect("are generated from the planning instant, each once", () =>
      Effect.gen(function* () {
        const plan = yield* draft({
          defaults: { destination: bus },
          windows: [unnamed, { ...unnamed, name: "eventbridge-replay-20240116120000-2" }, unnamed]
        })
        expect(plan.windows.map(({ name }) => name)).toEqual([
          "eventbridge-replay-20240116120000",
          "eventbridge-replay-20240116120000-2",
          "eventbridge-replay-20240116120000-3"
        ])
      })
    )

    it.effect("of a split that another window has are a duplicate", () =>
      Effect.gen(function* () {
        const plan = yield* draft({
          defaults: { destination: bus },
          retention: { "genesys.a.*": 60, "*": 7 },
          windows: [
            { name: "w-7d", topics: ["genesys.c.d"], start: "-1d" },
            { name: "w", topics: ["genesys.a.b", "genesys.c.e"], start: "-1d" }
          ]
        })
        expect(codes(plan.findings)).toEqual(["error duplicate-window w-7d windows[1].name"])
      })
    )

    it.effect("of a split stay within the longest allowed name", () =>
      Effect.gen(function* () {
        const name = "n".repeat(128)
        const plan = yield* draft(
          oneWindow({ name, topics: ["genesys.a.b", "genesys.c.d"] }, { retention: { "genesys.a.b": 60, "*": 7 } })
        )
        expect(plan.windows.map((window) => window.name)).toEqual([`${"n".repeat(124)}-60d`, `${"n".repeat(125)}-7d`])
      })
    )
  })

  describe("overlap", () => {
    const windows = (provider: string) => ({
      provider,
      defaults: { destination: bus },
      windows: [
        { name: "first", topics: ["genesys.x.y", "genesys.x.z"], start: "-48h", end: "-24h" },
        { name: "second", topics: ["genesys.x.y", "genesys.x.z"], start: "-24h", end: "-12h" },
        {
          name: "third",
          topics: ["genesys.x.z"],
          start: "-13h",
          end: "-1h",
          destination: bus.replace(":events:", ":eventbridge:")
        },
        { name: "elsewhere", topics: ["genesys.x.y"], start: "-30h", destination: `${bus}-2` }
      ]
    })

    it.effect("is between windows of the same topic and bus that share time", () =>
      Effect.gen(function* () {
        const plan = yield* draft(windows("eventbridge"))
        const overlaps = plan.findings.filter(({ code }) => code === "overlapping-windows")
        expect(codes(overlaps)).toEqual(["warning overlapping-windows third windows[2].topics"])
        expect(overlaps[0]?.message).toContain("second: genesys.x.z")
      })
    )

    it.effect("with Genesys Cloud every window reaches up to now", () =>
      Effect.gen(function* () {
        const plan = yield* draft(windows("genesys"))
        const overlaps = plan.findings.filter(({ code }) => code === "overlapping-windows")
        expect(codes(overlaps)).toEqual([
          "warning overlapping-windows second windows[1].topics",
          "warning overlapping-windows third windows[2].topics"
        ])
      })
    )
  })
})
