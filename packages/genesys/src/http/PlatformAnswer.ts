/** An answer of the platform in full, and the error that it means when it is not a success. */
import type { Headers } from "@effect/platform"
import { ProviderError, RetryPolicy } from "@genesys-replay/domain"
import { Data, Effect, Option, Redacted, Schema } from "effect"
import { ErrorBody } from "./ErrorBody.js"
import * as RetryAfter from "./RetryAfter.js"

/** Status, headers and the whole body of an answer. */
export interface PlatformAnswer {
  /** What was asked: `POST /api/v2/eventstreams`. */
  readonly operation: string
  readonly status: number
  readonly headers: Headers.Headers
  readonly text: string
}

/** 404: what was asked for is not there. The caller knows what that means to it. */
export class NoSuchEntity extends Data.TaggedError("NoSuchEntity")<{
  readonly operation: string
  readonly correlationId: string | undefined
  /** Whether an earlier try of the same call may have been processed, so that it was this call that removed it. */
  readonly afterUnknown: boolean
}> {}

/** 409: there is one of this name already. The caller knows what that means to it. */
export class NameTaken extends Data.TaggedError("NameTaken")<{
  readonly operation: string
  readonly correlationId: string | undefined
}> {}

/** What a call through the platform's client fails with. */
export type PlatformError = ProviderError.ProviderError | NoSuchEntity | NameTaken

const phrases: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout"
}

/** `429 Too Many Requests`; the number alone where the status has no common name. */
export const statusText = (status: number): string => [status, ...(phrases[status] ?? "").split(" ")].join(" ").trim()

/** The answer without `secret`, should the body of a refusal repeat it. Successes are left as they came. */
export const withhold = (answer: PlatformAnswer, secret: Redacted.Redacted): PlatformAnswer => {
  const hidden = Redacted.value(secret)
  if (hidden === "" || answer.status < 300) return answer
  return { ...answer, text: answer.text.replaceAll(hidden, "<withheld>") }
}

const decodeBody = Schema.decodeOption(Schema.parseJson(ErrorBody))
const nothingSaid: ErrorBody = { message: "", details: [], errors: [] }

/** The body as an error's, also where it is none: then nothing was said. */
const errorBody = (answer: PlatformAnswer): ErrorBody => Option.getOrElse(decodeBody(answer.text), () => nothingSaid)

/** The platform's id of the exchange: the header `ININ-Correlation-Id`, else `contextId` of an error's body. */
export const correlationId = (answer: PlatformAnswer): string | undefined => {
  const header = answer.headers["inin-correlation-id"]
  if (header !== undefined && header !== "") return header
  return answer.status < 300 ? undefined : errorBody(answer).contextId
}

/** `correlationId` as a field of an error: absent where there is none. */
export const cited = (id: string | undefined): { readonly correlationId?: string } =>
  id === undefined ? {} : { correlationId: id }

const detail = (entry: unknown): string => {
  if (typeof entry === "string") return entry
  if (typeof entry !== "object" || entry === null) return JSON.stringify(entry) ?? String(entry)
  const field = "fieldName" in entry && typeof entry.fieldName === "string" ? `${entry.fieldName}: ` : ""
  for (const key of ["message", "errorMessage", "errorCode"] as const) {
    const words = Reflect.get(entry, key)
    if (typeof words === "string") return `${field}${words}`
  }
  return JSON.stringify(entry)
}

/**
 * The failure that may pass, of a 429 or a 5xx that came at `now` (milliseconds since the epoch); none for another
 * status.
 */
export const transient = (answer: PlatformAnswer, now: number): Option.Option<RetryPolicy.TransientFailure> => {
  if (answer.status !== 429 && answer.status < 500) return Option.none()
  const passing = answer.status === 502 || answer.status === 503 || answer.status === 504
  return Option.some(
    new RetryPolicy.TransientFailure({
      kind: answer.status === 429 ? "limited" : passing ? "passing" : "broken",
      lastAnswer: statusText(answer.status),
      retryAfter: RetryAfter.parse(answer.headers["retry-after"], now),
      correlationId: correlationId(answer)
    })
  )
}

const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text)
const isJson = Schema.decodeUnknownOption(Schema.parseJson())

/**
 * The failure that may pass, of an answer whose JSON breaks off: it did not come whole, as when a connection is cut. None
 * for a body that is whole, and for one that never was JSON: asking again would not make it so.
 */
