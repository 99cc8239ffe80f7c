import { describe, expect, it } from "@effect/vitest"
import { SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import { GapMap, SequenceMap } from "@genesys-replay/eventlog"
import { FastCheck } from "effect"

const largest = Number.MAX_SAFE_INTEGER

const seen = (...runs: ReadonlyArray<readonly [number, number]>): SequenceMap.Seen => ({
  forEachRun: (visit) => {
    for (const [low, high] of runs) visit(low, high)
  },
  timeOf: () => undefined
})

const mapOf = (came: SequenceMap.Seen, range: GapMap.Range, most: number): GapMap.GapMap =>
  GapMap.make(SequenceMap.positions(came, range), range, most)

const trackerOf = (indices: Iterable<number>): SequenceTracker.SequenceTracker => {
  const tracker = SequenceTracker.make()
  for (const index of indices) SequenceTracker.observe(tracker, index, `time of ${index}`)
  return tracker
}

/** Every index asked for, one by one. */
const naive = (indices: ReadonlySet<number>, range: GapMap.Range, cell: GapMap.Cell): GapMap.Cell => {
  const missing: Array<number> = []
  for (let index = cell.first; index <= cell.last; index++) if (!indices.has(index)) missing.push(index)
  const [start] = missing
  const end = missing.at(-1)
  return {
    first: cell.first,
    last: cell.last,
    present: cell.last - cell.first + 1 - missing.length,
    missing: missing.length,
    // A gap belongs to the cell in which it begins.
    gaps: missing.filter((index) => index === range.start || indices.has(index - 1)).length,
    lacks: start === undefined || end === undefined ? null : { start, end }
  }
}

const expectPartition = ({ cells, range }: GapMap.GapMap): void => {
  expect(cells[0]?.first).toBe(range.start)
  expect(cells.at(-1)?.last).toBe(range.end)
  const sizes = cells.map(({ first, last }) => last - first + 1)
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  for (const [at, cell] of cells.entries()) {
    if (at > 0) expect(cell.first).toBe((cells[at - 1]?.last ?? 0) + 1)
    expect(cell.present + cell.missing).toBe(sizes[at])
  }
}

/** Indices from 0 to 400, and a part of that range, moved to anywhere below 2^53. */
const cases = FastCheck.record({
  indices: FastCheck.uniqueArray(FastCheck.nat(400), { maxLength: 300 }),
  start: FastCheck.nat(200),
  length: FastCheck.integer({ min: 1, max: 200 }),
  most: FastCheck.integer({ min: 1, max: 250 }),
  base: FastCheck.constantFrom(0, 65_300, 2 ** 32, largest - 400)
}).map(({ base, indices, length, most, start }) => ({
  indices: indices.map((index) => index + base),
  range: { start: base + start, end: base + start + length - 1 },
  most
}))

describe("GapMap", () => {
  it("adds up exactly where an index and a count together are past 2^53", () => {
    const range = { start: largest - 223, end: largest - 31 }
    const [cell] = mapOf(SequenceMap.seenBy(trackerOf([largest - 32])), range, 1).cells
    expect(cell).toMatchObject({ present: 1, missing: 192, gaps: 2 })
  })

  it("counts what came and what did not in cells of equal size, whatever came and wherever the range lies", () => {
    FastCheck.assert(
      FastCheck.property(cases, ({ indices, most, range }) => {
        const map = mapOf(SequenceMap.seenBy(trackerOf(indices)), range, most)
        expect(map.cells.length).toBe(Math.min(most, range.end - range.start + 1))
        expectPartition(map)
        const set = new Set(indices)
        for (const cell of map.cells) expect(cell).toEqual(naive(set, range, cell))
      }),
      { numRuns: 300 }
    )
  })

  it("is exact over all 2^53 indices", () => {
    const all = mapOf(seen([0, largest]), { start: 0, end: largest }, 7)
    expectPartition(all)
    expect(all.cells.reduce((sum, cell) => sum + BigInt(cell.present), 0n)).toBe(2n ** 53n)
    const hole = mapOf(seen([0, 2 ** 52], [2 ** 52 + 2, largest]), { start: 0, end: largest }, 1_000)
    const lacking = hole.cells.filter(({ missing }) => missing > 0)
    expect(lacking.map(({ lacks, missing }) => ({ lacks, missing }))).toEqual([
      { missing: 1, lacks: { start: 2 ** 52 + 1, end: 2 ** 52 + 1 } }
    ])
    const none = mapOf(seen(), { start: 0, end: largest }, 3)
    expect(none.cells.reduce((sum, cell) => sum + BigInt(cell.missing), 0n)).toBe(2n ** 53n)
    expect(none.cells.reduce((sum, cell) => sum + cell.gaps, 0)).toBe(1)
  })

  it("maps several ranges in one pass as it maps each alone", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(cases, { minLength: 1, maxLength: 5 }), (several) => {
        const [first] = several
        if (first === undefined) return
        const whole = SequenceMap.seenBy(trackerOf(first.indices))
        let passes = 0
        const counted: SequenceMap.Seen = {
          ...whole,
          forEachRun: (visit) => {
            passes++
            whole.forEachRun(visit)
          }
        }
        const ranges = several.map(({ range }) => range)
        const together = SequenceMap.positions(counted, first.range).maps(ranges, first.most)
        expect(passes).toBe(1)
        expect(together).toEqual(ranges.map((range) => mapOf(whole, range, first.most)))
      }),
      { numRuns: 100 }
    )
    expect(SequenceMap.positions(seen(), { start: 0, end: 0 }).maps([], 10)).toEqual([])
  })

  it("sees in a report that lists every gap what the tracker has seen, and in no other", () => {
    FastCheck.assert(
      FastCheck.property(cases, ({ indices, most, range }) => {
        const tracker = trackerOf(indices)
        const report = (maxMissing: number) => SequenceVerification.report(tracker, { expected: range, maxMissing })
        const told = SequenceMap.seenIn(report(1_000))
        if (told === undefined) throw new Error("every gap is listed")
        const watched = SequenceMap.seenBy(tracker)
        const map = mapOf(told, range, most)
        expect(map).toEqual(mapOf(watched, range, most))
        expect(SequenceMap.longestGap(told, range)).toEqual(SequenceMap.longestGap(watched, range))
        for (const { lacks } of map.cells) {
          if (lacks === null) continue
          const before = lacks.start - 1
          if (before >= range.start && report(1_000).missing.some(({ start }) => start === lacks.start)) {
            expect(told.timeOf(before)).toBe(`time of ${before}`)
          }
        }
        if (report(0).gapRanges > 0) expect(SequenceMap.seenIn(report(0))).toBeUndefined()
      }),
      { numRuns: 200 }
    )
    expect(SequenceMap.seenIn(SequenceVerification.report(SequenceTracker.make()))).toBeUndefined()
  })

  it("finds the longest gap, the first of several", () => {
    const range = { start: 1, end: 20 }
    expect(SequenceMap.longestGap(seen([1, 20]), range)).toBeUndefined()
    expect(SequenceMap.longestGap(seen([1, 3], [6, 8], [11, 20]), range)).toEqual({ start: 4, end: 5 })
    expect(SequenceMap.longestGap(seen([5, 18]), range)).toEqual({ start: 1, end: 4 })
    expect(SequenceMap.longestGap(seen(), range)).toEqual(range)
  })

  it("names at most so many places, in order, and leaves no missing index out", () => {
    FastCheck.assert(
      FastCheck.property(cases, FastCheck.integer({ min: 1, max: 12 }), ({ indices, most, range }, places) => {
        const map = mapOf(SequenceMap.seenBy(trackerOf(indices)), range, most)
        const found = GapMap.places(map, places)
        expect(found.length).toBeLessThanOrEqual(places)
        const missing = map.cells.reduce((sum, cell) => sum + cell.missing, 0)
        expect(found.reduce((sum, place) => sum + place.missing, 0)).toBe(missing)
        const gaps = map.cells.reduce((sum, cell) => sum + cell.gaps, 0)
        expect(found.reduce((sum, place) => sum + place.gaps, 0)).toBe(gaps)
        for (const [at, place] of found.entries()) {
          if (at > 0) expect(place.start).toBeGreaterThan(found[at - 1]?.end ?? 0)
          const window = GapMap.around(place, range)
          expect(window.start).toBeLessThanOrEqual(place.start)
          expect(window.end).toBeGreaterThanOrEqual(place.end)
          expect(window.start).toBeGreaterThanOrEqual(range.start)
          expect(window.end).toBeLessThanOrEqual(range.end)
        }
      }),
      { numRuns: 300 }
    )
  })

  it("puts near gaps together, and cuts where they are everywhere", () => {
    const near = mapOf(seen([1, 99], [101, 102], [104, 699], [701, 1_000]), { start: 1, end: 1_000 }, 100)
    expect(GapMap.places(near, 12)).toEqual([
      { start: 100, end: 103, missing: 2, gaps: 2 },
      { start: 700, end: 700, missing: 1, gaps: 1 }
    ])
    expect(GapMap.places(near, 1)).toHaveLength(1)
    const everywhere = trackerOf(Array.from({ length: 10_000 }, (_, at) => 2 * at))
    const map = mapOf(SequenceMap.seenBy(everywhere), { start: 0, end: 20_000 }, 240)
    expect(GapMap.places(map, 12)).toHaveLength(8)
    // One long gap is one place, however much of the range it takes.
    const long = mapOf(seen([1, 10], [901, 1_000]), { start: 1, end: 1_000 }, 100)
    expect(GapMap.places(long, 12)).toEqual([{ start: 11, end: 900, missing: 890, gaps: 1 }])
  })
})
