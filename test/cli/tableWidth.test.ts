import { describe, expect, it } from "@effect/vitest"
import { EventStream, ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
import { PayloadDigest, RunWindow } from "@genesys-replay/pipeline"
import { Effect, TestClock } from "effect"
import * as PlanText from "../../apps/cli/src/plan/PlanText.js"
import * as RunsText from "../../apps/cli/src/runs/RunsText.js"

const output = { colour: false, width: () => 80 }

const long = "outage-of-the-analytics-pipeline-in-the-night-of-the-deploy"

const widest = (text: string): number => Math.max(...text.split("\n").map(DisplayText.width))

const planOf = (spec: Readonly<Record<string, unknown>>) =>
  TestClock.setTime(Date.parse("2024-01-15T08:30:00.250Z")).pipe(
    Effect.zipRight(
      ReplaySpec.decode({
        retention: { "*": 60 },
        defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events" },
        windows: [{ name: long, topics: ["genesys.conversations.message"], start: "-90m", end: "-30m" }],
        ...spec
      })
    ),
    Effect.flatMap((decoded) => ReplayPlan.make(decoded)),
    Effect.provide(PayloadDigest.layer)
  )

const ids = {
  genesys: "7f0b5c1e-3f0a-4a39-9f57-1d6c2b8e9a10",
  eventbridge: "arn:aws:events:us-east-1:123456789012:replay/outage-in-the-night"
}

const run = RunWindow.RunId.make("20240115083000-abcdef")

/** The window of the plan, with a replay that has completed. */
const finished = (plan: ReplayPlan.ReplayPlan, id: string): ReadonlyArray<RunWindow.RunWindow> =>
  plan.windows.map((window, position) => ({
    key: RunWindow.keyOf(run, window.name),
    run,
    position,
    target: "https://api.mypurecloud.com as 0d6f8a58-7a0c-4f0e-b1c6-2f4f8b1f5a11",
    window,
    wait: true,
    verify: "nothing",
    sinks: [],
    state: "finished",
    result: {
      name: window.name,
      id: EventStream.ReplayId.make(id),
      outcome: "unchanged",
      payloadHash: window.payloadHash,
      latencyMs: 12,
      error: null,
      replay: { state: "COMPLETED" }
    },
    failure: null,
    requestedAt: "2024-01-15T08:30:00Z",
    updatedAt: "2024-01-15T08:30:00Z"
  }))

describe("In a terminal of 80 columns, with long names,", () => {
  for (const provider of ["genesys", "eventbridge"] as const) {
    it.effect(`${provider}: the table of a plan fits, and names its windows by 16 characters at least`, () =>
      Effect.gen(function* () {
        const plan = yield* planOf({ provider })
        const [titles = "", row = ""] = PlanText.render(plan, output).split("\n")
        expect(Math.max(widest(titles), widest(row))).toBeLessThanOrEqual(80)
        expect(row).toContain(long.slice(0, 15))
        expect(row).toContain(plan.windows[0]?.payloadHash.slice(0, 9))
      })
    )

    it.effect(`${provider}: the windows of a run fit, each with its whole id`, () =>
      Effect.gen(function* () {
        const text = RunsText.windows(finished(yield* planOf({ provider }), ids[provider]), output)
        expect(widest(text)).toBeLessThanOrEqual(80)
        expect(text.split("\n")).toContain(`  ${ids[provider]}`)
      })
    )
  }

  it.effect("the table of the runs fits", () =>
    Effect.gen(function* () {
      const windows = finished(yield* planOf({ provider: "genesys" }), ids.genesys)
      const text = RunsText.runs(RunsText.summaries(windows), output)
      expect(widest(text)).toBeLessThanOrEqual(80)
      expect(text).toContain(run)
    })
  )

  it.effect("and where there is room, the id of a window stands in its line", () =>
    Effect.gen(function* () {
      const windows = finished(yield* planOf({ provider: "genesys" }), ids.genesys)
      const lines = RunsText.windows(windows, { ...output, width: () => 160 }).split("\n")
      expect(lines.filter((line) => line.includes(long) && line.includes(ids.genesys))).toHaveLength(1)
    })
  )
})
