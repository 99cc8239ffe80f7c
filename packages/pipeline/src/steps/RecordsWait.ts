/**
 * The wait for the platform's conversation records of a window that is proven by them. Analytics is hours behind, at times a day: the pauses
 * between looks are the workflow's, so that a process which is killed meanwhile goes on with the wait where it was.
 */
import { Finality, Instant, PlatformRecords, RecordsError } from "@genesys-replay/domain"
import { DateTime, Duration, Effect, Option, Schema } from "effect"
import { recordFor } from "../audit/AuditTrail.js"
import * as ApplyProgress from "../window/ApplyProgress.js"
import type { ApplyResult } from "../window/ApplyReport.js"
import { isFinal, isProvenByRecords, type RunWindow } from "../window/RunWindow.js"
import { Listeners } from "./Listeners.js"
import * as StepRetry from "./StepRetry.js"
import * as Verification from "./Verification.js"
import * as WindowRecord from "./WindowRecord.js"

/** How long records are waited for at the most, from the first look or, where that is later, from the end of the window. */
export const longest = Duration.days(7)

/** How long to wait before look number `look`, from 0: one minute, every time half as long again, at most an hour. */
export const pause = (look: number): Duration.Duration =>
  Duration.min(Duration.hours(1), Duration.millis(Math.round(60_000 * 1.5 ** look)))

/**
 * What a look came to.
 *
 * - `available`: there are all of them, or nothing is measured by them;
 * - `not yet`: another look is worth it;
 * - `given up`: they were waited for as long as that is allowed, and the result says so.
 */
export const Looked = Schema.Literal("available", "not yet", "given up").annotations({ identifier: "RecordsLooked" })

export type Looked = typeof Looked.Type

const formatted = (instant: DateTime.Utc | null): string | null => (instant === null ? null : Instant.format(instant))

interface Waiting {
  readonly run: RunWindow
  readonly result: ApplyResult
  /** The end of the window. */
  readonly end: DateTime.Utc
  readonly dataAvailableUntil: DateTime.Utc | null
}

// What is written down of a look that found too little, and whether there will be another one.
const waited = ({ dataAvailableUntil, end, result, run }: Waiting) =>
  Effect.gen(function* () {
    const now = yield* DateTime.now
    const availableUntil = formatted(dataAvailableUntil)
    const since = run.awaiting?.since ?? Instant.format(now)
    const first = Option.getOrElse(Instant.parse(since), () => now)
    const until = DateTime.addDuration(DateTime.max(first, end), longest)
    if (DateTime.greaterThanOrEqualTo(now, until)) {
      const late = new RecordsError.RecordsNotAvailable({ end, dataAvailableUntil })
      yield* StepRetry.giveUp(run, "verify_replay", result, late)
      return "given up" as const
    }
    yield* WindowRecord.commit(
      run,
      { failure: null, awaiting: { since, availableUntil } },
      run.awaiting === undefined
        ? recordFor(run.window, "await_records", {
            configId: result.id,
            detail: {
              run: run.run,
              end: Instant.format(end),
              data_available_until: availableUntil,
              until: Instant.format(until)
            }
          })
        : Effect.void
    )
    yield* WindowRecord.tell(run, ApplyProgress.AwaitingRecords({ window: run.window, end, dataAvailableUntil, until }))
    return "not yet" as const
  })

/**
 * Looks whether the platform has all records up to the window's end. That it has not is written down, `await_records` in the trail the first
 * time; when {@link longest} is over, the result's error is `RecordsNotAvailable`. Of a look that fails see `StepRetry`.
 */
export const look = Effect.fn("RecordsWait.look")(({ key }: RunWindow) =>
  StepRetry.untilDone(key, "verify_replay", (run) =>
    Effect.gen(function* () {
      const { result, window } = run
      const isOver = isFinal(run) || !isProvenByRecords(run) || !Verification.isToMeasure(run)
      if (isOver || result === null || window.prove === undefined) return Effect.succeed<Looked>("available")
      const { availability } = yield* PlatformRecords.PlatformRecords
      const { slots } = yield* Effect.flatMap(Listeners, ({ of }) => of(key))
      const dataAvailableUntil = Option.getOrNull(yield* slots.looking(availability))
      const found = { end: window.prove.end, dataAvailableUntil }
      return Finality.isAvailable(found) ? Effect.succeed<Looked>("available") : waited({ ...found, run, result })
    })
  ).pipe(Effect.flatten)
)
