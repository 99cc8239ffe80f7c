/** An outbox to try: sinks that do as they are told, and what they have seen. */
import { PayloadHash, ReplayWindow, type SyncEvent } from "@genesys-replay/domain"
import { AuditTrail, CallbackSink, Database, SyncOutbox, SyncSink } from "@genesys-replay/pipeline"
import { type Context, Effect, Layer, Ref } from "effect"
import type * as MessageTable from "../../packages/pipeline/src/sync/MessageTable.js"
import { windowOf } from "./Windows.js"

/** Document number `number` of a window; different numbers are different documents. */
export const documentOf = (window: string, number: number): SyncEvent.SyncEvent => ({
  event_type: "replay_config_complete",
  config_id: `replay-${window}`,
  payload_hash: PayloadHash.PayloadHash.make("0123456789abcdef"),
  timestamp: "2024-01-15T20:30:00Z",
  latency_ms: number,
  window: ReplayWindow.WindowName.make(window),
  outcome: "created"
})

/** What a letter about a window needs to be sent. */
export const letter = (window: string, number: number, ...sinks: ReadonlyArray<string>): SyncOutbox.Notice => ({
  key: `20240115203000-abcdef/${window}`,
  window: windowOf(window),
  configId: `replay-${window}`,
  document: documentOf(window, number),
  sinks
})

/** What a sink has seen: the window and number of a document, its id, and whether the sink took it. */
export interface Seen {
  readonly sink: string
  readonly lane: string
  readonly number: number
  readonly id: string
  readonly taken: boolean
}

/** A sink that does with its n-th delivery, from 0, what `fate` says: takes it, or fails. */
export const scripted = (
  name: string,
  seen: Ref.Ref<ReadonlyArray<Seen>>,
  fate: (count: number) => Effect.Effect<boolean>
) =>
  Effect.map(
    Ref.make(0),
    (counter): SyncSink.SyncSink =>
      CallbackSink.fromEffect(name, (document, id) =>
        Effect.gen(function* () {
          const count = yield* Ref.getAndUpdate(counter, (before) => before + 1)
          const taken = yield* fate(count)
          const sync = "latency_ms" in document ? document : yield* Effect.dieMessage("not one of these documents")
          const { latency_ms: number, window } = sync
          yield* Ref.update(seen, (all) => [...all, { sink: name, lane: `${window} ${name}`, number, id, taken }])
          if (!taken) return yield* Effect.fail("not now")
        })
      )
  )

/** What outlives a process: the messages, the trail, and the database that both are in. */
export interface Kept {
  readonly store: MessageTable.MessageTable
  readonly trail: AuditTrail.Service
  readonly database: Context.Tag.Service<Database.Database>
}

/** One process with an outbox: its services over what outlives it. */
export const process = (kept: Kept, sinks: ReadonlyArray<SyncSink.SyncSink>, options?: SyncOutbox.Options) =>
  SyncOutbox.SyncOutbox.layer(options).pipe(
    Layer.provide(SyncSink.SyncSinks.layerOf(...sinks)),
    Layer.provide(Layer.succeed(AuditTrail.AuditTrail, kept.trail)),
    Layer.provide(Layer.succeed(Database.Database, kept.database))
  )

/** The deliveries that were taken, lane by lane, in order. */
export const takenByLane = (seen: ReadonlyArray<Seen>): ReadonlyMap<string, ReadonlyArray<number>> => {
  const lanes = new Map<string, ReadonlyArray<number>>()
  for (const { lane, number, taken } of seen) if (taken) lanes.set(lane, [...(lanes.get(lane) ?? []), number])
  return lanes
}
