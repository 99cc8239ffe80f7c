/**
 * The one HTTP client below every endpoint: base URL, bearer token, time-out, rate limit, retry and the reading of errors
 * live here, and endpoints know nothing about them.
 */
import {
  type HttpApiError,
  HttpClient,
  type HttpClientError,
  HttpClientRequest,
  type HttpClientResponse
} from "@effect/platform"
import { ClockSkew, ProviderError, RetryPolicy } from "@genesys-replay/domain"
import { Clock, Context, Effect, FiberRef, GlobalValue, Layer, Option, ParseResult, Redacted, Ref } from "effect"
import type { ErrorBody } from "../http/ErrorBody.js"
import { GenesysConfig } from "../http/GenesysConfig.js"
import * as PlatformAnswer from "../http/PlatformAnswer.js"
import * as PlatformRequest from "../http/PlatformRequest.js"
import { RateLimit } from "../rate/RateLimit.js"
import { TokenService } from "../token/TokenService.js"

/** A client that answers successes only: all else is an error of {@link PlatformAnswer.PlatformError}. */
export type Service = HttpClient.HttpClient.With<PlatformAnswer.PlatformError>

/** Whether the calls of the calling fiber change nothing; they are taken to unless {@link readOnly} says so, but for GET. */
const changesNothing: FiberRef.FiberRef<boolean> = GlobalValue.globalValue(
  "@genesys-replay/genesys/PlatformClient/changesNothing",
  () => FiberRef.unsafeMake(false)
)

/** Marks a call as one that changes nothing, whatever its method: a POST that asks. Where its outcome is unknown it is sent again. */
export const readOnly: <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.locally(
  changesNothing,
  true
)

const make = Effect.gen(function* () {
  const { apiUrl, requestTimeout, retry } = yield* GenesysConfig
  const plain = yield* HttpClient.HttpClient
  const tokens = yield* TokenService
  const limit = yield* RateLimit
  const observeClock = yield* ClockSkew.observer("Genesys Cloud")

  const exchange = (operation: string, request: HttpClientRequest.HttpClientRequest) =>
    Effect.gen(function* () {
      const token = yield* tokens.token
      const bearing = HttpClientRequest.bearerToken(request, Redacted.value(token.value))
      const sentAt = yield* Clock.currentTimeMillis
      const answer = yield* PlatformRequest.send(plain, requestTimeout, operation, bearing)
      yield* observeClock(answer.headers["date"], sentAt)
      return { ...PlatformAnswer.withhold(answer, token.value), token }
    })

  const execute = (request: HttpClientRequest.HttpClientRequest) =>
    Effect.gen(function* () {
      const operation = `${request.method} ${request.url}`
      const renewed = yield* Ref.make(false)
      const isRead = request.method === "GET" || (yield* FiberRef.get(changesNothing))
      const addressed = request.pipe(HttpClientRequest.prependUrl(apiUrl), HttpClientRequest.acceptJson)
      const attempt = (
        past: RetryPolicy.Past
      ): Effect.Effect<
        HttpClientResponse.HttpClientResponse,
        PlatformAnswer.PlatformError | RetryPolicy.TransientFailure
      > =>
        Effect.gen(function* () {
          // Asked for before the queue as well: who cannot log in should hear of it at once.
          yield* tokens.token
          const answer = yield* limit.paced(exchange(operation, addressed))
          const strange = PlatformAnswer.misdirected(answer)
          if (Option.isSome(strange)) return yield* strange.value
          if (answer.status >= 200 && answer.status < 300) {
            const half = isRead ? PlatformAnswer.brokenOff(answer) : Option.none()
            return yield* Option.isSome(half) ? half.value : PlatformRequest.toResponse(request, answer)
          }
          const failure = PlatformAnswer.transient(answer, yield* Clock.currentTimeMillis)
          if (Option.isSome(failure)) return yield* failure.value
          if (answer.status === 401) {
            yield* tokens.invalidate(answer.token)
            if (!(yield* Ref.getAndSet(renewed, true))) return yield* attempt(past)
          }
          return yield* PlatformAnswer.refusal(answer, past.unknown > 0)
        })
      return yield* RetryPolicy.retrying(
        { policy: retry, operation, repeatable: isRead || request.method !== "POST" },
        attempt
      )
    })

  return HttpClient.makeWith(
    (request: Effect.Effect<HttpClientRequest.HttpClientRequest>) => Effect.flatMap(request, execute),
    (request) => Effect.succeed(request)
  )
})

/** The client's tag. */
export class PlatformClient extends Context.Tag("@genesys-replay/genesys/PlatformClient")<PlatformClient, Service>() {
  /**
   * Over the `HttpClient` of the context. A 401 throws the token away and tries once more with a new one; 429 is tried
   * again, and for all but POST what else may pass; see {@link RetryPolicy.RetryPolicy}.
   */
  static readonly layer: Layer.Layer<
    PlatformClient,
    never,
    GenesysConfig | HttpClient.HttpClient | TokenService | RateLimit
  > = Layer.effect(PlatformClient, make)
}

/** What a derived client fails with beside the errors of the client below it. */
type Undecoded = HttpClientError.HttpClientError | ParseResult.ParseError | HttpApiError.HttpApiDecodeError

const issues = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)
    .slice(0, 3)
    .map(({ message, path }) => `${path.length === 0 ? "the body" : path.join(".")}: ${message}`.slice(0, 300))
    .join("; ")

/**
 * A call of a client derived over {@link PlatformClient}, with errors of this package only: what the derived client cannot
 * decode is `AnswerUnreadable`, with status and correlation id.
 */
export const readable =
  (operation: string) =>
  <A, R>(
    call: Effect.Effect<A, PlatformAnswer.PlatformError | Undecoded | ErrorBody, R>
  ): Effect.Effect<A, PlatformAnswer.PlatformError, R> =>
    Effect.catchAll(call, (error) =>
      Effect.flatMap(FiberRef.get(PlatformRequest.latest), ({ correlationId, status }) => {
        const unreadable = (reason: string) =>
          Effect.fail(
            new ProviderError.AnswerUnreadable({ operation, status, reason, ...PlatformAnswer.cited(correlationId) })
          )
        if (!("_tag" in error)) return unreadable(error.message)
        switch (error._tag) {
          case "ParseError":
            return unreadable(issues(error))
          case "RequestError":
            return unreadable(`the request could not be made (${error.reason})`)
          case "ResponseError":
          case "HttpApiDecodeError":
            return unreadable("a status that the API does not document")
          default:
            return Effect.fail(error)
        }
      })
    )
