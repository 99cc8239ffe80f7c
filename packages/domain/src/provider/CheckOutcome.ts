/** What a check finds: how it is, in words, and what to do about it. Errors of every kind become outcomes here. */
import { Data, Duration, Option, Predicate, Schema } from "effect"
import type { Finding } from "../plan/Finding.js"
import * as ClockSkew from "../value/ClockSkew.js"
import { type ProviderError, remedies } from "./ProviderError.js"

/**
 * `ok`: as it should be. `warning`: a replay works, and something is worth a look. `failed`: something is missing or wrong, or did not
 * answer. `skipped`: not asked, as the detail says why.
 */
export const CheckStatus = Schema.Literal("ok", "warning", "failed", "skipped").annotations({
  identifier: "CheckStatus"
})

export type CheckStatus = typeof CheckStatus.Type

/** What was found. */
export interface CheckOutcome {
  readonly status: CheckStatus
  /** What was found, or why nothing was asked. */
  readonly detail: string
  /** What to do about it; null where there is nothing to do. */
  readonly remedy: string | null
  /** Whether whoever was asked gave an answer, or nobody had to be asked. */
  readonly isAnswered: boolean
}

const outcome =
  (status: CheckStatus, isAnswered = true) =>
  (detail: string, remedy: string | null = null): CheckOutcome => ({ status, detail, remedy, isAnswered })

/** As it should be. */
export const ok = outcome("ok")
/** Worth a look. */
export const warning = outcome("warning")
/** Missing or wrong. */
export const failed = outcome("failed")
/** Not asked. */
export const skipped = outcome("skipped", false)
/** Asked, without an answer. */
export const unanswered = outcome("failed", false)

/** What a check builds on is not there, so that it does not ask. */
export class Skipped extends Data.TaggedError("Skipped")<{
  readonly reason: string
  readonly remedy: string | null
}> {
  override get message(): string {
    return this.reason
  }
}

/** A question had no answer in its time. */
export class NoAnswer extends Data.TaggedError("NoAnswer")<{ readonly limit: Duration.Duration }> {
  override get message(): string {
    return `no answer within ${Duration.format(this.limit)}`
  }
}

/** An error that says what happened and, perhaps, what to do. */
export interface Told {
  readonly _tag: string
  readonly message: string
}

const look = "Check the network, the URL and the proxy of the environment"

const ask = "Ask the provider's support what it means, with this text"

const said = (error: { readonly operation: string; readonly correlationId?: string | undefined }, words: string) =>
  `${error.operation}: ${words}${error.correlationId === undefined ? "" : ` (correlation id ${error.correlationId})`}`

const ofProvider = (error: ProviderError): CheckOutcome => {
  switch (error._tag) {
    case "RequestRejected":
      return failed(said(error, [`${error.status} ${error.reason}`, ...error.details].join("; ")), error.remedy ?? ask)
    case "NotAuthenticated":
      return failed(
        said(error, `not authenticated (${error.status}): ${error.reason}`),
        error.remedy ?? remedies.NotAuthenticated
      )
    case "NotPermitted":
      return failed(
        said(error, `not permitted (${error.status}): ${error.reason}`),
        error.remedy ?? remedies.NotPermitted
      )
    case "RateLimited":
      return unanswered(said(error, `rate limited, ${error.lastAnswer}`), "Look again in a minute")
    case "ProviderUnavailable":
      return unanswered(said(error, error.lastAnswer), look)
    case "CertificateRejected":
      return unanswered(`${error.operation}: the certificate cannot be verified (${error.code})`, error.remedy)
    case "AnswerUnreadable":
      return failed(said(error, `the answer (${error.status}) cannot be read: ${error.reason}`), look)
  }
}

const providerTags: ReadonlyArray<string> = [
  "RequestRejected",
  "NotAuthenticated",
  "NotPermitted",
  "RateLimited",
  "ProviderUnavailable",
  "CertificateRejected",
  "AnswerUnreadable"
] satisfies ReadonlyArray<ProviderError["_tag"]>

const isOfProvider = (error: Told): error is ProviderError => providerTags.includes(error._tag)

/** A heading and its list, as errors with several problems have them, in one line. */
const inOneLine = (text: string): string => {
  const [first = "", ...rest] = text.split("\n").map((line) => line.replace(/^- /, ""))
  return [first, rest.join("; ")].join(" ").trim()
}

/** What to do about an environment that does not do. */
export const correctEnvironment = "Correct the variables of the environment, or unset them"

/** What an error says as the outcome of a check. */
export const ofError = (error: Told): CheckOutcome => {
  if (error instanceof Skipped) return skipped(error.reason, error.remedy)
  if (error instanceof NoAnswer) return unanswered(error.message, look)
  if (isOfProvider(error)) return ofProvider(error)
  const remedy = Predicate.hasProperty(error, "remedy") && Predicate.isString(error.remedy) ? error.remedy : null
  return failed(inOneLine(error.message), remedy)
}

const mostTold = 3

/** Several things that were found, as one text: the first ones, and how many more there are. */
export const together = (found: ReadonlyArray<string>): string =>
  [...found.slice(0, mostTold), ...(found.length > mostTold ? [`and ${found.length - mostTold} more`] : [])].join("; ")

/** The worst of several outcomes, told together; `otherwise` where all are ok, or there are none. */
export const worst = (outcomes: ReadonlyArray<CheckOutcome>, otherwise: CheckOutcome): CheckOutcome => {
  for (const status of ["failed", "warning", "skipped"] as const) {
    const found = outcomes.filter((one) => one.status === status)
    if (found.length === 0) continue
    const [remedy = null] = found.flatMap((one) => (one.remedy === null ? [] : [one.remedy]))
    return {
      status,
      detail: together(found.map(({ detail }) => detail)),
      remedy,
      isAnswered: found.some(({ isAnswered }) => isAnswered)
    }
  }
  return otherwise
}

/** What findings about windows say: their errors, else their warnings, else `detail`. `remedy` goes with both. */
export const ofFindings = (findings: ReadonlyArray<Finding>, detail: string, remedy: string): CheckOutcome =>
  worst(
    findings.map(({ message, severity, window }) =>
      (severity === "error" ? failed : warning)(`${window}: ${message}`, remedy)
    ),
    ok(detail)
  )

/** What the skew of this machine's clock against that of `server` says, in milliseconds; none where no answer told the time. */
export const ofClock = (server: string, skew: Option.Option<number>): CheckOutcome =>
  Option.match(skew, {
    onNone: () => skipped(`no answer of ${server} had a date`),
    onSome: (millis) =>
      ClockSkew.isNoteworthy(millis)
        ? warning(ClockSkew.describe(millis, server), "Set the clock of this machine")
        : ok(`agrees with that of ${server}`)
  })
