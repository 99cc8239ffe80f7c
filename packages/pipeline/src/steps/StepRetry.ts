/**
 * A step of a window whose replay stands, tried until it goes well. Credentials that were refused can be mended, a provider that
 * is away comes back, a file can be put where it is read: nothing of that is the end of the replay, so it is not the end of the window.
 */
import { type AuditEntry, Instant } from "@genesys-replay/domain"
import { Cause, DateTime, Effect, Exit, Queue } from "effect"
import { recordFor } from "../audit/AuditTrail.js"
import * as ApplyProgress from "../window/ApplyProgress.js"
import type { ApplyResult } from "../window/ApplyReport.js"
import { Runs } from "../window/Runs.js"
import { isMeasuredAlike, type RunKey, type RunWindow } from "../window/RunWindow.js"
import * as WindowError from "../window/WindowError.js"
import * as Watch from "./Watch.js"
import * as WindowRecord from "./WindowRecord.js"

/** The entry about a step that failed, with this error. */
export const recordFailed = (run: RunWindow, action: AuditEntry.AuditAction, error: WindowError.WindowError) =>
  recordFor(run.window, action, {
    configId: run.result?.id ?? null,
    detail: { run: run.run, ...WindowError.auditDetail(error) }
  })

/** What no further try can mend. The first thing that goes wrong is what the result tells. `StateUnavailable` where that cannot be written. */
export const giveUp = (
  run: RunWindow,
  action: AuditEntry.AuditAction,
  result: ApplyResult,
  error: WindowError.WindowError
) =>
  WindowRecord.commit(
    run,
    { failure: null, result: { ...result, error: result.error ?? error } },
    recordFailed(run, action, error)
  )

// Somebody asks for the window again, or changes it: there is no need to wait for the end of the pause.
const askedFor = (key: RunKey) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { announcements } = yield* Runs
      const news = yield* announcements
      yield* Effect.repeat(Queue.take(news), { until: (one) => one === key })
    })
  )

/**
 * Tries `attempt` with the window's record as it is then, until it succeeds. A failure is written into the record, so that whoever
 * waits for the window knows of it, and becomes an entry `action` of the trail: the first one, and each that is another than the
 * one before. `StateUnavailable` where that cannot be written.
 */
export const untilDone = Effect.fn("StepRetry.untilDone")(function* <A, E, R>(
  key: RunKey,
  action: AuditEntry.AuditAction,
  attempt: (run: RunWindow) => Effect.Effect<A, E, R>
) {
  let told: string | undefined
  for (let tries = 0; ; tries++) {
    const run = yield* WindowRecord.load(key)
    const exit = yield* Effect.exit(attempt(run))
    if (Exit.isSuccess(exit)) return exit.value
    if (Cause.isInterrupted(exit.cause)) return yield* Effect.interrupt
    const now = yield* WindowRecord.load(key)
    // Asked for again meanwhile with another measure, say: what failed is no longer what is to be done.
    if (!isMeasuredAlike(now, run)) continue
    const error = WindowError.of(Cause.squash(exit.cause))
    const { tag } = WindowError.summarize(error)
    yield* Effect.logDebug(`${run.window.name} does not get on`, exit.cause)
    const failure = { error, at: Instant.format(yield* DateTime.now), times: (run.failure?.times ?? 0) + 1 }
    yield* WindowRecord.commit(run, { failure }, tag === told ? Effect.void : recordFailed(run, action, error))
    if (tag !== told) yield* WindowRecord.tell(run, ApplyProgress.Stalled({ window: run.window, error }))
    told = tag
    yield* Effect.raceFirst(Effect.sleep(Watch.pause(tries)), askedFor(key))
  }
})
