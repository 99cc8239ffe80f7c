/** Instants as the platform writes them: ISO 8601, in UTC, with `Z`. */
import { DateTime, Option, ParseResult, Schema } from "effect"
import * as InstantText from "./InstantText.js"

/**
 * Reads ISO 8601 with a zone. None for anything else: no zone, a date that does not exist, an hour past 23.
 * Digits past the millisecond are dropped.
 */
export const parse = (text: string): Option.Option<DateTime.Utc> =>
  Option.map(Option.fromNullable(InstantText.toMs(text)), (ms) => DateTime.unsafeMake(ms))

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
