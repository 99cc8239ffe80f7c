/**
 * What is known of the platform's limit, as rules: whether a request may go, and what an answer changes. All instants are
 * milliseconds since the epoch.
 */
import { Duration, Option } from "effect"
import type { PlatformAnswer } from "../http/PlatformAnswer.js"
import * as RetryAfter from "../http/RetryAfter.js"
import * as RateWindow from "./RateWindow.js"

/** The longest that requests wait for the answer of a scout. */
export const scoutTimeout = Duration.seconds(1)

/** What is known. */
export interface RateState {
  readonly window: Option.Option<RateWindow.RateWindow>
  /** Requests that were sent and not answered. */
  readonly underWay: number
  /** Nothing is sent before: a 429 asked for it. */
  readonly closedUntil: number
  /** The request that went ahead into a window of which nothing is known, and when. */
  readonly scout: Option.Option<{ readonly id: number; readonly since: number }>
  /** Whether answers come without headers. */
  readonly silent: boolean
}

/** Nothing is known. */
export const unknown: RateState = {
  window: Option.none(),
  underWay: 0,
  closedUntil: 0,
  scout: Option.none(),
  silent: false
}

/** Whether a request may go. */
export type Decision =
  | { readonly _tag: "Go"; readonly scout: boolean }
  /** Ask again at `until`, or as soon as an answer came. `limited` where it is the limit that holds it back, not a scout. */
  | { readonly _tag: "Wait"; readonly until: number; readonly limited: boolean }

const go = (scout: boolean): Decision => ({ _tag: "Go", scout })
const wait = (until: number, limited: boolean): Decision => ({ _tag: "Wait", until, limited })

const running = ({ window }: RateState, now: number): Option.Option<RateWindow.RateWindow> =>
  Option.filter(window, ({ endsBy }) => now < endsBy)

/** Whether a request may go at `now`: what was counted plus what is under way never exceeds what is allowed. */
export const decide = (state: RateState, now: number): Decision => {
  if (now < state.closedUntil) return wait(state.closedUntil, true)
  const window = running(state, now)
  if (Option.isSome(window)) {
    const { allowed, endsBy, used } = window.value
    // Places under way come back when they are answered: only a window that is counted full is the limit.
    return used + state.underWay < allowed ? go(false) : wait(endsBy, true)
  }
  if (state.silent) return go(false)
  if (Option.isNone(state.scout)) return go(true)
  const until = state.scout.value.since + Duration.toMillis(scoutTimeout)
  return now < until ? wait(until, false) : go(false)
}

/** The part of the window that is used, 0 to 1; 0 where no window is known. */
export const share = (state: RateState, now: number): number =>
  Option.match(running(state, now), {
    onNone: () => 0,
    onSome: ({ allowed, used }) => Math.min(1, (used + state.underWay) / allowed)
  })

/** Request `id` goes. */
export const reserved = (state: RateState, id: number, scout: boolean, now: number): RateState => ({
  ...state,
  underWay: state.underWay + 1,
  scout: scout ? Option.some({ id, since: now }) : state.scout
})

/** Request `id`, which was reserved, is no longer under way, and was not sent. */
export const unsent = (state: RateState, id: number): RateState => ({
  ...state,
  underWay: state.underWay - 1,
  scout: Option.filter(state.scout, (scout) => scout.id !== id)
})

/** Request `id` ended without an answer. It may have been counted, so it is. */
export const unanswered = (state: RateState, id: number): RateState => ({
  ...unsent(state, id),
  window: Option.map(state.window, (window) => ({ ...window, used: window.used + 1 }))
})

/** Until when a 429 closes the limit; none for every other answer, and for a 429 that does not say it. */
export const closedBy = (answer: PlatformAnswer, now: number): Option.Option<number> =>
  answer.status === 429
    ? Option.map(RetryAfter.parse(answer.headers["retry-after"], now), (pause) => now + Duration.toMillis(pause))
    : Option.none()

/** Request `id`, sent at `sentAt`, was answered at `now`. */
export const answered = (
  state: RateState,
  id: number,
  sentAt: number,
  answer: PlatformAnswer,
  now: number
): RateState => {
  const reading = RateWindow.read(answer.headers)
  const window = Option.match(reading, {
    onNone: () => Option.map(state.window, (known) => ({ ...known, used: known.used + 1 })),
    onSome: (read) => Option.some(RateWindow.after(state.window, RateWindow.seen(read, sentAt, now), sentAt))
  })
  const closed = closedBy(answer, now)
  return {
    ...unsent(state, id),
    // After a Retry-After the platform counts anew: what was known of the window is void, a scout finds out.
    window: Option.isSome(closed) ? Option.none() : window,
    closedUntil: Math.max(
      state.closedUntil,
      Option.getOrElse(closed, () => 0)
    ),
    silent: Option.isNone(reading) && Option.isNone(window)
  }
}
