/** One stream that a plan will submit. */
import { Schema } from "effect"
import { ArchiveReplay } from "../spec/ArchiveReplay.js"
import { Proof } from "../spec/Proof.js"
import { WindowName } from "../spec/ReplayWindow.js"
import { ProviderName } from "../value/ProviderName.js"
import { RetentionDays } from "../value/RetentionDays.js"
import { EventStreamPayload } from "./EventStreamPayload.js"
import { PayloadHash } from "./PayloadHash.js"

/** A window after planning: within the platform's limits, named uniquely within its plan. */
export const PlannedWindow = Schema.Struct({
  /** The stream's name and the window's idempotency key. */
  name: WindowName,
  provider: ProviderName,
  retentionDays: RetentionDays,
  /**
   * The fingerprint of the payload; with EventBridge, of the payload with the key `eventbridge`, which holds what the spec
   * fixes of the replay beyond it.
   */
  payloadHash: PayloadHash,
  payload: EventStreamPayload,
  /** Only with EventBridge: what its StartReplay takes and the payload has not. */
  eventbridge: Schema.optionalWith(ArchiveReplay, { exact: true }),
  /** How it is to be proven, where the spec says so; nothing that is submitted, and no part of the fingerprint. */
  prove: Schema.optionalWith(Proof, { exact: true })
}).annotations({ identifier: "PlannedWindow" })

/** See {@link PlannedWindow}. */
export type PlannedWindow = typeof PlannedWindow.Type
