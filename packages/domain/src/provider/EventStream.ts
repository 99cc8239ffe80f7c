/** A stream as the platform answers it. Read tolerantly: unknown keys are kept, optional ones may be absent or null. */
import { Schema } from "effect"
import { SequenceIndex } from "../value/SequenceIndex.js"

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

/** Whether a replay in this state is being cancelled, or was. */
export const isCancelled = (state: ReplayState): boolean => state === "CANCELLED" || state === "CANCELLING"

/** The first and the last index of what a replay delivers; both are delivered. */
export const SequenceBounds = Schema.Struct({ first: SequenceIndex, last: SequenceIndex }).annotations({
  identifier: "SequenceBounds"
})

/** See {@link SequenceBounds}. */
export interface SequenceBounds extends Schema.Schema.Type<typeof SequenceBounds> {}

/** The progress that the platform reports with a stream. */
export const ReplayProgress = Schema.Struct({
  state: ReplayState,
  stateReason: Schema.optional(Schema.String),
  /** The event time up to which everything was delivered. */
  lastReplayedDate: Schema.optional(Schema.String),
  sequence: Schema.optional(SequenceBounds)
}).annotations({ identifier: "ReplayProgress" })

/** See {@link ReplayProgress}. */
export interface ReplayProgress extends Schema.Schema.Type<typeof ReplayProgress> {}

/**
 * Whether a replay has completed without a single event: the provider tells neither an index nor the time of one. That is right
 * for a window in which nothing happened, and is what a wrong start, topic or clock looks like.
 */
export const isEmpty = ({ lastReplayedDate, sequence, state }: ReplayProgress): boolean =>
  state === "COMPLETED" && (sequence === undefined ? lastReplayedDate === undefined : sequence.last < sequence.first)

/** What there is to say of one. */
export const emptyReason =
  "the replay completed and brought no event. Either nothing happened in its window, or another one was meant: look at start, end and topics, and at this machine's clock"

/** The id that the provider gave. */
export const ReplayId = Schema.NonEmptyString.pipe(
  Schema.brand("ReplayId"),
  Schema.annotations({ identifier: "ReplayId" })
)

/** See {@link ReplayId}. */
export type ReplayId = typeof ReplayId.Type

const tolerant = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct(fields, Schema.Record({ key: Schema.String, value: Schema.Unknown }))

// What is null is as good as absent.
const maybe = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true })

const isState = Schema.is(ReplayState)

// A state that this version does not know is one that has not ended.
const TolerantProgress = Schema.transform(
  tolerant({
    state: Schema.String,
    stateReason: maybe(Schema.String),
    lastReplayedDate: maybe(Schema.String),
    sequence: maybe(SequenceBounds)
  }),
  Schema.typeSchema(ReplayProgress),
  {
    strict: true,
    decode: ({ lastReplayedDate, sequence, state, stateReason }) => ({
      ...(isState(state) ? { state } : { state: "PENDING" as const, stateReason: `the platform says ${state}` }),
      ...(stateReason === undefined ? {} : { stateReason }),
      ...(lastReplayedDate === undefined ? {} : { lastReplayedDate }),
      ...(sequence === undefined ? {} : { sequence })
    }),
    encode: (progress) => progress
  }
)

/** A stream: the payload as the platform keeps it, with `id`, `selfUri`, `dateCreated` and `replay`. */
export const EventStream = tolerant({
  id: ReplayId,
  name: Schema.String,
  description: maybe(Schema.String),
  enabled: maybe(Schema.Boolean),
  retentionDays: maybe(Schema.Number),
  destination: maybe(Schema.Unknown),
  filters: maybe(tolerant({ topics: maybe(Schema.Array(Schema.String)) })),
  replayConfig: maybe(tolerant({ startDate: maybe(Schema.String) })),
  selfUri: maybe(Schema.String),
  dateCreated: maybe(Schema.String),
  replay: maybe(TolerantProgress)
}).annotations({ identifier: "EventStream" })

/** See {@link EventStream}. */
export type EventStream = typeof EventStream.Type
