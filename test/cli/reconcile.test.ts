import { FileSystem } from "@effect/platform"
import { describe, expect } from "@effect/vitest"
import { RecordsReport } from "@genesys-replay/domain"
import { DetailEvent, Sandbox, World } from "@genesys-replay/sandbox"
import { DateTime, Duration, Effect, Layer, Schema } from "effect"
import { voiceEvents, voiceRecord } from "../domain/Conversations.js"
import { lineOf } from "../eventlog/reconcile/Reconciling.js"
import { Desk, desk, put } from "./Desk.js"
import * as InProcess from "./InProcess.js"
import { json } from "./Run.js"
import { describeWith } from "./SharedLayer.js"

const window = ["--start", "2025-11-10T00:00:00Z", "--end", "2025-11-11T00:00:00Z"]

/** Types `reconcile` in this process. */
const reconcile = (...args: ReadonlyArray<string>) =>
  Effect.flatMap(Desk, ({ directory, env }) => InProcess.run(["reconcile", ...args], { cwd: directory, env }))

const report = (out: string) =>
  Schema.decodeUnknownSync(RecordsReport.RecordsReport, { onExcessProperty: "error" })(json(out))

const file = (name: string) =>
  Effect.flatMap(Desk, ({ directory }) =>
    Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(`${directory}/${name}`))
  )

/** The sample conversation, without the events of this topic. */
const sample = (without = "none") =>
  Effect.all([
    put("a.ndjson", voiceEvents.filter((line) => !line.includes(`.{id}.${without}"`)).join("\n")),
    put("r.ndjson", JSON.stringify(voiceRecord))
  ])

