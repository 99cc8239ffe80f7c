import { describe, expect, it } from "@effect/vitest"
import { ResendSpeed } from "@genesys-replay/eventbridge"
import { Either, FastCheck } from "effect"

describe("ResendSpeed", () => {
  it("is a multiple of the time between events, or events a second", () => {
    expect(ResendSpeed.parse("10x")).toEqual(Either.right({ _tag: "Multiple", factor: 10 }))
    expect(ResendSpeed.parse("0.5x")).toEqual(Either.right({ _tag: "Multiple", factor: 0.5 }))
    expect(ResendSpeed.parse("50/s")).toEqual(Either.right({ _tag: "Rate", perSecond: 50 }))
    for (const text of ["", "x", "0x", "0/s", "-1x", "50", "50/m", "1 x"]) {
      expect(Either.isLeft(ResendSpeed.parse(text)), text).toBe(true)
    }
  })

  it("in no second are there more events than the rate and one portion of 200 ms", () => {
    const gaps = FastCheck.array(FastCheck.nat(400), { minLength: 1, maxLength: 200 })
    FastCheck.assert(
      FastCheck.property(gaps, FastCheck.integer({ min: 1, max: 200 }), (late, perSecond) => {
        const pace = ResendSpeed.pace({ _tag: "Rate", perSecond })
        let now = 0
        const sent = late.map((gap) => {
          const sentAt = Math.max(now, pace.next(undefined, now))
          now = sentAt + (gap > 300 ? gap : 0)
          return sentAt
        })
        for (const from of sent) {
          const within = sent.filter((at) => at >= from && at < from + 1_000).length
          expect(within).toBeLessThanOrEqual(perSecond + Math.max(1, perSecond / 5))
        }
      })
    )
  })

  it("events are never early, and less than 200 ms late, by the time between them", () => {
    const times = FastCheck.array(FastCheck.nat(100_000), { minLength: 1, maxLength: 50 })
    FastCheck.assert(
      FastCheck.property(times, FastCheck.constantFrom(0.5, 1, 10), (unsorted, factor) => {
        const pace = ResendSpeed.pace({ _tag: "Multiple", factor })
        const sorted = [...unsorted].sort((one, other) => one - other)
        const first = sorted[0] ?? 0
        for (const time of sorted) {
          const late = pace.next(time, 5_000) - 5_000 - (time - first) / factor
          expect(late).toBeGreaterThanOrEqual(-0.001)
          expect(late).toBeLessThan(ResendSpeed.tickMs)
        }
      })
    )
  })

  it("without one, every event is due at once", () => {
    expect(ResendSpeed.pace(undefined).next(12, 34)).toBe(34)
  })
})
