/** Delivering one message, and what becomes of it then. */
import type { AuditEntry } from "@genesys-replay/domain"
import { Clock, Duration, Effect, Either, Exit, Option, PubSub, Random, Ref } from "effect"
import * as AuditTrail from "../audit/AuditTrail.js"
import { Database } from "../state/Database.js"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import * as MessageTable from "./MessageTable.js"
import type { SyncMessage } from "./SyncMessage.js"
import * as SyncSink from "./SyncSink.js"

/** How often and how long is tried. */
export interface Limits {
  /** How often a sink is tried before the message is dead. */
  readonly tries: number
  /** The pause after the first try; after every further one it is twice as long. */
  readonly firstPause: Duration.Duration
  /** No pause is longer. */
  readonly longestPause: Duration.Duration
  /** How long one try may take. */
  readonly timeout: Duration.Duration
  /** How long the lease of a process that died holds its message back. */
  readonly lease: Duration.Duration
  /** How many deliveries to one sink a process has under way at the same time. */
  readonly concurrency: number
}

/** Twelve tries over about half an hour, each of at most a minute. A dead process holds a message back for 15 seconds. */
export const limits: Limits = {
  tries: 12,
  firstPause: Duration.seconds(1),
  longestPause: Duration.minutes(15),
  timeout: Duration.minutes(1),
  lease: Duration.seconds(15),
  concurrency: 8
}

/** How a try ended: `lost` where the lease had ended meanwhile, so that another process says what becomes of the message. */
export type Ending = "delivered" | "failed" | "dead" | "lost"

/**
 * The pause after try number `attempts`: twice as long every time, up to the longest, and between half of it and all of it by
 * chance, so that what failed together does not come back together.
 */
export const pauseAfter = (
  attempts: number,
  { firstPause, longestPause }: Pick<Limits, "firstPause" | "longestPause">
): Effect.Effect<Duration.Duration> =>
  Effect.map(Random.next, (chance) => {
    const full = Math.min(Duration.toMillis(longestPause), Duration.toMillis(firstPause) * 2 ** (attempts - 1))
    return Duration.millis(Math.round((full * (1 + chance)) / 2))
  })

/** The entry of the audit trail about a message, as it is now. */
export const entryOf = (
  { attempts, configId, document, id, key, reason, sink, state, window }: SyncMessage,
  more: Readonly<Record<string, unknown>> = {}
): Effect.Effect<AuditEntry.AuditEntry> =>
  AuditTrail.entryFor(window, "sync_replay", {
    configId,
    detail: {
      run: key.slice(0, Math.max(0, key.indexOf("/"))),
      sink,
      document: SyncSink.kindOf(document),
      document_id: id,
      delivered: state === "delivered",
      attempts,
      ...(state === "dead" ? { dead: true } : {}),
      ...(reason === null || state === "delivered" ? {} : { reason }),
      ...more
    }
  })

const outcomeOf = (limits: Limits, message: SyncMessage, exit: Exit.Exit<void, SyncSink.SyncFailed>) =>
  Effect.gen(function* () {
    const attempts = message.attempts + 1
    const { dueAt, id, sink } = message
    if (Exit.isSuccess(exit))
      return { state: "delivered", attempts, reason: null, dueAt } satisfies MessageTable.Outcome
    const { isFinal, reason } = SyncSink.failureOf(sink, id, exit.cause)
    if (isFinal || attempts >= limits.tries) {
      return { state: "dead", attempts, reason, dueAt } satisfies MessageTable.Outcome
    }
    const pause = Duration.toMillis(yield* pauseAfter(attempts, limits))
    const now = yield* Clock.currentTimeMillis
    return { state: "pending", attempts, reason, dueAt: now + pause } satisfies MessageTable.Outcome
  })

