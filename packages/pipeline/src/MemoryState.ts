/** Everything that is kept, in memory: for tests, trials, and programs that need no restart. */
import { Layer } from "effect"
import { AuditTrail } from "./AuditTrail.js"
import { Runs } from "./Runs.js"
import { SyncOutbox } from "./SyncOutbox.js"
import type { SyncSinks } from "./SyncSink.js"
import { Transaction } from "./Transaction.js"

/** The services that keep something. */
export type State = AuditTrail | Runs | SyncOutbox | Transaction

/** The state of one process, gone with it. The lasting one is `Database`'s. */
export const layer: Layer.Layer<State, never, SyncSinks> = SyncOutbox.layerMemory.pipe(
  Layer.provideMerge(Layer.mergeAll(AuditTrail.layerMemory, Runs.layerMemory, Transaction.layerMemory))
)
