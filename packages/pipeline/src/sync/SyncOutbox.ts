/**
 * The outbox: what the sinks are to be told, written together with the state that it reports, and delivered at least once,
 * in order for each window and sink.
 */
import type { PlannedWindow } from "@genesys-replay/domain"
import { Clock, Context, Effect, Layer } from "effect"
import { AuditTrail } from "../audit/AuditTrail.js"
import { Database } from "../state/Database.js"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import * as Delivery from "./Delivery.js"
import * as DeliveryRound from "./DeliveryRound.js"
import type * as MessageTable from "./MessageTable.js"
import * as Redelivery from "./Redelivery.js"
import type { SyncMessage } from "./SyncMessage.js"
import * as SyncSink from "./SyncSink.js"

/** A document for some sinks. */
export interface Notice {
  /** `RUN/NAME`: the window of the run that it is about. */
  readonly key: string
  readonly window: PlannedWindow.PlannedWindow
  /** The id that the provider gave the replay. */
  readonly configId: string | null
  readonly document: SyncSink.SyncDocument
  /** The names of the sinks; where they are is `SinkAddresses`' to know. */
  readonly sinks: ReadonlyArray<string>
}

/** How the outbox works, where `Delivery.limits` does not do. */
export type Options = Partial<Delivery.Limits>

const make = (options: Options) =>
  Effect.gen(function* () {
    const { atomically, others } = yield* Database
    const trail = yield* AuditTrail
    const delivery = yield* Delivery.make({ ...Delivery.limits, ...options })
    const { changed, table } = delivery

    const enqueue = Effect.fn("SyncOutbox.enqueue")(function* ({ sinks, ...notice }: Notice) {
      if (sinks.length === 0) return
      const now = yield* Clock.currentTimeMillis
      const id = SyncSink.idOf(notice.document)
      const untried = { state: "pending", attempts: 0, reason: null, enqueuedAt: now, dueAt: now } as const
      yield* table.add([...new Set(sinks)].map((sink) => ({ ...notice, id, sink, ...untried })))
      yield* changed
    })

    const retry = Effect.fn("SyncOutbox.retry")(function* (ids: ReadonlyArray<string> | "all") {
      const now = yield* Clock.currentTimeMillis
      const revived = yield* atomically(
        Effect.tap(table.revive(ids, now), (messages) =>
          Effect.forEach(messages, (message) => trail.record(Delivery.entryOf(message, { revived: true })), {
            discard: true
          })
        )
      )
      yield* changed
      return revived
    })

    return {
      enqueue,
      deliver: (key: string) => DeliveryRound.run(delivery, key),
      run: Redelivery.run(delivery, others),
      list: table.list,
      retry
    }
  })

/** The service tag. */
export class SyncOutbox extends Context.Tag("@genesys-replay/pipeline/SyncOutbox")<
  SyncOutbox,
  {
    /**
     * Writes one message for each sink; belongs into the transaction that writes what the document reports. The id of a
     * message is the document's own (`SyncSink.idOf`): writing the same again is nothing.
     */
    readonly enqueue: (notice: Notice) => Effect.Effect<void, StateUnavailable>
    /**
     * One round now for a window of a run: its pending messages, due or not, in order for each sink. Answers how all its messages
     * stand then. A sink that fails is in its own result only; its message is tried again when it is due.
     */
    readonly deliver: (key: string) => Effect.Effect<ReadonlyArray<SyncSink.SyncResult>, StateUnavailable>
    /**
     * Delivers what is due, for ever. Ends only with `StateUnavailable`. Several may run on one database; a message whose process
     * died is taken over when its lease has ended.
     */
    readonly run: Effect.Effect<never, StateUnavailable>
    /** The messages that pass the filter, in the order in which they were written. */
    readonly list: (filter?: MessageTable.Filter) => Effect.Effect<ReadonlyArray<SyncMessage>, StateUnavailable>
    /** Makes dead messages pending again, with all their tries: those with these ids, or all. Answers them. */
    readonly retry: (ids: ReadonlyArray<string> | "all") => Effect.Effect<ReadonlyArray<SyncMessage>, StateUnavailable>
  }
>() {
  /** The outbox in the database of the context, for its sinks. */
  static readonly layer = (
    options: Options = {}
  ): Layer.Layer<SyncOutbox, never, AuditTrail | Database | SyncSink.SyncSinks> =>
    Layer.effect(SyncOutbox, make(options))
}
