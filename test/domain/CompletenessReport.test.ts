import { describe, expect, it } from "@effect/vitest"
import { SequenceReport, SequenceTracker, SequenceVerification } from "@genesys-replay/domain"

const group = (indices: ReadonlyArray<number>, expected: SequenceVerification.SequenceRange = {}) => {
  const tracker = SequenceTracker.make()
  for (const index of indices) SequenceTracker.observe(tracker, index)
  return SequenceVerification.report(tracker, { expected })
}

const given = { start: 1, end: 3 }
const rejected = { count: 2, first: [] }
const unread = [{ source: "b.ndjson", reason: "permission denied", bytesRead: 0 }]

describe("the verdict of a report", () => {
  const verdicts: ReadonlyArray<
    readonly [what: string, measured: SequenceReport.Measured, verdict: SequenceReport.Verdict]
  > = [
    ["nothing was seen and nothing expected", { groups: [] }, "not proven"],
    ["everything between the bounds that were seen came", { groups: [group([1, 2, 3])] }, "complete"],
    ["an index is missing", { groups: [group([1, 3])] }, "incomplete"],
    ["an index is missing of one group of two", { groups: [group([1, 2]), group([1, 3])] }, "incomplete"],
    ["a record was rejected, and bounds are inferred", { groups: [group([1, 2, 3])], rejected }, "not proven"],
    ["one bound is inferred", { groups: [group([1, 2, 3], { start: 1 })], rejected }, "not proven"],
    [
      "records were rejected, and every index that was asked for came",
      { groups: [group([1, 2, 3], given)], rejected },
      "complete"
    ],
    [
      "the bounds of only one group of two were given",
      { groups: [group([1, 2, 3], given), group([1])], rejected },
      "not proven"
    ],
    [
      "no more was rejected than is known to be no event",
      { groups: [group([1])], rejected, allowRejected: 2 },
      "complete"
    ],
    ["one more was rejected than that", { groups: [group([1])], rejected, allowRejected: 1 }, "not proven"],
    ["a source was not read", { groups: [group([1, 2, 3])], unread }, "not proven"],
    ["a source was not read, which may hold other groups", { groups: [group([1, 2, 3], given)], unread }, "not proven"],
    [
      "a source was not read, whatever may be rejected",
      { groups: [group([1])], unread, allowRejected: 9 },
      "not proven"
    ],
    ["an index is missing from what was read", { groups: [group([1, 3], given)], unread, rejected }, "incomplete"]
  ]
  for (const [what, measured, verdict] of verdicts) {
    it(`is "${verdict}" where ${what}`, () => expect(SequenceReport.make(measured).verdict).toBe(verdict))
  }

  it("leaves what was counted as it was: a group is contiguous whatever was not counted beside it", () => {
    const report = SequenceReport.make({ groups: [group([1, 2, 3])], rejected, unread })
    expect([report.isContiguous, report.groups[0]?.coveragePercentage]).toEqual([true, 100])
    expect(SequenceReport.make({ groups: [] }).isContiguous).toBe(false)
  })
})

describe("a share of what was expected", () => {
  const most = { groups: [group([1, 2, 4], { start: 1, end: 4 })] }
  it("is certain to have come where everything was read", () => {
    expect(SequenceReport.covers(SequenceReport.make(most), 75)).toBe(true)
    expect(SequenceReport.covers(SequenceReport.make(most), 75.01)).toBe(false)
    expect(SequenceReport.covers(SequenceReport.make({ groups: [] }), 0)).toBe(false)
  })

  it("is not where a source was not read, or a record was rejected and the bounds are inferred", () => {
    expect(SequenceReport.covers(SequenceReport.make({ ...most, unread }), 50)).toBe(false)
    expect(SequenceReport.covers(SequenceReport.make({ ...most, rejected }), 50)).toBe(true)
    expect(SequenceReport.covers(SequenceReport.make({ groups: [group([1, 2, 4])], rejected }), 50)).toBe(false)
  })
})
