/** An analytics processor on this machine: it takes what is signed as it should be, and nothing else. */
import { createServer } from "node:http"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Context, Effect, Layer, Redacted, Ref } from "effect"
import { Webhook } from "standardwebhooks"

export const secretText = "whsec_c2VjcmV0LW9mLXRoZS13ZWJob29rLWhlcmU="

export class Receiver extends Context.Tag("test/Receiver")<
  Receiver,
  { readonly url: string; readonly secret: Redacted.Redacted; readonly received: Effect.Effect<ReadonlyArray<unknown>> }
>() {}

/** Runs on a free port; `secret` is what it checks signatures with. */
export const layer = Layer.scoped(
  Receiver,
  Effect.gen(function* () {
    const received = yield* Ref.make<ReadonlyArray<unknown>>([])
    const webhook = new Webhook(secretText)
    const take = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const text = yield* request.text
      const body = yield* Effect.try((): unknown => webhook.verify(text, { ...request.headers }))
      yield* Ref.update(received, (before) => [...before, body])
      return HttpServerResponse.empty({ status: 204 })
    }).pipe(Effect.catchAll(() => HttpServerResponse.empty({ status: 401 })))
    const server = yield* HttpServer.HttpServer
    yield* server.serve(
      HttpRouter.empty.pipe(
        HttpRouter.post("/replays", take),
        Effect.catchAll(() => HttpServerResponse.empty({ status: 404 }))
      )
    )
    const url = yield* HttpServer.addressFormattedWith((address) => Effect.succeed(`${address}/replays`))
    return { url, secret: Redacted.make(secretText), received: Ref.get(received) }
  })
).pipe(Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })))
