import { describe, expect, it } from "@effect/vitest"
import type { Timeline } from "@genesys-replay/domain"
import { GapMap, TimeMap } from "@genesys-replay/eventlog"
import { FastCheck } from "effect"

const sum = (counts: ReadonlyArray<number>): number => counts.reduce((all, count) => all + count, 0)

const timelines = FastCheck.record({
  fromMs: FastCheck.nat(100_000),
  stepMs: FastCheck.integer({ min: 1, max: 5_000 }),
  stretches: FastCheck.array(
    FastCheck.nat(9).chain((expected) => FastCheck.tuple(FastCheck.constant(expected), FastCheck.nat(expected))),
    { minLength: 1, maxLength: 200 }
  )
}).map(
  ({ fromMs, stepMs, stretches }): Timeline.Timeline => ({
    fromMs,
    stepMs,
    expected: stretches.map(([expected]) => expected),
    missing: stretches.map(([, missing]) => missing)
  })
)

const timeline = (expected: ReadonlyArray<number>, missing: ReadonlyArray<number>): Timeline.Timeline => ({
  fromMs: 0,
  stepMs: 1_000,
  expected,
  missing
})

describe("TimeMap", () => {
  it("loses no event, whatever the number of cells, and cells are the range", () => {
    FastCheck.assert(
      FastCheck.property(timelines, FastCheck.integer({ min: 1, max: 300 }), (one, most) => {
        const positions = TimeMap.positions(one)
        const { cells, range } = GapMap.make(positions, positions.range, most)
        expect(cells.length).toBe(Math.min(most, one.expected.length))
        expect([cells[0]?.first, cells.at(-1)?.last]).toEqual([range.start, range.end])
        expect(sum(cells.map(({ missing }) => missing))).toBe(sum(one.missing))
        expect(sum(cells.map(({ missing, present }) => missing + present))).toBe(sum(one.expected))
        for (const { lacks, missing } of cells) {
          expect(lacks === null).toBe(missing === 0)
          if (lacks !== null) for (const at of [lacks.start, lacks.end]) expect(one.missing[at]).toBeGreaterThan(0)
        }
        const places = GapMap.places({ cells, range }, 5)
        expect(places.length).toBeLessThanOrEqual(8)
        expect(sum(places.map(({ missing }) => missing))).toBe(sum(one.missing))
      })
    )
  })

  it("counts gaps by runs of stretches that lack something; what was not expected parts none", () => {
    const quiet = timeline([5, 5, 0, 5, 5, 5], [0, 2, 0, 5, 0, 1])
    const positions = TimeMap.positions(quiet)
    const { cells, range } = GapMap.make(positions, positions.range, 6)
    expect(cells.map(({ gaps }) => gaps)).toEqual([0, 1, 0, 0, 0, 1])
    expect(GapMap.places({ cells, range }, 9)).toEqual([
      { start: 1, end: 3, missing: 7, gaps: 1 },
      { start: 5, end: 5, missing: 1, gaps: 1 }
    ])
  })

  it("tells when its stretches are", () => {
    expect(TimeMap.spanOf(timeline([1, 1, 1], [0, 0, 0]), { start: 1, end: 2 })).toEqual({
      fromMs: 1_000,
      toMs: 3_000
    })
  })

  describe("aligned", () => {
    const windows = FastCheck.record(
      { fromMs: FastCheck.nat(2_000_000), toMs: FastCheck.nat(2_000_000) },
      { requiredKeys: [] }
    )

    it("gives all timelines the same stretches, and loses no event", () => {
      FastCheck.assert(
        FastCheck.property(FastCheck.array(timelines, { minLength: 1, maxLength: 4 }), windows, (several, window) => {
          const aligned = TimeMap.aligned(several, window)
          for (const [at, one] of aligned.entries()) {
            expect([one.fromMs, one.stepMs, one.expected.length]).toEqual([
              aligned[0]?.fromMs,
              aligned[0]?.stepMs,
              aligned[0]?.expected.length
            ])
            expect(one.missing).toHaveLength(one.expected.length)
            expect(sum(one.expected)).toBe(sum(several[at]?.expected ?? []))
            expect(sum(one.missing)).toBe(sum(several[at]?.missing ?? []))
            expect(one.fromMs).toBeLessThanOrEqual(several[at]?.fromMs ?? 0)
          }
        })
      )
    })

    it("leaves timelines alone that have the same stretches already", () => {
      const one = timeline([1, 2, 3], [0, 1, 0])
      const other = timeline([4, 0, 3], [4, 0, 0])
      expect(TimeMap.aligned([one, other])).toEqual([one, other])
    })

    it("covers the window, in a bounded number of stretches however long it is", () => {
      const [one] = TimeMap.aligned([timeline([1], [1])], { fromMs: -86_400_000_000, toMs: 86_400_000_000 })
      expect(one?.expected.length).toBeLessThanOrEqual(8_193)
      expect(one?.fromMs).toBeLessThanOrEqual(-86_400_000_000)
      expect(sum(one?.missing ?? [])).toBe(1)
    })
  })

  it("adds up aligned timelines", () => {
    expect(TimeMap.sum([timeline([1, 2], [0, 1]), timeline([3, 0], [3, 0])])).toEqual(timeline([4, 2], [3, 1]))
    expect(TimeMap.sum([])).toBeUndefined()
  })
})
