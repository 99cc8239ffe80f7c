/** Systems downstream that are told of a replay. Declared here, implemented by the packages that know such systems. */
import { type Effect, Schema } from "effect"
import { HealEvent } from "./HealEvent.js"
import { ReplayAccuracy } from "./ReplayAccuracy.js"
import { SyncEvent } from "./SyncEvent.js"

/** What sinks are told: a replay is configured, how complete it came back, or what a heal brought back. */
export const SyncDocument = Schema.Union(SyncEvent, HealEvent, ReplayAccuracy).annotations({
  identifier: "SyncDocument"
})

/** See {@link SyncDocument}. */
export type SyncDocument = typeof SyncDocument.Type

/** Which of them a document is. */
export const kindOf = (
  document: SyncDocument
): "replay_config_complete" | "replay_heal_complete" | "replay_accuracy" =>
  "event_type" in document ? document.event_type : "replay_accuracy"

/** A sink did not take a document. The replay stands regardless; `reason` says what to look at. */
export class SyncFailed extends Schema.TaggedError<SyncFailed>()("SyncFailed", {
  /** The sink's name. */
  sink: Schema.String,
  /** The document's id. */
  id: Schema.String,
  reason: Schema.String,
  /** Whether the sink will never take it, so that it is not tried again. */
  isFinal: Schema.Boolean.pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => false)
  )
}) {
  override get message(): string {
    return `the sink ${this.sink} did not take ${this.id}: ${this.reason}. The replay itself stands`
  }
}

/** What kind of system a sink is: `webhook`, `file` and `event-bus` are this project's, others are their programs'. */
export const SinkKind = Schema.String.pipe(Schema.pattern(/^[a-z][a-z0-9-]{0,19}$/)).annotations({
  identifier: "SinkKind",
  description: "at most 20 of a-z, 0-9 and -, a letter first"
})

/**
 * Where a sink is, so that another process can tell it too. `location` is a URL, an absolute path or an ARN; it is kept with
 * the state, whose file only its owner reads, and shown nowhere: a URL's path may be a secret.
 */
export const SinkAddress = Schema.Struct({
  kind: SinkKind,
  location: Schema.NonEmptyString
}).annotations({ identifier: "SinkAddress" })

/** See {@link SinkAddress}. */
export interface SinkAddress extends Schema.Schema.Type<typeof SinkAddress> {}

/** A system downstream. */
export interface SyncSink {
  /**
   * What it is called in the audit trail and in the outbox: different for different sinks, the same in every process. Holds
   * no secret, and no URL's path: that may be one.
   */
  readonly name: string
  /** Where it is. A sink without an address is known only to the program that made it. */
  readonly address?: SinkAddress | undefined
  /** Delivers at least once; `id` stays the same when a document is delivered again. */
  readonly deliver: (document: SyncDocument, id: string) => Effect.Effect<void, SyncFailed>
}
