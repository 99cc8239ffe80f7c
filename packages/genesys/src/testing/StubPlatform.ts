/** A Genesys Cloud that answers from a script, for tests: everything above its HTTP client is the real thing. */
import type { ReplayProvider } from "@genesys-replay/domain"
import { SampleWindow } from "@genesys-replay/domain/testing"
import { Effect, Layer, Redacted, Ref } from "effect"
import type { PlatformClient } from "../client/PlatformClient.js"
import * as Genesys from "../Genesys.js"
import * as GenesysConfig from "../http/GenesysConfig.js"
import type { TopicCatalogue } from "../streams/TopicCatalogue.js"
import type { TokenService } from "../token/TokenService.js"
import * as StubHttpClient from "./StubHttpClient.js"

/** The secret of its OAuth client. */
export const secret = "s3cr3t-of-the-client"

/** The token that it hands out. */
export const bearer = "t0ken-of-the-platform"

/** The configuration that leads to it. */
export const values = {
  apiUrl: "https://api.example.test",
  loginUrl: "https://login.example.test",
  clientId: "client-7",
  clientSecret: Redacted.make(secret),
  scope: GenesysConfig.defaultScope
}

/** The answer to a token request; `expiresIn` in seconds. */
export const tokenAnswer = (token = bearer, expiresIn = 86_400): StubHttpClient.Reply => ({
  status: 200,
  json: { access_token: token, token_type: "bearer", expires_in: expiresIn }
})

/** An error body of the platform. */
export const errorBody = (status: number, message: string, code = "some.code") => ({
  message,
  code,
  status,
  contextId: "context-1",
  details: [],
  errors: []
})

/** The stream that stands after a POST of `SampleWindow.payload(name)`. */
export const stream = (name: string, id = `id-of-${name}`) => ({
  ...SampleWindow.payload(name),
  id,
  selfUri: `/api/v2/eventstreams/${id}`,
  dateCreated: "2024-01-16T00:00:00Z",
  replay: { state: "PENDING" }
})

/** The answer with a page of these entities. */
export const page = (...entities: ReadonlyArray<unknown>): StubHttpClient.Reply => ({
  status: 200,
  json: { entities, pageNumber: 1, pageSize: 100, pageCount: 1, total: entities.length }
})

/** What is asked of it, and the provider over it. */
export interface StubPlatform {
  /** The requests so far, but for those for tokens. */
  readonly asked: StubHttpClient.StubHttpClient["asked"]
  readonly layer: Layer.Layer<ReplayProvider.ReplayProvider | TopicCatalogue | TokenService | PlatformClient>
}

const tokenPath = "/oauth/token"

/** A platform with a token for everybody; `script` answers the rest, and its index counts only that. `tuned` changes {@link values}. */
export const make = (
  script: StubHttpClient.Script,
  tuned: Partial<GenesysConfig.Values> = {}
): Effect.Effect<StubPlatform> =>
  Effect.gen(function* () {
    const count = yield* Ref.make(0)
    const stub = yield* StubHttpClient.make((asked) =>
      asked.path === tokenPath
        ? Effect.succeed(tokenAnswer())
        : Effect.flatMap(
            Ref.getAndUpdate(count, (n) => n + 1),
            (index) => script(asked, index)
          )
    )
    return {
      asked: Effect.map(stub.asked, (all) => all.filter(({ path }) => path !== tokenPath)),
      layer: Layer.provide(Genesys.layerOf({ ...values, ...tuned }), stub.layer)
    }
  })
