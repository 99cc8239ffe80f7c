/**
 * The pipeline: submit, watch, verify, tell the sinks; every step in the audit trail. Nothing is submitted without a trail:
 * a window whose first entry cannot be written is not sent.
 */
import {
  type AuditEntry,
  type EventStream,
  Instant,
  type PlannedWindow,
  type ReplayPlan,
  ReplayProvider
} from "@genesys-replay/domain"
import { Cause, DateTime, Effect, identity } from "effect"
import * as ApplyProgress from "./ApplyProgress.js"
import * as ApplyReport from "./ApplyReport.js"
import { AuditTrail } from "./AuditTrail.js"
import * as FollowUp from "./FollowUp.js"
import * as Submission from "./Submission.js"
import type { SyncSinks } from "./SyncSink.js"

/** What is done beyond submitting: `wait`, `verify`, `onProgress`. */
export type ConfigureOptions<E = never, R = never> = FollowUp.Options<E, R>

/** {@link ConfigureOptions}, and how many windows at a time. */
export interface ApplyOptions<E = never, R = never> extends ConfigureOptions<E, R> {
  /**
   * How many requests to the provider, and verifications, are under way at the same time; 4. Waiting for a replay to end
   * holds no place, so that every replay is started before the first has ended.
   */
  readonly concurrency?: number | undefined
}

/** What the pipeline runs on. */
export type Requirements = ReplayProvider.ReplayProvider | AuditTrail | SyncSinks

type Bound = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

const steps = <E, R>(window: PlannedWindow.PlannedWindow, options: ConfigureOptions<E, R>, bound: Bound) =>
  Effect.gen(function* () {
    const accepted = yield* bound(
      Effect.zipRight(FollowUp.tell(options, ApplyProgress.Submitting({ window })), Submission.submit(window))
    )
    const { id, latencyMs, submission } = accepted
    yield* FollowUp.tell(options, ApplyProgress.Submitted({ window, id, outcome: submission.outcome, latencyMs }))
    return yield* FollowUp.run(window, accepted, options, bound)
  }).pipe(Effect.annotateLogs("window", window.name))

const finish = <E, R>(
  window: PlannedWindow.PlannedWindow,
  options: ConfigureOptions<E, R>,
  result: ApplyReport.ApplyResult
) => Effect.as(FollowUp.tell(options, ApplyProgress.Finished({ window, result })), result)

/**
 * Makes sure that one replay of this window exists, and takes the steps that the options ask for. The same window again is
 * `unchanged`. Fails only while there is no replay: every error of the provider's `submit`, `ReplayConflict` where the name
 * is taken with another payload, `StateUnavailable` where nothing was sent. What goes wrong later is in the result.
 */
export const configure = <E = never, R = never>(
  window: PlannedWindow.PlannedWindow,
  options: ConfigureOptions<E, R> = {}
): Effect.Effect<ApplyReport.ApplyResult, Submission.SubmissionError, Requirements | R> =>
  steps(window, options, identity).pipe(
    Effect.flatMap((result) => finish(window, options, result)),
    Effect.withSpan("ReplayPipeline.configure", { attributes: { window: window.name } })
  )

const refused = (window: PlannedWindow.PlannedWindow, cause: Cause.Cause<unknown>): ApplyReport.ApplyResult => ({
  name: window.name,
  id: null,
  outcome: "failed",
  payloadHash: window.payloadHash,
  latencyMs: null,
  error: ApplyReport.summarize(Cause.squash(cause))
})

/**
 * {@link configure} for every window of an accepted plan. One failure does not stop the others: it is a `failed` result with
 * its error, also where it is a bug (tag `Defect`). Results are in the order of the plan.
 */
export const apply = <E = never, R = never>(
  plan: Pick<ReplayPlan.ReplayPlan, "windows">,
  options: ApplyOptions<E, R> = {}
): Effect.Effect<ApplyReport.ApplyReport, never, Requirements | R> =>
  Effect.gen(function* () {
    const provider = yield* ReplayProvider.ReplayProvider
    const bound = (yield* Effect.makeSemaphore(Math.max(1, options.concurrency ?? 4))).withPermits(1)
    const one = (window: PlannedWindow.PlannedWindow) =>
      steps(window, options, bound).pipe(
        Effect.catchAllCause((cause) =>
          Effect.as(Effect.logDebug("a window was not submitted", cause), refused(window, cause))
        ),
        Effect.flatMap((result) => finish(window, options, result))
      )
    const results = yield* Effect.forEach(plan.windows, one, { concurrency: "unbounded" }).pipe(
      Effect.provideService(ReplayProvider.ReplayProvider, {
        ...provider,
        describe: (id) => bound(provider.describe(id))
      })
    )
    return ApplyReport.of(results)
  }).pipe(Effect.withSpan("ReplayPipeline.apply", { attributes: { windows: plan.windows.length } }))

/**
 * Stops a replay and records `cancel_replay`; answers the replay as it was. `ReplayNotFound` for an unknown id. Where
 * `StateUnavailable` comes, the replay was stopped and only the entry is missing.
 */
export const cancel = Effect.fn("ReplayPipeline.cancel")(function* (id: EventStream.ReplayId) {
  const provider = yield* ReplayProvider.ReplayProvider
  const trail = yield* AuditTrail
  const replay = yield* provider.describe(id)
  const entry = (at: DateTime.Utc): AuditEntry.AuditEntry => ({
    action: "cancel_replay",
    config_id: id,
    retention_days: replay.retentionDays ?? null,
    replay_start: replay.start ?? null,
    topics: replay.topics,
    latency_ms: null,
    timestamp: Instant.format(at),
    window: replay.name,
    payload_hash: null,
    detail: { provider: provider.provider, was: { ...replay.progress } }
  })
  yield* Effect.uninterruptibleMask((restore) =>
    Effect.zipRight(
      restore(provider.cancel(id)),
      Effect.flatMap(DateTime.now, (now) => trail.record(entry(now)))
    )
  )
  return replay
})
