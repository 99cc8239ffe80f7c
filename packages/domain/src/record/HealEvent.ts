/** What analytics processors outside are told when a heal has ended. */
import { Schema } from "effect"
import { WindowName } from "../spec/ReplayWindow.js"
import { Count } from "../value/Count.js"
import { UtcText } from "../value/Instant.js"

/** A window was healed, as far as it could be. The keys of the contract with processors are fixed; the rest may grow. */
export const HealEvent = Schema.Struct({
  event_type: Schema.Literal("replay_heal_complete"),
  /** The id of the heal, with which the names of all its replays begin. */
  config_id: Schema.String,
  /** Events that were missing and have come back. */
  recovered: Count,
  /** Events that are missing still. */
  missing: Count,
  timestamp: UtcText,
  /** The window's name. */
  window: WindowName
}).annotations({ identifier: "HealEvent" })

/** See {@link HealEvent}. */
export interface HealEvent extends Schema.Schema.Type<typeof HealEvent> {}
