/** A stream as the platform answers it. Read tolerantly: unknown keys are kept, absent optional ones are fine. */
import { Schema } from "effect"
import { SequenceIndex } from "./SequenceIndex.js"

/** How far a replay is. `STARTING` and `CANCELLING` are EventBridge's, `PENDING` is Genesys Cloud's. */
export const ReplayState = Schema.Literal(
  "PENDING",
  "STARTING",
  "RUNNING",
  "CANCELLING",
  "COMPLETED",
  "CANCELLED",
  "FAILED"
).annotations({ identifier: "ReplayState" })

/** See {@link ReplayState}. */
export type ReplayState = typeof ReplayState.Type

/** Whether nothing more will happen to a replay in this state. */
export const isFinal = (state: ReplayState): boolean =>
  state === "COMPLETED" || state === "CANCELLED" || state === "FAILED"

/** The first and the last index of what a replay delivers; both are delivered. */
export const SequenceBounds = Schema.Struct({ first: SequenceIndex, last: SequenceIndex }).annotations({
  identifier: "SequenceBounds"
})

/** See {@link SequenceBounds}. */
export type SequenceBounds = typeof SequenceBounds.Type

/** The progress that the platform reports with a stream. */
export const ReplayProgress = Schema.Struct({
  state: ReplayState,
  stateReason: Schema.optional(Schema.String),
  /** The event time up to which everything was delivered. */
  lastReplayedDate: Schema.optional(Schema.String),
  sequence: Schema.optional(SequenceBounds)
}).annotations({ identifier: "ReplayProgress" })

/** See {@link ReplayProgress}. */
export type ReplayProgress = typeof ReplayProgress.Type

/** The id that the provider gave. */
export const ReplayId = Schema.NonEmptyString.pipe(
  Schema.brand("ReplayId"),
  Schema.annotations({ identifier: "ReplayId" })
)

/** See {@link ReplayId}. */
export type ReplayId = typeof ReplayId.Type

const tolerant = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct(fields, Schema.Record({ key: Schema.String, value: Schema.Unknown }))

/** A stream: the payload as the platform keeps it, with `id`, `selfUri`, `dateCreated` and `replay`. */
export const EventStream = tolerant({
  id: ReplayId,
  name: Schema.String,
  description: Schema.optional(Schema.String),
  enabled: Schema.optional(Schema.Boolean),
  retentionDays: Schema.optional(Schema.Number),
  destination: Schema.optional(Schema.Unknown),
  filters: Schema.optional(tolerant({ topics: Schema.optional(Schema.Array(Schema.String)) })),
  replayConfig: Schema.optional(tolerant({ startDate: Schema.optional(Schema.String) })),
  selfUri: Schema.optional(Schema.String),
  dateCreated: Schema.optional(Schema.String),
  replay: Schema.optional(ReplayProgress)
}).annotations({ identifier: "EventStream" })

/** See {@link EventStream}. */
export type EventStream = typeof EventStream.Type
