/** The first step of a window: submitting it, so that the runs and the audit trail know of it whatever happens. */
import {
  type EventStream,
  Instant,
  PlatformRecords,
  ReplayProvider,
  SideEffect,
  type SyncEvent
} from "@genesys-replay/domain"
import { Cause, Clock, DateTime, Effect, Exit, Fiber, Metric, MetricBoundaries, Ref, Schema } from "effect"
import { type AuditTrail, recordFor } from "../audit/AuditTrail.js"
import { SyncOutbox } from "../sync/SyncOutbox.js"
import * as ApplyProgress from "../window/ApplyProgress.js"
import type { ApplyResult } from "../window/ApplyReport.js"
import { isProvenByRecords, isStanding, type RunWindow } from "../window/RunWindow.js"
import * as WindowError from "../window/WindowError.js"
import { Listeners } from "./Listeners.js"
import { grace, Shutdown } from "./Shutdown.js"
import * as WindowRecord from "./WindowRecord.js"

/** How long submissions take, with their retries, in milliseconds. Tag: `provider`. */
export const latency = Metric.histogram(
  "genesys_replay_submit_latency_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 18 }),
  "Milliseconds from the request to its answer"
)

/** Where a submission leaves a window. */
export const Submitted = Schema.Struct({
  /** Whether a replay stands. */
  standing: Schema.Boolean,
  /** Whether its end is waited for. */
  wait: Schema.Boolean
}).annotations({ identifier: "Submitted" })

export interface Submitted extends Schema.Schema.Type<typeof Submitted> {}

const actions = {
  created: "create_replay_config",
  unchanged: "confirm_replay_config",
  adopted: "adopt_replay_config"
} as const

const millisBetween = (start: bigint, end: bigint): number => Math.round(Number(end - start) / 1_000) / 1_000

const failed = ({ window }: RunWindow, error: WindowError.WindowError): ApplyResult => ({
  name: window.name,
  id: null,
  outcome: "failed",
  payloadHash: window.payloadHash,
  latencyMs: null,
  error
})

/**
 * The answer to a request; a stop ends the waiting after {@link grace}, and the request with it. Request and waiting run in
 * fibers of their own: a child would be interrupted with its parent, and an answer is worth more than a quick end.
 */
const answerOf = <A, E, R>(request: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { stopping } = yield* Shutdown
    const fiber = yield* Effect.forkDaemon(Effect.interruptible(request))
    // Said before the interruption: the waiting for an answer hears of that too, and may be the first.
    const stopped = yield* Ref.make(false)
    const end = Effect.zipRight(Ref.set(stopped, true), Fiber.interrupt(fiber))
    const graceIsOver = Effect.zipRight(stopping, Effect.sleep(grace))
    const waiting = yield* Effect.forkDaemon(
      Effect.interruptible(Effect.raceFirst(Fiber.await(fiber), Effect.zipRight(graceIsOver, end)))
    )
    const exit = yield* Fiber.join(waiting)
    return { exit, stopped: (yield* Ref.get(stopped)) && Exit.isInterrupted(exit) }
  })

const standing = (submission: ReplayProvider.Submission, again: boolean): ReplayProvider.SubmissionOutcome =>
  // What an earlier try of this very submission has made was not there before it.
  again && submission.outcome === "unchanged" ? "adopted" : submission.outcome

const syncEvent = (
  { window }: RunWindow,
  id: EventStream.ReplayId,
  outcome: ReplayProvider.SubmissionOutcome,
  latencyMs: number,
  at: DateTime.Utc
): SyncEvent.SyncEvent => ({
  event_type: "replay_config_complete",
  config_id: id,
  payload_hash: window.payloadHash,
  timestamp: Instant.format(at),
  latency_ms: latencyMs,
  window: window.name,
  outcome
})

const accepted = (run: RunWindow, submission: ReplayProvider.Submission, again: boolean, latencyMs: number) =>
  Effect.gen(function* () {
    const provider = yield* ReplayProvider.ReplayProvider
    const outbox = yield* SyncOutbox
    const { correlationId, replay } = submission
    const { id } = replay
    const outcome = standing(submission, again)
    const at = yield* DateTime.now
    const { name, payloadHash } = run.window
    const result: ApplyResult = { name, id, outcome, payloadHash, latencyMs, error: null }
    yield* Metric.update(Metric.tagged(latency, "provider", provider.provider), latencyMs)
    const now = yield* WindowRecord.commit(
      run,
      { state: "submitted", result },
      Effect.gen(function* () {
        yield* recordFor(run.window, actions[outcome], {
          configId: id,
          latencyMs,
          detail: {
            run: run.run,
            provider: provider.provider,
            state: replay.progress.state,
            ...(correlationId === undefined ? {} : { correlation_id: correlationId })
          }
        })
        yield* outbox.enqueue({
          key: run.key,
          window: run.window,
          configId: id,
          sinks: run.sinks,
          document: syncEvent(run, id, outcome, latencyMs, at)
        })
      })
    )
    // Somebody cancelled the window while its request was under way: what it has made is taken back.
    if (now.state === "cancelled") yield* WindowRecord.takeBack(run, id)
    else yield* WindowRecord.tell(run, ApplyProgress.Submitted({ window: run.window, id, outcome, latencyMs }))
    return now
  })

