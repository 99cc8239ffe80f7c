/**
 * Delivers what is due, for as long as a process works: at once what was just written, and at its due time what a sink did not
 * take. All that it knows is in the rows, so that a restart, another process or a revival needs nothing else.
 */
import { Clock, Duration, Effect, Either, FiberSet, Metric, Option, Queue } from "effect"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import type { Delivery } from "./Delivery.js"

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

// How often the figures are taken.
const measuring = Duration.seconds(15)

// How long a sink that cannot be told from here is left alone.
const recheck = Duration.seconds(30)

// What was published may not be committed yet, and is then looked for again soon.
const soon = Duration.millis(50)

const measure = ({ table }: Delivery) =>
  Effect.gen(function* () {
    const tally = yield* table.tally
    const now = yield* Clock.currentTimeMillis
    yield* Metric.set(pending, tally.pending)
    yield* Metric.set(dead, tally.dead)
    yield* Metric.set(
      lag,
      Option.match(tally.oldest, { onNone: () => 0, onSome: (at) => Math.max(0, now - at) / 1_000 })
    )
  })

const deliverDue = (delivery: Delivery, others: Option.Option<Duration.Duration>) =>
  Effect.gen(function* () {
    const { changes, limits, reach, table, tryFirst } = delivery
    const fibers = yield* FiberSet.make<unknown, StateUnavailable>()
    const news = yield* changes
    // The lanes that are tried, and until when the sinks are left alone that cannot be told from here.
    const underWay = new Map<string, Set<string>>()
    const unknown = new Map<string, number>()

    // Begins what is due of one sink; answers when there is something to do again.
    const serve = Effect.fnUntraced(function* (name: string, now: number) {
      const lanes = underWay.get(name) ?? new Set()
      underWay.set(name, lanes)
      const free = limits.concurrency - lanes.size
      const heads = free <= 0 ? [] : yield* table.heads(name, limits.concurrency + lanes.size)
      const waiting = heads.filter(({ window }) => !lanes.has(window))
      const due = waiting.filter(({ dueAt }) => dueAt <= now)
      const next = waiting.find(({ dueAt }) => dueAt > now)?.dueAt ?? Number.POSITIVE_INFINITY
      if (due.length === 0) return next
      const sink = yield* reach(name)
      if (Either.isLeft(sink)) {
        unknown.set(name, now + Duration.toMillis(recheck))
        return now + Duration.toMillis(recheck)
      }
      for (const { window } of due.slice(0, free)) {
        lanes.add(window)
        // Published once the lane is free again: what is left of it has its turn then.
        const ended = Effect.zipRight(
          Effect.sync(() => lanes.delete(window)),
          delivery.changed
        )
        yield* FiberSet.run(fibers, Effect.ensuring(tryFirst(sink.right, window), ended))
      }
      return next
    })

    const look = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const nexts = yield* Effect.forEach(yield* table.pendingSinks, (name) =>
        (unknown.get(name) ?? 0) > now ? Effect.succeed(unknown.get(name) ?? now) : serve(name, now)
      )
      return Math.min(Number.POSITIVE_INFINITY, ...nexts)
    })

    // How long to wait for news: until something is due, or until it is time to look what other processes did.
    const waitFor = (next: number, quiet: number) =>
      Effect.map(Clock.currentTimeMillis, (now) =>
        Math.min(
          Math.max(0, next - now),
          Option.match(others, {
            onNone: () => Number.POSITIVE_INFINITY,
            onSome: (often) => Math.min(Duration.toMillis(often), Duration.toMillis(soon) * 2 ** quiet)
          })
        )
      )

    let quiet = 0
    const step = Effect.gen(function* () {
      const wait = yield* waitFor(yield* look, quiet)
      const slept = Number.isFinite(wait) ? Effect.as(Effect.sleep(wait), Math.min(quiet + 1, 10)) : Effect.never
      quiet = yield* Effect.raceFirst(Effect.as(Queue.take(news), 0), slept)
    })
    // The set of fibers ends with the first one that fails.
    return yield* Effect.raceFirst(Effect.forever(step), Effect.zipRight(FiberSet.join(fibers), Effect.never))
  }).pipe(Effect.scoped)

/**
 * Ends only with `StateUnavailable`; interrupted, it gives its leases back. Any number of these may run on one database, in one
 * process or in several. `others` is how often to look for what other processes have changed; none where there are none.
 */
export const run = (
  delivery: Delivery,
  others: Option.Option<Duration.Duration>
): Effect.Effect<never, StateUnavailable> =>
  Effect.raceFirst(
    deliverDue(delivery, others),
    Effect.forever(Effect.zipRight(measure(delivery), Effect.sleep(measuring)))
  )
