/** One try to deliver one claimed message, and what becomes of the message then. */
import type { AuditEntry } from "@genesys-replay/domain"
import { Clock, type Context, Duration, Effect, Exit, HashSet, Random, Ref } from "effect"
import * as AuditTrail from "./AuditTrail.js"
import type { Database } from "./Database.js"
import type * as OutboxStore from "./OutboxStore.js"
import type { StateUnavailable } from "./StateUnavailable.js"
import type { SyncMessage } from "./SyncMessage.js"
import * as SyncSink from "./SyncSink.js"

/** How often and how long is tried. */
export interface Patience {
  /** How often a sink is tried before the message is dead. */
  readonly tries: number
  /** The pause after the first try; after every further one it is twice as long. */
  readonly firstPause: Duration.Duration
  /** No pause is longer. */
  readonly longestPause: Duration.Duration
  /** How long one try may take. */
  readonly limit: Duration.Duration
  /** How long the claim of a process that died holds its message back. */
  readonly lease: Duration.Duration
}

/** Twelve tries over about half an hour, each of at most a minute. A dead process holds a message back for 15 seconds. */
export const patience: Patience = {
  tries: 12,
  firstPause: Duration.seconds(1),
  longestPause: Duration.minutes(15),
  limit: Duration.minutes(1),
  lease: Duration.seconds(15)
}

/** What a try works on. */
export interface Desk {
  readonly store: OutboxStore.Service
  readonly trail: AuditTrail.Service
  readonly atomically: Context.Tag.Service<Database>["atomically"]
  readonly patience: Patience
  /** The sinks whose last try failed: said once, not for each of their messages. */
  readonly troubled: Ref.Ref<HashSet.HashSet<string>>
}

/** How a try ended: `lost` where the claim had ended meanwhile, so that another process says what becomes of the message. */
export type Outcome = "delivered" | "failed" | "dead" | "lost"

/** A new claim, from now on. */
export const newClaim = (lease: Duration.Duration): Effect.Effect<OutboxStore.Claim> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const number = yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)
    return { token: number.toString(36), now, until: now + Duration.toMillis(lease) }
  })

/**
 * The pause after try number `attempts`: twice as long every time, up to the longest, and between half of it and all of it by
 * chance, so that what failed together does not come back together.
 */
export const pauseAfter = (
  attempts: number,
  { firstPause, longestPause }: Pick<Patience, "firstPause" | "longestPause">
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

const verdictOf = ({ patience }: Desk, message: SyncMessage, exit: Exit.Exit<void, SyncSink.SyncFailed>) =>
  Effect.gen(function* () {
    const attempts = message.attempts + 1
    if (Exit.isSuccess(exit)) {
      return { state: "delivered", attempts, reason: null, dueAt: message.dueAt } satisfies OutboxStore.Verdict
    }
    const { isFinal, reason } = SyncSink.failureOf(message.sink, message.id, exit.cause)
    if (isFinal || attempts >= patience.tries) {
      return { state: "dead", attempts, reason, dueAt: message.dueAt } satisfies OutboxStore.Verdict
    }
    const pause = yield* pauseAfter(attempts, patience)
    const now = yield* Clock.currentTimeMillis
    return { state: "pending", attempts, reason, dueAt: now + Duration.toMillis(pause) } satisfies OutboxStore.Verdict
  })

// A sink that is down is said once, whatever waits for it; a message that is given up always.
const complain = (troubled: Desk["troubled"], { id, sink }: SyncMessage, { reason, state }: OutboxStore.Verdict) =>
  Effect.gen(function* () {
    const known = yield* Ref.getAndUpdate(troubled, reason === null ? HashSet.remove(sink) : HashSet.add(sink))
    if (reason === null) return
    const refused = `the sink ${sink} did not take ${id}: ${reason}.`
    if (state === "dead") {
      yield* Effect.logWarning(`${refused} It is not tried again: genesys-replay sync retry revives it`)
    } else {
      yield* (HashSet.has(known, sink) ? Effect.logDebug : Effect.logWarning)(`${refused} It will be tried again`)
    }
  })

// The trail has the first failure, the delivery and the death, not every try between them.
const settle = (
  { atomically, store, trail, troubled }: Desk,
  message: SyncMessage,
  token: string,
  verdict: OutboxStore.Verdict
) =>
  Effect.gen(function* () {
    const notable = verdict.state !== "pending" || verdict.attempts === 1
    // Dated in the transaction: where that waits for another one, the trail would go back in time.
    const recorded = Effect.flatMap(entryOf({ ...message, ...verdict }), trail.record)
    const ours = yield* atomically(
      Effect.tap(store.settle(message, token, verdict), (settled) => (settled && notable ? recorded : Effect.void))
    )
    if (ours) yield* complain(troubled, message, verdict)
    return ours ? (verdict.state === "pending" ? "failed" : verdict.state) : "lost"
  })

// The claim of a delivery that takes long is held for as long as it takes.
const holding = (
  { patience: { lease }, store }: Desk,
  message: SyncMessage,
  token: string
): Effect.Effect<never, StateUnavailable> =>
  Effect.gen(function* () {
    yield* Effect.sleep(Duration.times(lease, 1 / 3))
    const now = yield* Clock.currentTimeMillis
    yield* store.extend(message, token, now + Duration.toMillis(lease))
    // Whoever runs this may not be interruptible; this always is.
  }).pipe(Effect.forever, Effect.interruptible)

/**
 * Delivers a claimed message. Only the delivery itself, which `interruptible` wraps, can be interrupted: the claim is then
 * given back, and the message may have been taken. What the sink took is marked as delivered before anything else happens.
 * `StateUnavailable` where that cannot be written; the message is then delivered again, later.
 */
export const run = Effect.fn("OutboxTry.run")(function* (
  desk: Desk,
  sink: SyncSink.SyncSink,
  message: SyncMessage,
  token: string,
  interruptible: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
) {
  yield* Effect.annotateCurrentSpan({ window: message.window.name, sink: message.sink, id: message.id })
  return yield* Effect.uninterruptible(
    Effect.gen(function* () {
      const delivery = Effect.exit(SyncSink.deliverTo(sink, message.document, message.id, desk.patience.limit))
      const exit = yield* interruptible(Effect.raceFirst(delivery, holding(desk, message, token))).pipe(
        Effect.onInterrupt(() => Effect.ignore(desk.store.settle(message, token, message)))
      )
      return yield* settle(desk, message, token, yield* verdictOf(desk, message, exit))
    })
  )
})
