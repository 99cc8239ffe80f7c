/** Delivers whatever is due, for ever: each sink at its own pace, each lane in its order. */
import { Clock, Duration, Effect, Either, FiberSet, Metric, Option, Ref } from "effect"
import type { Bell } from "./Bell.js"
import * as OutboxTry from "./OutboxTry.js"
import type { StateUnavailable } from "./StateUnavailable.js"
import type * as SyncSink from "./SyncSink.js"

/** Messages that no sink has taken yet. */
export const pending = Metric.gauge("genesys_replay_outbox_pending", {
  description: "Sync messages that are still to be delivered"
})

/** Messages that are not tried any more. */
export const dead = Metric.gauge("genesys_replay_outbox_dead", { description: "Sync messages that were given up" })

/** How old the oldest undelivered message is. */
export const lag = Metric.gauge("genesys_replay_outbox_lag_seconds", {
  description: "Seconds since the oldest undelivered sync message was written"
})

/** What the dispatcher works on. */
export interface Desk extends OutboxTry.Desk {
  readonly find: SyncSink.Sinks["find"]
  readonly bell: Bell
  /** How many deliveries to one sink may be under way. */
  readonly concurrency: number
}

// How often the figures are taken.
const measuring = Duration.seconds(15)

// How long a sink that cannot be told from here is left alone.
const recheck = Duration.seconds(30)

// What was rung for may not be committed yet, and is then looked for again soon.
const soon = Duration.millis(50)

/** Takes the figures of the outbox for the metrics. */
export const measure = ({ store }: Pick<Desk, "store">) =>
  Effect.gen(function* () {
    const tally = yield* store.tally
    const now = yield* Clock.currentTimeMillis
    yield* Metric.set(pending, tally.pending)
    yield* Metric.set(dead, tally.dead)
    yield* Metric.set(
      lag,
      Option.match(tally.oldest, { onNone: () => 0, onSome: (at) => Math.max(0, now - at) / 1_000 })
    )
  })

/** The sink of this name, or why there is no way to it from here; its messages then say so, where nothing else was said of them. */
export const reach = (
  { find, store }: Pick<Desk, "find" | "store">,
  name: string
): Effect.Effect<Either.Either<SyncSink.SyncSink, SyncSink.SinkUnknown>, StateUnavailable> =>
  find(name).pipe(
    Effect.map(Either.right),
    Effect.catchTag("SinkUnknown", (unknown) => Effect.as(store.excuse(name, unknown.reason), Either.left(unknown)))
  )

type Fibers = FiberSet.FiberSet<void, StateUnavailable>

interface Paces {
  /** How many deliveries to a sink are under way. */
  readonly busy: (sink: string) => Effect.Effect<number>
  readonly change: (sink: string, by: number) => Effect.Effect<void>
  /** Until when a sink that cannot be told from here is left alone. */
  readonly closed: Ref.Ref<ReadonlyMap<string, number>>
  /** The sinks whose last claim brought as many as were asked for: there may be more. */
  readonly crowded: Ref.Ref<ReadonlyMap<string, SyncSink.SyncSink>>
  /** When to look again for what is due, at the earliest. */
  readonly lookFrom: Ref.Ref<number>
}

const makePaces: Effect.Effect<Paces> = Effect.gen(function* () {
  const counts = yield* Ref.make<ReadonlyMap<string, number>>(new Map())
  return {
    busy: (sink) => Effect.map(Ref.get(counts), (all) => all.get(sink) ?? 0),
    change: (sink, by) => Ref.update(counts, (all) => new Map(all).set(sink, (all.get(sink) ?? 0) + by)),
    closed: yield* Ref.make<ReadonlyMap<string, number>>(new Map()),
    crowded: yield* Ref.make<ReadonlyMap<string, SyncSink.SyncSink>>(new Map()),
    lookFrom: yield* Ref.make(0)
  }
})

const noteCrowd = ({ crowded }: Paces, sink: SyncSink.SyncSink, isCrowded: boolean) =>
  Ref.update(crowded, (all) => {
    const { name } = sink
    if (isCrowded) return new Map(all).set(name, sink)
    return all.has(name) ? new Map([...all].filter(([other]) => other !== name)) : all
  })

