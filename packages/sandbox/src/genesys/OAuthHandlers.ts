/** `POST /oauth/token`: a token for client credentials. */
import { HttpApiBuilder, HttpServerResponse, UrlParams } from "@effect/platform"
import { TokenAnswer } from "@genesys-replay/genesys/OAuthApi"
import { Duration, Effect, Encoding, Option, Redacted, Schema } from "effect"
import { Settings } from "../faults/Settings.js"
import * as Answer from "../server/Answer.js"
import { SandboxApi } from "./SandboxApi.js"
import { Tokens } from "./Tokens.js"

interface Credentials {
  readonly id: string
  readonly secret: Redacted.Redacted<string>
}

/** Reads `Basic base64(id:secret)`; a secret may hold colons, an id may not. */
const credentialsOf = (authorization: string): Option.Option<Credentials> => {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization) ?? []
  if (encoded === undefined) return Option.none()
  return Option.flatMap(Option.getRight(Encoding.decodeBase64String(encoded)), (text) => {
    const colon = text.indexOf(":")
    return colon < 1
      ? Option.none()
      : Option.some({ id: text.slice(0, colon), secret: Redacted.make(text.slice(colon + 1)) })
  })
}

/** The handlers. The client is looked at first, then what it asks for. */
export const OAuthHandlers = HttpApiBuilder.group(SandboxApi, "oauth", (handlers) =>
  Effect.gen(function* () {
    const tokens = yield* Tokens
    const { tokenLifetime } = yield* Settings
    return handlers.handleRaw(
      "token",
      Effect.fn("OAuthHandlers.token")(function* ({ headers, request }) {
        const credentials = credentialsOf(headers.authorization)
        if (Option.isNone(credentials))
          return Answer.clientRefused("client credentials are missing: send Basic base64(id:secret)")
        if (!(request.headers["content-type"] ?? "").toLowerCase().startsWith("application/x-www-form-urlencoded")) {
          return Answer.tokenRequestInvalid("invalid_request", "the body must be application/x-www-form-urlencoded")
        }
        const form = yield* Effect.option(request.urlParamsBody)
        const field = (name: string) => Option.flatMap(form, (params) => UrlParams.getFirst(params, name))
        const grantType = field("grant_type")
        if (Option.isNone(grantType)) return Answer.tokenRequestInvalid("invalid_request", "grant_type is missing")
        const { id, secret } = credentials.value
        const grant = yield* Effect.either(
          tokens.issue(
            id,
            secret,
            Option.getOrElse(field("scope"), () => "")
          )
        )
        if (grant._tag === "Left") return Answer.clientRefused(grant.left.message)
        if (grantType.value !== "client_credentials") {
          return Answer.tokenRequestInvalid("unsupported_grant_type", `grant_type ${grantType.value} is not supported`)
        }
        const answer = yield* Effect.orDie(
          Schema.encode(TokenAnswer)({
            access_token: Redacted.value(grant.right.token),
            token_type: "bearer",
            expires_in: Duration.toSeconds(tokenLifetime)
          })
        )
        return HttpServerResponse.unsafeJson(answer, { headers: { "cache-control": "no-store" } })
      })
    )
  })
)
