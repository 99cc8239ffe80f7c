/** What comes after a window was accepted: watching, verifying, telling the sinks. Whatever fails here, the replay stands. */
import {
  Instant,
  type PlannedWindow,
  type Replay,
  type ReplayAccuracy,
  type SequenceReport,
  type SyncEvent
} from "@genesys-replay/domain"
import { Cause, Effect, Option, Ref, Stream } from "effect"
import * as Accuracy from "./Accuracy.js"
import * as ApplyProgress from "./ApplyProgress.js"
import { type ApplyResult, type ErrorSummary, summarize } from "./ApplyReport.js"
import { recordFor } from "./AuditTrail.js"
import type { Accepted } from "./Submission.js"
import * as SyncSink from "./SyncSink.js"
import * as Watch from "./Watch.js"

/** What is done beyond submitting. */
export interface Options<E = never, R = never> {
  /** Wait until the replay has ended. `true` looks as often as `Watch` does by itself. */
  readonly wait?: boolean | Watch.Options | undefined
  /** Measures how complete the replay came back, when it has ended: asking for it is asking to wait. */
  readonly verify?:
    | ((replay: Replay.Replay, window: PlannedWindow.PlannedWindow) => Effect.Effect<SequenceReport.GroupReport, E, R>)
    | undefined
  /** Told of every step. What it dies of is logged and changes nothing. */
  readonly onProgress?: ((progress: ApplyProgress.ApplyProgress) => Effect.Effect<void>) | undefined
}

/** Tells the caller of a step. */
export const tell = <E, R>(options: Options<E, R>, progress: ApplyProgress.ApplyProgress): Effect.Effect<void> =>
  Effect.suspend(() => options.onProgress?.(progress) ?? Effect.void).pipe(
    Effect.catchAllDefect((defect) => Effect.logWarning("the progress callback died", defect))
  )

const watch = <E, R>(window: PlannedWindow.PlannedWindow, { id }: Accepted, options: Options<E, R>) =>
  Watch.watch(id, typeof options.wait === "object" ? options.wait : {}).pipe(
    Stream.tap((replay) => tell(options, ApplyProgress.Watching({ window, replay }))),
    Stream.runLast,
    // A watch has at least one element, or fails.
    Effect.flatMap(Effect.orDie)
  )

const sync = <E, R>(
  window: PlannedWindow.PlannedWindow,
  { id }: Accepted,
  document: SyncSink.SyncDocument,
  options: Options<E, R>
) =>
  Effect.gen(function* () {
    const results = yield* SyncSink.deliver(document)
    yield* Effect.forEach(results, (result) => tell(options, ApplyProgress.Synced({ window, result })), {
      discard: true
    })
    yield* Effect.forEach(
      results,
      (result) =>
        recordFor(window, "sync_replay", {
          configId: id,
          detail: {
            sink: result.sink,
            document: result.document,
            document_id: result.id,
            delivered: Option.isNone(result.failure),
            ...(Option.isSome(result.failure) ? { reason: result.failure.value.reason } : {})
          }
        }),
      { discard: true }
    )
  })

const syncEvent = (window: PlannedWindow.PlannedWindow, accepted: Accepted): SyncEvent.SyncEvent => ({
  event_type: "replay_config_complete",
  config_id: accepted.id,
  payload_hash: window.payloadHash,
  timestamp: Instant.format(accepted.at),
  latency_ms: accepted.latencyMs,
  window: window.name,
  outcome: accepted.submission.outcome
})

const resultOf = (
  window: PlannedWindow.PlannedWindow,
  accepted: Accepted,
  errors: ReadonlyArray<ErrorSummary>,
  replay: Option.Option<Replay.Replay>,
  accuracy: Option.Option<ReplayAccuracy.ReplayAccuracy>
): ApplyResult => ({
  name: window.name,
  id: accepted.id,
  outcome: accepted.submission.outcome,
  payloadHash: window.payloadHash,
  latencyMs: accepted.latencyMs,
  error: errors[0] ?? null,
  ...Option.match(replay, {
    onNone: () => ({}),
    onSome: ({ progress: { sequence, state } }) => ({
      replay: { state, ...(sequence === undefined ? {} : { sequence }) }
    })
  }),
  ...Option.match(accuracy, { onNone: () => ({}), onSome: (value) => ({ accuracy: value }) })
})

/**
 * Watches and verifies an accepted window as far as the options ask for it, then tells the sinks. Never fails: the first
 * thing that went wrong is the result's `error`, and the steps that do not need the failed one are taken all the same.
 * `bound` wraps what must not run too often at the same time.
 */
export const run = <E = never, R = never>(
  window: PlannedWindow.PlannedWindow,
  accepted: Accepted,
  options: Options<E, R>,
  bound: <A, E1, R1>(effect: Effect.Effect<A, E1, R1>) => Effect.Effect<A, E1, R1>
) =>
  Effect.gen(function* () {
    const errors = yield* Ref.make<ReadonlyArray<ErrorSummary>>(Option.toArray(Option.map(accepted.untold, summarize)))
    const attempt = <A, E1, R1>(step: Effect.Effect<A, E1, R1>) =>
      step.pipe(
        Effect.asSome,
        Effect.catchAllCause((cause) =>
          Effect.logDebug("a step after the submission failed", cause).pipe(
            Effect.zipRight(Ref.update(errors, (before) => [...before, summarize(Cause.squash(cause))])),
            Effect.as(Option.none<A>())
          )
        ),
        Effect.annotateLogs("window", window.name)
      )

    const { verify, wait = false } = options
    const waits = wait !== false || verify !== undefined
    const replay = waits ? yield* attempt(watch(window, accepted, options)) : Option.none<Replay.Replay>()
    if (Option.isSome(replay)) {
      yield* attempt(
        recordFor(window, "complete_replay", { configId: accepted.id, detail: { ...replay.value.progress } })
      )
    }

    const report =
      Option.isSome(replay) && verify !== undefined
        ? yield* attempt(bound(Effect.suspend(() => verify(replay.value, window))))
        : Option.none<SequenceReport.GroupReport>()
    const accuracy = Option.isSome(report)
      ? Option.some(yield* Accuracy.measure(window.name, report.value))
      : Option.none<ReplayAccuracy.ReplayAccuracy>()
    if (Option.isSome(report) && Option.isSome(accuracy)) {
      yield* attempt(Accuracy.record(window, accepted.id, report.value, accuracy.value))
      yield* tell(options, ApplyProgress.Verified({ window, accuracy: accuracy.value }))
    }

    yield* attempt(sync(window, accepted, syncEvent(window, accepted), options))
    if (Option.isSome(accuracy)) yield* attempt(sync(window, accepted, accuracy.value, options))
    return resultOf(window, accepted, yield* Ref.get(errors), replay, accuracy)
  })
