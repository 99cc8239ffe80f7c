import { describe, expect, it } from "@effect/vitest"
import { Instant, PlannedWindow, ReplaySpec } from "@genesys-replay/domain"
import { DateTime, Effect, Schema } from "effect"

import { bus, codes, documentsOf, draft, draftAt, now, oneWindow } from "./Planning.js"

const eventbridge = { provider: "eventbridge" }
const rule = "arn:aws:events:us-east-1:123456789012:rule/gen-cx-events/to-queue"

describe("a window that EventBridge replays", () => {
  it.effect("ends at the instant of planning where the spec names no end", () =>
    Effect.gen(function* () {
      const plan = yield* draft(oneWindow({}, eventbridge))
      expect(documentsOf(plan)[0]?.eventbridge).toEqual({
        end: "2024-01-16T12:00:00Z",
        endIsFixed: false,
        rules: [],
        partial: false
      })
    })
  )

  it.effect("has end, archive, rules and partial as the spec says them, the defaults before", () =>
    Effect.gen(function* () {
      const plan = yield* draft(
        oneWindow(
          { end: "2024-01-15T11:00:00+01:00", archive: "cx", rules: [rule] },
          { ...eventbridge, defaults: { destination: bus, archive: "create", partial: true } }
        )
      )
      expect(plan.findings).toEqual([])
      expect(documentsOf(plan)[0]?.eventbridge).toEqual({
        end: "2024-01-15T10:00:00Z",
        endIsFixed: true,
        archive: "cx",
        rules: [rule],
        partial: true
      })
    })
  )

  it.effect("keeps the payload to its keys; what EventBridge needs beyond them stands beside", () =>
    Effect.gen(function* () {
      const archived = yield* draft(oneWindow({ archive: "cx" }, eventbridge))
      const streamed = yield* draft(oneWindow({}))
      expect(documentsOf(archived)[0]?.payload).toEqual(documentsOf(streamed)[0]?.payload)
      expect(documentsOf(streamed)[0]).not.toHaveProperty("eventbridge")
    })
  )

  it.effect("is one replay, however different the retention of its topics: an archive brings all of them at once", () =>
    Effect.gen(function* () {
      const topics = ["genesys.conversations.message", "genesys.routing.queue"]
      const retention = { "genesys.conversations.*": 60, "*": 7 }
      const plan = yield* draft(oneWindow({ topics }, { ...eventbridge, retention }))
      expect(plan.windows.map(({ name, retentionDays, topics }) => [name, retentionDays, topics])).toEqual([
        ["outage", 60, topics]
      ])
    })
  )

  it.effect("survives its own encoding", () =>
    Effect.gen(function* () {
      const [window] = (yield* draft(oneWindow({ archive: "create", rules: [rule] }, eventbridge))).windows
      if (window === undefined) return expect.unreachable()
      const encoded: unknown = JSON.parse(JSON.stringify(yield* Schema.encode(PlannedWindow.PlannedWindow)(window)))
      expect(yield* Schema.decodeUnknown(PlannedWindow.PlannedWindow)(encoded)).toEqual(window)
    })
  )
})

describe("the times of a window that EventBridge replays", () => {
  it.effect(
    "reach back as far as the archive does: the platform's 90 days and the window's retention do not count",
    () =>
      Effect.gen(function* () {
        const plan = yield* draftAt(
          DateTime.unsafeMake("2026-11-23T08:00:00Z"),
          oneWindow({ end: "2024-01-15T11:00:00Z", retention: 7 }, eventbridge)
        )
        expect(plan.findings).toEqual([])
        expect(plan.windows.map(({ start }) => Instant.format(start))[0]).toBe("2024-01-15T08:00:00Z")
      })
  )

  const rows: ReadonlyArray<readonly [start: string, end: string | undefined, findings: ReadonlyArray<string>]> = [
    ["2024-01-15T08:00:00Z", "2024-01-15T08:00:01Z", []],
    ["2024-01-15T08:00:00Z", "2024-01-15T08:00:00.999Z", ["error end-before-start windows[0].end"]],
    ["2024-01-15T08:00:00.100Z", "2024-01-15T08:00:00.900Z", ["error end-before-start windows[0].end"]],
    ["2024-01-15T08:00:00Z", "2024-01-15T08:00:00Z", ["error end-before-start windows[0].end"]],
    ["2024-01-15T08:00:00Z", "2024-01-15T07:00:00Z", ["error end-before-start windows[0].end"]],
    ["2024-01-15T08:00:00Z", "2024-01-16T12:00:01Z", ["error end-in-future windows[0].end"]],
    ["2024-01-15T08:00:00Z", "2030-01-01T00:00:00Z", ["error end-in-future windows[0].end"]],
    ["-0s", undefined, ["error end-before-start windows[0].end"]],
    ["2024-01-16T12:00:00Z", undefined, ["error end-before-start windows[0].end"]],
    ["2024-01-16T13:00:00Z", undefined, ["error start-in-future windows[0].start"]]
  ]
  for (const [start, end, findings] of rows) {
    it.effect(`${start} to ${end ?? "now"} raises ${findings.join(", ") || "nothing"}`, () =>
      Effect.gen(function* () {
        const plan = yield* draft(oneWindow({ start, ...(end === undefined ? {} : { end }) }, eventbridge))
        expect(codes(plan.findings.filter(({ severity }) => severity === "error"))).toEqual(findings)
        expect(plan.windows).toHaveLength(findings.length === 0 ? 1 : 0)
      })
    )
  }

  it.effect("are whole seconds: those that contain what is asked for, and the plan says so", () =>
    Effect.gen(function* () {
      const window = { start: "2024-01-15T08:00:00.250Z", end: "2024-01-15T11:00:00.250Z" }
      const plan = yield* draft(oneWindow(window, eventbridge))
      expect(codes(plan.findings)).toEqual([
        "warning whole-seconds windows[0].start",
        "warning whole-seconds windows[0].end"
      ])
      expect(plan.findings[1]?.message).toContain("2024-01-15T11:00:01Z")
      expect(documentsOf(plan)[0]).toMatchObject({
        payload: { replayConfig: { startDate: "2024-01-15T08:00:00Z" } },
        eventbridge: { end: "2024-01-15T11:00:01Z" }
      })
    })
  )

  it.effect("end at the whole second of planning where the spec names no end", () =>
    Effect.gen(function* () {
      const plan = yield* draftAt(DateTime.add(now, { millis: 700 }), oneWindow({}, eventbridge))
      expect(documentsOf(plan)[0]?.eventbridge?.end).toBe("2024-01-16T12:00:00Z")
    })
  )
})

