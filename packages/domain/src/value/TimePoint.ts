/** A point in time as a person writes it: an instant, or an age counted back from now. */
import { DateTime, Option, ParseResult, Schema } from "effect"
import * as Instant from "./Instant.js"

/** A point in time that needs no now. */
export interface Absolute {
  readonly _tag: "Absolute"
  readonly instant: DateTime.Utc
}

/** So many milliseconds before now; counted from the whole second that it is now. */
export interface Relative {
  readonly _tag: "Relative"
  readonly text: string
  readonly millis: number
}

/** See {@link Absolute} and {@link Relative}. */
export type TimePoint = Absolute | Relative

const unitMillis: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const age = /^-(\d{1,9})([smhd])$/

/** Reads `2024-01-15T08:00:00Z`, `-45s`, `-90m`, `-36h` or `-3d`. None for anything else. */
export const parse = (text: string): Option.Option<TimePoint> => {
  const match = age.exec(text)
  if (match === null) return Option.map(Instant.parse(text), (instant) => ({ _tag: "Absolute", instant }))
  const [, count = "0", unit = "s"] = match
  return Option.some({ _tag: "Relative", text, millis: Number(count) * (unitMillis[unit] ?? 0) })
}

/** The instant that `point` means when it is `now`. */
export const resolve = (point: TimePoint, now: DateTime.Utc): DateTime.Utc =>
  point._tag === "Absolute"
    ? point.instant
    : DateTime.unsafeMake(Math.max(0, DateTime.toEpochMillis(countedFrom(point, now)) - point.millis))

/**
 * The instant that the age of `point` is counted from: a start of `-90d` is exactly 90 days old at this instant, and not some
 * milliseconds more.
 */
export const countedFrom = (point: TimePoint, now: DateTime.Utc): DateTime.Utc =>
  point._tag === "Absolute" ? now : Instant.wholeSecond(now)

/** The point in time as it is written. */
export const format = (point: TimePoint): string =>
  point._tag === "Relative" ? point.text : Instant.format(point.instant)

/** Text to {@link TimePoint} and back. */
export const TimePoint = Schema.transformOrFail(
  Schema.String.annotations({
    identifier: "TimePointText",
    description: "ISO 8601 with a zone (2024-01-15T08:00:00Z), or an age before now (-45s, -90m, -36h, -3d)"
  }),
  Schema.declare(
    (value: unknown): value is TimePoint =>
      typeof value === "object" &&
      value !== null &&
      "_tag" in value &&
      (value._tag === "Absolute" || value._tag === "Relative")
  ),
  {
    strict: true,
    decode: (text, _, ast) =>
      Option.match(parse(text), {
        onNone: () =>
          ParseResult.fail(
            new ParseResult.Type(
              ast,
              text,
              `not a time: ${JSON.stringify(text)}. Write ISO 8601 with a zone (2024-01-15T08:00:00Z) or an age before now (-36h, -3d)`
            )
          ),
        onSome: ParseResult.succeed
      }),
    encode: (point) => ParseResult.succeed(format(point))
  }
)
