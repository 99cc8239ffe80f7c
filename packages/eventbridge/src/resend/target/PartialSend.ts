/** Sending a batch of which a service may take a part: what it did not take is sent again, as the retry policy says. */
import { RetryPolicy } from "@genesys-replay/domain"
import { Effect, Either, Option, Ref } from "effect"
import type { SendError } from "../ResendError.js"
import type { ResendEvent } from "../ResendEvent.js"
import * as ResendTarget from "./ResendTarget.js"

/** What one request did with one event: took it; will never take it; did not take it this time. */
export type Answer =
  | ResendTarget.Verdict
  | {
      readonly _tag: "Again"
      readonly kind: "limited" | "passing"
      /** The service's words. */
      readonly reason: string
    }

/** What is asked, and how. */
export interface Options<E, R> {
  readonly policy: RetryPolicy.RetryPolicy
  /** What errors call it: `sqs:SendMessage`. */
  readonly operation: string
  /** One request; answers for each event in its order. */
  readonly request: (
    events: ReadonlyArray<ResendEvent>
  ) => Effect.Effect<ReadonlyArray<Answer>, E | RetryPolicy.TransientFailure, R>
}

const again = (answer: Answer | undefined) => (answer === undefined || answer._tag === "Again" ? answer : undefined)

/**
 * Sends these until each was taken or refused. Where the policy ends before, those that are left are unsent: `RateLimited` or
 * `ProviderUnavailable`, with the words of the service. Delivery is at least once: an event of a request without an answer is
 * sent again.
 */
export const send = <E extends SendError, R>(
  events: ReadonlyArray<ResendEvent>,
  { operation, policy, request }: Options<E, R>
): Effect.Effect<ReadonlyArray<ResendTarget.Outcome>, never, R> =>
  Effect.gen(function* () {
    const outcomes = yield* Ref.make<ReadonlyMap<number, ResendTarget.Verdict>>(new Map())
    const attempt = Effect.gen(function* () {
      const before = yield* Ref.get(outcomes)
      const pending = [...events.keys()].filter((at) => !before.has(at))
      const answers = yield* request(pending.flatMap((at) => events.slice(at, at + 1)))
      const answered = pending.flatMap((at, place) => {
        const answer = answers[place]
        return answer === undefined || answer._tag === "Again" ? [] : [[at, answer] as const]
      })
      yield* Ref.set(outcomes, new Map([...before, ...answered]))
      if (answered.length === pending.length) return
      const unanswered = pending.map((_, place) => again(answers[place])).find((answer) => answer !== undefined)
      return yield* new RetryPolicy.TransientFailure({
        kind: unanswered?.kind ?? "passing",
        lastAnswer: unanswered?.reason ?? "no answer for an event",
        retryAfter: Option.none(),
        correlationId: undefined
      })
    })
    const ended = yield* Effect.either(RetryPolicy.retrying({ policy, operation, repeatable: true }, () => attempt))
    const done = yield* Ref.get(outcomes)
    return events.map((_, at): ResendTarget.Outcome => {
      const outcome = done.get(at)
      if (outcome !== undefined) return outcome
      return Either.match(ended, {
        onLeft: (error): ResendTarget.Outcome => ({ _tag: "Unsent", error }),
        onRight: () => ResendTarget.acknowledged
      })
    })
  })
