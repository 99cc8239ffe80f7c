/**
 * Pacing: requests wait before the platform's limit is hit, not after.
 *
 * The limit is one for all requests of a token, so there is one of these below every endpoint. A request reserves its
 * place before it is sent and gives it back with its answer; what was counted plus what is under way never exceeds what
 * is allowed, however many fibers ask. Requests go in the order of `RequestQueue`: submissions first.
 *
 * While nothing is known of the window, at the start and after each reset, one request goes ahead as a scout and the
 * others wait for its answer, at most `RateState.scoutTimeout`. So a window that others have used up already, or a reset that
 * comes later than announced, costs one 429 and not a storm. A platform that sends no headers is not paced.
 *
 * Every request also takes a permit of the `RequestAllowance`, so that programs that share one stay within the limit
 * together.
 */
import { RequestPace, RetryPolicy } from "@genesys-replay/domain"
import {
  Clock,
  Context,
  DateTime,
  Deferred,
  Duration,
  Effect,
  Equal,
  Exit,
  FiberRef,
  GlobalValue,
  HashMap,
  identity,
  Layer,
  Metric,
  Option,
  Ref,
  Stream,
  Subscribable,
  SubscriptionRef
} from "effect"
import { GenesysConfig } from "../http/GenesysConfig.js"
import type { PlatformAnswer } from "../http/PlatformAnswer.js"
import * as RateState from "./RateState.js"
import * as RequestQueue from "./RequestQueue.js"
import * as SharedPermits from "./SharedPermits.js"

/** Requests that wait to be sent, of all limits of this process. */
export const requestsWaiting = Metric.gauge("genesys_replay_requests_waiting", {
  description: "Requests that wait for the platform's limit or for their turn"
})

/** Whether the requests of the calling fiber give way to all others; they do not unless {@link background} says so. */
export const isBackground: FiberRef.FiberRef<boolean> = GlobalValue.globalValue(
  "@genesys-replay/genesys/RateLimit/isBackground",
  () => FiberRef.unsafeMake(false)
)

/** Marks a call as one whose requests can wait: they give way to all others. */
export const background: <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.locally(
  isBackground,
  true
)

/** The operations. */
export interface Service {
  /**
   * Sends when there is room, and learns from the answer. The wait can be interrupted; a place is always given back. Fails with
   * a `TransientFailure` where the limit would hold it back for longer than it may.
   */
  readonly paced: <A extends PlatformAnswer, E, R>(
    send: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | RetryPolicy.TransientFailure, R>
  /** How many wait, and until when the limit holds them back. */
  readonly pace: Subscribable.Subscribable<RequestPace.RequestPace>
}

interface State {
  readonly rate: RateState.RateState
  readonly queue: RequestQueue.RequestQueue
  readonly ids: number
  /** Whether a fiber is there that sends on those who wait. */
  readonly pumping: boolean
  /** Completed when somebody came or left, or an answer came. */
  readonly changed: Deferred.Deferred<void>
}

type Turn =
  | { readonly _tag: "Nobody" }
  | { readonly _tag: "Wait"; readonly until: number; readonly limited: boolean }
  | { readonly _tag: "Go"; readonly entry: RequestQueue.Entry; readonly scout: boolean }

const turn = ({ queue, rate }: State, now: number): Turn => {
  const next = RequestQueue.next(queue, RateState.share(rate, now), now)
  if (next._tag === "Nobody") return next
  if (next._tag === "Later") return { _tag: "Wait", until: next.until, limited: false }
  const decision = RateState.decide(rate, now)
  return decision._tag === "Wait" ? decision : { ...decision, entry: next.entry }
}

const make = (key: string, retry: RetryPolicy.RetryPolicy) =>
  Effect.gen(function* () {
    const permits = yield* SharedPermits.make(key)
    const pace = yield* SubscriptionRef.make(RequestPace.idle)
    const state = yield* Ref.make<State>({
      rate: RateState.unknown,
      queue: RequestQueue.empty,
      ids: 0,
      pumping: false,
      changed: yield* Deferred.make<void>()
    })

    /** Changes the state and wakes whoever waits for a change. */
    const change = <A>(update: (state: State) => readonly [A, Omit<State, "changed">]) =>
      Effect.gen(function* () {
        const changed = yield* Deferred.make<void>()
        const [answer, before] = yield* Ref.modify(state, (current) => {
          const [answer, next] = update(current)
          return [[answer, current.changed] as const, { ...next, changed }]
        })
        yield* Deferred.succeed(before, undefined)
        return answer
      })

    const show = (waiting: number, resumesAt: Option.Option<number>) =>
      SubscriptionRef.get(pace).pipe(
        Effect.flatMap((shown) => {
          const next = {
            ...RequestPace.idle,
            waiting,
            resumesAt: Option.map(resumesAt, (millis) => DateTime.unsafeMake(millis))
          }
          return shown.waiting === waiting && Equal.equals(shown.resumesAt, next.resumesAt)
            ? Effect.void
            : SubscriptionRef.set(pace, next)
        })
      )

    const sendNone = (wait: Duration.Duration) =>
      Effect.gen(function* () {
        const entries = yield* change(({ queue, ...state }) => [
          RequestQueue.waiting(queue),
          { ...state, queue: RequestQueue.cleared(queue) }
        ])
        const failure = new RetryPolicy.TransientFailure({
          kind: "limited",
          lastAnswer: "not sent, as the rate limit is used up",
          retryAfter: Option.some(wait),
          correlationId: undefined
        })
        yield* Effect.forEach(entries, ({ granted }) => Deferred.fail(granted, failure), { discard: true })
      })

    const rest = (changed: Deferred.Deferred<void>, until: number, limited: boolean) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const wait = Duration.millis(Math.max(1, Math.ceil(until - now)))
        if (limited && RetryPolicy.isTooLong(retry, wait)) return yield* sendNone(wait)
        const { queue } = yield* Ref.get(state)
        yield* show(RequestQueue.size(queue), limited ? Option.some(until) : Option.none())
        yield* Effect.logDebug(`rate limit: ${RequestQueue.size(queue)} requests wait, at most ${until - now} ms`)
        yield* Effect.raceFirst(Deferred.await(changed), Effect.sleep(wait))
      })

