/** A sink that is a webhook, signed as Standard Webhooks says (https://www.standardwebhooks.com). */
import { HttpClient, type HttpClientError, HttpClientRequest, type HttpClientResponse } from "@effect/platform"
import { CertificateFailure, SecureUrl } from "@genesys-replay/domain"
import { DateTime, type Duration, Effect, Option, Redacted, Schedule, Schema } from "effect"
import { Webhook } from "standardwebhooks"
import { markOf, SyncFailed, type SyncSink } from "../SyncSink.js"
import * as RedirectPolicy from "./RedirectPolicy.js"

/** The webhook's URL or secret cannot be used. Neither is shown: the URL's path may be a secret as well. */
export class WebhookMisconfigured extends Schema.TaggedError<WebhookMisconfigured>()("WebhookMisconfigured", {
  reason: Schema.String
}) {
  override get message(): string {
    return `the webhook cannot be used: ${this.reason}`
  }
}

/** A webhook. */
export interface Options {
  /** https; http only to this machine itself. */
  readonly url: string
  /** The shared secret: base64, with or without `whsec_` before it. */
  readonly secret: Redacted.Redacted
  /** For one attempt; 10 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** How often a 429, a 5xx or a broken connection is tried again, after 1, 2, 4 … seconds; 3. */
  readonly retries?: number | undefined
}

const parseUrl = (text: string) =>
  Effect.try({
    try: () => new URL(text),
    catch: () => new WebhookMisconfigured({ reason: "its URL is not one" })
  }).pipe(
    Effect.filterOrFail(
      SecureUrl.isSecure,
      (url) =>
        new WebhookMisconfigured({ reason: `${url.protocol}//${url.host} is neither https nor this machine itself` })
    ),
    // The URL is kept with the state, where no secret belongs; and HTTP clients do not send these anyway.
    Effect.filterOrFail(
      (url) => url.username === "" && url.password === "",
      (url) => new WebhookMisconfigured({ reason: `the URL at ${url.host} has a user name or a password in it` })
    )
  )

const parseSecret = (secret: Redacted.Redacted) =>
  Effect.try({
    try: () => new Webhook(Redacted.value(secret)),
    catch: () => new WebhookMisconfigured({ reason: "its secret is not base64, or empty. Write whsec_ and base64" })
  })

// Webhooks of one origin differ in what is not shown.
const nameOf = (url: URL): string =>
  url.href === `${url.origin}/` ? `webhook ${url.origin}` : `webhook ${url.origin} ${markOf(url.href)}`

// An attempt that did not go well.
interface Refusal {
  readonly reason: string
  /** Whether it is tried again at once. */
  readonly again: boolean
  /** Whether it is never tried again. */
  readonly isFinal?: boolean
}

// The client's own message holds the whole URL.
const refusalOf = (error: HttpClientError.HttpClientError): Refusal => {
  if (error._tag === "ResponseError") return { reason: "the answer could not be read", again: false }
  if (error.description === RedirectPolicy.elsewhere) return { reason: error.description, again: false }
  return Option.match(CertificateFailure.reasonOf(error), {
    onNone: () => ({ reason: "the connection failed", again: error.reason === "Transport" }),
    onSome: (reason) => ({ reason, again: false })
  })
}

// Where a redirect leads, without what may be a secret.
const leadsTo = (location: string | undefined, url: URL): string =>
  location !== undefined && URL.canParse(location, url.href) ? ` to ${new URL(location, url).origin}` : ""

const gone = 410

const refusalBy = ({ headers, status }: HttpClientResponse.HttpClientResponse, url: URL): Refusal => {
  if (status === gone) return { reason: "it answered 410: it is gone for good", again: false, isFinal: true }
  if (status >= 300 && status < 400) {
    const where = leadsTo(headers["location"], url)
    return { reason: `it answered ${status}: a redirect${where}, and none is followed`, again: false }
  }
  return { reason: `it answered ${status}`, again: status === 429 || status >= 500 }
}

/**
 * POSTs the document as JSON with `webhook-id`, `webhook-timestamp` (seconds, from the Clock) and `webhook-signature`; every
 * attempt is signed anew. A 2xx of the URL itself is success, everything else a {@link SyncFailed}: no redirect is followed,
 * and a 410 is final. {@link WebhookMisconfigured} at once for a URL that is not https (loopback excepted) or a secret that is
 * not base64.
 */
export const make = Effect.fn("WebhookSink.make")(function* (
  options: Options
): Effect.fn.Return<SyncSink, WebhookMisconfigured, HttpClient.HttpClient> {
  const url = yield* parseUrl(options.url)
  const webhook = yield* parseSecret(options.secret)
  // Spans would carry the URL and the signature.
  const client = RedirectPolicy.none(HttpClient.withTracerDisabledWhen(yield* HttpClient.HttpClient, () => true))
  const name = nameOf(url)

  const attempt = (body: string, id: string): Effect.Effect<void, Refusal> =>
    Effect.gen(function* () {
      const now = yield* DateTime.nowAsDate
      const request = HttpClientRequest.post(url).pipe(
        HttpClientRequest.bodyText(body, "application/json"),
        HttpClientRequest.setHeaders({
          "webhook-id": id,
          "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
          "webhook-signature": webhook.sign(id, now, body)
        })
      )
      const response = yield* Effect.mapError(client.execute(request), refusalOf)
      if (response.status >= 200 && response.status < 300) return
      return yield* Effect.fail(refusalBy(response, url))
    }).pipe(
      Effect.scoped,
      Effect.timeoutFail({
        duration: options.timeout ?? "10 seconds",
        onTimeout: (): Refusal => ({ reason: "it did not answer in time", again: true })
      })
    )

  return {
    name,
    address: { kind: "webhook", location: url.href },
    deliver: (document, id) =>
      attempt(JSON.stringify(document), id).pipe(
        Effect.retry({
          while: ({ again }) => again,
          schedule: Schedule.exponential("1 second"),
          times: options.retries ?? 3
        }),
        Effect.mapError(({ isFinal = false, reason }) => new SyncFailed({ sink: name, id, reason, isFinal }))
      )
  }
})
