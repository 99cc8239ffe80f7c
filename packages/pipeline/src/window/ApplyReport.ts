/** What became of every window of a plan. */
import { EventStream, PayloadHash, Proof, ReplayAccuracy, ReplayWindow } from "@genesys-replay/domain"
import { Schema } from "effect"
import * as WindowError from "./WindowError.js"

/** How a window's submission ended. */
export const ApplyOutcome = Schema.Literal("created", "unchanged", "adopted", "failed").annotations({
  identifier: "ApplyOutcome"
})

export type ApplyOutcome = typeof ApplyOutcome.Type

const resultOf = <E, I>(error: Schema.Schema<E, I>) =>
  Schema.Struct({
    name: ReplayWindow.WindowName,
    /** The id that the provider gave; null where the submission failed. */
    id: Schema.NullOr(EventStream.ReplayId),
    outcome: ApplyOutcome,
    payloadHash: PayloadHash.PayloadHash,
    /** From the request to its answer, in milliseconds; null where nothing was accepted. */
    latencyMs: Schema.NullOr(Schema.Number),
    error: Schema.NullOr(error),
    /** Whether the window is not finished: its replay stands, and `error` is what keeps it from getting on. Absent where it is. */
    unfinished: Schema.optional(Schema.Literal(true)),
    /** With waiting: how the replay ended. */
    replay: Schema.optional(
      Schema.Struct({
        state: EventStream.ReplayState,
        sequence: Schema.optional(EventStream.SequenceBounds),
        /** It completed without a single event. Absent where it brought some. */
        empty: Schema.optional(Schema.Literal(true))
      })
    ),
    /** With verification: by what it was measured, where the spec says so. */
    measuredBy: Schema.optional(Proof.ProofMeasure),
    /** With verification: how complete it came back. */
    accuracy: Schema.optional(ReplayAccuracy.ReplayAccuracy),
    /** With verification: why that proves nothing. Absent where it is proof. */
    unproven: Schema.optional(Schema.String)
  }).annotations({ identifier: "ApplyResult" })

/**
 * One window. `failed` means that no replay is known to stand for it, and `error` says why. With any other outcome the
 * replay stands; `error` then names a later step that failed: watching, verifying, or recording in the audit trail.
 */
export const ApplyResult = resultOf(WindowError.WindowError)

/** See {@link ApplyResult}. */
export interface ApplyResult extends Schema.Schema.Type<typeof ApplyResult> {}

/** An {@link ApplyResult} as documents have it: its error is told in words. */
export const ResultDocument = resultOf(WindowError.InWords)

/** Whether everything that was asked for the window came true: its replay stands, completed with events where that was waited for, and nothing is missing, proven, where that was to be measured. */
export const wentWell = ({ accuracy, error, outcome, replay, unproven }: ApplyResult): boolean =>
  error === null &&
  outcome !== "failed" &&
  (replay === undefined || (replay.state === "COMPLETED" && replay.empty === undefined)) &&
  unproven === undefined &&
  (accuracy === undefined || accuracy.sequence_gaps === 0)

/** Whether completeness was measured, whatever came of it. */
export const isMeasured = ({ accuracy, unproven }: Pick<ApplyResult, "accuracy" | "unproven">): boolean =>
  accuracy !== undefined || unproven !== undefined

const reportOf = <A, I>(result: Schema.Schema<A, I>) =>
  Schema.Struct({
    results: Schema.Array(result),
    summary: Schema.Struct({
      created: Schema.Number,
      unchanged: Schema.Number,
      adopted: Schema.Number,
      failed: Schema.Number
    })
  }).annotations({ identifier: "ApplyReport" })

/** All windows, in the order of the plan, and how many had which outcome. */
export const ApplyReport = reportOf(ApplyResult)

/** See {@link ApplyReport}. */
export interface ApplyReport extends Schema.Schema.Type<typeof ApplyReport> {}

/** The document that `apply --json` prints. */
export const ApplyDocument = reportOf(ResultDocument)

/** The report of these results. */
export const of = (results: ReadonlyArray<ApplyResult>): ApplyReport => {
  const count = (outcome: ApplyOutcome) => results.filter((result) => result.outcome === outcome).length
  return {
    results,
    summary: {
      created: count("created"),
      unchanged: count("unchanged"),
      adopted: count("adopted"),
      failed: count("failed")
    }
  }
}
