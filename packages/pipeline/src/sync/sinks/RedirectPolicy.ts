/** What becomes of a redirect: nothing. Who is told something, and how it is signed, is decided by whom the user named. */
import { FetchHttpClient, HttpClient, HttpClientError } from "@effect/platform"
import { Effect, Option } from "effect"

/** What an answer is refused with that came from elsewhere. */
export const elsewhere = "the answer came from another address"

/**
 * The client, following no redirect: an answer 3xx is the answer. `fetch` follows by itself unless it is told otherwise, and
 * makes a GET of a POST. A client that was built to follow has done so by then: its answer is refused as a `RequestError`.
 */
export const none = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.transform(client, (exchange, request) =>
    Effect.gen(function* () {
      const init = yield* Effect.serviceOption(FetchHttpClient.RequestInit)
      const response = yield* Effect.provideService(exchange, FetchHttpClient.RequestInit, {
        ...Option.getOrElse(init, () => ({})),
        redirect: "manual"
      })
      if (response.request.url === request.url) return response
      return yield* new HttpClientError.RequestError({ request, reason: "InvalidUrl", description: elsewhere })
    })
  )
