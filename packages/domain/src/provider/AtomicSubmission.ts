/**
 * At most one replay for a window, whatever happens on the way: every provider submits by this rule.
 *
 * One request starts the replay. Where its outcome is unknown, as no answer came, the name is looked up: what stands under it with the
 * same payload is adopted, and only where nothing stands may the request be sent again. Source: contracts of both providers, which keep
 * a name unique (Genesys Cloud: 409; EventBridge: `ResourceAlreadyExistsException`) and answer what stands under one.
 */
import { Data, Effect, Option } from "effect"
import { type ProviderError, ProviderUnavailable, ReplayConflict } from "./ProviderError.js"
import type { Replay } from "./Replay.js"
import type { Submission } from "./ReplayProvider.js"
import * as RetryPolicy from "./RetryPolicy.js"
import type { StandingReplay } from "./StandingReplay.js"

interface Cited {
  /** The provider's id of the exchange, where there is one. */
  readonly correlationId: string | undefined
}

/** What one request came to. */
export type Answer = Data.TaggedEnum<{
  /** It made the replay. */
  Created: Cited & { readonly replay: Replay }
  /** A replay of this name stands already, whoever made it. Nothing was made. */
  NameTaken: Cited
  /** Nobody knows whether it made the replay: no answer, a 5xx, or a success that cannot be read. `lastAnswer` says which, in words. */
  Unknown: Cited & { readonly lastAnswer: string }
}>

/** Makes answers: `Answer.Created({ replay, correlationId })`. */
export const Answer = Data.taggedEnum<Answer>()

/** What is submitted, and how. */
export interface Request<E> {
  /** What errors call it: `POST /api/v2/eventstreams`. */
  readonly operation: string
  /** The name under which the provider keeps the replay. */
  readonly name: string
  /** How often, and how slowly, it is tried again. */
  readonly policy: RetryPolicy.RetryPolicy
  /** What a person does about a name that is taken, where cancelling the other replay does not free it. */
  readonly remedy?: string | undefined
  /** Sends the request once. `TransientFailure` where it was certainly not processed; any other error ends the submission. */
  readonly send: Effect.Effect<Answer, E | RetryPolicy.TransientFailure>
  /** The replay that stands under the name: one with the same payload where there is one. Has its own retries. */
  readonly lookUp: Effect.Effect<Option.Option<StandingReplay>, ProviderError>
}

/** The name is taken: by `standing` where that is known. */
export const conflict = (
  { name, operation, remedy }: Pick<Request<never>, "name" | "operation" | "remedy">,
  standing: Option.Option<StandingReplay>,
  correlationId?: string | undefined
): ReplayConflict =>
  new ReplayConflict({
    operation,
    name,
    ...Option.match(standing, {
      onNone: () => ({ differences: [] }),
      onSome: ({ differences, replay }) => ({ id: replay.id, differences })
    }),
    ...(remedy === undefined ? {} : { remedy }),
    ...(correlationId === undefined ? {} : { correlationId })
  })

/** The submission that found `standing`: it is the window's own, or {@link conflict}. */
export const found = (
  request: Pick<Request<never>, "name" | "operation" | "remedy">,
  standing: StandingReplay,
  outcome: "adopted" | "unchanged",
  correlationId?: string | undefined
): Effect.Effect<Submission, ReplayConflict> =>
  standing.differences.length === 0
    ? Effect.succeed({ outcome, replay: standing.replay, correlationId })
    : Effect.fail(conflict(request, Option.some(standing), correlationId))

/** A look-up that found no answer, as the failure of the submission that it belongs to. */
const lookUpFailed =
  (operation: string, sent: number) =>
  (error: ProviderError): ProviderError =>
    error._tag === "ProviderUnavailable"
      ? new ProviderUnavailable({ ...error, operation, attempts: sent + error.attempts })
      : error

const once = <E>(request: Request<E>, past: RetryPolicy.Past) =>
  Effect.gen(function* () {
    const { lookUp, name, operation, send } = request
    const answer = yield* send
    const { correlationId } = answer
    if (answer._tag === "Created") {
      return { outcome: "created", replay: answer.replay, correlationId } satisfies Submission
    }
    if (answer._tag === "NameTaken") {
      const standing = yield* lookUp
      if (Option.isNone(standing)) return yield* conflict(request, standing, correlationId)
      // An earlier request whose answer was lost may have made it after the look-up.
      return yield* found(request, standing.value, past.unknown > 0 ? "adopted" : "unchanged", correlationId)
    }
    const { lastAnswer } = answer
    yield* Effect.logDebug(`${operation} ${name}: outcome unknown (${lastAnswer}), looking the name up`)
    const standing = yield* Effect.mapError(lookUp, lookUpFailed(operation, past.attempts + 1))
    if (Option.isSome(standing)) return yield* found(request, standing.value, "adopted", correlationId)
    return yield* new RetryPolicy.TransientFailure({
      kind: "passing",
      lastAnswer,
      retryAfter: Option.none(),
      correlationId
    })
  })

/**
 * Makes sure that one replay of this name and payload exists, and says whether this submission made it. `ReplayConflict` where another
 * one has the name, `RateLimited` and `ProviderUnavailable` when the policy ends, else what `send` and `lookUp` fail with.
 */
export const submit = Effect.fn("AtomicSubmission.submit")(<E>(request: Request<E>) =>
  RetryPolicy.retrying({ policy: request.policy, operation: request.operation, repeatable: true }, (past) =>
    once(request, past)
  )
)
