import { describe, expect, it } from "@effect/vitest"
import { Calibration, Finality, RecordsReport } from "@genesys-replay/domain"
import { DateTime, Schema } from "effect"

const rang = { purpose: "agent", mediaType: "voice", segmentTypes: ["alert"] }

const calibration = Schema.decodeUnknownSync(Calibration.Calibration)({
  version: 1,
  window: { start: "2025-11-10T00:00:00Z", end: "2025-11-11T00:00:00Z" },
  classes: [
    {
      class: rang,
      sessions: 100,
      topics: [
        { topic: "user.start", expected: 100, came: 100 },
        { topic: "user.end", expected: 100, came: 99 },
        { topic: "outbound", expected: 4, came: 4 }
      ]
    }
  ]
})

const key = JSON.stringify(["agent", "voice", "alert"])
const other = JSON.stringify(["agent", "voice", "alert", "interact"])

describe("calibration", () => {
  const standing = Calibration.standings(calibration)

  it("judges what always came, also what the table alone leaves open", () => {
    expect(Calibration.notJudged(null, standing(key, "user.start"))).toBe(null)
    expect(Calibration.notJudged("when it is sent is not known", standing(key, "outbound"))).toBe(null)
  })

  it("does not judge what did not always come, nor classes and events that it has not seen", () => {
    expect(Calibration.notJudged(null, standing(key, "user.end"))).toBe("its class of sessions does not always have it")
    const unseen = "its class of sessions was not seen when calibrating"
    expect(Calibration.notJudged(null, standing(other, "user.start"))).toBe(unseen)
    expect(Calibration.notJudged("a flow in a queue", standing(key, "flow.start"))).toBe(unseen)
  })

  it("never judges sessions that cannot be judged", () => {
    expect(Calibration.notJudged("a conference", standing(key, "user.start"))).toBe("a conference")
  })

  it("without one, the table says what is judged", () => {
    const none = Calibration.standings(null)
    expect(Calibration.notJudged(null, none(key, "user.end"))).toBe(null)
    expect(Calibration.notJudged("a flow in a queue", none(key, "flow.start"))).toBe("a flow in a queue")
  })

  it("says which classes it keeps from being judged", () => {
    expect(Calibration.notAlways(calibration)).toEqual([
      { class: rang, share: { topic: "user.end", expected: 100, came: 99 } }
    ])
  })
})

describe("the finality of a verdict", () => {
  const instant = (text: string) => DateTime.unsafeMake(text)
  const end = instant("2025-11-10T12:00:00Z")
  const of = (available: string | null, retrieved: string | null) =>
    Finality.of({
      end,
      dataAvailableUntil: available === null ? null : instant(available),
      retrievedAt: retrieved === null ? null : instant(retrieved)
    })

  it("is final where the records reach past the end and were read more than three days after it", () => {
    expect(of("2025-11-13T10:00:00Z", "2025-11-13T12:00:01Z")).toBe("final")
    expect(of("2025-11-13T10:00:00Z", "2025-11-13T12:00:00Z")).toBe("provisional")
    expect(of("2025-11-10T12:00:00Z", "2025-11-20T00:00:00Z")).toBe("provisional")
    expect(of("2025-11-10T11:00:00Z", "2025-11-20T00:00:00Z")).toBe("provisional")
  })

  it("is provisional where the records do not say up to when they are complete", () => {
    expect(of(null, "2025-11-20T00:00:00Z")).toBe("provisional")
  })

  it("without an instant at which they were read, they were read no earlier than they reach", () => {
    expect(of("2025-11-13T10:00:00Z", null)).toBe("provisional")
    expect(of("2025-11-13T12:00:01Z", null)).toBe("final")
  })
})

describe("what a measurement against records comes to", () => {
  const nothing = { count: 0, first: [] }
  const group = (expected: number, missing: number, notJudged = 0) => ({
    group: "g",
    expected,
    unique: expected - missing,
    missing,
    unexpected: 0,
    notJudged,
    coveragePercentage: 0,
    missingRanges: []
  })
  const rest = { rejectedRecords: nothing, unread: [] }
  const unread = [{ source: "a", reason: "no", bytesRead: 0 }]

  it("complete where everything that was expected came", () => {
    expect(RecordsReport.completenessOf({ ...rest, groups: [group(3, 0, 1)] })).toBe("complete")
  })

  it("incomplete where something is missing, whatever was not read", () => {
    expect(RecordsReport.completenessOf({ ...rest, unread, groups: [group(3, 1)] })).toBe("incomplete")
  })

  it("not proven where a source or a record was not read, or nothing was expected", () => {
    expect(RecordsReport.completenessOf({ ...rest, groups: [] })).toBe("not proven")
    expect(RecordsReport.completenessOf({ ...rest, unread, groups: [group(3, 0)] })).toBe("not proven")
    const rejectedRecords = { count: 1, first: [] }
    expect(RecordsReport.completenessOf({ ...rest, rejectedRecords, groups: [group(3, 0)] })).toBe("not proven")
    expect(RecordsReport.completenessOf({ ...rest, groups: [group(0, 0, 5)] })).toBe("not proven")
  })
})