// The window stays as it is, and a restart finds out.
const stoppedBefore = (run: RunWindow, latencyMs: number) =>
  Effect.as(
    recordFor(run.window, "interrupt_replay_config", {
      latencyMs,
      detail: {
        run: run.run,
        outcome: "unknown",
        next: "genesys-replay resume: the window is never submitted twice"
      }
    }),
    run
  )

const refused = (run: RunWindow, cause: Cause.Cause<unknown>, latencyMs: number) => {
  const error = WindowError.of(Cause.squash(cause))
  return WindowRecord.commit(
    run,
    { state: "finished", result: failed(run, error) },
    recordFor(run.window, "refuse_replay_config", {
      latencyMs,
      detail: { run: run.run, ...WindowError.auditDetail(error) }
    })
  )
}

// What the provider makes beside the replay has its entries, one before it is made: an interruption leaves a trace.
const recording = (run: RunWindow) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<AuditTrail | Shutdown>()
    const note = ({ action, detail }: SideEffect.SideEffect, outcome: Readonly<Record<string, unknown>>) =>
      recordFor(run.window, action, { detail: { run: run.run, ...detail, ...outcome } }).pipe(
        Effect.catchAllCause((cause) =>
          Effect.flatMap(Shutdown, ({ halt }) => Effect.zipRight(halt(cause), Effect.never))
        ),
        Effect.provide(context)
      )
    const recorder: SideEffect.Recorder = (what, effect) =>
      note(what, { outcome: "requested" }).pipe(
        Effect.zipRight(effect),
        Effect.tap((outcome) => note(what, { outcome })),
        Effect.tapError((error) => note(what, { outcome: "failed", ...WindowError.auditDetail(WindowError.of(error)) }))
      )
    return recorder
  })

// What can never be proven as it is to be is not sent, also where another program has asked for it.
const provable = (run: RunWindow) =>
  run.state === "requested" && isProvenByRecords(run)
    ? Effect.flatMap(PlatformRecords.PlatformRecords, ({ configured }) => configured)
    : Effect.void

const submit = (run: RunWindow) =>
  Effect.gen(function* () {
    const provider = yield* ReplayProvider.ReplayProvider
    const { request } = yield* Shutdown
    const again = run.state === "submitting"
    yield* WindowRecord.tell(run, ApplyProgress.Submitting({ window: run.window }))
    const marked = yield* WindowRecord.commit(
      // Also where an earlier try, or another process, has come as far: asking twice is no harm, asking unwritten is.
      { key: run.key, state: "submitting" },
      { state: "submitting" },
      recordFor(run.window, "submit_replay_config", {
        detail: { run: run.run, provider: provider.provider, ...(again ? { again } : {}) }
      })
    )
    if (marked.state !== "submitting") return marked
    return yield* request(
      Effect.gen(function* () {
        const start = yield* Clock.currentTimeNanos
        const { exit, stopped } = yield* answerOf(
          Effect.zipRight(
            provable(run),
            Effect.provideServiceEffect(provider.submit(run.window), SideEffect.SideEffects, recording(marked))
          )
        )
        const latencyMs = millisBetween(start, yield* Clock.currentTimeNanos)
        if (stopped) return yield* stoppedBefore(marked, latencyMs)
        return yield* Exit.match(exit, {
          onFailure: (cause) => refused(marked, cause, latencyMs),
          onSuccess: (submission) => accepted(marked, submission, again, latencyMs)
        })
      })
    )
  })

/**
 * Submits the window, unless that is done already. Written down in this order: `submit_replay_config` before the request;
 * after it `create_`, `confirm_` or `adopt_replay_config` together with the sync event, or `refuse_replay_config` with the
 * error, or `interrupt_replay_config` where a stop came before the answer. From the answer to its entry nothing can interrupt.
 * `StateUnavailable` where something cannot be written: before the request nothing is sent then.
 */
export const run = Effect.fn("Submission.run")(function* (before: RunWindow) {
  const open = before.state === "requested" || before.state === "submitting"
  const { slots } = yield* Effect.flatMap(Listeners, ({ of }) => of(before.key))
  const after = open ? yield* slots.submitting(submit(before)) : before
  return { standing: isStanding(after), wait: after.wait } satisfies Submitted
})
