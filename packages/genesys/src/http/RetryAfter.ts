/** The `Retry-After` header: how long the platform asks to wait. */
import { Duration, Option } from "effect"

const seconds = /^\d{1,9}(?:\.\d+)?$/
const httpDate = /^[A-Za-z]{3,9},? .* GMT$/

/**
 * How long to wait from `now` (milliseconds since the epoch). Read are seconds and HTTP dates; an instant that has
 * passed is no wait. None for anything else. Source: RFC 9110, section 10.2.3.
 */
export const parse = (header: string | undefined, now: number): Option.Option<Duration.Duration> => {
  const text = header?.trim() ?? ""
  if (seconds.test(text)) return Option.some(Duration.seconds(Number(text)))
  const instant = httpDate.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(instant) ? Option.none() : Option.some(Duration.millis(Math.max(0, instant - now)))
}
