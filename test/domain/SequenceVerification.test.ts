import { describe, expect, it } from "@effect/vitest"
import { SequenceReport, SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import { Effect, FastCheck, Schema, Stream } from "effect"
import * as Naive from "./NaiveSequence.js"

const { MAX_SAFE_INTEGER } = Number

describe("SequenceVerification", () => {
  it.effect("compares a range with what was observed, as values or as a stream", () =>
    Effect.gen(function* () {
      const observed = [1, 2, 5, 4, 5, 9, 12]
      const report = yield* SequenceVerification.verify({ start: 1, end: 10 }, observed, { group: "outage" })
      expect(report).toEqual({
        group: "outage",
        expected: { start: 1, end: 10, inferred: false },
        observed: 7,
        unique: 6,
        duplicates: 1,
        outOfOrder: 1,
        outOfRange: 1,
        missing: [
          { start: 3, end: 3, count: 1, after: null, before: null },
          { start: 6, end: 8, count: 3, after: null, before: null },
          { start: 10, end: 10, count: 1, after: null, before: null }
        ],
        missingTruncated: false,
        gapCount: 5,
        gapRanges: 3,
        coveragePercentage: 50,
        isContiguous: false
      })
      const streamed = Stream.fromIterable(observed).pipe(Stream.rechunk(2))
      expect(yield* SequenceVerification.verify({ start: 1, end: 10 }, streamed, { group: "outage" })).toEqual(report)
    })
  )

  it.effect("takes one index for a range", () =>
    Effect.gen(function* () {
      const complete = yield* SequenceVerification.verify({ start: 7, end: 7 }, [7])
      expect([complete.isContiguous, complete.coveragePercentage, complete.gapCount]).toEqual([true, 100, 0])
      const missing = yield* SequenceVerification.verify({ start: 7, end: 7 }, [6, 8])
      expect([missing.isContiguous, missing.coveragePercentage, missing.gapCount]).toEqual([false, 0, 1])
    })
  )

  it.effect("finds everything missing where nothing was observed, and nothing to say without a range", () =>
    Effect.gen(function* () {
      const empty = yield* SequenceVerification.verify({ start: 0, end: 99 }, [])
      expect([empty.coveragePercentage, empty.gapCount, empty.gapRanges, empty.isContiguous]).toEqual([
        0,
        100,
        1,
        false
      ])
      const unknown = yield* SequenceVerification.verify({}, [])
      expect([unknown.expected, unknown.coveragePercentage, unknown.gapCount, unknown.isContiguous]).toEqual([
        null,
        0,
        0,
        false
      ])
    })
  )

  it.effect("infers the bound that is not given", () =>
    Effect.gen(function* () {
      const from = yield* SequenceVerification.verify({ start: 1 }, [3, 4])
      expect(from.expected).toEqual({ start: 1, end: 4, inferred: true })
      const to = yield* SequenceVerification.verify({ end: 9 }, [3, 4])
      expect(to.expected).toEqual({ start: 3, end: 9, inferred: true })
      const behind = yield* SequenceVerification.verify({ start: 10 }, [3, 4])
      expect([behind.expected, behind.outOfRange, behind.isContiguous]).toEqual([null, 2, false])
    })
  )

  it.effect("refuses a range that is none before it reads anything", () =>
    Effect.gen(function* () {
      const unread = Stream.die("read")
      for (const range of [
        { start: 2, end: 1 },
        { start: -1, end: 1 },
        { start: 0.5, end: 1 },
        { start: 0, end: 2 ** 53 },
        { start: Number.NaN },
        { end: Number.POSITIVE_INFINITY }
      ]) {
        const error = yield* Effect.flip(SequenceVerification.verify(range, unread))
        expect(error).toBeInstanceOf(SequenceVerification.InvalidSequenceRange)
      }
      const error = yield* Effect.flip(SequenceVerification.verify({ start: 2, end: 1 }, []))
      expect(error.message).toContain("2 to 1")
    })
  )

  it.effect("says which observed value is no index", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(SequenceVerification.verify({}, [1, 2, 2.5, 3]))
      expect(error.message).toContain("observed value 3 is no sequence index: 2.5")
    })
  )

  it.effect("fails as the stream of indices fails", () =>
    Effect.gen(function* () {
      const broken = Stream.make(1, 2).pipe(Stream.concat(Stream.fail("broken")))
      expect(yield* Effect.flip(SequenceVerification.verify({}, broken))).toBe("broken")
    })
  )

  it("never rounds the coverage up to 100, however large the range", () => {
    const tracker = SequenceTracker.make()
    for (let index = 1; index < 100_000; index++) SequenceTracker.observe(tracker, index)
    expect(SequenceVerification.report(tracker, { expected: { start: 1, end: 100_000 } }).coveragePercentage).toBe(
      99.99
    )
    const almost = SequenceTracker.restore({
      ...SequenceTracker.snapshot(SequenceTracker.make()),
      indices: { full: [[0, 2 ** 37 - 2]], chunks: [{ key: 2 ** 37 - 1, runs: [[0, 65_534]] }] }
    })
    const report = SequenceVerification.report(almost, { expected: { start: 0, end: MAX_SAFE_INTEGER } })
    expect([report.gapCount, report.gapRanges, report.coveragePercentage]).toEqual([1, 1, 99.99])
    expect(report.missing[0]?.start).toBe(MAX_SAFE_INTEGER)
  })

  it("has a report for the range of all indices, of which there are 2^53", () => {
    const expected = { start: 0, end: MAX_SAFE_INTEGER }
    const report = SequenceVerification.report(SequenceTracker.make(), { expected })
    expect([report.gapCount, report.missing[0]?.count]).toEqual([2 ** 53, 2 ** 53])
    expect(Schema.is(SequenceReport.GroupReport)(report)).toBe(true)
    expect(Schema.is(SequenceReport.GroupReport)({ ...report, gapCount: 0.5 })).toBe(false)
  })

  it("keeps its figures consistent whatever was observed", () => {
    FastCheck.assert(
      FastCheck.property(Naive.indices, Naive.expected, FastCheck.nat(4), (indices, expected, maxMissing) => {
        const tracker = SequenceTracker.make()
        for (const index of indices) SequenceTracker.observe(tracker, index)
        const report = SequenceVerification.report(tracker, { expected, maxMissing })
        expect(Schema.is(SequenceReport.GroupReport)(report)).toBe(true)
        expect(report.observed).toBe(indices.length)
        expect(report.duplicates).toBe(report.observed - report.unique)
        expect(report.outOfOrder).toBeLessThan(Math.max(1, report.observed))
        expect(report.missing.length).toBe(Math.min(maxMissing, report.gapRanges))
        expect(report.missingTruncated).toBe(report.gapRanges > maxMissing)
        const listed = report.missing.reduce((sum, range) => sum + range.count, 0)
        if (report.missingTruncated) expect(listed).toBeLessThan(report.gapCount)
        else expect(listed).toBe(report.gapCount)
        expect(report.isContiguous).toBe(report.expected !== null && report.gapCount === 0)
        expect(report.coveragePercentage === 100).toBe(report.isContiguous)
        for (const [at, range] of report.missing.entries()) {
          expect(range.start).toBeGreaterThan(report.missing[at - 1]?.end ?? -1)
          expect(range.count).toBe(range.end - range.start + 1)
        }
      }),
      { numRuns: 1_000 }
    )
  })
})
