/** How fast events are sent: as time passed between them, or a multiple of it; or so many a second. */
import { Either } from "effect"

/** A multiple of the time between events: 1 is as they happened, 10 ten times as fast. */
export interface Multiple {
  readonly _tag: "Multiple"
  readonly factor: number
}

/** Events a second. */
export interface Rate {
  readonly _tag: "Rate"
  readonly perSecond: number
}

/** See {@link Multiple} and {@link Rate}. */
export type ResendSpeed = Multiple | Rate

/** Reads `1x`, `10x`, `0.5x`, `50/s`. Left, in words, for anything else. */
export const parse = (text: string): Either.Either<ResendSpeed, string> => {
  const [, figure, unit] = /^(\d{1,7}(?:\.\d{1,3})?)(x|\/s)$/.exec(text) ?? []
  const value = Number(figure)
  if (!(value > 0)) return Either.left(`${JSON.stringify(text)} is no speed. Write 1x, 10x or 50/s`)
  return Either.right(unit === "x" ? { _tag: "Multiple", factor: value } : { _tag: "Rate", perSecond: value })
}

/** Events that become due within so many milliseconds are sent together, in one request where it takes them. */
export const tickMs = 200

/** Tells of one event after the other when it is due. */
export interface Pace {
  /** The instant in milliseconds since 1970 at which the next event is due, when it is `nowMs`. Never goes back. */
  readonly next: (timeMs: number | undefined, nowMs: number) => number
}

const unhindered: Pace = { next: (_, nowMs) => nowMs }

// What was late stays as late as it was: the distance between events counts, from the first one on.
const byTime = (factor: number): Pace => {
  let start: { readonly nowMs: number; readonly timeMs: number } | undefined
  let due = 0
  return {
    next: (timeMs, nowMs) => {
      if (timeMs !== undefined) {
        start ??= { nowMs, timeMs }
        const after = Math.max(0, timeMs - start.timeMs) / factor
        due = Math.max(due, start.nowMs + Math.ceil(after / tickMs) * tickMs)
      }
      return Math.max(due, 0)
    }
  }
}

// What was late is not made up for: a receiver that can take 50 a second is never sent more.
const byRate = (perSecond: number): Pace => {
  const perTick = Math.max(1, Math.floor((perSecond * tickMs) / 1_000))
  const everyMs = (perTick * 1_000) / perSecond
  let due = Number.NEGATIVE_INFINITY
  let sent = perTick
  return {
    next: (_, nowMs) => {
      if (sent === perTick || nowMs >= due + everyMs) {
        due = Math.max(due + everyMs, nowMs)
        sent = 0
      }
      sent++
      return due
    }
  }
}

/** The pace of a speed; without one, every event is due at once. */
export const pace = (speed: ResendSpeed | undefined): Pace => {
  if (speed === undefined) return unhindered
  return speed._tag === "Multiple" ? byTime(speed.factor) : byRate(speed.perSecond)
}
