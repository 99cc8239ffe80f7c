/**
 * A check of the surroundings: whether something that a replay needs is there and right. A check changes nothing and never fails: what
 * it found, also that it could not ask, is its result.
 */
import { Cause, Data, Duration, Effect, Option, Predicate, Schema, Stream } from "effect"
import type { Finding } from "../plan/Finding.js"
import * as ClockSkew from "../value/ClockSkew.js"
import type { ProviderError } from "./ProviderError.js"

/**
 * `ok`: as it should be. `warning`: a replay works, and something is worth a look. `failed`: something is missing or wrong, or did not
 * answer. `skipped`: not asked, as the detail says why.
 */
export const CheckStatus = Schema.Literal("ok", "warning", "failed", "skipped").annotations({
  identifier: "CheckStatus"
})

/** See {@link CheckStatus}. */
export type CheckStatus = typeof CheckStatus.Type

/** Whom a check asks: this machine and what it keeps, Genesys Cloud, or AWS. */
export const CheckArea = Schema.Literal("local", "genesys", "aws").annotations({ identifier: "CheckArea" })

/** See {@link CheckArea}. */
export type CheckArea = typeof CheckArea.Type

/** What a check found. */
export const CheckResult = Schema.Struct({
  /** The name of the check, which no other check has: `genesys-token`. */
  check: Schema.String,
  area: CheckArea,
  status: CheckStatus,
  /** What was found, or why nothing was asked. */
  detail: Schema.String,
  /** What to do about it; null where there is nothing to do. */
  remedy: Schema.NullOr(Schema.String)
}).annotations({ identifier: "CheckResult" })

/** See {@link CheckResult}. */
export type CheckResult = typeof CheckResult.Type

/** The results of a run. Its encoded side is the document that tells them to other programs. */
export const CheckReport = Schema.Struct({ checks: Schema.Array(CheckResult) }).annotations({
  identifier: "CheckReport"
})

/** What there is to say, before it is known which check says it. */
export type Outcome = Pick<CheckResult, "status" | "detail" | "remedy"> & {
  /** Whether whoever was asked gave an answer, or nobody had to be asked. */
  readonly isAnswered: boolean
}

const outcome =
  (status: CheckStatus, isAnswered = true) =>
  (detail: string, remedy: string | null = null): Outcome => ({ status, detail, remedy, isAnswered })

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

