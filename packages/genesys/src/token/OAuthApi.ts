/** The HTTP contract of the OAuth server: client credentials in, bearer token out. */
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"

/** The form: `grant_type=client_credentials`, and `scope`. Id and secret travel in `Authorization: Basic`. */
export const TokenRequest = Schema.Struct({
  grant_type: Schema.Literal("client_credentials"),
  scope: Schema.optional(Schema.String)
}).pipe(HttpApiSchema.withEncoding({ kind: "UrlParams" }))

/** The answer; `expires_in` in seconds. */
export const TokenAnswer = Schema.Struct({
  access_token: Schema.NonEmptyString,
  token_type: Schema.String,
  expires_in: Schema.Positive
}).annotations({ identifier: "TokenAnswer" })

const refusal = <const Status extends number>(status: Status) =>
  Schema.Struct({ error: Schema.String, description: Schema.optional(Schema.String) }).annotations(
    HttpApiSchema.annotations({ status, description: `refusal ${status}` })
  )

/** 400: the request is not one for a token. */
export const TokenRequestInvalid = refusal(400)
/** 401: the OAuth server does not know this client, or not this secret. */
export const ClientRefused = refusal(401)

/** `POST /oauth/token`. */
export class OAuthApi extends HttpApi.make("GenesysCloudOAuth")
  .add(
    HttpApiGroup.make("oauth").add(
      HttpApiEndpoint.post("token", "/oauth/token")
        .setHeaders(Schema.Struct({ authorization: Schema.String }))
        .setPayload(TokenRequest)
        .addSuccess(TokenAnswer)
        .addError(TokenRequestInvalid)
        .addError(ClientRefused)
        .annotate(OpenApi.Summary, "A token for client credentials")
    )
  )
  .annotate(OpenApi.Title, "Genesys Cloud OAuth") {}
