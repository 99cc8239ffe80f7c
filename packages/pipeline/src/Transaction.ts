/** Several changes of what is kept, made together or not at all. */
import { Context, Effect, Layer } from "effect"
import type { StateUnavailable } from "./StateUnavailable.js"

/** The operations. */
export interface Service {
  /**
   * Runs `changes`, which write to the audit trail, the runs and the outbox: when this returns, all of them are kept; when it
   * fails, is interrupted, or the machine stops, none is. Another transaction inside belongs to the outer one.
   */
  readonly atomically: <A, E, R>(changes: Effect.Effect<A, E, R>) => Effect.Effect<A, E | StateUnavailable, R>
}

/** The service tag. `layerMemory` goes with the in-memory layers of what is kept, `Database` brings the lasting one. */
export class Transaction extends Context.Tag("@genesys-replay/pipeline/Transaction")<Transaction, Service>() {
  /**
   * For what is kept in memory, where a write cannot fail half way: an interruption waits for the end of the changes, and
   * that is all there is to do.
   */
  static readonly layerMemory: Layer.Layer<Transaction> = Layer.succeed(Transaction, {
    atomically: Effect.uninterruptible
  })
}

/** {@link Service.atomically} of the service in the context. */
export const atomically = <A, E, R>(
  changes: Effect.Effect<A, E, R>
): Effect.Effect<A, E | StateUnavailable, R | Transaction> =>
  Effect.flatMap(Transaction, (transaction) => transaction.atomically(changes))
