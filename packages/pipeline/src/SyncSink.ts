/** Systems downstream that are told of a replay. A sink that fails is reported; it never fails the replay. */
import type { ReplayAccuracy, SyncEvent } from "@genesys-replay/domain"
import { Cause, Context, type Duration, Effect, Layer, Option, Schema, type Scope } from "effect"
import * as CanonicalJson from "./CanonicalJson.js"

/** What sinks are told: a replay is configured, or how complete it came back. */
export type SyncDocument = SyncEvent.SyncEvent | ReplayAccuracy.ReplayAccuracy

/** Which of the two a document is. */
export const kindOf = (document: SyncDocument): "replay_config_complete" | "replay_accuracy" =>
  "event_type" in document ? document.event_type : "replay_accuracy"

/** The id of a document: the same for the same document, however often it is delivered, so that a receiver can drop what it has. */
export const idOf = (document: SyncDocument): string => `msg_${CanonicalJson.digest(document, 32)}`

/** A sink did not take a document. The replay stands regardless; `reason` says what to look at. */
export class SyncFailed extends Schema.TaggedError<SyncFailed>()("SyncFailed", {
  /** The sink's name. */
  sink: Schema.String,
  /** The document's id. */
  id: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `the sink ${this.sink} did not take ${this.id}: ${this.reason}. The replay itself stands`
  }
}

/** A system downstream. */
export interface SyncSink {
  /** What it is called in the audit trail. Holds no secret, and no URL's path: that may be one. */
  readonly name: string
  /** Delivers at least once; `id` stays the same when a document is delivered again. */
  readonly deliver: (document: SyncDocument, id: string) => Effect.Effect<void, SyncFailed>
}

/** What became of one document at one sink. */
export interface SyncResult {
  readonly sink: string
  readonly id: string
  readonly document: ReturnType<typeof kindOf>
  /** None where the sink took it. */
  readonly failure: Option.Option<SyncFailed>
}

/** The sinks that are told. */
export class SyncSinks extends Context.Tag("@genesys-replay/pipeline/SyncSinks")<
  SyncSinks,
  { readonly sinks: ReadonlyArray<SyncSink> }
>() {
  /** Nobody is told. */
  static readonly layerNone: Layer.Layer<SyncSinks> = Layer.succeed(SyncSinks, { sinks: [] })

  /** These are told. */
  static readonly layerOf = (...sinks: ReadonlyArray<SyncSink>): Layer.Layer<SyncSinks> =>
    Layer.succeed(SyncSinks, { sinks })

  /** This one is told; `make` is what the sinks' modules have. */
  static readonly layerMake = <E, R>(
    make: Effect.Effect<SyncSink, E, R>
  ): Layer.Layer<SyncSinks, E, Exclude<R, Scope.Scope>> =>
    Layer.scoped(
      SyncSinks,
      Effect.map(make, (sink) => ({ sinks: [sink] }))
    )

  /** The sinks of one layer, then those of another: `first.pipe(SyncSinks.and(second))`. */
  static readonly and =
    <E2, R2>(second: Layer.Layer<SyncSinks, E2, R2>) =>
    <E1, R1>(first: Layer.Layer<SyncSinks, E1, R1>): Layer.Layer<SyncSinks, E1 | E2, R1 | R2> =>
      Layer.scoped(
        SyncSinks,
        Effect.zipWith(Layer.build(first), Layer.build(second), (left, right) => ({
          sinks: [...Context.get(left, SyncSinks).sinks, ...Context.get(right, SyncSinks).sinks]
        }))
      )
}

const failureOf = (sink: string, id: string, cause: Cause.Cause<SyncFailed>): SyncFailed =>
  Option.getOrElse(
    Cause.failureOption(cause),
    () =>
      new SyncFailed({
        sink,
        id,
        reason: Cause.isInterruptedOnly(cause) ? "it was interrupted" : String(Cause.squash(cause))
      })
  )

const deliverTo = (sink: SyncSink, document: SyncDocument, id: string, patience: Duration.DurationInput) =>
  Effect.suspend(() => sink.deliver(document, id)).pipe(
    // Disconnected, because a sink that cannot be interrupted would otherwise hold the replay beyond its time.
    Effect.disconnect,
    Effect.timeoutFail({
      duration: patience,
      onTimeout: () => new SyncFailed({ sink: sink.name, id, reason: "it did not answer in time" })
    }),
    Effect.sandbox,
    Effect.mapError((cause) => failureOf(sink.name, id, cause)),
    Effect.flip,
    Effect.option,
    Effect.tap(Option.match({ onNone: () => Effect.void, onSome: (failure) => Effect.logWarning(failure.message) })),
    Effect.map((failure): SyncResult => ({ sink: sink.name, id, document: kindOf(document), failure }))
  )

/**
 * Tells every sink at the same time, each on its own: one that fails, dies or takes longer than `patience` (one minute)
 * is a failure in its own result and nobody else's.
 */
export const deliver = Effect.fn("SyncSink.deliver")(function* (
  document: SyncDocument,
  patience: Duration.DurationInput = "1 minute"
) {
  const { sinks } = yield* SyncSinks
  const id = idOf(document)
  return yield* Effect.forEach(sinks, (sink) => deliverTo(sink, document, id, patience), { concurrency: "unbounded" })
})
