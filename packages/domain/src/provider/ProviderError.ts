/** What can go wrong between this program and a replay provider: one error for each thing that a caller can do something different about. */
import { Schema } from "effect"
import { Finding } from "../plan/Finding.js"
import * as CertificateFailure from "../value/CertificateFailure.js"
import { counted } from "../value/Plural.js"

const answer = {
  /** What was asked: `POST /api/v2/eventstreams`. */
  operation: Schema.String,
  /** The provider's own id of the exchange, to quote to its support (`ININ-Correlation-Id`). */
  correlationId: Schema.optional(Schema.String)
}

const refusal = {
  ...answer,
  /** HTTP status. */
  status: Schema.Number,
  /** The provider's error code. */
  code: Schema.optional(Schema.String),
  /** The provider's own words. */
  reason: Schema.String
}

const remediable = {
  ...refusal,
  /** What to do about it, where that is another thing than usually. */
  remedy: Schema.optional(Schema.String)
}

const exhausted = {
  ...answer,
  /** How many requests were sent. */
  attempts: Schema.Number,
  /** From the first request to giving up, in milliseconds. */
  elapsedMs: Schema.Number,
  /** The last answer in words: `429 Too Many Requests`, `connection refused`. */
  lastAnswer: Schema.String
}

const cited = (error: { readonly correlationId?: string | undefined }): string =>
  error.correlationId === undefined ? "" : ` (correlation id ${error.correlationId})`

const tried = (error: { readonly attempts: number; readonly elapsedMs: number }): string =>
  `${counted(error.attempts, "attempt")} over ${(error.elapsedMs / 1_000).toFixed(1)} s`

/** What to do about refusals of Genesys Cloud; errors of other providers name their own remedies. */
export const remedies = {
  NotAuthenticated: "Check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and GENESYS_LOGIN_URL",
  NotPermitted: "Give the OAuth client a role that has the permission"
} as const

/** 400: the provider does not accept what was sent. Change the request; the same one is refused again. */
export class RequestRejected extends Schema.TaggedError<RequestRejected>()("RequestRejected", {
  ...remediable,
  /** The provider's details, one for each field. */
  details: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const details = this.details.length === 0 ? "" : `: ${this.details.join("; ")}`
    const remedy = this.remedy === undefined ? "" : `. ${this.remedy}`
    return `${this.operation} was rejected (${this.status}): ${this.reason}${details}${cited(this)}${remedy}`
  }
}

/** 401, also with a renewed token; or the OAuth server refused the client, or AWS the credentials. Check them. */
export class NotAuthenticated extends Schema.TaggedError<NotAuthenticated>()("NotAuthenticated", remediable) {
  override get message(): string {
    return `${this.operation}: not authenticated (${this.status}): ${this.reason}${cited(this)}. ${this.remedy ?? remedies.NotAuthenticated}`
  }
}

/** 403: authenticated, but not allowed. Give the OAuth client a role with the missing permission, or the IAM identity the missing action. */
export class NotPermitted extends Schema.TaggedError<NotPermitted>()("NotPermitted", remediable) {
  override get message(): string {
    return `${this.operation}: not permitted (${this.status}): ${this.reason}${cited(this)}. ${this.remedy ?? remedies.NotPermitted}`
  }
}

/** 409: another replay has this name, with another payload. Choose another name; with Genesys Cloud, cancelling that replay frees it too. */
export class ReplayConflict extends Schema.TaggedError<ReplayConflict>()("ReplayConflict", {
  ...answer,
  name: Schema.String,
  /** The id of the replay that has the name, where it is known. */
  id: Schema.optional(Schema.String),
  /** In which fields the two differ; empty where the other one could not be read. */
  differences: Schema.Array(Schema.Struct({ path: Schema.String, wanted: Schema.Unknown, found: Schema.Unknown })),
  /** What to do about it, where cancelling the other one does not free the name. */
  remedy: Schema.optional(Schema.String)
}) {
  override get message(): string {
    const fields = this.differences.map(
      ({ found, path, wanted }) => `${path} (wanted ${JSON.stringify(wanted)}, found ${JSON.stringify(found ?? null)})`
    )
    const where = this.id === undefined ? "" : ` (id ${this.id})`
    const how = fields.length === 0 ? "" : `. It differs in ${fields.join(", ")}`
    return `a replay named ${JSON.stringify(this.name)} exists already${where}${how}${cited(this)}. ${this.remedy ?? "Choose another name, or cancel that replay"}`
  }
}

