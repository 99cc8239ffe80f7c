/**
 * What a failed call to EventBridge means: each documented exception is one error of the domain.
 *
 * Source: AWS, EventBridge API reference, "Errors" of each action and "Common Errors". What comes from the SDK keeps the
 * exception's name in `_tag` where the service's model knows it, else in `__type`.
 */
import { CertificateFailure, ProviderError, RetryPolicy } from "@genesys-replay/domain"
import { Data, Option, Predicate } from "effect"

/** A refusal that means something particular to the one who asked. */
export class AwsException extends Data.TaggedError("AwsException")<{
  /** What was asked: `events:StartReplay`. */
  readonly operation: string
  readonly code:
    | "ResourceNotFoundException"
    | "ResourceAlreadyExistsException"
    | "LimitExceededException"
    | "IllegalStatusException"
  readonly status: number
  readonly reason: string
  readonly correlationId: string | undefined
}> {}

/** What one try of a call fails with. */
export type AwsError = ProviderError.ProviderError | AwsException | RetryPolicy.TransientFailure

const particular = [
  "ResourceNotFoundException",
  "ResourceAlreadyExistsException",
  "LimitExceededException",
  "IllegalStatusException"
] as const

// The codes that AWS's SDKs take for throttling, in their standard retry mode.
const throttling = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException"
])

const denied = new Set(["AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation"])

const unauthenticated = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "IncompleteSignatureException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "OptInRequired",
  "RequestExpired",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException"
])

// Answers to a request that another one was in the way of: the same request may work next time.
const passing = new Set(["ConcurrentModificationException", "RequestTimeout", "RequestTimeoutException"])

const remedies = {
  credentials:
    "Check the credentials that the AWS SDK finds (aws sts get-caller-identity shows whose they are), and this machine's clock",
  none: "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached"
}

const textAt = (error: unknown, key: string): string | undefined => {
  const value = Predicate.hasProperty(error, key) ? error[key] : undefined
  return Predicate.isString(value) && value !== "" ? value : undefined
}

const metadata = (error: unknown): unknown =>
  Predicate.hasProperty(error, "$metadata") ? error["$metadata"] : undefined

const statusOf = (error: unknown): number | undefined => {
  const fields = metadata(error)
  return Predicate.hasProperty(fields, "httpStatusCode") && Predicate.isNumber(fields.httpStatusCode)
    ? fields.httpStatusCode
    : undefined
}

/** AWS's id of the exchange: of an output, or of an error. */
export const requestId = (answer: unknown): string | undefined => textAt(metadata(answer), "requestId")

const codeOf = (error: unknown): string | undefined => {
  const code = textAt(error, "__type")?.split("#").at(-1) ?? textAt(error, "_tag")
  return code === "SdkError" ? undefined : code
}

// The first line is what happened. What may follow, the canonical form of a request, has its session token in it.
const reasonOf = (error: unknown, otherwise: string): string =>
  /^[^\n]*/.exec(textAt(error, "message") ?? otherwise)?.[0].replace(/\.$/, "") ?? otherwise

const cited = (id: string | undefined): { readonly correlationId?: string } =>
  id === undefined ? {} : { correlationId: id }

const passes = (kind: "limited" | "passing", lastAnswer: string, correlationId?: string) =>
  new RetryPolicy.TransientFailure({ kind, lastAnswer, retryAfter: Option.none(), correlationId })

/** No answer in time. */
export const timedOut = (seconds: number): RetryPolicy.TransientFailure =>
  passes("passing", `no answer within ${seconds} s`)

/** No status: nothing came from AWS. */
const unanswered = (operation: string, error: unknown): AwsError => {
  const reason = reasonOf(error, "no reason given")
  // What the chain of credential providers says when it is at its end has this mark, whatever its words.
  if (Predicate.hasProperty(error, "tryNextLink") || /\bcredentials\b/i.test(reason)) {
    return new ProviderError.NotAuthenticated({ operation, status: 401, reason, remedy: remedies.none })
  }
  return Option.match(CertificateFailure.codeOf(error), {
    onNone: () => passes("passing", `connection failed (${reason})`),
    onSome: (code) => new ProviderError.CertificateRejected({ operation, code })
  })
}

/** A success that is not what the API documents. */
const unreadable = (operation: string, status: number, error: unknown): AwsError => {
  const reason = reasonOf(error, "no reason given")
  if (/unexpected token '?</i.test(reason)) {
    return new ProviderError.AnswerUnreadable({
      operation,
      status,
      reason: "expected JSON, got a page. Is a proxy or a login page in between?",
      ...cited(requestId(error))
    })
  }
  const brokenOff = textAt(error, "code") !== undefined || /unterminated|unexpected end|expected .* after/i.test(reason)
  return brokenOff
    ? passes("passing", `${status}, its JSON breaks off`, requestId(error))
    : new ProviderError.AnswerUnreadable({ operation, status, reason, ...cited(requestId(error)) })
}

/** What `error`, with which a call of `operation` (`events:StartReplay`) failed, means. */
export const of = (operation: string, error: unknown): AwsError => {
  const status = statusOf(error)
  const correlationId = requestId(error)
  if (status === undefined) return unanswered(operation, error)
  if (status < 300) return unreadable(operation, status, error)
  if (status < 400) {
    const reason = "it redirects, which AWS does not. Is a proxy or a login page in between?"
    return new ProviderError.AnswerUnreadable({ operation, status, reason, ...cited(correlationId) })
  }
  const code = codeOf(error)
  const answer = [status, code ?? ""].join(" ").trim()
  if (status === 429 || throttling.has(code ?? "")) return passes("limited", answer, correlationId)
  if (status >= 500 || passing.has(code ?? "")) return passes("passing", answer, correlationId)
  const reason = reasonOf(error, answer)
  const fields = { operation, status, reason, ...cited(correlationId), ...(code === undefined ? {} : { code }) }
  if (denied.has(code ?? "") || (code === undefined && status === 403)) {
    const action = /not authorized to perform: ([\w-]+:[\w*]+)/.exec(reason)?.[1] ?? operation
    return new ProviderError.NotPermitted({ ...fields, remedy: `Allow the IAM action ${action} to these credentials` })
  }
  if (unauthenticated.has(code ?? "") || status === 401) {
    return new ProviderError.NotAuthenticated({ ...fields, remedy: remedies.credentials })
  }
  const known = particular.find((name) => name === code)
  return known === undefined
    ? new ProviderError.RequestRejected({ ...fields, details: [] })
    : new AwsException({ operation, code: known, status, reason, correlationId })
}

/** Whether a code, also that of one entry of a request, says that there were too many requests. */
export const isThrottling = (code: string | undefined): boolean => code !== undefined && throttling.has(code)

/** The exception as a plain refusal, where it means nothing particular. */
export const rejected = ({
  code,
  correlationId,
  operation,
  reason,
  status
}: AwsException): ProviderError.RequestRejected =>
  new ProviderError.RequestRejected({ operation, status, code, reason, details: [], ...cited(correlationId) })
