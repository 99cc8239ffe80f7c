import { describe, expect, it } from "@effect/vitest"
import { Instant } from "@genesys-replay/domain"
import { DateTime, FastCheck, Option } from "effect"

describe("An instant as text", () => {
  it("is read as the calendar has it, for every millisecond of the years 0 to 9999", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) => {
        const instant = DateTime.unsafeMake(ms)
        expect(Option.map(Instant.parse(DateTime.formatIso(instant)), DateTime.toEpochMillis)).toEqual(Option.some(ms))
      }),
      { numRuns: 2_000 }
    )
  })

  it("is none where there is no such day, hour or zone", () => {
    for (const text of [
      "2023-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z",
      "2024-04-31T00:00:00Z",
      "2024-13-01T00:00:00Z",
      "2024-00-10T00:00:00Z",
      "2024-01-00T00:00:00Z",
      "2024-01-01T24:00:00Z",
      "2024-01-01T00:60:00Z",
      "2024-01-01T00:00:60Z",
      "2024-01-01T00:00:00+24:00",
      "0000-01-01T00:00:00+00:01",
      "9999-12-31T23:59:59-00:01",
      "2024-01-01T00:00:00"
    ]) {
      expect(Instant.parse(text), text).toEqual(Option.none())
    }
    expect(Option.map(Instant.parse("2000-02-29T00:00:00.1239+01:30"), DateTime.formatIso)).toEqual(
      Option.some("2000-02-28T22:30:00.123Z")
    )
  })
})
