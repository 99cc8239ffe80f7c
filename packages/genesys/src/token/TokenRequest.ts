/** `POST /oauth/token`: client credentials in, token out. */
import { HttpApiClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { ProviderError, RetryPolicy } from "@genesys-replay/domain"
import { Clock, Effect, Encoding, FiberRef, Option, Redacted } from "effect"
import { GenesysConfig } from "../http/GenesysConfig.js"
import * as PlatformAnswer from "../http/PlatformAnswer.js"
import * as PlatformRequest from "../http/PlatformRequest.js"
import type { AccessToken } from "./AccessToken.js"
import { OAuthApi } from "./OAuthApi.js"

/** What errors call it. */
export const operation = "POST /oauth/token"

const basic = (clientId: string, secret: Redacted.Redacted): string =>
  `Basic ${Encoding.encodeBase64(`${clientId}:${Redacted.value(secret)}`)}`

/** A token goes into a header: visible ASCII, nothing else. */
const sendable = /^[\x21-\x7e]+$/

const unreadable = Effect.map(
  FiberRef.get(PlatformRequest.latest),
  ({ correlationId, status }) =>
    new ProviderError.AnswerUnreadable({
      operation,
      status,
      // What came may hold a token, so it is not repeated.
      reason: "expected {access_token, token_type, expires_in}, got something else",
      ...PlatformAnswer.cited(correlationId)
    })
)

const notAuthenticated = (code: Option.Option<string>, reason: Option.Option<string>) =>
  Effect.map(
    FiberRef.get(PlatformRequest.latest),
    ({ correlationId, status }) =>
      new ProviderError.NotAuthenticated({
        operation,
        status,
        reason: Option.getOrElse(
          Option.orElse(reason, () => code),
          () => PlatformAnswer.statusText(status)
        ),
        ...Option.match(code, { onNone: () => ({}), onSome: (code) => ({ code }) }),
        ...PlatformAnswer.cited(correlationId)
      })
  )

/**
 * Makes the request, of the client that the contract derives. Retried on 429, 5xx that may pass and broken connections:
 * asking for a token twice does no harm. A refusal is `NotAuthenticated`; neither it nor any other error has the
 * secret or a token in it.
 */
export const make = Effect.gen(function* () {
  const { clientId, clientSecret, loginUrl, requestTimeout, retry, scope } = yield* GenesysConfig
  const plain = yield* HttpClient.HttpClient
  const execute = (request: HttpClientRequest.HttpClientRequest) =>
    Effect.gen(function* () {
      const addressed = HttpClientRequest.prependUrl(request, loginUrl)
      const sent = yield* PlatformRequest.send(plain, requestTimeout, operation, addressed)
      const answer = PlatformAnswer.withhold(sent, clientSecret)
      const failure = PlatformAnswer.transient(answer, yield* Clock.currentTimeMillis)
      if (Option.isSome(failure)) return yield* failure.value
      const strange = PlatformAnswer.misdirected(answer)
      if (Option.isSome(strange)) return yield* strange.value
      return yield* PlatformRequest.toResponse(request, answer)
    })
  const httpClient = HttpClient.makeWith(
    (request: Effect.Effect<HttpClientRequest.HttpClientRequest>) => Effect.flatMap(request, execute),
    (request) => Effect.succeed(request)
  )
  const client = yield* HttpApiClient.makeWith(OAuthApi, { httpClient })

  const once = Effect.gen(function* () {
    const issuedAt = yield* Clock.currentTimeMillis
    const answer = yield* client.oauth
      .token({
        headers: { authorization: basic(clientId, clientSecret) },
        payload: { grant_type: "client_credentials", ...(scope === "" ? {} : { scope }) }
      })
      .pipe(
        Effect.catchAll((error) =>
          Effect.gen(function* () {
            if (!("_tag" in error)) {
              const said = Option.fromNullable(error.description)
              return yield* yield* notAuthenticated(Option.some(error.error), said)
            }
            if (error._tag === "TransientFailure" || error._tag === "CertificateRejected") return yield* error
            if (error._tag === "AnswerUnreadable") return yield* error
            const { status } = yield* FiberRef.get(PlatformRequest.latest)
            if (status >= 400) return yield* yield* notAuthenticated(Option.none(), Option.none())
            return yield* yield* unreadable
          })
        )
      )
    if (!sendable.test(answer.access_token)) return yield* yield* unreadable
    return {
      value: Redacted.make(answer.access_token),
      issuedAt,
      expiresAt: issuedAt + answer.expires_in * 1_000
    } satisfies AccessToken
  })

  const send = RetryPolicy.retrying({ policy: retry, operation, repeatable: true }, () => once).pipe(
    Effect.withSpan("TokenRequest.send")
  )
  return { send }
})
