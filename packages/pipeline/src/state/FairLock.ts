/**
 * A lock within one process, or a number of permits, that goes to who has waited longest. Effect's semaphore wakes all who wait and lets each of them try
 * again, so that a fiber which gives a permit back and takes it again at once keeps the others waiting for ever.
 */
import { Effect } from "effect"

/** Gives the lock back; nothing the second time. */
export type Release = Effect.Effect<void>

/** The lock. */
export interface FairLock<E> {
  /**
   * Waits for the lock, and answers what gives it back. To be called where nothing interrupts; `restore` lets the waiting be
   * interrupted, which leaves no trace of who waited.
   */
  readonly take: (restore: <A>(waiting: Effect.Effect<A, E>) => Effect.Effect<A, E>) => Effect.Effect<Release, E>
  /** From now on taking fails with this, as it does for all who wait. */
  readonly close: (error: E) => Effect.Effect<void>
}

interface Ticket<E> {
  call: (result: Effect.Effect<void, E>) => void
}

/** A lock that nobody has; `permits` is how many may have it at the same time. */
export const make = <E = never>(permits = 1): FairLock<E> => {
  // The first ones have the lock.
  const line: Array<Ticket<E>> = []
  let closed: Effect.Effect<never, E> | undefined

  const leave = (ticket: Ticket<E>): Release =>
    Effect.sync(() => {
      const place = line.indexOf(ticket)
      if (place < 0) return
      line.splice(place, 1)
      if (place < permits) line[permits - 1]?.call(Effect.void)
    })

  const wait = (ticket: Ticket<E>) =>
    Effect.async<void, E>((resume) => {
      if (closed !== undefined) return resume(closed)
      ticket.call = resume
      line.push(ticket)
      if (line.length <= permits) resume(Effect.void)
    })

  return {
    take: (restore) =>
      Effect.suspend(() => {
        const ticket: Ticket<E> = { call: () => {} }
        const release = leave(ticket)
        // Also who was interrupted just as it was given the lock gives it back.
        return restore(wait(ticket)).pipe(
          Effect.onError(() => release),
          Effect.as(release)
        )
      }),
    close: (error) =>
      Effect.sync(() => {
        closed = Effect.fail(error)
        for (const ticket of line.splice(permits)) ticket.call(closed)
      })
  }
}
