/** Instants as the platform writes them: ISO 8601, in UTC, with `Z`. */
import { DateTime, Option, ParseResult, Schema } from "effect"
import * as InstantText from "./InstantText.js"

/**
 * Reads ISO 8601 with a zone. None for anything else: no zone, a date that does not exist, an hour past 23.
 * Digits past the millisecond are dropped.
 */
export const parse = (text: string): Option.Option<DateTime.Utc> =>
  Option.map(Option.fromNullable(InstantText.toMs(text)), (ms) => DateTime.unsafeMake(ms))

const digit = (text: string, at: number): number => {
  const code = text.charCodeAt(at) - 48
  return code >= 0 && code <= 9 ? code : Number.NaN
}

const twoDigits = (text: string, at: number): number => 10 * digit(text, at) + digit(text, at + 1)

const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const daysIn = (year: number, month: number): number =>
  month === 2 && (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0)) ? 28 : (daysOfMonth[month - 1] ?? 0)

/** `2024-01-15T08:00:00Z` or with milliseconds; undefined for every other form. */
const plainMillis = (text: string): number | undefined => {
  if (text.length !== 20 && text.length !== 24) return undefined
  const isMarked =
    text[4] === "-" && text[7] === "-" && text[10] === "T" && text[13] === ":" && text[16] === ":" && text.endsWith("Z")
  if (!isMarked) return undefined
  const year = 100 * twoDigits(text, 0) + twoDigits(text, 2)
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)]
  const millis = text.length === 20 ? 0 : text[19] === "." ? 10 * twoDigits(text, 20) + digit(text, 22) : Number.NaN
  const isDate = year >= 100 && month >= 1 && day >= 1 && day <= daysIn(year, month)
  if (!(isDate && hour < 24 && minute < 60 && second < 60 && millis >= 0)) return undefined
  return Date.UTC(year, month - 1, day, hour, minute, second, millis)
}

/** The milliseconds since 1970 of what {@link parse} reads, undefined for anything else; made for millions of them. */
export const epochMillis = (text: string): number | undefined =>
  plainMillis(text) ?? Option.getOrUndefined(Option.map(parse(text), DateTime.toEpochMillis))

/** `2024-01-15T08:00:00Z`; milliseconds only where there are some: `2024-01-15T08:00:00.250Z`. */
export const format = (instant: DateTime.Utc): string => DateTime.formatIso(instant).replace(".000Z", "Z")

/** The whole second that the instant lies in. */
export const wholeSecond = (instant: DateTime.Utc): DateTime.Utc =>
  DateTime.unsafeMake(Math.floor(DateTime.toEpochMillis(instant) / 1_000) * 1_000)

/** `20240115080000`: the instant in UTC down to the second, for names. */
export const compact = (instant: DateTime.Utc): string => DateTime.formatIso(instant).slice(0, 19).replace(/[-T:]/g, "")

/** An instant in UTC with `Z`, as text. */
export const UtcText = Schema.String.pipe(
  Schema.filter((text) => (text.endsWith("Z") && Option.isSome(parse(text))) || "not an instant in UTC with Z", {
    identifier: "UtcText",
    description: "ISO 8601 in UTC with Z",
    jsonSchema: { pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{3})?Z$" }
  })
)

/** ISO 8601 text with a zone, decoded to an instant; encoded in UTC with `Z`. */
export const Instant = Schema.transformOrFail(
  Schema.String.annotations({ identifier: "InstantText", description: "ISO 8601 with a zone" }),
  Schema.DateTimeUtcFromSelf,
  {
    strict: true,
    decode: (text, _, ast) =>
      Option.match(parse(text), {
        onNone: () =>
          ParseResult.fail(
            new ParseResult.Type(
              ast,
              text,
              `not an instant: ${JSON.stringify(text)}. Write ISO 8601 with a zone: 2024-01-15T08:00:00Z`
            )
          ),
        onSome: ParseResult.succeed
      }),
    encode: (instant) => ParseResult.succeed(format(instant))
  }
)

/** The time of day in UTC, for a person who waits: `08:15:30 UTC`. */
export const timeOfDay = (instant: DateTime.Utc): string => `${DateTime.formatIso(instant).slice(11, 19)} UTC`
