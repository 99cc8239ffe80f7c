/** A Genesys Cloud of functions: what a test wants to answer, and what was asked. */
import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { EventStreamPayload, PlannedWindow } from "@genesys-replay/domain"
import { Genesys, GenesysConfig } from "@genesys-replay/genesys"
import { Clock, Effect, Layer, Redacted, Ref, Schema } from "effect"

export const secret = "s3cr3t-of-the-client"
export const bearer = "t0ken-of-the-platform"

/** The configuration that the stub belongs to. */
export const values = {
  apiUrl: "https://api.example.test",
  loginUrl: "https://login.example.test",
  clientId: "client-7",
  clientSecret: Redacted.make(secret),
  scope: GenesysConfig.defaultScope
}

/** A request as it arrived; `at` in milliseconds of the test clock. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly at: number
}

/** An answer, or what happens instead: the connection is cut before it (with an error of this code), or in the middle of it. */
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

export type Script = (asked: Asked, index: number) => Effect.Effect<Reply>

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

/** A client that answers as `script` says, token requests included, and notes what it was asked. */
export const make = (script: Script) =>
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

/** The answer to a token request. */
export const tokenAnswer = (token = bearer, expiresIn = 86_400): Reply => ({
  status: 200,
  json: { access_token: token, token_type: "bearer", expires_in: expiresIn }
})

/** A platform with a token for everybody; `script` answers the rest, its index counts only that. */
export const platform = (script: Script, tuned: Partial<GenesysConfig.Values> = {}) =>
  Effect.gen(function* () {
    const count = yield* Ref.make(0)
    const stub = yield* make((asked) =>
      asked.path === "/oauth/token"
        ? Effect.succeed(tokenAnswer())
        : Effect.flatMap(
            Ref.getAndUpdate(count, (n) => n + 1),
            (index) => script(asked, index)
          )
    )
    return {
      asked: Effect.map(stub.asked, (all) => all.filter(({ path }) => path !== "/oauth/token")),
      layer: Layer.provide(Genesys.layerOf({ ...values, ...tuned }), stub.layer)
    }
  })

/** Replies one after the other; the last one stays. */
export const inTurn =
  (first: Reply, ...next: ReadonlyArray<Reply>): Script =>
  (_, index) =>
    Effect.succeed([first, ...next][Math.min(index, next.length)] ?? first)

/** An error body of the platform. */
export const errorBody = (status: number, message: string, code = "some.code") => ({
  message,
  code,
  status,
  contextId: "context-1",
  details: [],
  errors: []
})

export const payload = (name: string): EventStreamPayload.EventStreamPayload =>
  Schema.decodeUnknownSync(EventStreamPayload.EventStreamPayload)({
    name,
    description: EventStreamPayload.defaultDescription,
    enabled: true,
    retentionDays: 60,
    destination: {
      type: "eventbridge",
      eventBridgeConfig: {
        arn: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events",
        roleArn: "",
        region: "us-east-1"
      }
    },
    filters: { topics: ["genesys.conversations.message", "genesys.conversations.call"] },
    replayConfig: { enabled: true, startDate: "2024-01-15T08:00:00Z", sequenceIndexTrigger: "automatic" }
  })

export const window = (name: string): PlannedWindow.PlannedWindow =>
  Schema.decodeUnknownSync(PlannedWindow.PlannedWindow)({
    name,
    provider: "genesys",
    retentionDays: 60,
    payloadHash: "0123456789abcdef",
    payload: payload(name)
  })

/** What stands on the platform after a POST of {@link payload}. */
export const stream = (name: string, id = `id-of-${name}`) => ({
  ...payload(name),
  id,
  selfUri: `/api/v2/eventstreams/${id}`,
  dateCreated: "2024-01-16T00:00:00Z",
  replay: { state: "PENDING" }
})

/** A page with these streams. */
export const page = (...entities: ReadonlyArray<unknown>): Reply => ({
  status: 200,
  json: { entities, pageNumber: 1, pageSize: 100, pageCount: 1, total: entities.length }
})
