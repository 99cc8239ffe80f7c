import { createServer } from "node:http"
import { FetchHttpClient, HttpClient, HttpServer, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Logger, LogLevel, Ref } from "effect"
import * as CarefulClient from "../../apps/cli/src/telemetry/CarefulClient.js"

const options = { endpoint: "the collector", timeout: "10 seconds", grace: "1 second", attempts: 4 } as const

describe("CarefulClient", () => {
  it.scopedLive("follows no redirect: the headers of an exporter are for the endpoint that the user named", () =>
    Effect.gen(function* () {
      const asked = yield* Ref.make<ReadonlyArray<string>>([])
      yield* HttpServer.serveEffect(
        Effect.gen(function* () {
          const { method, url } = yield* HttpServerRequest.HttpServerRequest
          yield* Ref.update(asked, (before) => [...before, `${method} ${url}`])
          return url === "/login"
            ? HttpServerResponse.empty({ status: 200 })
            : HttpServerResponse.empty({ status: 302, headers: { location: "/login" } })
        })
      )
      const address = yield* HttpServer.addressFormattedWith(Effect.succeed)
      const { status } = yield* HttpClient.post(`${address}/v1/traces`).pipe(
        Effect.provide(Layer.provide(CarefulClient.layer(options), FetchHttpClient.layer)),
        Effect.scoped
      )
      expect(status).toBe(302)
      expect(yield* Ref.get(asked)).toEqual(["POST /v1/traces"])
    }).pipe(
      Effect.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
      Logger.withMinimumLogLevel(LogLevel.None)
    )
  )
})
