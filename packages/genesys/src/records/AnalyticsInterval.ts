/** A stretch of time as the analytics and audit queries are asked for it: `2024-01-15T00:00:00.000Z/2024-01-16T00:00:00.000Z`. */
import { Instant } from "@genesys-replay/domain"
import { DateTime, type Duration, Option, ParseResult, Schema } from "effect"

/** From `start` on, to before `end`. */
export interface AnalyticsInterval {
  readonly start: DateTime.Utc
  readonly end: DateTime.Utc
}

const parse = (text: string): Option.Option<AnalyticsInterval> => {
  const [start = "", end = "", ...more] = text.split("/")
  if (more.length > 0) return Option.none()
  return Option.all({ start: Instant.parse(start), end: Instant.parse(end) }).pipe(
    Option.filter((interval) => DateTime.lessThan(interval.start, interval.end))
  )
}

/** ISO 8601 `start/end` with zones, decoded to two instants; the end has to be after the start. */
export const AnalyticsInterval = Schema.transformOrFail(
  Schema.String.annotations({ identifier: "AnalyticsIntervalText", description: "ISO 8601 start/end, with zones" }),
  Schema.Struct({ start: Schema.DateTimeUtcFromSelf, end: Schema.DateTimeUtcFromSelf }),
  {
    strict: true,
    decode: (text, _, ast) =>
      Option.match(parse(text), {
        onNone: () =>
          ParseResult.fail(
            new ParseResult.Type(
              ast,
              text,
              `not an interval: ${JSON.stringify(text)}. Write start/end, the end after it`
            )
          ),
        onSome: ParseResult.succeed
      }),
    encode: ({ end, start }) => ParseResult.succeed(`${DateTime.formatIso(start)}/${DateTime.formatIso(end)}`)
  }
)

/** The interval in pieces that are no longer than `most`. */
export const pieces = (
  { end, start }: AnalyticsInterval,
  most: Duration.Duration
): ReadonlyArray<AnalyticsInterval> => {
  const found: Array<AnalyticsInterval> = []
  for (let from = start; DateTime.lessThan(from, end); ) {
    const to = DateTime.min(DateTime.addDuration(from, most), end)
    found.push({ start: from, end: to })
    from = to
  }
  return found
}
