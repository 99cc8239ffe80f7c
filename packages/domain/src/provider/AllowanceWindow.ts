/**
 * The window of requests that several programs share, as rules: what may be taken, and what an answer of the platform
 * changes. Instants are milliseconds since the epoch, by the clocks of the programs, which are expected to agree within a
 * second.
 */

/** What is kept of one key. */
export interface AllowanceWindow {
  /** Requests that a window allows. */
  readonly allowed: number
  /** Requests of this window that were taken, or that the platform counted, whichever is more. */
  readonly taken: number
  /** When the window is over. */
  readonly endsBy: number
  /** Whether `endsBy` is only {@link assumedLength} after the first request: no answer told it yet. */
  readonly assumed: boolean
  /** Nothing is sent before: a 429 asked for it. */
  readonly closedUntil: number
}

/** What an answer told. */
export type News =
  /** `count` of `allowed` requests of a window that ends between `endsFrom` and `endsBy`. */
  | {
      readonly _tag: "Counted"
      readonly count: number
      readonly allowed: number
      readonly endsFrom: number
      readonly endsBy: number
    }
  /** A 429: nothing before `until`, and then the platform counts anew. */
  | { readonly _tag: "Closed"; readonly until: number }

/** What was taken, and the window that it belongs to. */
export interface Taken {
  /** How many requests may be sent; none where the window is used up or closed. */
  readonly permits: number
  /** Permits are void from then on. Where there are none: when to ask again. */
  readonly until: number
  readonly allowed: number
  /** Requests of the window that were taken by everybody, these included. */
  readonly taken: number
  readonly assumed: boolean
}

/** What a window allows before an answer said it. Source: Genesys Cloud's usual allowance for a token. */
export const assumedAllowed = 300

/** How long a window is before an answer said it, in milliseconds. Source: the same. */
export const assumedLength = 60_000

/** Of a key that nobody has used yet. */
export const unused: AllowanceWindow = {
  allowed: assumedAllowed,
  taken: 0,
  endsBy: 0,
  assumed: true,
  closedUntil: 0
}

/** Takes at most `wanted` permits at `now`; the first of a window begins it. */
export const take = (window: AllowanceWindow, wanted: number, now: number): readonly [Taken, AllowanceWindow] => {
  if (now < window.closedUntil) {
    const { allowed, assumed, closedUntil, taken } = window
    return [{ permits: 0, until: closedUntil, allowed, taken, assumed }, window]
  }
  const current = now < window.endsBy ? window : { ...window, taken: 0, endsBy: now + assumedLength, assumed: true }
  const { allowed, assumed, endsBy, taken } = current
  const permits = Math.max(0, Math.min(wanted, allowed - taken))
  const after = { ...current, taken: taken + permits }
  return [{ permits, until: endsBy, allowed, taken: after.taken, assumed }, after]
}

/**
 * The window after news of `now`. Of a window that is over, or of one after this, nothing is learned: tokens of one client may
 * have windows of their own, and the first end that is told holds for all.
 */
export const learn = (window: AllowanceWindow, news: News, now: number): AllowanceWindow => {
  if (news._tag === "Closed") {
    return {
      ...window,
      taken: 0,
      endsBy: Math.min(window.endsBy, now),
      closedUntil: Math.max(window.closedUntil, news.until)
    }
  }
  const { allowed, count, endsBy, endsFrom } = news
  const running = now < window.endsBy
  if (endsBy <= now || (running && !window.assumed && endsFrom > window.endsBy)) return window
  if (!running) return { ...window, allowed, taken: count, endsBy, assumed: false }
  return {
    ...window,
    allowed,
    taken: Math.max(window.taken, count),
    endsBy: window.assumed ? endsBy : Math.min(window.endsBy, endsBy),
    assumed: false
  }
}
