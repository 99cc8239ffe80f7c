/** One request and its whole answer, in bounded time. */
import { type HttpClient, type HttpClientError, type HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { CertificateFailure, ProviderError, RetryPolicy } from "@genesys-replay/domain"
import { Duration, Effect, FiberRef, GlobalValue, Metric, Option } from "effect"
import { correlationId, type PlatformAnswer } from "./PlatformAnswer.js"

const causeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "cause" in error ? error.cause : undefined

/**
 * What the system says of a broken connection. Only codes, and the words of the operating system's own errors, are
 * repeated: what a client says of a header that it cannot send has the header, and so the token, in it.
 */
const broken = (error: unknown): string => {
  for (let cause = error, depth = 0; depth < 5 && cause !== undefined; cause = causeOf(cause), depth++) {
    if (!(cause instanceof Error) || !("code" in cause) || typeof cause.code !== "string") continue
    return `connection failed (${/^E[A-Z]+$/.test(cause.code) ? cause.message : cause.code})`
  }
  return "connection failed"
}

const unknownOutcome = (lastAnswer: string) =>
  new RetryPolicy.TransientFailure({ kind: "passing", lastAnswer, retryAfter: Option.none(), correlationId: undefined })

const failure = (
  operation: string,
  error: HttpClientError.HttpClientError
): RetryPolicy.TransientFailure | ProviderError.CertificateRejected =>
  Option.match(CertificateFailure.codeOf(error), {
    onNone: () =>
      unknownOutcome(
        error._tag === "ResponseError" ? `${error.response.status}, cut off: ${broken(error)}` : broken(error)
      ),
    onSome: (code) => new ProviderError.CertificateRejected({ operation, code })
  })

/** Answers 429, of the platform and of the OAuth server. */
export const rateLimitedAnswers = Metric.counter("genesys_replay_rate_limited_answers", {
  description: "Requests that were answered 429 Too Many Requests",
  incremental: true
})

/**
 * Sends and reads the answer to its end, whatever its status. A broken connection, also in the middle of the body, and
 * an answer that is not complete within `timeout` are transient failures of unknown outcome; `CertificateRejected` where
 * nothing was sent because the server cannot be trusted.
 */
export const send = (
  client: HttpClient.HttpClient,
  timeout: Duration.Duration,
  operation: string,
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<PlatformAnswer, RetryPolicy.TransientFailure | ProviderError.CertificateRejected> =>
  client.execute(request).pipe(
    Effect.flatMap((response) =>
      Effect.map(response.text, (text) => ({ operation, status: response.status, headers: response.headers, text }))
    ),
    Effect.tap(({ status }) => (status === 429 ? Metric.increment(rateLimitedAnswers) : Effect.void)),
    Effect.mapError((error) => failure(operation, error)),
    Effect.timeoutFail({
      duration: timeout,
      onTimeout: () => unknownOutcome(`no answer within ${Duration.format(timeout)}`)
    })
  )

/**
 * What the calling fiber was answered last: status and correlation id, for errors about a body that a client could not decode, and the
 * date of the server.
 */
export interface Latest {
  readonly status: number
  readonly correlationId: string | undefined
  readonly date: string | undefined
}

/** See {@link Latest}; status 0 before the first answer. */
export const latest: FiberRef.FiberRef<Latest> = GlobalValue.globalValue(
  "@genesys-replay/genesys/PlatformRequest/latest",
  () => FiberRef.unsafeMake<Latest>({ status: 0, correlationId: undefined, date: undefined })
)

const bodiless: ReadonlyArray<number> = [204, 205, 304]

/** The answer as the response that a derived client decodes. */
export const toResponse = (
  request: HttpClientRequest.HttpClientRequest,
  answer: PlatformAnswer
): Effect.Effect<HttpClientResponse.HttpClientResponse> =>
  FiberRef.set(latest, {
    status: answer.status,
    correlationId: correlationId(answer),
    date: answer.headers["date"]
  }).pipe(
    Effect.as(
      HttpClientResponse.fromWeb(
        request,
        new Response(bodiless.includes(answer.status) ? null : answer.text, {
          status: answer.status,
          headers: answer.headers
        })
      )
    )
  )