describe("the hash of a window that EventBridge replays", () => {
  const hashOf = (window: Record<string, unknown>, provider = "eventbridge") =>
    Effect.map(draft(oneWindow(window, { provider })), ({ windows }) => windows[0]?.payloadHash)

  it.effect("counts end, archive, rules and partial", () =>
    Effect.gen(function* () {
      const hashes = [
        yield* hashOf({}),
        yield* hashOf({ end: "2024-01-15T11:00:00Z" }),
        yield* hashOf({ archive: "cx" }),
        yield* hashOf({ rules: [rule] }),
        yield* hashOf({ partial: true }),
        yield* hashOf({}, "genesys")
      ]
      expect(new Set(hashes).size).toBe(hashes.length)
    })
  )

  it.effect("does not count the order of the rules", () =>
    Effect.gen(function* () {
      const other = `${rule}-2`
      expect(yield* hashOf({ rules: [rule, other] })).toBe(yield* hashOf({ rules: [other, rule] }))
    })
  )
})

describe("what planning finds for archives", () => {
  it.effect("a window that ends in the last ten minutes, or now, may miss its last events", () =>
    Effect.gen(function* () {
      const at = (end: string | undefined) =>
        Effect.map(draft(oneWindow(end === undefined ? {} : { end }, eventbridge)), ({ findings }) => codes(findings))
      expect(yield* at("2024-01-16T11:50:00Z")).toEqual([])
      expect(yield* at("2024-01-16T11:50:01Z")).toEqual(["warning end-too-recent windows[0].end"])
      expect(yield* at(undefined)).toEqual(["warning end-too-recent windows[0].end"])
    })
  )

  it.effect("a rule of another bus, region or account is an error", () =>
    Effect.gen(function* () {
      const rules = [
        rule,
        "arn:aws:events:us-east-1:123456789012:rule/another/to-queue",
        "arn:aws:events:us-east-1:123456789012:rule/to-queue",
        "arn:aws:events:eu-west-1:123456789012:rule/gen-cx-events/to-queue",
        "arn:aws:events:us-east-1:999999999999:rule/gen-cx-events/to-queue"
      ]
      const plan = yield* draft(oneWindow({ end: "-1d", start: "-2d", rules }, eventbridge))
      expect(codes(plan.findings)).toEqual(rules.slice(1).map(() => "error rule-of-other-bus windows[0].rules"))
      for (const [index, wrong] of rules.slice(1).entries()) expect(plan.findings[index]?.message).toContain(wrong)
    })
  )

  it.effect("rules of a partner bus and of the default bus belong to it", () =>
    Effect.gen(function* () {
      const partner = "aws.partner/genesys.com/cloud/4f1c/cx"
      for (const [destination, own] of [
        [`arn:aws:events:us-east-1:123456789012:event-bus/${partner}`, `rule/${partner}/to-queue`],
        ["arn:aws:events:us-east-1:123456789012:event-bus/default", "rule/to-queue"]
      ]) {
        const rules = [`arn:aws:events:us-east-1:123456789012:${own}`]
        const plan = yield* draft(oneWindow({ start: "-2d", end: "-1d", destination, rules }, eventbridge))
        expect(plan.findings).toEqual([])
      }
    })
  )

  it.effect("with Genesys Cloud, keys of EventBridge mean nothing, and are named", () =>
    Effect.gen(function* () {
      const plan = yield* draft(oneWindow({ archive: "cx", rules: [rule], partial: true }))
      expect(codes(plan.findings)).toEqual([
        "warning eventbridge-only windows[0].archive",
        "warning eventbridge-only windows[0].rules",
        "warning eventbridge-only windows[0].partial"
      ])
    })
  )
})

describe("archive and rules in a spec", () => {
  it.effect("are read strictly, each thing named in its place", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        ReplaySpec.decode(
          oneWindow({ archive: "no blanks", rules: [rule, "to-queue", rule], partial: "yes" }, eventbridge)
        )
      )
      expect(error.issues.map(({ path }) => path)).toEqual([
        "windows[0].archive",
        "windows[0].rules[1]",
        "windows[0].partial"
      ])
      const twice = yield* Effect.flip(ReplaySpec.decode(oneWindow({ rules: [rule, rule] })))
      expect(twice.message).toContain("duplicate rule")
    })
  )

  it("stand in the JSON Schema for editors", () => {
    const text = JSON.stringify(ReplaySpec.jsonSchema())
    for (const key of ["archive", "rules", "partial"]) expect(text).toContain(`"${key}"`)
  })
})
