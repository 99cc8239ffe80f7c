/** What went wrong with which event: what a test looks for is exactly this. */
import { Chunk, Context, Effect, Layer, Ref } from "effect"
import type { DeliveryFault } from "./FaultyDelivery.js"

/** What was done to an event. */
export type EventFault =
  /** It never reached AWS. */
  | "lost before AWS"
  /** It reached AWS late. */
  | "late"
  /** It reached AWS twice. */
  | "doubled before AWS"
  /** It was dropped, delivered twice or overtaken on the way that {@link Entry.path} names. */
  | DeliveryFault

/** Which event. */
export interface Subject {
  /** Of the envelope. */
  readonly id: string
  readonly topic: string
  readonly topicName: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** An entry. */
export interface Entry extends Subject {
  readonly fault: EventFault
  /** The name of the bus, of the replay, or of the stream. */
  readonly path: string
}

/** The operations. */
export interface Service {
  readonly note: (entries: ReadonlyArray<Entry>) => Effect.Effect<void>
  /** Everything that was done, in order. A fault to an event that is done again, as in another replay, is another entry. */
  readonly entries: Effect.Effect<ReadonlyArray<Entry>>
}

/** The fault log of this sandbox. */
export class FaultLog extends Context.Tag("@genesys-replay/sandbox/FaultLog")<FaultLog, Service>() {
  /** In memory. */
  static readonly layer = Layer.effect(
    FaultLog,
    Effect.map(Ref.make(Chunk.empty<Entry>()), (state) =>
      FaultLog.of({
        note: (entries) =>
          entries.length === 0
            ? Effect.void
            : Ref.update(state, (before) => Chunk.appendAll(before, Chunk.fromIterable(entries))),
        entries: Effect.map(Ref.get(state), Chunk.toReadonlyArray)
      })
    )
  )
}
