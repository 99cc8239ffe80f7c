/** One round for one window, now: what a command that waits for the window wants to tell of its sinks. */
import { Duration, Effect, Either, Option } from "effect"
import * as OutboxDispatcher from "./OutboxDispatcher.js"
import * as OutboxTry from "./OutboxTry.js"
import type { StateUnavailable } from "./StateUnavailable.js"
import type { SyncMessage } from "./SyncMessage.js"
import * as SyncSink from "./SyncSink.js"

/** What a flush works on. */
export interface Desk extends OutboxDispatcher.Desk {
  /** Holds a delivery back while as many to this sink are under way as may be. */
  readonly inTurn: (sink: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

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

// Claims the first message of the lane and tries it. None where somebody else has claimed it.
const tryFirst = (desk: Desk, sink: SyncSink.SyncSink, window: string) =>
  desk.inTurn(sink.name)(
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const claim = yield* OutboxTry.newClaim(desk.patience.lease)
        const first = yield* desk.store.claimFirst({ window, sink: sink.name }, claim)
        if (Option.isNone(first)) return Option.none<OutboxTry.Outcome>()
        return Option.some(
          yield* Effect.ensuring(OutboxTry.run(desk, sink, first.value, claim.token, restore), desk.bell.ring)
        )
      })
    )
  )

// Another process, or another fiber of this one, delivers; its claim ends by itself.
const whileOthersWork = ({ patience, store }: Desk, rung: Effect.Effect<void>) =>
  Effect.raceFirst(
    rung,
    Effect.sleep(
      Duration.times(
        Option.getOrElse(store.others, () => patience.lease),
        1 / 3
      )
    )
  )

// The pending messages of the window at this sink, unless one of them was tried since then.
const untried = (desk: Desk, key: string, sink: string, before: ReadonlyMap<string, number>) =>
  Effect.map(desk.store.list({ key, state: "pending" }), (messages) => {
    const mine = messages.filter((message) => message.sink === sink)
    return mine.some(({ attempts, id }) => attempts > (before.get(id) ?? 0)) ? [] : mine
  })

const flushLane = (
  desk: Desk,
  sink: SyncSink.SyncSink,
  window: string,
  key: string,
  before: ReadonlyMap<string, number>
) => {
  const again: Effect.Effect<void, StateUnavailable> = Effect.gen(function* () {
    const rung = yield* desk.bell.listen
    const left = yield* untried(desk, key, sink.name, before)
    if (left.length === 0) return
    const outcome = yield* tryFirst(desk, sink, window)
    // What comes behind a message that failed waits for it.
    if (Option.isSome(outcome) && outcome.value === "failed") return
    if (Option.isNone(outcome)) yield* whileOthersWork(desk, rung)
    return yield* again
  })
  return again
}

/**
 * Tries the messages of a window that are pending, due or not, each sink for itself and in order; what somebody else is
 * delivering is waited for. Answers how all messages of the window stand then, in the order in which they were written.
 */
export const run = Effect.fn("SyncOutbox.flush")(function* (desk: Desk, key: string) {
  const pending = yield* desk.store.list({ key, state: "pending" })
  const lanes = new Map(pending.map((message) => [message.sink, message.window.name] as const))
  const unreached = yield* Effect.forEach(
    lanes,
    ([name, window]) =>
      Effect.gen(function* () {
        const sink = yield* OutboxDispatcher.reach(desk, name)
        if (Either.isLeft(sink)) return [[name, sink.left.reason] as const]
        const mine = pending.filter((message) => message.sink === name)
        yield* flushLane(desk, sink.right, window, key, new Map(mine.map(({ attempts, id }) => [id, attempts])))
        return []
      }),
    { concurrency: "unbounded" }
  )
  return (yield* desk.store.list({ key })).map(resultOf(new Map(unreached.flat())))
})
