import { serialize } from "node:v8"
import { describe, expect, it } from "@effect/vitest"
import { IndexSet, SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import { FastCheck } from "effect"
import * as Naive from "./NaiveSequence.js"

const tracked = (events: ReadonlyArray<Naive.Event>): SequenceTracker.SequenceTracker => {
  const tracker = SequenceTracker.make()
  // Counted first: asserting each one took most of the time of these tests.
  const taken = events.filter(({ index, time }) => SequenceTracker.observe(tracker, index, time))
  expect(taken.length).toBe(events.length)
  return tracker
}

/** Numbers below `size`, each once, in an order that looks random and is the same in every run. */
const shuffled = (size: number): Uint32Array => {
  const order = Uint32Array.from({ length: size }, (_, index) => index)
  let state = 1
  for (let last = size - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const other = state % (last + 1)
    const kept = order[last] ?? 0
    order[last] = order[other] ?? 0
    order[other] = kept
  }
  return order
}

describe("SequenceTracker", () => {
  it("says of any events, in any order, what a set of all of them says", () => {
    FastCheck.assert(
      FastCheck.property(Naive.events, Naive.expected, FastCheck.nat(6), (events, expected, maxMissing) => {
        const options = { expected, maxMissing }
        expect(SequenceVerification.report(tracked(events), options)).toEqual(Naive.report(events, options))
      }),
      { numRuns: 3_000 }
    )
  })

  it("says the same when it is asked after every event", () => {
    FastCheck.assert(
      FastCheck.property(Naive.events, (events) => {
        const tracker = SequenceTracker.make()
        for (const [at, { index, time }] of events.entries()) {
          SequenceTracker.observe(tracker, index, time)
          expect(SequenceVerification.report(tracker)).toEqual(Naive.report(events.slice(0, at + 1)))
        }
      }),
      { numRuns: 200 }
    )
  })

  it("merges what two trackers saw of one log, wherever it is cut", () => {
    FastCheck.assert(
      FastCheck.property(Naive.events, Naive.expected, (events, expected) => {
        const whole = Naive.report(events, { expected })
        for (let cut = 0; cut <= events.length; cut++) {
          const merged = SequenceTracker.merge(tracked(events.slice(0, cut)), tracked(events.slice(cut)))
          expect(SequenceVerification.report(merged, { expected })).toEqual(whole)
        }
      }),
      { numRuns: 300 }
    )
  })

  it("merges many parts in any grouping, and leaves the later one as it was", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(Naive.events, { minLength: 3, maxLength: 5 }), (parts) => {
        const whole = Naive.report(parts.flat())
        const fromLeft = parts.map(tracked).reduce((left, right) => SequenceTracker.merge(left, right))
        const fromRight = parts.map(tracked).reduceRight((right, left) => {
          const before = SequenceVerification.report(right)
          const merged = SequenceTracker.merge(left, right)
          expect(SequenceVerification.report(right)).toEqual(before)
          return merged
        })
        expect(SequenceVerification.report(fromLeft)).toEqual(whole)
        expect(SequenceVerification.report(fromRight)).toEqual(whole)
      }),
      { numRuns: 500 }
    )
  })

  it("takes a run of indices for the events it stands for", () => {
    const run = FastCheck.tuple(FastCheck.nat(30), FastCheck.nat(9), FastCheck.boolean(), FastCheck.boolean())
    FastCheck.assert(
      FastCheck.property(FastCheck.array(run, { maxLength: 8 }), (runs) => {
        const tracker = SequenceTracker.make()
        const events = runs.flatMap(([first, more, timedFirst, timedLast], at) => {
          const last = first + more
          const firstTime = timedFirst ? `first ${at}` : undefined
          const lastTime = more === 0 ? firstTime : timedLast ? `last ${at}` : undefined
          expect(SequenceTracker.observeRun(tracker, first, last, firstTime, lastTime)).toBe(true)
          return Array.from({ length: more + 1 }, (_, offset) => ({
            index: first + offset,
            time: offset === 0 ? firstTime : offset === more ? lastTime : undefined
          }))
        })
        expect(SequenceVerification.report(tracker)).toEqual(Naive.report(events))
      }),
      { numRuns: 500 }
    )
  })

  it("refuses a run that is none", () => {
    const tracker = SequenceTracker.make()
    for (const [first, last] of [
      [-1, 3],
      [4, 3],
      [0.5, 1],
      [0, 2 ** 53],
      [Number.NaN, 1]
    ] as const) {
      expect(SequenceTracker.observeRun(tracker, first, last)).toBe(false)
    }
    expect(SequenceVerification.report(tracker).observed).toBe(0)
  })

  it("goes on after a restart as if there had been none", () => {
    FastCheck.assert(
      FastCheck.property(Naive.events, FastCheck.nat(100), (events, percent) => {
        const cut = Math.floor((events.length * percent) / 100)
        const resumed = SequenceTracker.restore(
          structuredClone(SequenceTracker.snapshot(tracked(events.slice(0, cut))))
        )
        for (const { index, time } of events.slice(cut)) SequenceTracker.observe(resumed, index, time)
        expect(SequenceVerification.report(resumed)).toEqual(Naive.report(events))
      }),
      { numRuns: 500 }
    )
  })

  it("merges parts that come from other threads", () => {
    FastCheck.assert(
      FastCheck.property(Naive.events, Naive.events, Naive.events, (first, second, third) => {
        const restored = (events: ReadonlyArray<Naive.Event>) =>
          SequenceTracker.restore(structuredClone(SequenceTracker.snapshot(tracked(events))))
        const later = SequenceTracker.merge(restored(second), restored(third))
        expect(SequenceVerification.report(SequenceTracker.merge(restored(first), later))).toEqual(
          Naive.report([...first, ...second, ...third])
        )
      }),
      { numRuns: 300 }
    )
  })

  it("refuses what is no index, and notes nothing of it", () => {
    const tracker = tracked([{ index: 1 }, { index: Number.MAX_SAFE_INTEGER }])
    const before = SequenceVerification.report(tracker)
    for (const index of [-1, 0.5, 2 ** 53, 2 ** 60, Number.NaN, Number.POSITIVE_INFINITY, -(2 ** 53)]) {
      expect(SequenceTracker.observe(tracker, index)).toBe(false)
    }
    expect(SequenceVerification.report(tracker)).toEqual(before)
    expect(SequenceTracker.observe(SequenceTracker.make(), -1)).toBe(false)
  })

  it("takes minus zero for zero", () => {
    const report = SequenceVerification.report(tracked([{ index: -0 }, { index: 1 }]))
    expect(report.expected).toEqual({ start: 0, end: 1, inferred: true })
    expect(report.isContiguous).toBe(true)
  })

  it("counts the largest index again as a duplicate, not as out of order", () => {
    const report = SequenceVerification.report(tracked([{ index: 5 }, { index: 5 }, { index: 4 }, { index: 5 }]))
    expect([report.duplicates, report.outOfOrder]).toEqual([2, 1])
  })

  it("counts a repeated record as out of order once an earlier part has a larger index", () => {
    const later = tracked([{ index: 5 }, { index: 5 }, { index: 5 }, { index: 6 }, { index: 6 }, { index: 9 }])
    expect(SequenceVerification.report(later).outOfOrder).toBe(0)
    expect(SequenceVerification.report(SequenceTracker.merge(tracked([{ index: 6 }]), later)).outOfOrder).toBe(3)
  })

  it("keeps times at the edges of gaps only", () => {
    const tracker = SequenceTracker.make()
    const order = shuffled(200_000)
    for (const index of order) if (index !== 70_000) SequenceTracker.observe(tracker, index, `t${index}`)
    expect(SequenceVerification.report(tracker).missing).toEqual([
      { start: 70_000, end: 70_000, count: 1, after: "t69999", before: "t70001" }
    ])
    expect(
      SequenceTracker.snapshot(tracker)
        .times.map(([index]) => index)
        .sort((a, b) => a - b)
    ).toEqual([0, 69_999, 70_001, 199_999])
  })

  it("stays small for indices in random order, and stores a full set as a range", () => {
    const tracker = SequenceTracker.make()
    const order = shuffled(3_000_000)
    const half = order.subarray(0, 1_500_000)
    for (const index of half) SequenceTracker.observe(tracker, index)
    // 46 chunks of at most 8 KiB.
    expect(serialize(SequenceTracker.snapshot(tracker)).length).toBeLessThan(46 * 8_192 + 10_000)
    for (const index of order) SequenceTracker.observe(tracker, index)
    const report = SequenceVerification.report(tracker)
    expect([report.unique, report.duplicates, report.isContiguous]).toEqual([3_000_000, 1_500_000, true])
    expect(SequenceTracker.snapshot(tracker).indices.full).toEqual([[0, 44]])
  })

  it("holds every index there is", () => {
    const everything = IndexSet.IndexSet.restore({ full: [[0, 2 ** 37 - 1]], chunks: [] })
    expect(everything.size).toBe(2 ** 53)
    expect(everything.rank(2 ** 53)).toBe(2 ** 53)
    expect(everything.add(Number.MAX_SAFE_INTEGER)).toBe(false)
    expect(everything.has(12_345_678_901_234)).toBe(true)
  })
})

