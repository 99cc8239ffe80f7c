import { describe, expect, it } from "@effect/vitest"
import { type Faults, FaultyDelivery, SeededRandom } from "@genesys-replay/sandbox"
import { FastCheck } from "effect"

describe("A seeded random generator", () => {
  it("gives ids that are UUIDs of version 4, and different ones for different labels", () => {
    const ids = Array.from({ length: 10_000 }, (_, index) =>
      SeededRandom.SeededRandom.of("seed", "label", index).uuid()
    )
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(SeededRandom.SeededRandom.of("a", "b,c").uuid()).not.toBe(SeededRandom.SeededRandom.of("a", "b", "c").uuid())
    expect(SeededRandom.SeededRandom.of(1).uuid()).not.toBe(SeededRandom.SeededRandom.of("1").uuid())
  })
})

describe("A faulty delivery", () => {
  const arrivals = (faults: Faults.DeliveryFaults | undefined, count: number, seed = 1): ReadonlyArray<number> => {
    const delivery = new FaultyDelivery.FaultyDelivery(seed, "window")
    const sent = Array.from({ length: count }, (_, index) => delivery.send(index + 1, String(index + 1), faults)).flat()
    return [...sent, ...delivery.flush()].map(Number)
  }
  const rate = FastCheck.double({ min: 0, max: 1, noNaN: true })

  it("without faults changes nothing", () => {
    expect(arrivals(undefined, 100)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(arrivals({}, 100)).toEqual(arrivals(undefined, 100))
  })

  it("loses nothing but what is dropped, and doubles nothing but what is to be doubled, in every mix", () => {
    FastCheck.assert(
      FastCheck.property(rate, rate, FastCheck.integer(), (duplicate, reorder, seed) => {
        const all = arrivals(
          { drop: { indices: [[10, 20]] }, duplicate: { rate: duplicate }, reorder: { rate: reorder } },
          60,
          seed
        )
        const kept = Array.from({ length: 60 }, (_, index) => index + 1).filter((index) => index < 10 || index > 20)
        expect([...new Set(all)].sort((left, right) => left - right)).toEqual(kept)
        for (const index of kept) expect(all.filter((one) => one === index).length).toBeLessThanOrEqual(2)
      })
    )
  })

  it("is late by no more than the distance", () => {
    const all = arrivals({ reorder: { rate: 0.5 }, distance: 3 }, 500)
    for (const [position, index] of all.entries()) expect(Math.abs(position + 1 - index)).toBeLessThanOrEqual(6)
    expect(all).not.toEqual(arrivals(undefined, 500))
  })
})