/** Delivers from the table of the context to the sinks of the context. */
export const make = (limits: Limits) =>
  Effect.gen(function* () {
    const table = yield* MessageTable.make
    const { atomically } = yield* Database
    const { find } = yield* SyncSink.SyncSinks
    const trail = yield* AuditTrail.AuditTrail
    // Published after every try, and whenever there is something new to do.
    const changes = yield* PubSub.sliding<void>(1)
    const changed = Effect.asVoid(PubSub.publish(changes, undefined))
    // The sinks whose last try failed: that is said once, not for each of their messages.
    const failing = new Set<string>()
    const slots = new Map<string, Effect.Semaphore>()

    const inSlot = (sink: string) => {
      const semaphore = slots.get(sink) ?? Effect.unsafeMakeSemaphore(limits.concurrency)
      slots.set(sink, semaphore)
      return semaphore.withPermits(1)
    }

    const complain = ({ id, sink }: SyncMessage, { reason, state }: MessageTable.Outcome) =>
      Effect.suspend(() => {
        const isKnown = failing.has(sink)
        if (reason === null) {
          failing.delete(sink)
          return Effect.void
        }
        failing.add(sink)
        const refused = `the sink ${sink} did not take ${id}: ${reason}.`
        if (state === "dead") {
          return Effect.logWarning(`${refused} It is not tried again: genesys-replay sync retry revives it`)
        }
        return (isKnown ? Effect.logDebug : Effect.logWarning)(`${refused} It will be tried again`)
      })

    // The trail has the first failure, the delivery and the death, not every try between them.
    const settle = Effect.fnUntraced(function* (
      message: SyncMessage,
      lease: number,
      outcome: MessageTable.Outcome
    ): Effect.fn.Return<Ending, StateUnavailable> {
      const isNotable = outcome.state !== "pending" || outcome.attempts === 1
      const recorded = trail.record(entryOf({ ...message, ...outcome }))
      const isOurs = yield* atomically(
        Effect.tap(table.settle(message, lease, outcome), (settled) => (settled && isNotable ? recorded : Effect.void))
      )
      if (!isOurs) return "lost"
      yield* complain(message, outcome)
      return outcome.state === "pending" ? "failed" : outcome.state
    })

    // The lease of a delivery that takes long is renewed for as long as it takes.
    const renewing = (message: SyncMessage, lease: Ref.Ref<number>): Effect.Effect<never, StateUnavailable> =>
      Effect.gen(function* () {
        yield* Effect.sleep(Duration.times(limits.lease, 1 / 3))
        const until = (yield* Clock.currentTimeMillis) + Duration.toMillis(limits.lease)
        yield* table.renew(message, yield* Ref.get(lease), until)
        yield* Ref.set(lease, until)
      }).pipe(Effect.forever)

    const tryOne = Effect.fnUntraced(function* (
      sink: SyncSink.SyncSink,
      message: SyncMessage,
      until: number,
      restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
    ) {
      const lease = yield* Ref.make(until)
      const delivery = Effect.exit(SyncSink.deliverTo(sink, message.document, message.id, limits.timeout))
      const exit = yield* restore(Effect.raceFirst(delivery, renewing(message, lease))).pipe(
        Effect.onInterrupt(() =>
          Effect.ignore(Effect.flatMap(Ref.get(lease), (own) => table.settle(message, own, message)))
        )
      )
      return yield* settle(message, yield* Ref.get(lease), yield* outcomeOf(limits, message, exit))
    })

    /**
     * Tries the first message of the lane, due or not. None where it is leased, or there is none. Only the delivery itself can be
     * interrupted: the lease is then given back, and the message may have been taken. What the sink took is marked as delivered
     * before anything else happens. `StateUnavailable` where that cannot be written; the message is then delivered again, later.
     */
    const tryFirst = Effect.fn("Delivery.tryFirst")(function* (
      sink: SyncSink.SyncSink,
      window: string
    ): Effect.fn.Return<Option.Option<Ending>, StateUnavailable> {
      yield* Effect.annotateCurrentSpan({ window, sink: sink.name })
      const delivered = Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const until = now + Duration.toMillis(limits.lease)
          const leased = yield* table.lease({ window, sink: sink.name }, now, until)
          if (Option.isNone(leased)) return Option.none()
          return Option.some(yield* Effect.ensuring(tryOne(sink, leased.value, until, restore), changed))
        })
      )
      return yield* inSlot(sink.name)(delivered)
    })

    /** The sink of this name, or why there is no way to it from here; its messages then say so, where nothing else was said of them. */
    const reach = (
      name: string
    ): Effect.Effect<Either.Either<SyncSink.SyncSink, SyncSink.SinkUnknown>, StateUnavailable> =>
      find(name).pipe(
        Effect.map(Either.right),
        Effect.catchTag("SinkUnknown", (unknown) => Effect.as(table.excuse(name, unknown.reason), Either.left(unknown)))
      )

    return { table, limits, tryFirst, reach, changed, changes: PubSub.subscribe(changes) }
  })

export type Delivery = Effect.Effect.Success<ReturnType<typeof make>>
