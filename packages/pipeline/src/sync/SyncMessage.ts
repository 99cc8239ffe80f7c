/** One document on its way to one sink. */
import { PlannedWindow, SyncSink } from "@genesys-replay/domain"
import { Schema } from "effect"

/**
 * How a message stands.
 *
 * - `pending`: the sink has not taken it yet, it is tried again;
 * - `delivered`: the sink took it;
 * - `dead`: it was tried as often as it may be. Nothing more happens until somebody revives it.
 */
export const MessageState = Schema.Literal("pending", "delivered", "dead").annotations({ identifier: "MessageState" })

export type MessageState = typeof MessageState.Type

/** A message. Instants are milliseconds since 1970. */
export const SyncMessage = Schema.Struct({
  /** The `webhook-id`: the same at every try and in every process; with `sink` it names the message. */
  id: Schema.String,
  /** The name of the sink. */
  sink: Schema.String,
  /** `RUN/NAME`: the window of the run that it is about. */
  key: Schema.String,
  /** The window as it was planned, for the audit trail. */
  window: PlannedWindow.PlannedWindow,
  /** The id that the provider gave the replay. */
  configId: Schema.NullOr(Schema.String),
  document: SyncSink.SyncDocument,
  state: MessageState,
  /** How often the sink was tried, since it was written or revived. */
  attempts: Schema.NonNegativeInt,
  /** What went wrong last; null where nothing did. */
  reason: Schema.NullOr(Schema.String),
  enqueuedAt: Schema.Number,
  /** When it is tried next, at the earliest; without a meaning once it is no longer pending. */
  dueAt: Schema.Number
}).annotations({ identifier: "SyncMessage" })

export interface SyncMessage extends Schema.Schema.Type<typeof SyncMessage> {}
