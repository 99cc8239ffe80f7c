/** The bearer token that all callers share. */
import type { HttpClient } from "@effect/platform"
import type { ProviderError } from "@genesys-replay/domain"
import { Cause, Clock, Context, Deferred, Duration, Effect, Equal, Exit, Layer, Option, Redacted, Ref } from "effect"
import type { GenesysConfig } from "../http/GenesysConfig.js"
import { type AccessToken, renewAt } from "./AccessToken.js"
import * as TokenRequest from "./TokenRequest.js"

/**
 * How long a refusal is remembered: a bulk run with a wrong secret asks the OAuth server once, not once for each window.
 */
export const refusalMemory = Duration.seconds(10)

/** The operations. */
export interface Service {
  /**
   * The token. The first call fetches it, whoever asks meanwhile gets the same one, also when the first one to ask is
   * interrupted. From the renewal point on (see `AccessToken.renewAt`) the next one is fetched in the background
   * while this one is still handed out; a renewal that fails is tried again by the next call.
   */
  readonly token: Effect.Effect<AccessToken, ProviderError.ProviderError>
  /** Throws `token` away, if it is still the one that is handed out: many 401s of one token renew it once. */
  readonly invalidate: (token: AccessToken) => Effect.Effect<void>
}

type Pending = Deferred.Deferred<AccessToken, ProviderError.ProviderError>

interface State {
  readonly current: Option.Option<AccessToken>
  readonly renewal: Option.Option<Pending>
  readonly refusal: Option.Option<{ readonly error: ProviderError.ProviderError; readonly until: number }>
}

interface Decision {
  /** The token at hand; else wait for the renewal. */
  readonly answer: Effect.Effect<AccessToken, ProviderError.ProviderError>
  readonly begin: boolean
}

const decide = (state: State, fresh: Pending, now: number): readonly [Decision, State] => {
  const usable = Option.filter(state.current, ({ expiresAt }) => now < expiresAt)
  const refusal = Option.filter(state.refusal, ({ until }) => now < until)
  const answerOr = (pending: Pending) =>
    Option.match(usable, { onNone: () => Deferred.await(pending), onSome: Effect.succeed })
  if (Option.isSome(state.renewal)) return [{ answer: answerOr(state.renewal.value), begin: false }, state]
  if (Option.exists(usable, (token) => now < renewAt(token)) || (Option.isSome(usable) && Option.isSome(refusal))) {
    return [{ answer: answerOr(fresh), begin: false }, state]
  }
  if (Option.isSome(refusal)) return [{ answer: Effect.fail(refusal.value.error), begin: false }, state]
  return [
    { answer: answerOr(fresh), begin: true },
    { ...state, renewal: Option.some(fresh) }
  ]
}

const make = Effect.gen(function* () {
  const { send } = yield* TokenRequest.make
  const scope = yield* Effect.scope
  const state = yield* Ref.make<State>({ current: Option.none(), renewal: Option.none(), refusal: Option.none() })

  const renew = (pending: Pending) =>
    Effect.interruptible(send).pipe(
      Effect.exit,
      Effect.flatMap((exit) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Ref.update(state, (before): State => {
            if (Exit.isSuccess(exit)) {
              return { current: Option.some(exit.value), renewal: Option.none(), refusal: Option.none() }
            }
            const error = Cause.failureOption(exit.cause)
            const refusal = Option.filter(error, ({ _tag }) => _tag === "NotAuthenticated")
            const until = now + Duration.toMillis(refusalMemory)
            return {
              current: before.current,
              renewal: Option.none(),
              refusal: Option.map(refusal, (error) => ({ error, until }))
            }
          })
        ).pipe(Effect.zipRight(Deferred.done(pending, exit)))
      )
    )

  // The renewal runs in the service's own scope, so no asker owns it. To decide and to begin is one step.
  const token = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const fresh = yield* Deferred.make<AccessToken, ProviderError.ProviderError>()
      const now = yield* Clock.currentTimeMillis
      const { answer, begin } = yield* Ref.modify(state, (current) => decide(current, fresh, now))
      if (begin) yield* Effect.forkIn(renew(fresh), scope)
      return yield* restore(answer)
    })
  )

  const invalidate = (refused: AccessToken) =>
    Ref.update(state, (before) => ({
      ...before,
      current: Option.filter(before.current, (token) => !Equal.equals(token.value, refused.value))
    }))

  return { token, invalidate } satisfies Service
})

/** The service tag. */
export class TokenService extends Context.Tag("@genesys-replay/genesys/TokenService")<TokenService, Service>() {
  /** Client credentials of {@link GenesysConfig}, over the `HttpClient` of the context. Sends nothing before the first call. */
  static readonly layer: Layer.Layer<TokenService, never, GenesysConfig | HttpClient.HttpClient> = Layer.scoped(
    TokenService,
    make
  )

  /** For tests: hands out `first` and, each time the token at hand is invalidated, the next; the last one stays. */
  static readonly layerTest = (first: string, ...next: ReadonlyArray<string>): Layer.Layer<TokenService> =>
    Layer.effect(
      TokenService,
      Effect.map(Ref.make<ReadonlyArray<string>>([first, ...next]), (tokens) => ({
        token: Effect.map(Ref.get(tokens), ([value = first]) => ({
          value: Redacted.make(value),
          issuedAt: 0,
          expiresAt: Number.POSITIVE_INFINITY
        })),
        invalidate: (refused: AccessToken) =>
          Ref.update(tokens, (all) => (all.length > 1 && all[0] === Redacted.value(refused.value) ? all.slice(1) : all))
      }))
    )
}
