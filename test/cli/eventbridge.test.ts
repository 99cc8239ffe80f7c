import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { DateTime, Duration, Effect, Layer, type Scope } from "effect"

import { json, run, workplace } from "./Run.js"

const bus = "aws.partner/genesys.com/cloud/4f1c/cx"
const destination = `arn:aws:events:us-east-1:123456789012:event-bus/${bus}`
const topic = "v2.detail.events.conversation.{id}.acd.start"
const window = ["--topic", topic, "--start", "2024-01-15T08:00:00Z", "--destination", destination]
const spec = (start: string, end: string) =>
  [
    "provider: eventbridge",
    "defaults:",
    `  destination: ${destination}`,
    "windows:",
    "  - name: outage",
    `    topics: ["${topic}"]`,
    `    start: ${start}`,
    `    end: ${end}`,
    ""
  ].join("\n")

const text = (instant: DateTime.Utc) => DateTime.formatIso(instant).replace(/\.\d+/, "")

/** A sandbox with an archive of the last four hours, a spec of one of them, and what the command line is given. */
const scene = Effect.gen(function* () {
  const { aws, environment } = yield* Sandbox.Sandbox
  const now = yield* DateTime.now
  const hours = (count: number) => DateTime.subtract(now, { hours: count })
  yield* aws.genesysHistory({ archive: "cx", bus, topics: [topic], from: hours(4), until: now })
  const { directory, env } = yield* workplace({
    "replay.yaml": spec(text(hours(2)), text(hours(1))),
    "older.yaml": spec(text(hours(9)), text(hours(1)))
  })
  const own = Object.fromEntries(
    environment.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)])
  )
  return (...args: ReadonlyArray<string>) => run(args, { cwd: directory, env: { ...env, ...own } })
})

const over = <A, E>(
  program: Effect.Effect<A, E, Sandbox.Sandbox | NodeContext.NodeContext | Scope.Scope>,
  pending: Duration.DurationInput
) =>
  Effect.scoped(program).pipe(
    Effect.provide(
      Layer.merge(
        Sandbox.layer({
          seed: "cli",
          world: { conversationsPerHour: 60 },
          pace: { pending: Duration.decode(pending), eventsPerSecond: 20_000, tick: Duration.millis(10) }
        }),
        NodeContext.layer
      )
    )
  )

describe("--provider eventbridge", () => {
  it.live("plans with end and archive beside the payload, without asking AWS", () =>
    over(
      Effect.gen(function* () {
        const replay = yield* scene
        const planned = yield* replay("plan", "replay.yaml", "--archive", "cx", "--partial", "--json")
        expect(planned.code).toBe(0)
        expect(json(planned.out)).toMatchObject({
          windows: [
            { provider: "eventbridge", eventbridge: { archive: "cx", partial: true, endIsFixed: true, rules: [] } }
          ]
        })
        const shown = yield* replay("plan", "replay.yaml", "--archive", "create")
        expect(shown.out).toContain("END")
        expect(shown.out).toContain("created where none holds the topics")
        const lines = shown.out.split("\n").filter((line) => !/^(?:into|from) /.test(line))
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
        const { requests } = yield* Sandbox.Sandbox
        expect(yield* requests.count()).toBe(0)
      }),
      "10 millis"
    )
  )

  it.live("plan --check asks AWS what applying would need, and changes nothing there", () =>
    over(
      Effect.gen(function* () {
        const replay = yield* scene
        const good = yield* replay("plan", "replay.yaml", "--check", "--json")
        expect([good.code, json(good.out)]).toMatchObject([
          0,
          {
            windows: [{ name: "outage" }],
            findings: [{ severity: "warning", code: "replay-has-other-topics", path: "windows[0].rules" }],
            checkedWith: expect.stringContaining("Amazon EventBridge at http://127.0.0.1")
          }
        ])
        const older = yield* replay("plan", "older.yaml", "--check")
        expect([older.code, older.out]).toEqual([2, expect.stringContaining("[archive-created-after-start]")])
        expect(older.out).toContain("windows[0].start (outage)")
        const { requests } = yield* Sandbox.Sandbox
        for (const action of ["StartReplay", "CreateArchive"]) {
          expect(yield* requests.count(`POST AWSEvents.${action}`)).toBe(0)
        }
      }),
      "10 millis"
    )
  )

  it.live("takes the archive's options from the command line too, and refuses what can be no archive", () =>
    over(
      Effect.gen(function* () {
        const replay = yield* scene
        const flags = yield* replay("plan", ...window, "--provider", "eventbridge", "--archive", "no blanks")
        expect(flags.code).toBe(2)
        expect(flags.err).toContain("--archive")
      }),
      "10 millis"
    )
  )

  it.live("applies, waits, lists and tells the state of a replay", () =>
    over(
      Effect.gen(function* () {
        const replay = yield* scene
        const applied = yield* replay("apply", "replay.yaml", "--wait", "--json")
        expect(applied.code).toBe(0)
        expect(json(applied.out)).toMatchObject({
          results: [{ name: "outage", outcome: "created", replay: { state: "COMPLETED" }, error: null }]
        })
        const id = "arn:aws:events:us-east-1:123456789012:replay/outage"
        expect(json((yield* replay("apply", "replay.yaml", "--json")).out)).toMatchObject({
          results: [{ id, outcome: "unchanged" }]
        })
        const listed = yield* replay("list", "--provider", "eventbridge", "--json")
        expect(json(listed.out)).toMatchObject({ replays: [{ id, name: "outage" }] })
        const status = yield* replay("status", id, "outage", "--provider", "eventbridge", "--watch", "--json")
        expect((yield* replay("status", id)).out).toContain("COMPLETED")
        expect(status.code).toBe(0)
        expect(json(status.out)).toMatchObject({ replays: [{ id }, { id }] })
      }),
      "10 millis"
    )
  )

  it.live(
    "says before anything starts what the archive does not hold, with exit code 2; --partial replays the rest",
    () =>
      over(
        Effect.gen(function* () {
          const replay = yield* scene
          const refused = yield* replay("apply", "older.yaml")
          expect(refused.code).toBe(2)
          expect(refused.err).toContain("archive-created-after-start")
          expect((yield* replay("list", "--provider", "eventbridge")).out).toContain("no replays")
          expect((yield* replay("apply", "older.yaml", "--partial")).code).toBe(0)
        }),
        "10 millis"
      )
  )

  it.live("cancels a running replay", () =>
    over(
      Effect.gen(function* () {
        const replay = yield* scene
        yield* replay("apply", "replay.yaml")
        expect((yield* replay("cancel", "outage", "--provider", "eventbridge")).code).toBe(0)
        const status = yield* replay("status", "outage", "--provider", "eventbridge", "--json")
        expect(status.out).toMatch(/CANCELL(?:ING|ED)/)
        expect((yield* replay("cancel", "unknown", "--provider", "eventbridge")).code).toBe(2)
      }),
      "10 minutes"
    )
  )
})
