/** One stream that a plan will submit. */
import { Schema } from "effect"
import { EventStreamPayload } from "./EventStreamPayload.js"
import { PayloadHash } from "./PayloadHash.js"
import { ProviderName } from "./ProviderName.js"
import { WindowName } from "./ReplayWindow.js"
import { RetentionDays } from "./RetentionDays.js"

/** A window after planning: within the platform's limits, named uniquely within its plan. */
export const PlannedWindow = Schema.Struct({
  /** The stream's name and the window's idempotency key. */
  name: WindowName,
  provider: ProviderName,
  retentionDays: RetentionDays,
  payloadHash: PayloadHash,
  payload: EventStreamPayload
}).annotations({ identifier: "PlannedWindow" })

/** See {@link PlannedWindow}. */
export type PlannedWindow = typeof PlannedWindow.Type
