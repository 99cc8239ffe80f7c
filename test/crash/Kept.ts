/** What a database holds when all processes have ended. */
import { AuditTrail, Runs, State, SyncOutbox, SyncSink } from "@genesys-replay/pipeline"
import { Effect, Layer } from "effect"

/** See {@link read}. */
export type Kept = Effect.Effect.Success<ReturnType<typeof read>>

/** Windows, sync messages and the trail of the database at this URL. */
export const read = (url: string) =>
  Effect.gen(function* () {
    const runs = yield* Runs.Runs
    const outbox = yield* SyncOutbox.SyncOutbox
    const trail = yield* AuditTrail.AuditTrail
    return {
      windows: yield* runs.list(),
      messages: yield* outbox.list(),
      entries: yield* trail.list(),
      verdict: yield* trail.verify
    }
  }).pipe(
    Effect.provide(
      SyncOutbox.SyncOutbox.layer().pipe(
        Layer.provideMerge(SyncSink.SyncSinks.layerNone),
        Layer.provideMerge(State.layer(url))
      )
    )
  )
