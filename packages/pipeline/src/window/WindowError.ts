/** What can keep a window from its end: the errors of results and reports, with their types and fields, as they are kept and read again. */
import { ProviderError, RecordsError, SequenceVerification } from "@genesys-replay/domain"
import { Comparison, FieldPath, LogSource } from "@genesys-replay/eventlog"
import { Predicate, Schema } from "effect"
import { StateUnavailable } from "../state/StateUnavailable.js"

/** What was to measure completeness is not here any more: the replay stands, and captured events can prove it. */
export class VerifierGone extends Schema.TaggedError<VerifierGone>()("VerifierGone", { window: Schema.String }) {
  override get message(): string {
    return `${this.window} was to be verified by the program that asked for it, and this is another one. Captured events prove it`
  }
}

/** Somebody cancelled the window while it was worked on. */
export class WindowCancelled extends Schema.TaggedError<WindowCancelled>()("WindowCancelled", {}) {
  override get message(): string {
    return "somebody cancelled the window while it was worked on. Apply it again if it is wanted after all"
  }
}

/** A bug: something was thrown that is no error of anybody's. */
export class Defect extends Schema.TaggedError<Defect>()("Defect", { message: Schema.String }) {}

/** An error that is not known here, of a program that measures, say: what it says of itself. */
export class OtherError extends Schema.TaggedError<OtherError>()("OtherError", {
  /** Its own tag. */
  tag: Schema.String,
  message: Schema.String,
  /** What to do next, where the error has words of its own for it. */
  remedy: Schema.optional(Schema.String),
  correlationId: Schema.optional(Schema.String)
}) {}

/** Why a window has failed or does not get on. */
export const WindowError = Schema.Union(
  ...ProviderError.AnyProviderError.members,
  LogSource.UnreadableSource,
  LogSource.UnsupportedFormat,
  FieldPath.InvalidFieldPath,
  SequenceVerification.InvalidSequenceRange,
  Comparison.BaselineEmpty,
  RecordsError.RecordsApiAbsent,
  RecordsError.RecordsNotAvailable,
  RecordsError.RecordsNotConfigured,
  RecordsError.RecordsQueryFailed,
  RecordsError.RecordsQueryTimedOut,
  RecordsError.TooManyConversations,
  RecordsError.WindowNotOver,
  StateUnavailable,
  VerifierGone,
  WindowCancelled,
  Defect,
  OtherError
).annotations({ identifier: "WindowError" })

/** See {@link WindowError}. */
export type WindowError = typeof WindowError.Type

const isWindowError = Schema.is(WindowError)

const textAt = (error: unknown, key: string): string | undefined => {
  const value = Predicate.hasProperty(error, key) ? error[key] : undefined
  return typeof value === "string" && value !== "" ? value : undefined
}

/** Whatever was thrown, as an error of a window: itself where it is one. */
export const of = (thrown: unknown): WindowError => {
  if (isWindowError(thrown)) return thrown
  const tag = textAt(thrown, "_tag")
  const message = textAt(thrown, "message") ?? String(thrown)
  if (tag === undefined) return new Defect({ message })
  return new OtherError({
    tag,
    message,
    remedy: textAt(thrown, "remedy"),
    correlationId: textAt(thrown, "correlationId")
  })
}

/** An error in words, as documents tell it. */
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

/** See {@link ErrorSummary}. */
export interface ErrorSummary extends Schema.Schema.Type<typeof ErrorSummary> {}

/** The summary of an error, or of whatever else was thrown. */
export const summarize = (error: unknown): ErrorSummary => {
  const correlationId = textAt(error, "correlationId")
  const remedy = textAt(error, "remedy")
  return {
    tag: (error instanceof OtherError ? error.tag : textAt(error, "_tag")) ?? "Defect",
    message: textAt(error, "message") ?? String(error),
    ...(remedy === undefined ? {} : { remedy }),
    ...(correlationId === undefined ? {} : { correlationId })
  }
}

/** An error as documents have it. What is read from one is its summary only: an {@link OtherError}. */
export const InWords = Schema.transform(ErrorSummary, Schema.typeSchema(WindowError), {
  strict: true,
  decode: (summary) => new OtherError(summary),
  encode: summarize
})

/** The error as the audit trail keeps it. */
export const auditDetail = (error: WindowError) => {
  const { correlationId, message, tag } = summarize(error)
  return { tag, message, ...(correlationId === undefined ? {} : { correlation_id: correlationId }) }
}
