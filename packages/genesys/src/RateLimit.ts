/**
 * Pacing: requests wait before the platform's limit is hit, not after.
 *
 * The limit is one for all requests of a token, so there is one of these below every endpoint. A request reserves its
 * place before it is sent and gives it back with its answer; what was counted plus what is under way never exceeds what
 * is allowed, however many fibers ask. Requests pass one gate, in the order in which they came.
 *
 * While nothing is known of the window, at the start and after each reset, one request goes ahead as a scout and the
 * others wait for its answer, at most {@link patience}. So a window that others have used up already, or a reset that
 * comes later than announced, costs one 429 and not a storm. A platform that sends no headers is not paced.
 */
import { Clock, Context, Deferred, Duration, Effect, Exit, identity, Layer, Option, Ref } from "effect"
import type { PlatformAnswer } from "./PlatformAnswer.js"
import * as RateWindow from "./RateWindow.js"
import * as RetryAfter from "./RetryAfter.js"

/** The longest that requests wait for the answer of a scout. */
export const patience = Duration.seconds(1)

interface State {
  readonly window: Option.Option<RateWindow.RateWindow>
  /** Requests that were sent and not answered. */
  readonly underWay: number
  /** Nothing is sent before: a 429 asked for it. */
  readonly closedUntil: number
  /** When the scout left that has not come back. */
  readonly scoutSince: Option.Option<number>
  /** Whether answers come without headers. */
  readonly silent: boolean
  /** Completed when an answer changes the state. */
  readonly changed: Deferred.Deferred<void>
}

/** A place that was reserved. */
interface Place {
  readonly scout: boolean
  readonly sentAt: number
}

type Decision =
  | { readonly _tag: "Go"; readonly scout: boolean }
  /** Ask again at `until`, or as soon as an answer came. */
  | { readonly _tag: "Wait"; readonly until: number }

const go = (scout: boolean): Decision => ({ _tag: "Go", scout })
const wait = (until: number): Decision => ({ _tag: "Wait", until })

const decide = (state: State, now: number): Decision => {
  if (now < state.closedUntil) return wait(state.closedUntil)
  const window = Option.filter(state.window, ({ endsBy }) => now < endsBy)
  if (Option.isSome(window)) {
    const { allowed, endsBy, used } = window.value
    return used + state.underWay < allowed ? go(false) : wait(endsBy)
  }
  if (state.silent) return go(false)
  if (Option.isNone(state.scoutSince)) return go(true)
  const until = state.scoutSince.value + Duration.toMillis(patience)
  return now < until ? wait(until) : go(false)
}

const answered = (state: State, place: Place, answer: PlatformAnswer, now: number): State => {
  const reading = RateWindow.read(answer.headers)
  const window = Option.match(reading, {
    onNone: () => Option.map(state.window, (known) => ({ ...known, used: known.used + 1 })),
    onSome: (seen) => Option.some(RateWindow.after(state.window, seen, place.sentAt, now))
  })
  const asked = answer.status === 429 ? RetryAfter.parse(answer.headers["retry-after"], now) : Option.none()
  return {
    ...state,
    // After a Retry-After the platform counts anew: what was known of the window is void, a scout finds out.
    window: Option.isSome(asked) ? Option.none() : window,
    closedUntil: Option.match(asked, {
      onNone: () => state.closedUntil,
      onSome: (pause) => Math.max(state.closedUntil, now + Duration.toMillis(pause))
    }),
    silent: Option.isNone(reading) && Option.isNone(window)
  }
}

/** A request without an answer may have been counted, so it is. */
const unanswered = (state: State): State => ({
  ...state,
  window: Option.map(state.window, (window) => ({ ...window, used: window.used + 1 }))
})

const make = Effect.gen(function* () {
  const state = yield* Ref.make<State>({
    window: Option.none(),
    underWay: 0,
    closedUntil: 0,
    scoutSince: Option.none(),
    silent: false,
    changed: yield* Deferred.make<void>()
  })
  const gate = yield* Effect.makeSemaphore(1)

  // Noted where `mine` is, in one step that cannot be interrupted: a place that is taken is always given back.
  const tryReserve = (mine: Ref.Ref<Option.Option<Place>>) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const { changed, decision } = yield* Ref.modify(state, (current) => {
        const decision = decide(current, now)
        const next: State =
          decision._tag === "Wait"
            ? current
            : {
                ...current,
                underWay: current.underWay + 1,
                scoutSince: decision.scout ? Option.some(now) : current.scoutSince
              }
        return [{ decision, changed: current.changed }, next]
      })
      if (decision._tag === "Wait") return Option.some({ changed, millis: decision.until - now })
      yield* Ref.set(mine, Option.some({ scout: decision.scout, sentAt: now }))
      return Option.none()
    }).pipe(Effect.uninterruptible)

  const reserve = (mine: Ref.Ref<Option.Option<Place>>): Effect.Effect<void> =>
    Effect.flatMap(
      tryReserve(mine),
      Option.match({
        onNone: () => Effect.void,
        onSome: ({ changed, millis }) =>
          Effect.logDebug(`rate limit: waiting for an answer, at most ${millis} ms`).pipe(
            Effect.zipRight(Effect.raceFirst(Deferred.await(changed), Effect.sleep(Duration.millis(millis)))),
            Effect.zipRight(reserve(mine))
          )
      })
    )

  const giveBack = (place: Place, update: (state: State) => State) =>
    Effect.gen(function* () {
      const changed = yield* Deferred.make<void>()
      const before = yield* Ref.getAndUpdate(state, (current) => ({
        ...update(current),
        underWay: current.underWay - 1,
        scoutSince: place.scout ? Option.none() : current.scoutSince,
        changed
      }))
      yield* Deferred.succeed(before.changed, undefined)
    })

  const paced = <A extends PlatformAnswer, E, R>(send: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Ref.make(Option.none<Place>()), (mine) =>
      gate
        .withPermits(1)(reserve(mine))
        .pipe(
          Effect.zipRight(send),
          Effect.onExit((exit) =>
            Effect.gen(function* () {
              const now = yield* Clock.currentTimeMillis
              const place = yield* Ref.get(mine)
              if (Option.isNone(place)) return
              yield* giveBack(place.value, (current) =>
                Exit.isSuccess(exit) ? answered(current, place.value, exit.value, now) : unanswered(current)
              )
            })
          )
        )
    )

  return { paced }
})

/** The limit of one token, shared by all who send with it. */
export class RateLimit extends Context.Tag("@genesys-replay/genesys/RateLimit")<
  RateLimit,
  {
    /** Sends when there is room, and learns from the answer. The wait can be interrupted; a place is always given back. */
    readonly paced: <A extends PlatformAnswer, E, R>(send: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>() {
  /** Nothing known yet. */
  static readonly layer: Layer.Layer<RateLimit> = Layer.effect(RateLimit, make)

  /** Never waits: for tests of what stands above. */
  static readonly layerUnlimited: Layer.Layer<RateLimit> = Layer.succeed(RateLimit, { paced: identity })
}