const ofProvider = (error: ProviderError): Outcome => {
  switch (error._tag) {
    case "RequestRejected":
      return failed(said(error, [`${error.status} ${error.reason}`, ...error.details].join("; ")), error.remedy ?? ask)
    case "NotAuthenticated":
      return failed(
        said(error, `not authenticated (${error.status}): ${error.reason}`),
        error.remedy ?? "Check GENESYS_CLIENT_ID, the secret and GENESYS_LOGIN_URL"
      )
    case "NotPermitted":
      return failed(
        said(error, `not permitted (${error.status}): ${error.reason}`),
        error.remedy ?? "Give the OAuth client a role that has the permission"
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

/** What an error says as the outcome of a check. */
export const ofError = (error: Told): Outcome => {
  if (error instanceof Skipped) return skipped(error.reason, error.remedy)
  if (error instanceof NoAnswer) return unanswered(error.message, look)
  if (isOfProvider(error)) return ofProvider(error)
  const remedy = Predicate.hasProperty(error, "remedy") && Predicate.isString(error.remedy) ? error.remedy : null
  return failed(error.message, remedy)
}

const mostTold = 3

/** Several things that were found, as one text: the first ones, and how many more there are. */
export const together = (found: ReadonlyArray<string>): string =>
  [...found.slice(0, mostTold), ...(found.length > mostTold ? [`and ${found.length - mostTold} more`] : [])].join("; ")

/** The worst of several outcomes, told together; `otherwise` where all are ok, or there are none. */
export const worst = (outcomes: ReadonlyArray<Outcome>, otherwise: Outcome): Outcome => {
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
export const ofFindings = (findings: ReadonlyArray<Finding>, detail: string, remedy: string): Outcome =>
  worst(
    findings.map(({ message, severity, window }) =>
      (severity === "error" ? failed : warning)(`${window}: ${message}`, remedy)
    ),
    ok(detail)
  )

/** What the skew of this machine's clock against that of `server` says, in milliseconds; none where no answer told the time. */
export const ofClock = (server: string, skew: Option.Option<number>): Outcome =>
  Option.match(skew, {
    onNone: () => skipped(`no answer of ${server} had a date`),
    onSome: (millis) =>
      ClockSkew.isNoteworthy(millis)
        ? warning(ClockSkew.describe(millis, server), "Set the clock of this machine")
        : ok(`agrees with that of ${server}`)
  })

/** How long a question may take, unless told. */
export const limit = Duration.seconds(10)

const limited =
  (within: Duration.Duration) =>
  <A, E, R>(ask: Effect.Effect<A, E, R>): Effect.Effect<A, E | NoAnswer, R> =>
    Effect.timeoutFail(ask, { duration: within, onTimeout: () => new NoAnswer({ limit: within }) })

/** A question that several checks build on: it is asked once, by the first of them, and all get its answer. */
export const question = <A, E, R>(
  ask: Effect.Effect<A, E, R>,
  within: Duration.Duration = limit
): Effect.Effect<Effect.Effect<A, E | NoAnswer, R>> => Effect.cached(limited(within)(ask))

/**
 * The answer to a question that another check asks: without it (`a token`) those that build on it are skipped. What to do about it, that
 * other check says.
 */
export const answered =
  (what: string) =>
  <A, E, R>(question: Effect.Effect<A, E, R>): Effect.Effect<A, Skipped, R> =>
    Effect.mapError(question, (error) =>
      error instanceof Skipped && error.remedy === null
        ? error
        : new Skipped({ reason: `not asked without ${what}`, remedy: null })
    )

/** A check, and how it is run. */
export interface HealthCheck<R = never> {
  readonly check: string
  readonly area: CheckArea
  readonly outcome: Effect.Effect<Outcome, never, R>
}

/** What makes a check. */
export interface Definition<A, E, R, E2, R2> {
  readonly check: string
  readonly area: CheckArea
  /** What it builds on: questions, which have limits of their own. */
  readonly needs: Effect.Effect<A, E, R>
  /** What it asks then, within {@link limit}. */
  readonly ask: (needed: A) => Effect.Effect<Outcome, E2, R2>
}

const ofCause = (cause: Cause.Cause<Told>): Effect.Effect<Outcome> => {
  if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
  const failure = Cause.failureOption(cause)
  return Effect.succeed(
    failure._tag === "Some"
      ? ofError(failure.value)
      : unanswered(`the check broke: ${Cause.squash(cause)}`, "This is a bug: report it with this text")
  )
}

/** A check. Errors, also of what it builds on, become its outcome. */
export const make = <A, E extends Told, R, E2 extends Told, R2>({
  area,
  ask,
  check,
  needs
}: Definition<A, E, R, E2, R2>): HealthCheck<R | R2> => ({
  check,
  area,
  outcome: needs.pipe(
    Effect.flatMap((needed) => limited(limit)(ask(needed))),
    Effect.catchAllCause(ofCause),
    Effect.withSpan(`HealthCheck ${check}`)
  )
})

/** What a check found, and whether anybody answered. */
export type Concluded = CheckResult & Pick<Outcome, "isAnswered">

const concurrency = 8

/** Runs the checks side by side, at most eight at a time. The results come in the order in which they end. */
export const run = <R>(checks: ReadonlyArray<HealthCheck<R>>): Stream.Stream<Concluded, never, R> =>
  Stream.fromIterable(checks).pipe(
    Stream.mapEffect(
      ({ area, check, outcome }) => Effect.map(outcome, (found): Concluded => ({ check, area, ...found })),
      { concurrency, unordered: true }
    )
  )

/** What a run comes to. */
export type Verdict = "ok" | "failed" | "unasked"

/**
 * `failed` where a check failed; `unasked` where nobody that this machine has to ask over the network gave an answer, and nothing of
 * this machine failed; else `ok`.
 */
export const verdict = (results: ReadonlyArray<Concluded>): Verdict => {
  const failures = results.filter(({ status }) => status === "failed")
  if (failures.some(({ isAnswered }) => isAnswered)) return "failed"
  if (!results.some(({ area, isAnswered }) => area !== "local" && isAnswered)) return "unasked"
  return failures.length > 0 ? "failed" : "ok"
}
