/** How far the time at which an event is filed, by which a replay finds it, may be from the time at which it is expected. */

/** In milliseconds: an event is filed at the earliest so much before, and at the latest so much after the time at which it is expected. */
export interface FilingDelay {
  readonly earlierMs: number
  readonly laterMs: number
}

/** By its event time. Source: captures, in which an event is filed up to a second after its event time. */
export const ofEventTime: FilingDelay = { earlierMs: 0, laterMs: 5_000 }

/** By the platform's records. Source: a capture in which the outcome of a flow came 89 seconds after its end. */
export const ofRecords: FilingDelay = { earlierMs: 5_000, laterMs: 120_000 }
