/** Submitting one window, so that the audit trail knows of it whatever happens. */
import { type EventStream, type PlannedWindow, type ProviderError, ReplayProvider } from "@genesys-replay/domain"
import { Cause, Clock, DateTime, Duration, Effect, Exit, Fiber, Metric, MetricBoundaries, Option } from "effect"
import { summarize } from "./ApplyReport.js"
import { recordFor } from "./AuditTrail.js"
import type { StateUnavailable } from "./StateUnavailable.js"

/** Why a window was not submitted. */
export type SubmissionError = ProviderError.SubmissionError | StateUnavailable

/** A window that now has a replay. */
export interface Accepted {
  readonly id: EventStream.ReplayId
  readonly submission: ReplayProvider.Submission
  /** When the answer came. */
  readonly at: DateTime.Utc
  /** From the request to its answer, with its retries, in milliseconds. */
  readonly latencyMs: number
  /** Set where the replay stands, but the trail could not be told that it does. */
  readonly untold: Option.Option<StateUnavailable>
}

/** How long submissions take, with their retries, in milliseconds. Tag: `provider`. */
export const latency = Metric.histogram(
  "genesys_replay_submit_latency_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 18 }),
  "Milliseconds from the request to its answer"
)

const actions = {
  created: "create_replay_config",
  unchanged: "confirm_replay_config",
  adopted: "adopt_replay_config"
} as const

const millisBetween = (start: bigint, end: bigint): number => Math.round(Number(end - start) / 1_000) / 1_000

const detailOf = (error: unknown) => {
  const { correlationId, message, tag } = summarize(error)
  return { tag, message, ...(correlationId === undefined ? {} : { correlation_id: correlationId }) }
}

/** How long an interrupted program waits for the answer to a request that is under way: an answer is worth more than a quick end. */
export const grace = Duration.seconds(5)

// Runs in a daemon fiber, because a child is interrupted with its parent: here an interruption ends the waiting, not the
// request. Called where nothing interrupts, and always waits for the daemon to end.
const answerOf = <A, E, R>(
  request: Effect.Effect<A, E, R>,
  restore: <B, E1, R1>(effect: Effect.Effect<B, E1, R1>) => Effect.Effect<B, E1, R1>
) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkDaemon(Effect.interruptible(request))
    const awaited = yield* Effect.exit(restore(Fiber.await(fiber)))
    if (Exit.isSuccess(awaited)) return awaited.value
    const end = Effect.zipRight(Effect.sleep(grace), Fiber.interruptFork(fiber))
    const clock = yield* Effect.forkDaemon(Effect.interruptible(end))
    return yield* Effect.zipLeft(Fiber.await(fiber), Fiber.interrupt(clock))
  })

/**
 * Submits a window and records, in this order: `submit_replay_config` before the request; after it `create_`, `confirm_` or
 * `adopt_replay_config`, or `refuse_replay_config` with the error, or `interrupt_replay_config` where no answer came within
 * {@link grace} of an interruption. From the answer to its entry nothing can interrupt.
 *
 * `StateUnavailable` where the first entry cannot be written: then nothing was sent. Where a later one cannot, the
 * replay stands, and {@link Accepted} says so in `untold`.
 */
export const submit = Effect.fn("Submission.submit")(function* (window: PlannedWindow.PlannedWindow) {
  const provider = yield* ReplayProvider.ReplayProvider
  const told = (...entry: Parameters<typeof recordFor>) =>
    recordFor(...entry).pipe(
      Effect.as(Option.none<StateUnavailable>()),
      Effect.catchAll((error) => Effect.as(Effect.logError(error.message), Option.some(error)))
    )

  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      yield* restore(recordFor(window, "submit_replay_config", { detail: { provider: provider.provider } }))
      const start = yield* Clock.currentTimeNanos
      const exit = yield* answerOf(provider.submit(window), restore)
      const latencyMs = millisBetween(start, yield* Clock.currentTimeNanos)
      if (Exit.isFailure(exit)) {
        const interrupted = Cause.isInterruptedOnly(exit.cause)
        const action = interrupted ? "interrupt_replay_config" : "refuse_replay_config"
        const detail = interrupted
          ? { outcome: "unknown", next: "apply the same window again: it is never submitted twice" }
          : detailOf(Cause.squash(exit.cause))
        yield* told(window, action, { latencyMs, detail })
        return yield* Effect.failCause(exit.cause)
      }
      const at = yield* DateTime.now
      const submission = exit.value
      const { correlationId, outcome, replay } = submission
      yield* Metric.update(Metric.tagged(latency, "provider", provider.provider), latencyMs)
      const untold = yield* told(window, actions[outcome], {
        configId: replay.id,
        latencyMs,
        detail: {
          provider: provider.provider,
          state: replay.progress.state,
          ...(correlationId === undefined ? {} : { correlation_id: correlationId })
        }
      })
      return { id: replay.id, submission, at, latencyMs, untold } satisfies Accepted
    })
  )
})
