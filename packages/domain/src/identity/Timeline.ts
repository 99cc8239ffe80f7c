/** What was expected and what was missing, over time: what maps are drawn from. */

/**
 * Stretches of time of one length, one after another: how many events were expected in each by their event time, and how many of them
 * are missing. Both lists have an entry for each stretch.
 */
export interface Timeline {
  /** Where the first stretch begins, in milliseconds since 1970. */
  readonly fromMs: number
  /** How long a stretch is, in milliseconds. */
  readonly stepMs: number
  readonly expected: ReadonlyArray<number>
  readonly missing: ReadonlyArray<number>
}
