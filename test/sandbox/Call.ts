/** A client that says nothing of its own: requests as they are, answers as they come. */
import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { Sandbox } from "@genesys-replay/sandbox"
import { Effect, Encoding, Redacted, Schema } from "effect"

export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly text: string
  readonly json: unknown
}

const parsed = Schema.decodeUnknownOption(Schema.parseJson())

const answerOf = (request: HttpClientRequest.HttpClientRequest) =>
  Effect.gen(function* () {
    const response = yield* HttpClient.execute(request)
    const text = yield* response.text
    const json = parsed(text)
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      text,
      json: json._tag === "Some" ? json.value : undefined
    }
    return answer
  }).pipe(Effect.provide(FetchHttpClient.layer), Effect.scoped)

export const basic = (id: string, secret: string): string => `Basic ${Encoding.encodeBase64(`${id}:${secret}`)}`

/** `POST /oauth/token` with a form body as it is. */
export const tokenRequest = (form: string, authorization?: string) =>
  Effect.flatMap(Sandbox.Sandbox, ({ url }) => {
    const request = HttpClientRequest.post(`${url}/oauth/token`).pipe(
      HttpClientRequest.bodyText(form, "application/x-www-form-urlencoded; charset=UTF-8")
    )
    return answerOf(
      authorization === undefined ? request : HttpClientRequest.setHeader(request, "authorization", authorization)
    )
  })

const TokenAnswer = Schema.Struct({ access_token: Schema.String, token_type: Schema.String, expires_in: Schema.Number })

/** A token of the sandbox's own client. */
export const login = Effect.gen(function* () {
  const { clientId, clientSecret } = yield* Sandbox.Sandbox
  const answer = yield* tokenRequest("grant_type=client_credentials", basic(clientId, Redacted.value(clientSecret)))
  const { access_token } = yield* Schema.decodeUnknown(TokenAnswer)(answer.json)
  return access_token
})

/** A request to the API. */
export const call = (method: "GET" | "POST" | "DELETE", path: string, token: string | undefined, body?: unknown) =>
  Effect.flatMap(Sandbox.Sandbox, ({ url }) => {
    const plain = HttpClientRequest.make(method)(`${url}${path}`)
    const authorized = token === undefined ? plain : HttpClientRequest.bearerToken(plain, token)
    const text = typeof body === "string" ? body : JSON.stringify(body)
    return answerOf(body === undefined ? authorized : HttpClientRequest.bodyText(authorized, text, "application/json"))
  })

export const streams = "/api/v2/eventstreams"

/** A payload that is right. */
export const payload = (name: string, startDate = "1969-12-31T22:00:00Z") => ({
  name,
  description: "Automated EventBridge replay window configuration",
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
  replayConfig: { enabled: true, startDate, sequenceIndexTrigger: "automatic" }
})

/** The fields of a document, for assertions. */
export const field = (document: unknown, ...path: ReadonlyArray<string | number>): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined,
    document
  )
