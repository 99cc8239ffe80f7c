import { describe, expect, it } from "@effect/vitest"
import { ArchiveRules } from "@genesys-replay/eventbridge"
import { DateTime } from "effect"

import { bus } from "./StubEventBridge.js"

const now = DateTime.unsafeMake("2024-01-16T12:00:00Z")
const archive: ArchiveRules.Archive = {
  name: "cx",
  arn: "arn:aws:events:us-east-1:123456789012:archive/cx",
  bus,
  state: "ENABLED",
  created: DateTime.unsafeMake("2024-01-01T00:00:00Z"),
  pattern: JSON.stringify({ "detail-type": ["genesys.conversations.message"] })
}
const wanted: ArchiveRules.Wanted = {
  window: "outage",
  start: DateTime.unsafeMake("2024-01-15T08:00:00Z"),
  end: DateTime.unsafeMake("2024-01-15T11:00:00Z"),
  bus,
  topics: ["genesys.conversations.message"],
  rules: [],
  partial: false
}

const judged = (changes: Partial<ArchiveRules.Archive>, asked: Partial<ArchiveRules.Wanted> = {}) =>
  ArchiveRules.findings({ ...archive, ...changes }, { ...wanted, ...asked }, now)
const codes = (...changes: Parameters<typeof judged>) =>
  judged(...changes).map(({ code, path, severity }) => `${severity} ${code} ${path}`)

describe("an archive", () => {
  it("that was there before the start, keeps its events and holds just the topics has nothing against it", () => {
    expect(judged({})).toEqual([])
    expect(judged({ retentionDays: 2 })).toEqual([])
    expect(judged({ created: wanted.start })).toEqual([])
  })

  it("of another bus is refused: AWS replays events only to the bus that they came from", () => {
    const [finding, ...others] = judged({ bus: `${bus}-2` }, { partial: true })
    expect(finding).toMatchObject({ severity: "error", code: "archive-of-other-bus", path: "destination" })
    expect(finding?.message).toContain(`${bus}-2`)
    expect(others).toEqual([])
  })

  it("that was created after the start is refused, with the date; what there is can be replayed partially", () => {
    const created = DateTime.unsafeMake("2024-01-15T09:30:00Z")
    const [finding] = judged({ created })
    expect(finding).toMatchObject({ severity: "error", code: "archive-created-after-start", path: "start" })
    expect(finding?.message).toContain("2024-01-15T09:30:00Z")
    expect(finding?.message).toContain("--partial")
    expect(codes({ created }, { partial: true })).toEqual(["warning archive-created-after-start start"])
  })

  it("whose retention is shorter than the age of the start is refused, unless partially", () => {
    expect(codes({ retentionDays: 1 })).toEqual(["error archive-retention start"])
    expect(judged({ retentionDays: 1 })[0]?.message).toContain("2024-01-15T12:00:00Z")
    const longer = { end: DateTime.unsafeMake("2024-01-15T12:00:01Z") }
    expect(codes({ retentionDays: 1 }, longer)).toEqual(["error archive-retention start"])
    expect(codes({ retentionDays: 1 }, { ...longer, partial: true })).toEqual(["warning archive-retention start"])
  })

  it("whose retention is as long as the start was old when it was planned is only warned of", () => {
    const from = (start: string) => codes({ retentionDays: 1 }, { start: DateTime.unsafeMake(start), end: now })
    expect(from("2024-01-15T12:00:00Z")).toEqual([])
    expect(from("2024-01-15T11:50:00Z")).toEqual(["warning archive-retention start"])
    expect(from("2024-01-15T11:49:59Z")).toEqual(["error archive-retention start"])
  })

  it("that holds nothing of the window is refused, also where a part of it would do", () => {
    for (const partial of [true, false]) {
      const [young, ...others] = judged({ created: wanted.end }, { partial })
      expect(young).toMatchObject({ severity: "error", code: "archive-created-after-start" })
      expect(young?.message).toContain("nothing of it is there")
      expect(others).toEqual([])
      expect(codes({ created: DateTime.subtract(wanted.end, { seconds: 1 }) }, { partial: true })).toEqual([
        "warning archive-created-after-start start"
      ])
      const [short] = judged({ retentionDays: 1 }, { partial })
      expect(short).toMatchObject({ severity: "error", code: "archive-retention" })
      expect(short?.message).toContain("nothing of it is there")
    }
  })

  it("that was created within a second is told with the whole second to start at: EventBridge counts no others", () => {
    const [finding] = judged({ created: DateTime.unsafeMake("2024-01-15T09:30:00.250Z") })
    expect(finding?.message).toContain("Start at 2024-01-15T09:30:01Z or later")
  })

  it("whose pattern cannot hold the topics is refused, also partially where none is left", () => {
    const pattern = JSON.stringify({ "detail-type": ["genesys.conversations.call"] })
    expect(codes({ pattern }, { partial: true })).toContain("error archive-excludes-topics topics")
    const both = { topics: ["genesys.conversations.call", "genesys.conversations.message"] }
    expect(codes({ pattern }, both)).toEqual(["error archive-excludes-topics topics"])
    expect(judged({ pattern }, both)[0]?.message).toContain("cannot hold genesys.conversations.message:")
    expect(codes({ pattern }, { ...both, partial: true })).toEqual(["warning archive-excludes-topics topics"])
  })

  it("that is disabled, or was never made, is refused", () => {
    for (const state of ["DISABLED", "CREATE_FAILED", "CREATING"]) {
      expect(codes({ state })).toEqual(["error archive-not-ready archive"])
    }
    expect(judged({ state: "DISABLED", stateReason: "the key is gone" })[0]?.message).toContain("the key is gone")
    expect(codes({ state: "UPDATE_FAILED" })).toEqual([])
  })

  it("that may hold more than the topics is warned of, for all of it comes back, unless rules are named", () => {
    expect(codes({ pattern: undefined })).toEqual(["warning replay-has-other-topics rules"])
    expect(
      codes({ pattern: undefined }, { rules: ["arn:aws:events:us-east-1:123456789012:rule/gen-cx-events/a"] })
    ).toEqual([])
  })

  it("says everything that speaks against it at once", () => {
    expect(codes({ bus: `${bus}-2`, state: "DISABLED", retentionDays: 1, created: now })).toEqual([
      "error archive-of-other-bus destination",
      "error archive-not-ready archive",
      "error archive-created-after-start start",
      "error archive-retention start"
    ])
  })
})