    const grant = (now: number) =>
      Ref.modify(state, (current): readonly [Option.Option<RequestQueue.Entry>, State] => {
        const decided = turn(current, now)
        if (decided._tag !== "Go") return [Option.none(), current]
        const { entry, scout } = decided
        const rate = RateState.reserved(current.rate, entry.id, scout, now)
        return [Option.some(entry), { ...current, rate, queue: RequestQueue.sent(current.queue, entry, now) }]
      })

    /** Sends on those who wait, one after the other, until nobody does. Owned by none of them, so that all may go away. */
    const pump = Effect.gen(function* () {
      for (;;) {
        const now = yield* Clock.currentTimeMillis
        const { before, decided } = yield* Ref.modify(state, (before) => {
          const decided = turn(before, now)
          return [{ before, decided }, decided._tag === "Nobody" ? { ...before, pumping: false } : before]
        })
        const waiting = RequestQueue.size(before.queue)
        if (decided._tag === "Nobody") return yield* show(0, Option.none())
        if (decided._tag === "Wait") {
          yield* rest(before.changed, decided.until, decided.limited)
          continue
        }
        // A platform that does not count is not paced, and needs no permits.
        const refused = before.rate.silent ? Option.none() : yield* permits.obtain(decided.scout ? 1 : waiting)
        if (Option.isSome(refused)) {
          yield* rest(before.changed, refused.value, true)
          continue
        }
        const granted = yield* grant(yield* Clock.currentTimeMillis)
        if (Option.isNone(granted)) {
          yield* permits.putBack
          continue
        }
        yield* show(waiting - 1, Option.none())
        yield* Deferred.succeed(granted.value.granted, undefined)
      }
    }).pipe(Effect.locally(FiberRef.currentLogAnnotations, HashMap.empty()))

    const join = Effect.gen(function* () {
      const givesWay = yield* FiberRef.get(isBackground)
      const granted = yield* Deferred.make<void, RetryPolicy.TransientFailure>()
      const since = yield* Clock.currentTimeMillis
      const { begin, entry } = yield* change((current) => {
        const entry = { id: current.ids, isBackground: givesWay, since, granted }
        const queue = RequestQueue.join(current.queue, entry)
        return [
          { begin: !current.pumping, entry },
          { ...current, ids: current.ids + 1, pumping: true, queue }
        ]
      })
      if (begin) yield* Effect.forkDaemon(Effect.interruptible(pump))
      yield* Metric.increment(requestsWaiting)
      return entry
    })

    /** One that no longer wants to be sent; it may have been granted meanwhile. */
    const leave = (entry: RequestQueue.Entry) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const waited = yield* change((current) =>
          RequestQueue.has(current.queue, entry)
            ? [true, { ...current, queue: RequestQueue.leave(current.queue, entry) }]
            : [
                false,
                {
                  ...current,
                  rate: RateState.unsent(current.rate, entry.id),
                  queue: RequestQueue.ended(current.queue, entry, now)
                }
              ]
        )
        if (!waited) yield* permits.putBack
      })

    const ended = (entry: RequestQueue.Entry, sentAt: number, exit: Exit.Exit<PlatformAnswer, unknown>) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (Exit.isSuccess(exit)) yield* permits.tell(exit.value, sentAt, now)
        yield* change((current) => [
          undefined,
          {
            ...current,
            rate: Exit.isSuccess(exit)
              ? RateState.answered(current.rate, entry.id, sentAt, exit.value, now)
              : RateState.unanswered(current.rate, entry.id),
            queue: RequestQueue.ended(current.queue, entry, now)
          }
        ])
      })

    const paced: Service["paced"] = (send) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const entry = yield* join
          yield* restore(Deferred.await(entry.granted)).pipe(
            Effect.onInterrupt(() => leave(entry)),
            Effect.ensuring(Metric.incrementBy(requestsWaiting, -1))
          )
          const sentAt = yield* Clock.currentTimeMillis
          return yield* Effect.onExit(restore(send), (exit) => ended(entry, sentAt, exit))
        })
      )

    return { paced, pace } satisfies Service
  })

/** The limit of one token, shared by all who send with it. */
export class RateLimit extends Context.Tag("@genesys-replay/genesys/RateLimit")<RateLimit, Service>() {
  /**
   * Nothing known yet. Requests take their permits under `key`, which names platform and OAuth client and holds no secret; of
   * the policy only `maxWait` counts here.
   */
  static readonly layerOf = (
    key: string,
    retry: RetryPolicy.RetryPolicy = RetryPolicy.defaults
  ): Layer.Layer<RateLimit> => Layer.effect(RateLimit, make(key, retry))

  /** The limit of the client that the configuration names. */
  static readonly layer: Layer.Layer<RateLimit, never, GenesysConfig> = Layer.unwrapEffect(
    Effect.map(GenesysConfig, ({ apiUrl, clientId, retry }) => RateLimit.layerOf(`${apiUrl} as ${clientId}`, retry))
  )

  /** Never waits: for tests of what stands above. */
  static readonly layerUnlimited: Layer.Layer<RateLimit> = Layer.succeed(RateLimit, {
    paced: identity,
    pace: Subscribable.make({ get: Effect.succeed(RequestPace.idle), changes: Stream.make(RequestPace.idle) })
  })
}
