/**
 * What the headers `inin-ratelimit-count`, `-allowed` and `-reset` tell of the platform's fixed window of requests.
 *
 * The reset is in whole seconds and the answer was under way for some time, so the end of the window is known as an
 * interval. Intervals of one window overlap; that is how an answer that was overtaken by others is told from one of
 * another window. All instants are milliseconds since the epoch.
 */
import type { Headers } from "@effect/platform"
import { Option } from "effect"

/** A window as far as it is known. */
export interface RateWindow {
  readonly allowed: number
  /** Requests that the platform counted, as far as we know. */
  readonly used: number
  /** It does not end before. */
  readonly endsFrom: number
  /** It ends by then, give or take what the platform rounds off. */
  readonly endsBy: number
}

/** What one answer says. */
export interface Reading {
  readonly count: number
  readonly allowed: number
  /** Seconds until the window ends. */
  readonly reset: number
}

const wholeNumber = (text: string | undefined): number =>
  text !== undefined && /^\d{1,9}(?:\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN

/** The reading of an answer; none where a header is missing or no number, or nothing is allowed at all. */
export const read = (headers: Headers.Headers): Option.Option<Reading> => {
  const reading = {
    count: wholeNumber(headers["inin-ratelimit-count"]),
    allowed: wholeNumber(headers["inin-ratelimit-allowed"]),
    reset: wholeNumber(headers["inin-ratelimit-reset"])
  }
  return Object.values(reading).some(Number.isNaN) || reading.allowed < 1 ? Option.none() : Option.some(reading)
}

/** The window as one answer with `reading` shows it, to a request that was sent at `sentAt` and answered at `now`. */
export const seen = (reading: Reading, sentAt: number, now: number): RateWindow => ({
  allowed: reading.allowed,
  used: reading.count,
  endsFrom: sentAt + (reading.reset - 1) * 1_000,
  endsBy: now + reading.reset * 1_000
})

/** What is known of the window after {@link seen}. */
export const after = (known: Option.Option<RateWindow>, latest: RateWindow, sentAt: number): RateWindow => {
  if (Option.isNone(known)) return latest
  const window = known.value
  if (sentAt >= window.endsBy || latest.endsFrom > window.endsBy) return latest
  if (latest.endsBy + 1_000 < window.endsFrom) return window
  return {
    allowed: latest.allowed,
    used: Math.max(window.used, latest.used),
    endsFrom: Math.max(window.endsFrom, latest.endsFrom),
    endsBy: Math.min(window.endsBy, latest.endsBy)
  }
}
