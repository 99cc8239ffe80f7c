/** What became of every window of a plan: the document that `apply --json` prints. */
import { EventStream, PayloadHash, Proof, ReplayAccuracy, ReplayWindow } from "@genesys-replay/domain"
import { Predicate, Schema } from "effect"

/** Why something went wrong, in a form that leaves the process. */
export const ErrorSummary = Schema.Struct({
  /** The error's `_tag`; `Defect` for a bug. */
  tag: Schema.String,
  /** What happened, to what, and what to do next. */
  message: Schema.String,
  /** What to do next, where the error has words of its own for it; `message` ends with them. */
  remedy: Schema.optional(Schema.String),
  /** The provider's id of the exchange. */
  correlationId: Schema.optional(Schema.String)
}).annotations({ identifier: "ErrorSummary" })

export type ErrorSummary = typeof ErrorSummary.Type

const textAt = (error: unknown, key: string): string | undefined => {
  const value = Predicate.hasProperty(error, key) ? error[key] : undefined
  return typeof value === "string" && value !== "" ? value : undefined
}

/** The summary of an error, or of whatever else was thrown. */
export const summarize = (error: unknown): ErrorSummary => {
  const correlationId = textAt(error, "correlationId")
  const remedy = textAt(error, "remedy")
  return {
    tag: textAt(error, "_tag") ?? "Defect",
    message: textAt(error, "message") ?? String(error),
    ...(remedy === undefined ? {} : { remedy }),
    ...(correlationId === undefined ? {} : { correlationId })
  }
}

/** The summary as the audit trail keeps it. */
export const auditDetail = ({ correlationId, message, tag }: ErrorSummary) => ({
  tag,
  message,
  ...(correlationId === undefined ? {} : { correlation_id: correlationId })
})

/** How a window's submission ended. */
export const ApplyOutcome = Schema.Literal("created", "unchanged", "adopted", "failed").annotations({
  identifier: "ApplyOutcome"
})

export type ApplyOutcome = typeof ApplyOutcome.Type

/**
 * One window. `failed` means that no replay is known to stand for it, and `error` says why. With any other outcome the
 * replay stands; `error` then names a later step that failed: watching, verifying, or recording in the audit trail.
 */
export const ApplyResult = Schema.Struct({
  name: ReplayWindow.WindowName,
  /** The id that the provider gave; null where the submission failed. */
  id: Schema.NullOr(EventStream.ReplayId),
  outcome: ApplyOutcome,
  payloadHash: PayloadHash.PayloadHash,
  /** From the request to its answer, in milliseconds; null where nothing was accepted. */
  latencyMs: Schema.NullOr(Schema.Number),
  error: Schema.NullOr(ErrorSummary),
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

export type ApplyResult = typeof ApplyResult.Type

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

/** All windows, in the order of the plan, and how many had which outcome. */
export const ApplyReport = Schema.Struct({
  results: Schema.Array(ApplyResult),
  summary: Schema.Struct({
    created: Schema.Number,
    unchanged: Schema.Number,
    adopted: Schema.Number,
    failed: Schema.Number
  })
}).annotations({ identifier: "ApplyReport" })

export type ApplyReport = typeof ApplyReport.Type

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
