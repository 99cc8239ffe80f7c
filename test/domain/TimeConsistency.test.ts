import { describe, expect, it } from "@effect/vitest"
import { Instant, RetentionDays, TimeConsistency, TimePoint } from "@genesys-replay/domain"
import { DateTime, Duration, Effect, FastCheck as fc, Option, TestClock } from "effect"

const at = (text: string) => DateTime.unsafeMake(text)

describe("TimeConsistency", () => {
  const verifyAt = (now: string, start: string, options?: TimeConsistency.Options) =>
    TestClock.setTime(DateTime.toEpochMillis(at(now))).pipe(Effect.zipRight(TimeConsistency.verify(at(start), options)))

  it.effect("takes now from the Clock", () =>
    Effect.gen(function* () {
      const verdict = yield* verifyAt("2024-01-16T08:00:00Z", "2024-01-15T08:00:00Z")
      expect([Duration.toHours(verdict.age), verdict.tooRecent]).toEqual([24, false])
      yield* TestClock.adjust("89 days")
      expect((yield* TimeConsistency.verify(at("2024-01-15T08:00:00Z"))).tooRecent).toBe(false)
      yield* TestClock.adjust("1 millis")
      expect((yield* Effect.flip(TimeConsistency.verify(at("2024-01-15T08:00:00Z"))))._tag).toBe("StartBeyondRetention")
    })
  )

  it.effect("fails with StartInFuture, with both instants in the message", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(verifyAt("2024-01-15T08:00:00Z", "2024-01-15T08:00:00.001Z"))
      expect(error._tag).toBe("StartInFuture")
      expect(error.message).toContain("2024-01-15T08:00:00.001Z is in the future: it is now 2024-01-15T08:00:00Z")
    })
  )

  it.effect("names the earliest start that is still retained", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        verifyAt("2024-01-31T08:00:00Z", "2024-01-01T08:00:00Z", { retention: RetentionDays.RetentionDays.make(7) })
      )
      expect(error.message).toContain(
        "older than the 7 days that are retained. The earliest start is now 2024-01-24T08:00:00Z"
      )
    })
  )

  it.effect("marks a start below the minimum age", () =>
    Effect.gen(function* () {
      const now = "2024-01-31T08:00:00Z"
      expect((yield* verifyAt(now, "2024-01-31T07:55:00.001Z")).tooRecent).toBe(true)
      expect((yield* verifyAt(now, "2024-01-31T07:55:00Z")).tooRecent).toBe(false)
      expect((yield* verifyAt(now, "2024-01-31T07:55:00Z", { minimumAge: "6 minutes" })).tooRecent).toBe(true)
    })
  )
})

describe("Instant", () => {
  it("is written in UTC with Z and read back the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (millis) => {
        const instant = DateTime.unsafeMake(millis)
        const text = Instant.format(instant)
        expect(text).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/)
        expect(Option.map(Instant.parse(text), DateTime.toEpochMillis)).toEqual(Option.some(millis))
      })
    )
  })

  it("is read with any zone", () => {
    for (const text of [
      "2024-01-15T08:00:00Z",
      "2024-01-15t08:00:00z",
      "2024-01-15 08:00Z",
      "2024-01-15T09:00:00+01:00",
      "2024-01-15T03:30:00-0430",
      "2024-01-15T10:00:00.000+02"
    ]) {
      expect([text, Option.map(Instant.parse(text), Instant.format)]).toEqual([
        text,
        Option.some("2024-01-15T08:00:00Z")
      ])
    }
  })

  it("is nothing without a zone, and no date that does not exist", () => {
    for (const text of [
      "2024-01-15",
      "2024-01-15T08:00:00",
      "2024-02-30T08:00:00Z",
      "2023-02-29T08:00:00Z",
      "2024-01-15T24:00:00Z",
      "2024-01-15T08:60:00Z",
      "2024-13-01T08:00:00Z",
      "20240115T080000Z",
      "now"
    ]) {
      expect([text, Option.isNone(Instant.parse(text))]).toEqual([text, true])
    }
  })
})

describe("TimePoint", () => {
  const resolved = (text: string) =>
    Option.map(TimePoint.parse(text), (point) =>
      Instant.format(TimePoint.resolve(point, at("2024-01-31T08:00:00.750Z")))
    )

  it("counts an age back from now, to whole seconds", () => {
    expect(["-45s", "-90m", "-36h", "-3d", "2024-01-15T08:00:00.5Z"].map(resolved)).toEqual(
      [
        "2024-01-31T07:59:15Z",
        "2024-01-31T06:30:00Z",
        "2024-01-29T20:00:00Z",
        "2024-01-28T08:00:00Z",
        "2024-01-15T08:00:00.500Z"
      ].map(Option.some)
    )
  })
})
