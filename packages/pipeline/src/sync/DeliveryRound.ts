/** One round for one window, now: the step of its workflow that tells the sinks, and what a command wants to say of them. */
import { Duration, Effect, Either, Option, Queue } from "effect"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import type { Delivery } from "./Delivery.js"
import type { SyncMessage } from "./SyncMessage.js"
import * as SyncSink from "./SyncSink.js"

// What became of a message, as it stands; where its sink cannot be told from here, that is why.
const resultOf =
  (unreached: ReadonlyMap<string, string>) =>
  ({ document, id, reason, sink, state }: SyncMessage): SyncSink.SyncResult => {
    const why = unreached.get(sink) ?? reason ?? "its turn has not come yet"
    return {
      sink,
      id,
      document: SyncSink.kindOf(document),
      failure: state === "delivered" ? Option.none() : Option.some(new SyncSink.SyncFailed({ sink, id, reason: why }))
    }
  }

// Tries the messages that are pending for the sink, until they are taken or one of them was tried in vain: what comes behind it
// waits for it. What somebody else is delivering is waited for.
const deliverLane = (delivery: Delivery, sink: SyncSink.SyncSink, mine: ReadonlyArray<SyncMessage>) =>
  Effect.gen(function* () {
    const { changes, limits, table, tryFirst } = delivery
    const [first] = mine
    if (first === undefined) return
    const before = new Map(mine.map(({ attempts, id }) => [id, attempts]))
    const untried = Effect.map(table.list({ key: first.key, state: "pending" }), (messages) => {
      const left = messages.filter((message) => message.sink === sink.name)
      return left.length > 0 && left.every(({ attempts, id }) => attempts <= (before.get(id) ?? 0))
    })
    const news = yield* changes
    while (yield* untried) {
      const ending = yield* tryFirst(sink, first.window.name)
      if (Option.contains(ending, "failed")) return
      if (Option.isNone(ending)) {
        yield* Effect.raceFirst(Queue.take(news), Effect.sleep(Duration.times(limits.lease, 1 / 15)))
      }
    }
  }).pipe(Effect.scoped)

/**
 * Tries the messages of a window that are pending, due or not, each sink for itself and in order. Answers how all messages of the
 * window stand then, in the order in which they were written.
 */
export const run = Effect.fn("SyncOutbox.deliver")(function* (
  delivery: Delivery,
  key: string
): Effect.fn.Return<ReadonlyArray<SyncSink.SyncResult>, StateUnavailable> {
  const pending = yield* delivery.table.list({ key, state: "pending" })
  const unreached = yield* Effect.forEach(
    new Set(pending.map(({ sink }) => sink)),
    (name) =>
      Effect.gen(function* () {
        const sink = yield* delivery.reach(name)
        if (Either.isLeft(sink)) return [[name, sink.left.reason] as const]
        yield* deliverLane(
          delivery,
          sink.right,
          pending.filter((message) => message.sink === name)
        )
        return []
      }),
    { concurrency: "unbounded" }
  )
  return (yield* delivery.table.list({ key })).map(resultOf(new Map(unreached.flat())))
})
