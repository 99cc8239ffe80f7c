import { describe, expect, it } from "@effect/vitest"
import { Dice, type Faults, History, Organization, Transit } from "@genesys-replay/sandbox"
import { FastCheck } from "effect"

const organization = Organization.make("history")
const noon = Date.UTC(2024, 0, 15, 12)
const topics = ["genesys.conversations.message", "v2.users.{id}.presence"]
const minutes = (count: number) => count * 60_000

const events = (from: number, until: number, density: Partial<History.Density> = {}, of = organization) => [
  ...History.events(of, { topics, from, until }, { eventsPerHour: 600, maximumEvents: 1_000_000, ...density })
]

describe("The history", () => {
  it("stands still: the part of a window that lies in another one is the same in both", () => {
    const instant = FastCheck.integer({ min: 0, max: minutes(10) })
    FastCheck.assert(
      FastCheck.property(instant, instant, (a, b) => {
        const [from, until] = [noon + Math.min(a, b), noon + Math.max(a, b)]
        const whole = events(noon, noon + minutes(10))
        expect(events(from, until)).toEqual(whole.filter(({ at }) => at >= from && at < until))
      }),
      { numRuns: 50 }
    )
  })

  it("has as many events in an hour as it was told, of each topic", () => {
    for (const eventsPerHour of [1, 7, 60, 90, 1_000]) {
      expect(events(noon, noon + minutes(60), { eventsPerHour })).toHaveLength(2 * eventsPerHour)
    }
  })

  it("of a thinned window is a part of the whole one", () => {
    const whole = events(noon, noon + minutes(120))
    const thinned = events(noon, noon + minutes(120), { maximumEvents: 300 })
    expect(thinned).toHaveLength(300)
    expect(whole).toEqual(expect.arrayContaining(thinned))
  })

  it("is another one for another seed, with other ids", () => {
    const ids = (seed: string) =>
      new Set(events(noon, noon + minutes(1), {}, Organization.make(seed)).map(({ id }) => id))
    expect(ids("one")).toEqual(ids("one"))
    expect([...ids("one")].filter((id) => ids("two").has(id))).toEqual([])
  })

  it("tells of conversations that go on over several events", () => {
    const ids = events(noon, noon + minutes(3))
      .filter(({ topic }) => topic === topics[0])
      .map(({ eventBody }) => eventBody["id"])
    expect(ids).toHaveLength(30)
    expect(new Set(ids).size).toBeLessThanOrEqual(6)
  })
})

describe("The dice", () => {
  it("give ids that are UUIDs of version 4, and different ones for different labels", () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => Dice.Dice.of("seed", "label", index).uuid())
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(Dice.Dice.of("a", "b,c").uuid()).not.toBe(Dice.Dice.of("a", "b", "c").uuid())
    expect(Dice.Dice.of(1).uuid()).not.toBe(Dice.Dice.of("1").uuid())
  })
})

describe("The transit", () => {
  const arrivals = (faults: Faults.DeliveryFaults | undefined, count: number, seed = 1): ReadonlyArray<number> => {
    const transit = new Transit.Transit(seed, "window")
    const sent = Array.from({ length: count }, (_, index) => transit.send(index + 1, String(index + 1), faults)).flat()
    return [...sent, ...transit.flush()].map(Number)
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
