/** A webhook that events are sent to, signed as Standard Webhooks says (https://www.standardwebhooks.com). */

import { createHash } from "node:crypto"
import { FetchHttpClient, HttpClient, type HttpClientError, HttpClientRequest } from "@effect/platform"
import { CertificateFailure, ProviderError, RetryPolicy } from "@genesys-replay/domain"
import { DateTime, Duration, Effect, Either, Option, Redacted } from "effect"
import { Webhook } from "standardwebhooks"
import { TargetInvalid } from "../ResendError.js"
import type { ResendEvent } from "../ResendEvent.js"
import * as ResendTarget from "./ResendTarget.js"

/** A webhook. */
export interface Options {
  /** https; http only to this machine itself. */
  readonly url: string
  /** The shared secret: base64, with or without `whsec_` before it. */
  readonly secret: Redacted.Redacted
  /** For one attempt; 10 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** How a 429, a 5xx or a broken connection is tried again; three times, from one second on. */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host)

const remedy = "write an https URL without a user and a password"

const parseUrl = (text: string) =>
  Effect.try({
    try: () => new URL(text),
    catch: () => new TargetInvalid({ reason: "the webhook's URL is not one", remedy })
  }).pipe(
    Effect.filterOrFail(
      (url) => url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname)),
      ({ host, protocol }) =>
        new TargetInvalid({ reason: `${protocol}//${host} is neither https nor this machine itself`, remedy })
    ),
    Effect.filterOrFail(
      ({ password, username }) => username === "" && password === "",
      ({ host }) => new TargetInvalid({ reason: `the URL at ${host} has a user name or a password in it`, remedy })
    )
  )

const parseSecret = (secret: Redacted.Redacted) =>
  Effect.try({
    try: () => new Webhook(Redacted.value(secret)),
    catch: () =>
      new TargetInvalid({
        reason: "the webhook's secret is not base64, or empty",
        remedy: "write whsec_ and base64, as the receiver gave it to you"
      })
  })

// Answers that say something of this event, and nothing of the next one. Source: RFC 9110 and RFC 4918.
const ofTheEvent = new Set([400, 413, 414, 415, 422])

const transient = (kind: "limited" | "passing", lastAnswer: string, retryAfter: Option.Option<Duration.Duration>) =>
  new RetryPolicy.TransientFailure({ kind, lastAnswer, retryAfter, correlationId: undefined })

// Seconds; a date is as good as none, for who sends many.
const retryAfterOf = (text: string | undefined): Option.Option<Duration.Duration> =>
  /^\d{1,6}$/.test(text ?? "") ? Option.some(Duration.seconds(Number(text))) : Option.none()

/**
 * POSTs the envelope as it is, one a request, with `webhook-id` (the event's own id, the same however often it is sent),
 * `webhook-timestamp` (seconds, from the Clock) and `webhook-signature`. A 2xx of the URL itself is an acknowledgement. 400,
 * 413, 414, 415 and 422 refuse the event; every other 4xx, and a redirect, none of which is followed, speaks of the webhook and
 * ends sending with `RequestRejected`. {@link TargetInvalid} at once for a URL that is not https (loopback excepted), or a
 * secret that is not base64.
 */
export const make = Effect.fn("WebhookTarget.make")(function* (options: Options) {
  const url = yield* parseUrl(options.url)
  const webhook = yield* parseSecret(options.secret)
  // Spans would carry the URL and the signature.
  const client = HttpClient.withTracerDisabledWhen(yield* HttpClient.HttpClient, () => true)
  const timeout = Duration.decode(options.timeout ?? "10 seconds")
  // The path may be a secret.
  const mark = createHash("sha256").update(url.href).digest("hex").slice(0, 6)
  const name = `webhook ${url.origin} #${mark}`
  const operation = `POST ${name}`

  // The client's own message holds the whole URL.
  const meaning = (error: HttpClientError.HttpClientError) =>
    Option.match(CertificateFailure.codeOf(error), {
      onNone: () => transient("passing", "connection failed", Option.none()),
      onSome: (code) => new ProviderError.CertificateRejected({ operation, code })
    })
  const rejected = (status: number, reason: string) =>
    new ProviderError.RequestRejected({ operation, status, reason, details: [] })

  const attempt = ({ id, text }: ResendEvent) =>
    Effect.gen(function* () {
      const now = yield* DateTime.nowAsDate
      const request = HttpClientRequest.post(url).pipe(
        HttpClientRequest.bodyText(text, "application/json"),
        HttpClientRequest.setHeaders({
          "webhook-id": id,
          "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
          "webhook-signature": webhook.sign(id, now, text)
        })
      )
      const {
        headers,
        request: answered,
        status
      } = yield* client.execute(request).pipe(
        // `fetch` follows redirects by itself unless it is told otherwise, and makes a GET of a POST.
        Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
        Effect.mapError(meaning)
      )
      if (answered.url !== request.url) return yield* rejected(status, "the answer came from another address")
      if (status >= 200 && status < 300) return ResendTarget.acknowledged
      if (status === 429) return yield* transient("limited", "429", retryAfterOf(headers["retry-after"]))
      if (status >= 500) return yield* transient("passing", String(status), retryAfterOf(headers["retry-after"]))
      if (ofTheEvent.has(status)) return ResendTarget.refused(`the webhook answered ${status}`)
      return yield* rejected(status, status < 400 ? "it redirects, and no redirect is followed" : "it takes no events")
    }).pipe(
      Effect.scoped,
      Effect.timeoutFail({
        duration: timeout,
        onTimeout: () => transient("passing", `no answer within ${Duration.toSeconds(timeout)} s`, Option.none())
      })
    )

  return {
    name,
    location: `${url.origin}#${createHash("sha256").update(url.href).digest("hex")}`,
    batch: { entries: 1, bytes: Number.POSITIVE_INFINITY },
    concurrency: 8,
    groupOf: undefined,
    measure: ({ text }) => Either.right(ResendTarget.bytesOf(text)),
    send: (events) =>
      ResendTarget.unsent(
        events,
        Effect.forEach(events, (event) =>
          RetryPolicy.retrying({ policy: options.retry ?? RetryPolicy.defaults, operation, repeatable: true }, () =>
            attempt(event)
          )
        )
      )
  } satisfies ResendTarget.ResendTarget
})
