/** An HTTP client that answers from a script and notes what it was asked, for tests: under a test clock, waits take no time. */
import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Clock, Effect, Layer, Ref } from "effect"

/** A request as it arrived. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  /** The text of the body; empty where there is none. */
  readonly body: string
  /** When it came, in milliseconds since 1970, by the clock. */
  readonly at: number
}

/**
 * An answer, or what happens instead: the connection breaks before it (`ECONNRESET`, or the code that is told), or in the middle of it.
 * `json` is written as JSON, `text` as it is.
 */
export type Reply =
  | {
      readonly status: number
      readonly json?: unknown
      readonly text?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  | "cut"
  | "cut in the middle"
  | { readonly cut: string }

/** What a request is answered; `index` counts the requests from 0. An effect may sleep for a slow answer, or never end. */
export type Script = (asked: Asked, index: number) => Effect.Effect<Reply>

/** The client, and what it was asked so far. */
export interface StubHttpClient {
  readonly asked: Effect.Effect<ReadonlyArray<Asked>>
  readonly layer: Layer.Layer<HttpClient.HttpClient>
}

const bodyText = (request: HttpClientRequest.HttpClientRequest): string =>
  request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""

const midway = () =>
  new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode('{"id":'))
      controller.error(Object.assign(new Error("aborted"), { code: "ECONNRESET" }))
    }
  })

const respond = (
  request: HttpClientRequest.HttpClientRequest,
  reply: Exclude<Reply, "cut" | { readonly cut: string }>
): HttpClientResponse.HttpClientResponse => {
  if (reply === "cut in the middle") return HttpClientResponse.fromWeb(request, new Response(midway(), { status: 201 }))
  const text = reply.text ?? (reply.json === undefined ? null : JSON.stringify(reply.json))
  const headers = { "inin-correlation-id": "corr-1", ...reply.headers }
  return HttpClientResponse.fromWeb(request, new Response(text, { status: reply.status, headers }))
}

/** A client that answers as `script` says. */
export const make = (script: Script): Effect.Effect<StubHttpClient> =>
  Effect.gen(function* () {
    const asked = yield* Ref.make<ReadonlyArray<Asked>>([])
    const client = HttpClient.make((request, url) =>
      Effect.gen(function* () {
        const one: Asked = {
          method: request.method,
          path: url.pathname,
          query: url.searchParams,
          headers: request.headers,
          body: bodyText(request),
          at: yield* Clock.currentTimeMillis
        }
        const index = yield* Ref.modify(asked, (all) => [all.length, [...all, one]])
        const reply = yield* script(one, index)
        if (reply !== "cut" && !(typeof reply === "object" && "cut" in reply)) return respond(request, reply)
        const code = reply === "cut" ? "ECONNRESET" : reply.cut
        const cause = Object.assign(new Error(`read ${code}`), { code })
        return yield* new HttpClientError.RequestError({ request, reason: "Transport", cause })
      })
    )
    return { asked: Ref.get(asked), layer: Layer.succeed(HttpClient.HttpClient, client) }
  })

/** These replies, one after the other; the last one stays. */
export const inTurn =
  (first: Reply, ...next: ReadonlyArray<Reply>): Script =>
  (_, index) =>
    Effect.succeed([first, ...next][Math.min(index, next.length)] ?? first)