describe("IndexSet", () => {
  it("finds nothing outside the indices, also right after a chunk became full", () => {
    const set = new IndexSet.IndexSet()
    for (let index = 0; index < 65_536; index++) set.add(index)
    expect([set.has(-1), set.has(65_536), set.has(65_535)]).toEqual([false, false, true])
  })

  const width = 4 * 65_536
  const range = FastCheck.tuple(FastCheck.nat(width - 1), FastCheck.oneof(FastCheck.nat(40), FastCheck.nat(width))).map(
    ([low, length]) => [low, Math.min(low + length, width - 1)] as const
  )
  const scattered = FastCheck.tuple(FastCheck.nat(width / 2), FastCheck.integer({ min: 2, max: 5 })).map(
    ([from, step]) => [from, step, 3_000] as const
  )
  type Step = { readonly set: IndexSet.IndexSet; readonly naive: Uint8Array }

  const built: FastCheck.Arbitrary<Step> = FastCheck.array(FastCheck.oneof(range, scattered), { maxLength: 6 }).map(
    (steps) => {
      const set = new IndexSet.IndexSet()
      const naive = new Uint8Array(width)
      for (const [from, to, count] of steps) {
        if (count === undefined) {
          set.addRange(from, to)
          naive.fill(1, from, to + 1)
          continue
        }
        let agreed = 0
        for (let at = 0; at < count; at++) {
          const index = from + at * to
          if (set.add(index) === (naive[index] === 0)) agreed += 1
          naive[index] = 1
        }
        expect(agreed).toBe(count)
      }
      return { set, naive }
    }
  )

  const agrees = ({ naive, set }: Step): void => {
    const seen = new Uint8Array(width)
    let behind = -2
    set.forEachRun((low, high) => {
      expect(low).toBeGreaterThan(behind + 1)
      seen.fill(1, low, high + 1)
      behind = high
    })
    expect(Buffer.compare(seen, naive)).toBe(0)
    let size = 0
    for (const bit of naive) size += bit
    expect(set.size).toBe(size)
    expect(set.first()).toBe(size === 0 ? undefined : naive.indexOf(1))
    let below = 0
    let counted = 0
    for (const index of [0, 1, 65_535, 65_536, 65_537, 100_003, width - 1, width]) {
      for (; counted < index; counted++) below += naive[counted] ?? 0
      expect(set.rank(index)).toBe(below)
      expect(set.has(index)).toBe(naive[index] === 1)
    }
  }

  it("agrees with one byte for each index, whatever ranges and scattered indices are added", () => {
    FastCheck.assert(FastCheck.property(built, agrees), { numRuns: 30 })
  })

  it("agrees after merging and after storing", () => {
    FastCheck.assert(
      FastCheck.property(built, built, (left, right) => {
        const naive = Uint8Array.from(left.naive)
        for (const [index, bit] of right.naive.entries()) if (bit === 1) naive[index] = 1
        left.set.merge(right.set)
        agrees({ set: left.set, naive })
        agrees(right)
        agrees({ set: IndexSet.IndexSet.restore(left.set.snapshot()), naive })
      }),
      { numRuns: 15 }
    )
  })
})

describe("a tracker after a merge", () => {
  const of = (...indices: ReadonlyArray<number>) => {
    const tracker = SequenceTracker.make()
    for (const index of indices) SequenceTracker.observe(tracker, index)
    return tracker
  }

  it("is stored as one that saw everything by itself, however the events were cut into parts", () => {
    const whole = SequenceTracker.snapshot(SequenceTracker.merge(of(2), of(1, 1, 3)))
    const parts = [of(1), of(1), of(3)].reduce(SequenceTracker.merge, of(2))
    expect(SequenceTracker.snapshot(parts)).toEqual(whole)
    expect(SequenceTracker.snapshot(of(2, 1, 1, 3))).toEqual(whole)
  })
})
