import { describe, expect, it } from "@effect/vitest"
import { ReplayCover } from "@genesys-replay/domain"
import { FastCheck } from "effect"

const minute = ReplayCover.minuteMs

const at = (...minutes: ReadonlyArray<number>) => minutes.map((one) => one * minute)

const spans = (stretches: ReadonlyArray<ReplayCover.Stretch>) =>
  stretches.map(({ fromMs, toMs }) => [fromMs / minute, toMs / minute])

/** Every way to cover these minutes by stretches: between two neighbours one ends, or it does not. */
const everyCover = (minutes: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<ReplayCover.Stretch>> => {
  const sorted = [...new Set(minutes)].sort((one, other) => one - other)
  if (sorted.length === 0) return [[]]
  return Array.from({ length: 2 ** (sorted.length - 1) }, (_, cuts) => {
    const stretches: Array<ReplayCover.Stretch> = []
    for (const [index, one] of sorted.entries()) {
      const last = index > 0 && (cuts & (1 << (index - 1))) === 0 ? stretches.pop() : undefined
      stretches.push({ fromMs: last?.fromMs ?? one * minute, toMs: (one + 1) * minute, events: 0 })
    }
    return stretches
  })
}

const minutes = FastCheck.array(FastCheck.nat(40), { maxLength: 9 })
const cost = FastCheck.record({ replay: FastCheck.nat(12), minute: FastCheck.nat(3) })

describe("ReplayCover", () => {
  it("no cover costs less, and of those that cost the same none has fewer replays", () => {
    FastCheck.assert(
      FastCheck.property(minutes, cost, FastCheck.integer({ min: 1, max: 9 }), (missing, price, most) => {
        const chosen = ReplayCover.of(at(...missing), { cost: price, most })
        const others = everyCover(missing).filter((cover) => cover.length <= most)
        const least = Math.min(...others.map((cover) => ReplayCover.costOf(cover, price)))
        expect(ReplayCover.costOf(chosen, price)).toBe(least)
        const cheapest = others.filter((cover) => ReplayCover.costOf(cover, price) === least)
        expect(chosen.length).toBe(Math.min(...cheapest.map((cover) => cover.length)))
      }),
      { numRuns: 2_000 }
    )
  })

  it("every instant lies in exactly one stretch, and the stretches are whole minutes, apart and in order", () => {
    const instants = FastCheck.array(FastCheck.nat(90 * minute), { maxLength: 60 })
    FastCheck.assert(
      FastCheck.property(
        instants,
        FastCheck.nat(3 * minute),
        FastCheck.nat(3 * minute),
        (times, earlierMs, laterMs) => {
          const chosen = ReplayCover.of(times, { earlierMs, laterMs })
          for (const time of times) {
            const around = chosen.filter(({ fromMs, toMs }) => fromMs <= time - earlierMs && time + laterMs < toMs)
            expect(around.length).toBe(1)
          }
          expect(chosen.reduce((sum, { events }) => sum + events, 0)).toBe(times.length)
          for (const [index, { fromMs, toMs }] of chosen.entries()) {
            expect([fromMs, toMs].every((edge) => Number.isInteger(edge / minute))).toBe(true)
            expect(fromMs).toBeGreaterThan(chosen[index - 1]?.toMs ?? Number.NEGATIVE_INFINITY)
          }
        }
      )
    )
  })

  it("two replays become one where the minutes between them cost no more than a replay", () => {
    expect(spans(ReplayCover.of(at(0, 11)))).toEqual([[0, 12]])
    expect(spans(ReplayCover.of(at(0, 12)))).toEqual([
      [0, 1],
      [12, 13]
    ])
    expect(spans(ReplayCover.of(at(0, 2), { cost: { replay: 0, minute: 1 } }))).toHaveLength(2)
  })

  it("where only so many may be, the shortest gaps are closed", () => {
    expect(spans(ReplayCover.of(at(0, 100, 130, 300), { most: 2 }))).toEqual([
      [0, 131],
      [300, 301]
    ])
    expect(ReplayCover.of([])).toEqual([])
  })

  it("batches of those that run at once take together as little time as they can", () => {
    const lengths = FastCheck.array(FastCheck.integer({ min: 1, max: 30 }), { maxLength: 6 })
    const time = (batches: ReadonlyArray<ReadonlyArray<ReplayCover.Stretch>>) =>
      batches.reduce((sum, batch) => sum + Math.max(...batch.map(({ fromMs, toMs }) => toMs - fromMs)), 0)
    // Every way to deal the stretches out to batches of this size.
    const deals = (
      rest: ReadonlyArray<ReplayCover.Stretch>,
      size: number
    ): ReadonlyArray<ReadonlyArray<ReadonlyArray<ReplayCover.Stretch>>> => {
      const [first, ...others] = rest
      if (first === undefined) return [[]]
      return deals(others, size).flatMap((batches) => [
        [...batches, [first]],
        ...batches.flatMap((batch, index) => (batch.length < size ? [batches.with(index, [...batch, first])] : []))
      ])
    }
    FastCheck.assert(
      FastCheck.property(lengths, FastCheck.integer({ min: 1, max: 4 }), (all, atOnce) => {
        const stretches = all.map((length, index) => ({
          fromMs: index * 100 * minute,
          toMs: (index * 100 + length) * minute,
          events: 1
        }))
        const batches = ReplayCover.inBatches(stretches, atOnce)
        expect(Math.max(0, ...batches.map(({ length }) => length))).toBeLessThanOrEqual(atOnce)
        expect(batches.flat().length).toBe(stretches.length)
        expect(time(batches)).toBe(Math.min(...deals(stretches, atOnce).map(time)))
      }),
      { numRuns: 300 }
    )
  })

  it("covers a million instants in any order", () => {
    let state = 1
    const times = Float64Array.from({ length: 1_000_000 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return (state % 500_000) * minute
    })
    const chosen = ReplayCover.of(times)
    expect(chosen.reduce((sum, { events }) => sum + events, 0)).toBe(1_000_000)
    expect(spans(chosen)[0]?.[0]).toBe(0)
  })
})
