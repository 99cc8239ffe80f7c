/**
 * A check of the surroundings: whether something that a replay needs is there and right. A check changes nothing and never fails: what
 * it found, also that it could not ask, is its result.
 */
import { Cause, Duration, Effect, Schema, Stream } from "effect"
import { type CheckOutcome, CheckStatus, NoAnswer, ofError, Skipped, type Told, unanswered } from "./CheckOutcome.js"

/** Whom a check asks: this machine and what it keeps, Genesys Cloud, or AWS. */
export const CheckArea = Schema.Literal("local", "genesys", "aws").annotations({ identifier: "CheckArea" })

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

export interface CheckResult extends Schema.Schema.Type<typeof CheckResult> {}

/** The results of a run. Its encoded side is the document that tells them to other programs. */
export const CheckReport = Schema.Struct({ checks: Schema.Array(CheckResult) }).annotations({
  identifier: "CheckReport"
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
  readonly outcome: Effect.Effect<CheckOutcome, never, R>
}

/** What makes a check. */
export interface Definition<A, E, R, E2, R2> {
  readonly check: string
  readonly area: CheckArea
  /** What it builds on: questions, which have limits of their own. */
  readonly needs: Effect.Effect<A, E, R>
  /** What it asks then, within {@link limit}. */
  readonly ask: (needed: A) => Effect.Effect<CheckOutcome, E2, R2>
  /** What to do about what is found, where that does not say it itself. */
  readonly remedy?: string
}

const ofCause = (cause: Cause.Cause<Told>): Effect.Effect<CheckOutcome> => {
  if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
  const failure = Cause.failureOption(cause)
  return Effect.succeed(
    failure._tag === "Some"
      ? ofError(failure.value)
      : unanswered(`the check broke: ${Cause.squash(cause)}`, "This is a bug: report it with this text")
  )
}

const advised = (outcome: CheckOutcome, remedy: string | undefined): CheckOutcome =>
  outcome.remedy === null && (outcome.status === "failed" || outcome.status === "warning")
    ? { ...outcome, remedy: remedy ?? null }
    : outcome

/** A check. Errors, also of what it builds on, become its outcome. */
export const make = <A, E extends Told, R, E2 extends Told, R2>({
  area,
  ask,
  check,
  needs,
  remedy
}: Definition<A, E, R, E2, R2>): HealthCheck<R | R2> => ({
  check,
  area,
  outcome: needs.pipe(
    Effect.flatMap((needed) => limited(limit)(ask(needed))),
    Effect.catchAllCause(ofCause),
    Effect.map((outcome) => advised(outcome, remedy)),
    Effect.withSpan(`HealthCheck ${check}`)
  )
})

/** What a check found, and whether anybody answered. */
export type Concluded = CheckResult & Pick<CheckOutcome, "isAnswered">

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
