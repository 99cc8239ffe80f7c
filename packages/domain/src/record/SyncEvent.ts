/** What analytics processors outside are told of a window. */
import { Schema } from "effect"
import { PayloadHash } from "../plan/PayloadHash.js"
import { WindowName } from "../spec/ReplayWindow.js"
import { UtcText } from "../value/Instant.js"

/** A window's replay is configured. The first five keys are fixed by the contract with processors; the rest may grow. */
export const SyncEvent = Schema.Struct({
  event_type: Schema.Literal("replay_config_complete"),
  /** The id that the provider gave the replay. */
  config_id: Schema.String,
  payload_hash: PayloadHash,
  timestamp: UtcText,
  /** From the first request to the accepted answer, in milliseconds. */
  latency_ms: Schema.Number,
  /** The window's name, which its events carry as `replay-name`. */
  window: WindowName,
  outcome: Schema.Literal("created", "unchanged", "adopted")
}).annotations({ identifier: "SyncEvent" })

/** See {@link SyncEvent}. */
export interface SyncEvent extends Schema.Schema.Type<typeof SyncEvent> {}