/**
 * The provider could not replay the window as it is asked for, as findings say: nothing was started. Correct the window, or
 * let it replay what there is (`partial`).
 */
export class ReplayRefused extends Schema.TaggedError<ReplayRefused>()("ReplayRefused", {
  ...answer,
  name: Schema.String,
  /** Errors, and the warnings beside them. */
  findings: Schema.Array(Finding)
}) {
  /** The errors; one a line where there are several. */
  override get message(): string {
    const errors = this.findings
      .filter(({ severity }) => severity === "error")
      .map(({ code, message }) => `${message} [${code}]`)
    return `nothing was started for ${JSON.stringify(this.name)}:${errors.length === 1 ? ` ${errors[0]}` : errors.map((error) => `\n- ${error}`).join("")}`
  }
}

/** 404: there is no replay with this id. */
export class ReplayNotFound extends Schema.TaggedError<ReplayNotFound>()("ReplayNotFound", {
  ...answer,
  id: Schema.String
}) {
  override get message(): string {
    return `there is no replay with id ${JSON.stringify(this.id)}${cited(this)}`
  }
}

/** 429 to the last try. Wait, or ask for fewer at a time. */
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", {
  ...exhausted,
  /** What the provider asked to wait, in seconds. */
  retryAfterSeconds: Schema.optional(Schema.Number),
  /** The instant until which it asks to wait, ISO 8601. */
  retryAt: Schema.optional(Schema.String)
}) {
  override get message(): string {
    const until = this.retryAt === undefined ? "" : `, until ${this.retryAt.slice(0, 19)}Z`
    const wait = this.retryAfterSeconds === undefined ? "" : `; it asks to wait ${this.retryAfterSeconds} s${until}`
    return `${this.operation}: rate limited, gave up after ${tried(this)}, last answer ${this.lastAnswer}${wait}${cited(this)}. Try again later, or lower --concurrency`
  }
}

/** No usable answer: the network, a time-out, 5xx, to the last try. The outcome of a submission is then unknown; submitting the same window again is safe. */
export class ProviderUnavailable extends Schema.TaggedError<ProviderUnavailable>()("ProviderUnavailable", exhausted) {
  override get message(): string {
    return `${this.operation}: unavailable, gave up after ${tried(this)}, last answer ${this.lastAnswer}${cited(this)}. Run the same command again: a window is never submitted twice`
  }
}

/** The certificate of the server, or of a proxy before it, cannot be verified: nothing was sent. Trust its authority, or correct the URL. */
export class CertificateRejected extends Schema.TaggedError<CertificateRejected>()("CertificateRejected", {
  operation: Schema.String,
  /** What Node.js calls the reason: `SELF_SIGNED_CERT_IN_CHAIN`. */
  code: Schema.String
}) {
  /** What to do about it. */
  get remedy(): string {
    return CertificateFailure.remedyOf(this.code)
  }
  override get message(): string {
    return `${this.operation}: the certificate cannot be verified (${this.code}): nothing was sent. ${this.remedy}`
  }
}

/** An answer that is not of the documented shape. */
export class AnswerUnreadable extends Schema.TaggedError<AnswerUnreadable>()("AnswerUnreadable", {
  ...answer,
  status: Schema.Number,
  /** What was expected and what came. */
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.operation}: the answer (${this.status}) could not be read: ${this.reason}${cited(this)}`
  }
}

/** What every call can fail with. */
export type ProviderError =
  | RequestRejected
  | NotAuthenticated
  | NotPermitted
  | RateLimited
  | ProviderUnavailable
  | CertificateRejected
  | AnswerUnreadable

/** What a submission can fail with. */
export type SubmissionError = ProviderError | ReplayConflict | ReplayRefused

/** {@link ProviderError}, a conflict, a refusal or an unknown id: every error that a provider has, to be kept and read again. */
export const AnyProviderError = Schema.Union(
  RequestRejected,
  NotAuthenticated,
  NotPermitted,
  RateLimited,
  ProviderUnavailable,
  CertificateRejected,
  AnswerUnreadable,
  ReplayConflict,
  ReplayRefused,
  ReplayNotFound
).annotations({ identifier: "AnyProviderError" })

/** See {@link AnyProviderError}. */
export type AnyProviderError = SubmissionError | ReplayNotFound
