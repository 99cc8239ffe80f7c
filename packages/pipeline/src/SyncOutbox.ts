/**
 * The outbox: what the sinks are to be told, written together with the state that it reports, and delivered at least once,
 * in order for each window and sink.
 */
import type { PlannedWindow } from "@genesys-replay/domain"
import { Clock, Context, Effect, HashSet, Layer, Ref } from "effect"
import { AuditTrail } from "./AuditTrail.js"
import * as Bell from "./Bell.js"
import { Database } from "./Database.js"
import * as OutboxDispatcher from "./OutboxDispatcher.js"
import * as OutboxFlush from "./OutboxFlush.js"
import type * as OutboxStore from "./OutboxStore.js"
import * as OutboxTry from "./OutboxTry.js"
import type { StateUnavailable } from "./StateUnavailable.js"
import type { SyncMessage } from "./SyncMessage.js"
import * as SyncSink from "./SyncSink.js"

/** A document for some sinks. */
export interface Letter {
  /** `RUN/NAME`: the window of the run that it is about. */
  readonly key: string
  readonly window: PlannedWindow.PlannedWindow
  /** The id that the provider gave the replay. */
  readonly configId: string | null
  readonly document: SyncSink.SyncDocument
  /** The names of the sinks; where they are is `SinkAddresses`' to know. */
  readonly sinks: ReadonlyArray<string>
}

/** The operations. */
export interface Service {
  /**
   * Writes one message for each sink; belongs into the transaction that writes what the document reports. The id of a
   * message is the document's own (`SyncSink.idOf`): writing the same again is nothing.
   */
  readonly enqueue: (letter: Letter) => Effect.Effect<void, StateUnavailable>
  /**
   * One round now for a window of a run: its pending messages, due or not, in order for each sink. Answers how all its messages
   * stand then. A sink that fails is in its own result only; its message is tried again later by a dispatcher.
   */
  readonly flush: (key: string) => Effect.Effect<ReadonlyArray<SyncSink.SyncResult>, StateUnavailable>
  /**
   * The dispatcher: delivers what is due, for ever. Ends only with `StateUnavailable`. Several may run on one database; a message
   * whose process died is taken over when its claim has ended.
   */
  readonly run: Effect.Effect<never, StateUnavailable>
  /** The messages that pass the filter, in the order in which they were written. */
  readonly list: (filter?: OutboxStore.Filter) => Effect.Effect<ReadonlyArray<SyncMessage>, StateUnavailable>
  /** Makes dead messages pending again, with all their tries: those with these ids, or all. Answers them. */
  readonly retry: (ids: ReadonlyArray<string> | "all") => Effect.Effect<ReadonlyArray<SyncMessage>, StateUnavailable>
}

/** How the outbox works, where {@link OutboxTry.patience} does not do. */
export interface Options extends Partial<OutboxTry.Patience> {
  /** How many deliveries to one sink a dispatcher has under way at the same time; 8. */
  readonly concurrency?: number | undefined
}

const turns = (concurrency: number): OutboxFlush.Desk["inTurn"] => {
  const semaphores = new Map<string, Effect.Semaphore>()
  return (sink) => {
    const semaphore = semaphores.get(sink) ?? Effect.unsafeMakeSemaphore(concurrency)
    semaphores.set(sink, semaphore)
    return semaphore.withPermits(1)
  }
}

/** The outbox over a store. Reads the sinks, the trail and the transaction of its context. */
export const make = (store: OutboxStore.Service, { concurrency = 8, ...patience }: Options = {}) =>
  Effect.gen(function* () {
    const { find } = yield* SyncSink.SyncSinks
    const trail = yield* AuditTrail
    const { atomically } = yield* Database
    const bell = yield* Bell.make
    const desk: OutboxFlush.Desk = {
      store,
      trail,
      atomically,
      patience: { ...OutboxTry.patience, ...patience },
      troubled: yield* Ref.make(HashSet.empty<string>()),
      find,
      bell,
      concurrency,
      inTurn: turns(concurrency)
    }

    const enqueue: Service["enqueue"] = Effect.fn("SyncOutbox.enqueue")(function* ({ sinks, ...letter }) {
      if (sinks.length === 0) return
      const now = yield* Clock.currentTimeMillis
      const id = SyncSink.idOf(letter.document)
      yield* store.add(
        [...new Set(sinks)].map((sink) => ({
          ...letter,
          id,
          sink,
          state: "pending",
          attempts: 0,
          reason: null,
          enqueuedAt: now,
          dueAt: now
        }))
      )
      yield* bell.ring
    })

    const retry: Service["retry"] = Effect.fn("SyncOutbox.retry")(function* (ids) {
      const now = yield* Clock.currentTimeMillis
      const revived = yield* atomically(
        Effect.tap(store.revive(ids, now), (messages) =>
          Effect.forEach(
            messages,
            (message) => Effect.flatMap(OutboxTry.entryOf(message, { revived: true }), trail.record),
            { discard: true }
          )
        )
      )
      yield* bell.ring
      return revived
    })

    return {
      enqueue,
      flush: (key) => OutboxFlush.run(desk, key),
      run: OutboxDispatcher.run(desk),
      list: store.list,
      retry
    } satisfies Service
  })

/** The service tag. */
export class SyncOutbox extends Context.Tag("@genesys-replay/pipeline/SyncOutbox")<SyncOutbox, Service>() {
  /** The outbox over a store. */
  static readonly layerOf = (
    store: OutboxStore.Service,
    options?: Options
  ): Layer.Layer<SyncOutbox, never, AuditTrail | Database | SyncSink.SyncSinks> =>
    Layer.effect(SyncOutbox, make(store, options))
}
