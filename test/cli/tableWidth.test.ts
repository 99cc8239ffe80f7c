import { describe, expect, it } from "@effect/vitest"
import { AuditEntry, EventStream, type Replay, ReplayPlan, ReplaySpec, SequenceIndex } from "@genesys-replay/domain"
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
import { type ApplyReport, RunWindow, type SyncMessage, WindowError } from "@genesys-replay/pipeline"
import { DateTime, Effect, Schema, TestClock } from "effect"
import * as ApplyText from "../../apps/cli/src/apply/ApplyText.js"
import * as AuditText from "../../apps/cli/src/audit/AuditText.js"
import * as PlanText from "../../apps/cli/src/plan/PlanText.js"
import * as ReplayText from "../../apps/cli/src/replays/ReplayText.js"
import * as RunsText from "../../apps/cli/src/runs/RunsText.js"
import * as SyncText from "../../apps/cli/src/sync/SyncText.js"

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
    Effect.flatMap((decoded) => ReplayPlan.make(decoded))
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

describe("With the longest values that there can be,", () => {
  const name = `${"outage-of-the-analytics-pipeline-".repeat(4).slice(0, 124)}-end`
  const arn = `arn:aws-us-gov:events:us-gov-west-1:123456789012:replay/${name.slice(0, 64)}`
  const most = Schema.decodeSync(SequenceIndex.SequenceIndex)(Number.MAX_SAFE_INTEGER)
  const sequence = { first: most, last: most }
  const plans = Effect.forEach(["genesys", "eventbridge"] as const, (provider) =>
    planOf({
      provider,
      defaults: {
        destination: `arn:aws-us-gov:events:us-gov-west-1:123456789012:event-bus/aws.partner/genesys.com/cloud/0d6f8a58-7a0c-4f0e-b1c6-2f4f8b1f5a11/contact-events`
      },
      windows: [{ name, topics: ["genesys.conversations.message"], start: "-90m", end: "-30m" }]
    })
  )

  const tables: Readonly<
    Record<
      string,
      (plan: ReplayPlan.ReplayPlan, id: string, output: { colour: boolean; width: () => number }) => string
    >
  > = {
    // Below the table stand the event bus and the verdict, in sentences.
    plan: (plan, _, output) => PlanText.render(plan, output).split("\n").slice(0, 2).join("\n"),
    apply: (plan, id, output) =>
      ApplyText.render(
        {
          results: plan.windows.map((window) => ({
            name: window.name,
            id: EventStream.ReplayId.make(id),
            outcome: "unchanged",
            payloadHash: window.payloadHash,
            latencyMs: 12,
            error: null
          })),
          summary: { created: 0, unchanged: 1, adopted: 0, failed: 0 }
        },
        output
      ),
    "apply --wait": (plan, id, output) =>
      ApplyText.render(
        {
          results: plan.windows.map(
            (window): ApplyReport.ApplyResult => ({
              name: window.name,
              id: EventStream.ReplayId.make(id),
              outcome: "unchanged",
              payloadHash: window.payloadHash,
              latencyMs: 12,
              error: null,
              replay: { state: "CANCELLING", sequence: { ...sequence, first: SequenceIndex.SequenceIndex.make(0) } }
            })
          ),
          summary: { created: 0, unchanged: 1, adopted: 0, failed: 0 }
        },
        output
      ),
    "list and status": (plan, id, output) =>
      ReplayText.render(
        plan.windows.map(
          (window): Replay.Replay => ({
            id: EventStream.ReplayId.make(id),
            name: window.name,
            provider: window.provider,
            progress: { state: "CANCELLING", sequence: { ...sequence, first: SequenceIndex.SequenceIndex.make(0) } },
            topics: []
          })
        ),
        DateTime.unsafeMake("2024-01-15T08:30:00Z"),
        output,
        true
      ),
    "runs list": (plan, id, output) => RunsText.runs(RunsText.summaries(finished(plan, id)), output),
    "runs show": (plan, id, output) =>
      RunsText.windows(
        finished(plan, id).map(
          (window): RunWindow.RunWindow => ({
            ...window,
            state: "submitting",
            result:
              window.result === null
                ? null
                : {
                    ...window.result,
                    replay: { state: "CANCELLING" },
                    error: new WindowError.OtherError({ tag: "EventBusSinkMisconfigured", message: "no" })
                  }
          })
        ),
        output
      ),
    "audit list": (plan, id, output) =>
      AuditText.render(
        AuditEntry.AuditAction.literals.map((action) => ({
          action,
          config_id: id,
          retention_days: 90,
          replay_start: "2024-01-15T07:00:00Z",
          topics: [],
          latency_ms: 86_400_000,
          timestamp: "2024-01-15T08:30:00.250Z",
          window: plan.windows[0]?.name ?? "",
          payload_hash: null,
          detail: {
            sink: "https://analytics.example.com/replays",
            reason: "the sink has not taken it, and is tried again"
          }
        })),
        output
      ),
    "sync list": (plan, id, output) =>
      SyncText.render(
        plan.windows.map(
          (window): SyncMessage.SyncMessage => ({
            id: "msg_3fa9c1d2e4f5a6b7c8d9",
            sink: "https://analytics.example.com/replays/of/the/contact/centre",
            key: `${run}/${window.name}`,
            window,
            configId: id,
            document: {
              window_id: window.name,
              accuracy_rate: 99.98,
              sequence_gaps: 3,
              timestamp: "2024-01-15T08:30:00Z"
            },
            state: "pending",
            attempts: 12,
            reason: "the connection to the sink was refused, and is tried again when its time has come",
            enqueuedAt: 0,
            dueAt: 86_400_000
          })
        ),
        0,
        output
      )
  }

  for (const [command, render] of Object.entries(tables)) {
    it.effect(`the table of ${command} fits 60, 80 and 100 columns, and names the window`, () =>
      Effect.gen(function* () {
        for (const plan of yield* plans) {
          for (const width of [60, 80, 100]) {
            const text = render(plan, plan.windows[0]?.provider === "genesys" ? ids.genesys : arn, {
              colour: false,
              width: () => width
            })
            expect([width, text.split("\n").filter((line) => DisplayText.width(line) > width)]).toEqual([width, []])
            if (command !== "runs list") expect(text).toContain(name.slice(0, 11))
          }
        }
      })
    )
  }

  it.effect("an ARN is shown whole where it fits, else by its resource", () =>
    Effect.gen(function* () {
      const [, plan] = yield* plans
      if (plan === undefined) return yield* Effect.dieMessage("no plan")
      const lines = (width: number) =>
        (tables["runs show"]?.(plan, arn, { colour: false, width: () => width }) ?? "").split("\n")
      expect(lines(140)).toContain(`  ${arn}`)
      expect(lines(80)).toContain(`  …replay/${name.slice(0, 64)}`)
      expect(lines(60).at(-1)).toMatch(/^ {2}…replay\/outage.*….+$/)
    })
  )
})