// Claims what is due of one sink and sets the deliveries going. Uninterruptible: what is claimed is begun.
const serve = (desk: Desk, paces: Paces, fibers: Fibers, sink: SyncSink.SyncSink) =>
  Effect.gen(function* () {
    const { name } = sink
    const free = desk.concurrency - (yield* paces.busy(name))
    // The end of a delivery rings.
    if (free <= 0) return Number.POSITIVE_INFINITY
    const claim = yield* OutboxTry.newClaim(desk.patience.lease)
    const messages = yield* desk.store.claim(name, claim, free)
    yield* noteCrowd(paces, sink, messages.length === free)
    yield* Effect.forEach(
      messages,
      (message) =>
        Effect.zipRight(
          paces.change(name, 1),
          FiberSet.run(
            fibers,
            OutboxTry.run(desk, sink, message, claim.token, Effect.interruptible).pipe(
              Effect.ensuring(paces.change(name, -1)),
              Effect.ensuring(desk.bell.ring),
              Effect.asVoid
            )
          )
        ),
      { discard: true }
    )
    // Another process was quicker.
    return messages.length === 0 ? claim.now + Duration.toMillis(soon) : Number.POSITIVE_INFINITY
  }).pipe(Effect.uninterruptible)

// Looking for what is due of every lane takes long where much is pending: ten times as long is something else done then.
const look = ({ store }: Desk, { lookFrom }: Paces) =>
  Effect.gen(function* () {
    const begun = yield* Clock.currentTimeMillis
    const dues = yield* store.due
    const now = yield* Clock.currentTimeMillis
    yield* Ref.set(lookFrom, now + 10 * (now - begun))
    return { dues, now }
  })

// Answers when there is something to do again, in milliseconds since 1970.
const round = (desk: Desk, paces: Paces, fibers: Fibers) =>
  Effect.gen(function* () {
    const crowded = yield* Ref.get(paces.crowded)
    yield* Effect.forEach(crowded.values(), (sink) => serve(desk, paces, fibers, sink), { discard: true })
    const lookFrom = yield* Ref.get(paces.lookFrom)
    if ((yield* Clock.currentTimeMillis) < lookFrom) return lookFrom
    const { dues, now } = yield* look(desk, paces)
    const closed = yield* Ref.get(paces.closed)
    const nexts = yield* Effect.forEach(dues, ({ at, sink }) =>
      Effect.gen(function* () {
        const earliest = Math.max(at, closed.get(sink) ?? 0)
        if (earliest > now) return earliest
        const reached = yield* reach(desk, sink)
        if (Either.isRight(reached)) return yield* serve(desk, paces, fibers, reached.right)
        const until = now + Duration.toMillis(recheck)
        yield* Ref.update(paces.closed, (all) => new Map(all).set(sink, until))
        return until
      })
    )
    return Math.min(Number.POSITIVE_INFINITY, ...nexts)
  })

// How long to wait for the bell: until `next`, or until it is time to look what others did. None: as long as it takes.
const waiting = (desk: Desk, next: number, quiet: number): Effect.Effect<Option.Option<Duration.Duration>> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const others = Option.map(desk.store.others, (often) =>
      Math.min(Duration.toMillis(often), Duration.toMillis(soon) * 2 ** quiet)
    )
    const wait = Math.min(
      Math.max(0, next - now),
      Option.getOrElse(others, () => Number.POSITIVE_INFINITY)
    )
    return Number.isFinite(wait) ? Option.some(Duration.millis(wait)) : Option.none()
  })

const dispatch = (desk: Desk, fibers: Fibers): Effect.Effect<never, StateUnavailable> =>
  Effect.gen(function* () {
    const paces = yield* makePaces
    const step = (quiet: number) =>
      Effect.gen(function* () {
        const rung = yield* desk.bell.listen
        const wait = yield* waiting(desk, yield* round(desk, paces, fibers), quiet)
        return yield* Option.match(wait, {
          onNone: () => Effect.as(rung, 0),
          onSome: (time) => Effect.raceFirst(Effect.as(rung, 0), Effect.as(Effect.sleep(time), Math.min(quiet + 1, 10)))
        })
      })
    const steps = (quiet: number): Effect.Effect<never, StateUnavailable> => Effect.flatMap(step(quiet), steps)
    return yield* steps(0)
  })

/**
 * The dispatcher. Ends only with `StateUnavailable`; interrupted, it gives its claims back. Any number of them may run on one
 * database, in one process or in several.
 */
export const run = (desk: Desk): Effect.Effect<never, StateUnavailable> =>
  Effect.gen(function* () {
    const fibers: Fibers = yield* FiberSet.make<void, StateUnavailable>()
    const measurements = Effect.forever(Effect.zipRight(measure(desk), Effect.sleep(measuring)))
    yield* Effect.all([dispatch(desk, fibers), measurements, FiberSet.join(fibers)], {
      concurrency: "unbounded",
      discard: true
    })
    return yield* Effect.never
  }).pipe(Effect.scoped)