describeWith(Layer.fresh(desk({ world: { conversationsPerHour: 30 } })), "genesys-replay reconcile", (it) => {
  describe("with records from a file", () => {
    it.effect("0: every event that the records make one expect came, and the document of the contract says so", () =>
      Effect.gen(function* () {
        yield* sample()
        const ended = yield* reconcile("a.ndjson", "--records", "r.ndjson", ...window, "--json")
        expect([ended.code, ended.err]).toEqual([0, ""])
        const { groups, isComplete, verdict } = report(ended.out)
        expect([isComplete, verdict, groups.reduce((sum, { unique }) => sum + unique, 0)]).toEqual([
          true,
          "provisional",
          12
        ])
      })
    )

    it.effect(
      "3: what is missing is told for a person, with the story of the conversation, and written to a file",
      () =>
        Effect.gen(function* () {
          yield* sample("acd.start")
          const args = ["a.ndjson", "--records", "r.ndjson", ...window]
          const ended = yield* reconcile(...args, "--missing", "missing.ndjson", "--html", "report.html")
          expect(ended.code).toBe(3)
          expect(ended.out).toContain("Incomplete: 1 of 12 expected events is missing, from 1 of 10 topics.")
          expect(ended.out).toContain("provisional")
          expect(ended.out).toContain("10:00:41.240  ✗ missing  acd.start")
          expect(Math.max(...ended.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80)
          expect(JSON.parse(yield* file("missing.ndjson"))).toEqual({
            topic: "v2.detail.events.conversation.{id}.acd.start",
            conversationId: "f11fc8de-3eb4-49c8-8f8d-e0e973e1d036",
            participantId: "9fddb5fe-f121-4709-8c1d-5c6a1f99f50d",
            sessionId: "ea3d9d20-48ec-4042-9e19-cfdf06744ffa",
            expectedAt: "2025-11-10T10:00:41.240Z"
          })
          expect(yield* file("report.html")).toContain("acd.start")
        })
    )

    it.effect("learns on a good day, and judges by it", () =>
      Effect.gen(function* () {
        yield* sample("acw")
        const args = ["a.ndjson", "--records", "r.ndjson", ...window]
        const learned = yield* reconcile(...args, "--calibrate", "calibration.json")
        expect(learned.code).toBe(0)
        expect(learned.err).toContain("not judged: acw of agent, voice: alert, hold, interact, wrapup (0 of 1 came)")
        const judged = yield* reconcile(...args, "--calibration", "calibration.json", "--json")
        expect(judged.code).toBe(0)
        expect(report(judged.out).notJudged).toEqual([
          { reason: "its class of sessions does not always have it", count: 1 }
        ])
      })
    )

    const wrong: ReadonlyArray<readonly [what: string, args: ReadonlyArray<string>, said: string]> = [
      ["a window that ends before it begins", ["--start", "-1d", "--end", "-2d"], "holds no time"],
      ["a time that is none", ["--start", "soon", "--end", "-1d"], '--start "soon" is not a time'],
      ["a topic that is none", [...window, "--topic", "acd"], '--topic "acd" is no topic'],
      ["a tolerance that is none", [...window, "--tolerance", "some"], '--tolerance "some" is no duration'],
      ["records that are kept and read", [...window, "--save-records", "s.ndjson"], "leave out either"],
      ["a calibration that is none", [...window, "--calibration", "r.ndjson"], "no calibration"],
      ["an output over an input", [...window, "--missing", "a.ndjson"], "would be written over"],
      ["one file for two outputs", [...window, "--missing", "x.json", "--html", "x.json"], "would be written over"]
    ]
    for (const [what, args, said] of wrong) {
      it.effect(`2: ${what}`, () =>
        Effect.gen(function* () {
          yield* sample()
          const ended = yield* reconcile("a.ndjson", "--records", "r.ndjson", ...args)
          expect([ended.code, ended.out]).toEqual([2, ""])
          expect(ended.err).toContain(said)
        })
      )
    }

    it.effect("2: no record, or a source that cannot be read", () =>
      Effect.gen(function* () {
        yield* sample()
        yield* put("empty.ndjson", "")
        const empty = yield* reconcile("a.ndjson", "--records", "empty.ndjson", ...window)
        expect([empty.code, empty.err.includes("there is no conversation record to measure by")]).toEqual([2, true])
        const gone = yield* reconcile("a.ndjson", "gone.ndjson", "--records", "r.ndjson", ...window)
        expect([gone.code, gone.out.includes("Not proven")]).toEqual([2, true])
      })
    )
  })

  describe("with records from the platform", () => {
    /** The window from so many hours ago on, and what a capture of it would hold. */
    const past = (from: number, to: number) =>
      Effect.gen(function* () {
        const { world } = yield* Sandbox.Sandbox
        const now = yield* DateTime.now
        const start = DateTime.subtractDuration(now, Duration.hours(from))
        const end = DateTime.subtractDuration(now, Duration.hours(to))
        const span = {
          from: DateTime.toEpochMillis(start) - 3_600_000,
          until: DateTime.toEpochMillis(end) + 3_600_000
        }
        const lines = World.active(world, span)
          .flatMap((one) => DetailEvent.ofConversation(world.organization, one))
          .map(lineOf)
        const args = ["--start", DateTime.formatIso(start), "--end", DateTime.formatIso(end)]
        return { args, lines }
      })

    it.effect(
      "a job and queries give the records: a whole capture is complete; the records that are kept say the same",
      () =>
        Effect.gen(function* () {
          const { args, lines } = yield* past(4, 1)
          yield* put("live.ndjson", lines.join("\n"))
          const ended = yield* reconcile("live.ndjson", ...args, "--save-records", "kept.ndjson", "--json")
          expect([ended.err, ended.code]).toEqual([expect.stringContaining("kept in kept.ndjson"), 0])
          const asked = report(ended.out)
          expect([asked.completeness, asked.verdict]).toEqual(["complete", "provisional"])
          expect(asked.groups.reduce((sum, { expected }) => sum + expected, 0)).toBeGreaterThan(100)
          const again = yield* reconcile("live.ndjson", ...args, "--records", "kept.ndjson", "--json")
          expect(report(again.out)).toEqual(asked)
        })
    )

    it.effect("what is missing is found", () =>
      Effect.gen(function* () {
        const { args, lines } = yield* past(5, 3)
        const lost = lines.find((line) => line.includes("customer.start") && line.includes("VOICE"))
        yield* put("lossy.ndjson", lines.filter((line) => line !== lost).join("\n"))
        const ended = yield* reconcile("lossy.ndjson", ...args, "--json")
        const { missing } = report(ended.out)
        const inside = Date.parse(args[1] ?? "") <= JSON.parse(lost ?? "{}").detail.eventBody.eventTime
        expect([ended.code, missing.count]).toEqual(inside ? [3, 1] : [0, 0])
      })
    )
  })
})

describeWith(
  Layer.fresh(desk({ missingPermissions: ["analytics:conversationDetail:view"] })),
  "genesys-replay reconcile without the permission",
  (it) => {
    it.effect("4: it is named, with what to do", () =>
      Effect.gen(function* () {
        yield* sample()
        const ended = yield* reconcile("a.ndjson", "--start", "-5h", "--end", "-4h")
        expect(ended.code).toBe(4)
        expect(ended.err).toContain("analytics:conversationDetail:view")
      })
    )
  }
)