export const brokenOff = (answer: PlatformAnswer): Option.Option<RetryPolicy.TransientFailure> => {
  if (!looksLikeJson(answer.text) || Option.isSome(isJson(answer.text))) return Option.none()
  return Option.some(
    new RetryPolicy.TransientFailure({
      kind: "passing",
      lastAnswer: `${statusText(answer.status)}, its JSON breaks off`,
      retryAfter: Option.none(),
      correlationId: correlationId(answer)
    })
  )
}

const titleOf = (text: string): string => {
  const title = /<title[^>]*>\s*([^<]{1,80})/i.exec(text)?.[1]?.trim()
  return title === undefined ? "" : ` (${JSON.stringify(title)})`
}

/** What came where JSON was expected: its type, and the title of a page. None for JSON, and for no body. */
const otherThanJson = ({ headers, text }: PlatformAnswer): Option.Option<string> => {
  if (text.trim() === "" || looksLikeJson(text)) return Option.none()
  const type = headers["content-type"]?.split(";")[0]?.trim() ?? ""
  return Option.some(`${type === "" ? "something else" : type.slice(0, 80)}${titleOf(text)}`)
}

const inBetween = "Is a proxy or a login page in between, or the URL another one's?"

// Where a redirect leads to, without what it would carry there.
const locationOf = ({ headers }: PlatformAnswer): string => {
  const location = headers["location"]?.replace(/[?#].*$/s, "").slice(0, 200) ?? ""
  return location === "" ? "" : ` to ${location}`
}

/**
 * The error of an answer that cannot be the platform's: a redirect, which is not followed because a token would go with it, or
 * a success that is a page and no JSON. None for every other.
 */
export const misdirected = (answer: PlatformAnswer): Option.Option<ProviderError.AnswerUnreadable> => {
  const { operation, status } = answer
  const error = (reason: string) =>
    new ProviderError.AnswerUnreadable({
      operation,
      status,
      reason: `${reason}. ${inBetween}`,
      ...cited(correlationId(answer))
    })
  if (status >= 300 && status < 400) return Option.some(error(`it redirects${locationOf(answer)}`))
  if (status >= 300) return Option.none()
  return Option.map(otherThanJson(answer), (what) => error(`expected JSON, got ${what}`))
}

/**
 * The error that an answer below 500 means which is neither a success nor a 429. The platform's words, code, details and
 * correlation id are in it; `afterUnknown` is handed on to {@link NoSuchEntity}.
 */
export const refusal = (answer: PlatformAnswer, afterUnknown: boolean): PlatformError => {
  const { operation, status } = answer
  const body = errorBody(answer)
  const common = { operation, ...cited(correlationId(answer)) }
  if (status < 400) {
    return new ProviderError.AnswerUnreadable({ ...common, status, reason: "a status that the API does not document" })
  }
  if (status === 404) return new NoSuchEntity({ operation, correlationId: correlationId(answer), afterUnknown })
  if (status === 409) return new NameTaken({ operation, correlationId: correlationId(answer) })
  const page = Option.map(
    otherThanJson(answer),
    (what) => `${statusText(status)} with ${what} instead of JSON. ${inBetween}`
  )
  const reason = body.message === "" ? Option.getOrElse(page, () => statusText(status)) : body.message
  const fields = { ...common, status, reason, ...(body.code === undefined ? {} : { code: body.code }) }
  if (status === 401) return new ProviderError.NotAuthenticated(fields)
  if (status === 403) return new ProviderError.NotPermitted(fields)
  return new ProviderError.RequestRejected({ ...fields, details: [...body.details, ...body.errors].map(detail) })
}

/** A 404 or 409 where the API documents none: the base URL leads elsewhere. */
export const undocumented = (error: NoSuchEntity | NameTaken): ProviderError.RequestRejected => {
  const status = error._tag === "NoSuchEntity" ? 404 : 409
  return new ProviderError.RequestRejected({
    operation: error.operation,
    status,
    reason: `${statusText(status)}, which the platform API does not answer here`,
    details: [],
    remedy: "Check that GENESYS_ENV_URL is the platform API of the organization's region",
    ...cited(error.correlationId)
  })
}

/** The call with {@link undocumented} for 404 and 409. */
export const documented = <A, R>(
  call: Effect.Effect<A, PlatformError, R>
): Effect.Effect<A, ProviderError.ProviderError, R> =>
  Effect.catchTags(call, {
    NoSuchEntity: (error) => Effect.fail(undocumented(error)),
    NameTaken: (error) => Effect.fail(undocumented(error))
  })
