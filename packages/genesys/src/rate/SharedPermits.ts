/**
 * The permits of the shared allowance that this program has in hand, and what it tells the others. Where the allowance cannot
 * be reached, requests go on by what is known here: that is logged once, and the allowance is asked again after
 * {@link outagePause}.
 */
import { type AllowanceWindow, RequestAllowance } from "@genesys-replay/domain"
import { Cause, Clock, Duration, Effect, Option, Ref } from "effect"
import type { PlatformAnswer } from "../http/PlatformAnswer.js"
import * as RateState from "./RateState.js"
import * as RateWindow from "./RateWindow.js"

/** How many permits are taken at once, where so many requests wait. */
export const batch = 10

/** How long the allowance may take to answer. */
export const answerTimeout = Duration.seconds(2)

/** How long an allowance that could not be reached is left alone. */
export const outagePause = Duration.seconds(10)

/** An end of the window that is told only a little earlier than the others know it is no news. */
const closeEnough = 250

/** A request that is refused is not asked for again before, in milliseconds. */
const leastWait = 50

interface Hand {
  readonly permits: number
  readonly known: Option.Option<AllowanceWindow.Taken>
  readonly outage: Option.Option<{ readonly until: number }>
}

/** The operations. */
export interface SharedPermits {
  /** Takes a permit. None where there is one; else when to ask again. Of `wanted` requests that wait, this is the first. */
  readonly obtain: (wanted: number) => Effect.Effect<Option.Option<number>>
  /** Gives back a permit that was not used. */
  readonly putBack: Effect.Effect<void>
  /** Tells the others what an answer said, if it is news; does not wait for it. */
  readonly tell: (answer: PlatformAnswer, sentAt: number, now: number) => Effect.Effect<void>
}

const isNews = (known: AllowanceWindow.Taken, seen: RateWindow.RateWindow): boolean =>
  known.assumed ||
  seen.allowed !== known.allowed ||
  seen.endsBy < known.until - closeEnough ||
  // The others take meanwhile, so the count is nearly always ahead of what was known: only a jump is news.
  seen.used > known.taken + Math.max(1, known.allowed / 20)

/** What to tell of an answer, and what is known after it. */
const newsOf = (
  hand: Hand,
  answer: PlatformAnswer,
  sentAt: number,
  now: number
): readonly [Option.Option<AllowanceWindow.News>, Hand] => {
  const closed = RateState.closedBy(answer, now)
  if (Option.isSome(closed)) {
    return [Option.some({ _tag: "Closed", until: closed.value }), { ...hand, permits: 0, known: Option.none() }]
  }
  const news = Option.all({
    seen: Option.map(RateWindow.read(answer.headers), (reading) => RateWindow.seen(reading, sentAt, now)),
    known: Option.filter(hand.known, ({ until }) => now < until)
  }).pipe(Option.filter(({ known, seen }) => isNews(known, seen)))
  if (Option.isNone(news)) return [Option.none(), hand]
  const { known, seen } = news.value
  const { allowed, endsBy, endsFrom, used } = seen
  const after = {
    ...known,
    allowed,
    taken: Math.max(known.taken, used),
    until: known.assumed ? endsBy : Math.min(known.until, endsBy),
    assumed: false
  }
  return [
    Option.some({ _tag: "Counted", count: used, allowed, endsFrom, endsBy }),
    { ...hand, known: Option.some(after) }
  ]
}

/** The permits of `key`, of the `RequestAllowance` in the context. */
export const make = (key: string): Effect.Effect<SharedPermits> =>
  Effect.gen(function* () {
    const allowance = yield* RequestAllowance.RequestAllowance
    const hand = yield* Ref.make<Hand>({ permits: 0, known: Option.none(), outage: Option.none() })

    const failed = (cause: Cause.Cause<RequestAllowance.AllowanceUnavailable>) =>
      Effect.gen(function* () {
        const until = (yield* Clock.currentTimeMillis) + Duration.toMillis(outagePause)
        const before = yield* Ref.getAndUpdate(hand, (now) => ({
          ...now,
          permits: 0,
          known: Option.none(),
          outage: Option.some({ until })
        }))
        if (Option.isSome(before.outage)) return
        const error = Cause.squash(cause)
        yield* Effect.logWarning(error instanceof Error ? error.message : String(error))
      })

    const reached = Effect.flatMap(
      Ref.getAndUpdate(hand, (now) => ({ ...now, outage: Option.none() })),
      ({ outage }) =>
        Option.isSome(outage) ? Effect.logInfo("the allowance of requests is shared again") : Effect.void
    )

    const asked = <A>(call: Effect.Effect<A, RequestAllowance.AllowanceUnavailable>): Effect.Effect<Option.Option<A>> =>
      call.pipe(
        Effect.timeoutFail({
          duration: answerTimeout,
          onTimeout: () =>
            new RequestAllowance.AllowanceUnavailable({ reason: `no answer within ${Duration.format(answerTimeout)}` })
        }),
        Effect.zipLeft(reached),
        Effect.asSome,
        Effect.catchAllCause((cause) => Effect.as(failed(cause), Option.none()))
      )

    const obtain = (wanted: number) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const mine = yield* Ref.modify(hand, (before) => {
          if (Option.exists(before.outage, ({ until }) => now < until)) return [true, before]
          const valid = before.permits > 0 && Option.exists(before.known, ({ until }) => now < until)
          return [valid, { ...before, permits: valid ? before.permits - 1 : 0 }]
        })
        if (mine) return Option.none()
        const answer = yield* asked(allowance.take(key, Math.max(1, Math.min(wanted, batch))))
        if (Option.isNone(answer)) return Option.none()
        const taken = answer.value
        yield* Ref.update(hand, (before) => ({
          ...before,
          permits: Math.max(0, taken.permits - 1),
          known: Option.some(taken)
        }))
        return taken.permits > 0 ? Option.none() : Option.some(Math.max(taken.until, now + leastWait))
      })

    const tell = (answer: PlatformAnswer, sentAt: number, now: number) =>
      Effect.gen(function* () {
        const news = yield* Ref.modify(hand, (before) => newsOf(before, answer, sentAt, now))
        const outage = Option.exists((yield* Ref.get(hand)).outage, ({ until }) => now < until)
        if (Option.isNone(news) || outage) return
        yield* Effect.forkDaemon(Effect.interruptible(asked(allowance.learn(key, news.value))))
      })

    return {
      obtain,
      putBack: Ref.update(hand, (before) =>
        Option.isSome(before.known) ? { ...before, permits: before.permits + 1 } : before
      ),
      tell
    }
  })
