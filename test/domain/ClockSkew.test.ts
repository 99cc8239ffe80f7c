import { describe, expect, it } from "@effect/vitest"
import { ClockSkew } from "@genesys-replay/domain"
import { Effect, FastCheck, Logger, Option, TestClock } from "effect"

const httpDate = (at: number) => new Date(at).toUTCString()
const noon = Date.UTC(2026, 0, 1, 12)

describe("ClockSkew", () => {
  it.prop(
    "of a clock that is right is nothing, however long the answer took and whatever the second was cut off",
    [FastCheck.nat(60_000), FastCheck.nat(60_000), FastCheck.nat(999)],
    ([before, after, fraction]) => {
      const dated = noon + fraction
      return Option.contains(ClockSkew.of(httpDate(dated), dated - before, dated + after), 0)
    }
  )

  it.prop(
    "of a clock that is wrong is told to within a second and the time that the answer took",
    [FastCheck.integer({ min: -86_400_000, max: 86_400_000 }), FastCheck.nat(2_000), FastCheck.nat(999)],
    ([ahead, took, fraction]) => {
      const sentAt = noon + fraction + ahead
      const skew = Option.getOrThrow(ClockSkew.of(httpDate(noon + fraction), sentAt, sentAt + took))
      return Math.abs(skew - ahead) <= 999 + took
    }
  )

  it("of no date is unknown", () => {
    for (const date of [undefined, "", "yesterday", "2026-01-01T12:00:00Z"]) {
      expect(ClockSkew.of(date, noon, noon)).toEqual(Option.none())
    }
  })

  it.effect("is warned of once, from half a minute on", () =>
    Effect.gen(function* () {
      const logged: Array<string> = []
      yield* TestClock.setTime(noon)
      yield* Effect.gen(function* () {
        const observe = yield* ClockSkew.observer("a server")
        yield* observe(httpDate(noon + 29_000), noon)
        yield* observe(undefined, noon)
        expect(logged).toEqual([])
        yield* observe(httpDate(noon + 2 * 3_600_000), noon)
        yield* observe(httpDate(noon - 2 * 3_600_000), noon)
      }).pipe(
        Effect.provide(
          Logger.replace(
            Logger.defaultLogger,
            Logger.make(({ logLevel, message }) => void logged.push(`${logLevel.label} ${message}`))
          )
        )
      )
      expect(logged).toHaveLength(1)
      expect(logged[0]).toMatch(/^WARN the clock of this machine is 2h behind that of a server: /)
    })
  )
})
