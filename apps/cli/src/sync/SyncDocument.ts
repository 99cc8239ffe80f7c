/** Messages of the outbox, as `--json` prints them. */
import { Instant } from "@genesys-replay/domain"
import { SyncMessage, SyncSink } from "@genesys-replay/pipeline"
import { DateTime, Schema } from "effect"

const { attempts, configId, document, id, reason, sink, state } = SyncMessage.SyncMessage.fields

/** A message. */
export const Message = Schema.Struct({
  id,
  sink,
  run: Schema.String,
  /** The name of the window. */
  window: Schema.String,
  configId,
  kind: Schema.Literal("replay_config_complete", "replay_accuracy", "replay_heal_complete"),
  document,
  state,
  attempts,
  reason,
  enqueuedAt: Instant.Instant,
  /** When it is tried next, at the earliest; null where it is tried no more. */
  nextAttemptAt: Schema.NullOr(Instant.Instant)
}).annotations({ identifier: "SyncMessageDocument" })

/** What is shown of a message. */
export const of = (message: SyncMessage.SyncMessage): typeof Message.Type => ({
  id: message.id,
  sink: message.sink,
  run: message.key.slice(0, Math.max(0, message.key.indexOf("/"))),
  window: message.window.name,
  configId: message.configId,
  kind: SyncSink.kindOf(message.document),
  document: message.document,
  state: message.state,
  attempts: message.attempts,
  reason: message.reason,
  enqueuedAt: DateTime.unsafeMake(message.enqueuedAt),
  nextAttemptAt: message.state === "pending" ? DateTime.unsafeMake(message.dueAt) : null
})
