/**
 * When a capture is over: the queue stayed empty for a while, and nobody holds messages that may come back.
 *
 * Messages that an earlier, killed capture took are hidden until their visibility time-out is over. An empty queue that has
 * such messages is waited for, once, as long as that takes.
 */
import { Clock, Duration, Effect, Option, Ref } from "effect"
import type { QueueError } from "./CaptureError.js"
import type { Depth } from "./CaptureQueue.js"

/** What a poller does next: ask for messages and wait so many seconds for them, or end. */
export type Turn = { readonly _tag: "Poll"; readonly wait: number } | { readonly _tag: "Over" }

/** What is waited for. */
export interface Options {
  /** How long the queue has to stay empty. */
  readonly idle: Duration.Duration
  /** Whether a replay has to end before empty counts. */
  readonly awaitsReplay: boolean
  /** How full the queue is; none where it does not tell. */
  readonly depth: Effect.Effect<Option.Option<Depth>, QueueError>
}

/** One for each capture, shared by its pollers. */
export interface CaptureEnd {
  /** Messages came. */
  readonly heard: Effect.Effect<void>
  /** The replay has ended. */
  readonly replayEnded: Effect.Effect<void>
  /** What comes next. */
  readonly turn: Effect.Effect<Turn, QueueError>
  /** How many messages were left when it was over: in flight, or not shown. None where that is not known. */
  readonly left: Effect.Effect<Option.Option<number>>
}

// The longest poll that SQS has. The shortest one asks all of its servers; none would ask only some.
const longestWait = 20
const shortestWait = 1

/** Messages of others are waited for so long at most: a visibility time-out may be as long as twelve hours. */
export const longestHold = Duration.minutes(15)

// Past the time-out, for the clock of SQS.
const margin = Duration.seconds(1)

interface State {
  /** Since when the queue is empty; none while a replay is running. Milliseconds since 1970, as all of these. */
  readonly since: Option.Option<number>
  /** How long messages in flight are waited for; none before the queue was asked. */
  readonly heldUntil: Option.Option<number>
  readonly left: Option.Option<number>
  readonly over: boolean
}

const poll = (milliseconds: number): Turn => ({
  _tag: "Poll",
  wait: Math.max(shortestWait, Math.min(longestWait, Math.ceil(milliseconds / 1_000)))
})

/** A capture begins. */
export const make = Effect.fn("CaptureEnd.make")(function* ({ awaitsReplay, depth, idle }: Options) {
  const idleMs = Duration.toMillis(idle)
  const start = yield* Clock.currentTimeMillis
  const state = yield* Ref.make<State>({
    since: awaitsReplay ? Option.none() : Option.some(start),
    heldUntil: Option.none(),
    left: Option.none(),
    over: false
  })
  const oneAtATime = yield* Effect.makeSemaphore(1)

  const emptySince = (now: number) =>
    Ref.update(state, (before) => ({ ...before, since: Option.some(now), heldUntil: Option.none() }))

  const heard = Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.flatMap(Ref.get(state), ({ since }) => (Option.isSome(since) ? emptySince(now) : Effect.void))
  )

  // The queue was empty for long enough: what is there that may still come?
  const whenEmpty = Effect.fn("CaptureEnd.whenEmpty")(function* (now: number, heldUntil: Option.Option<number>) {
    const known = yield* depth
    const left = Option.map(known, ({ inFlight, waiting }) => inFlight + waiting)
    const hold = Option.match(known, {
      onNone: () => Duration.zero,
      onSome: ({ visibility }) => Duration.min(Duration.sum(visibility, margin), longestHold)
    })
    const until = Option.getOrElse(heldUntil, () => now + Duration.toMillis(hold))
    const over = Option.getOrElse(left, () => 0) === 0 || until <= now
    yield* Ref.update(state, (before) => ({ ...before, left, over, heldUntil: Option.some(until) }))
    if (over) return { _tag: "Over" } satisfies Turn
    if (Option.isNone(heldUntil)) {
      yield* Effect.logInfo(
        `the queue is empty, but has ${Option.getOrElse(left, () => 0)} messages in flight: waiting up to ${Duration.toSeconds(hold)} s for them`
      )
    }
    return poll(Math.min(idleMs, until - now))
  })

  const turn = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const { heldUntil, over, since } = yield* Ref.get(state)
    if (over) return { _tag: "Over" } satisfies Turn
    if (Option.isNone(since)) return poll(idleMs)
    const remaining = since.value + idleMs - now
    return remaining > 0 ? poll(remaining) : yield* whenEmpty(now, heldUntil)
  }).pipe(oneAtATime.withPermits(1))

  return {
    heard,
    replayEnded: Effect.flatMap(Clock.currentTimeMillis, emptySince),
    turn,
    left: Effect.map(Ref.get(state), ({ left }) => left)
  } satisfies CaptureEnd
})
