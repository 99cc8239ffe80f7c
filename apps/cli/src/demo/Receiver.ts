/** A webhook receiver for the demo: it checks signatures as every analytics processor should. */

import { createServer } from "node:http"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Context, Effect, Encoding, Layer, Random, Redacted, Ref, Schema } from "effect"
import { Webhook } from "standardwebhooks"

/** A document that came, signed as it should be. */
export const Received = Schema.Struct({ id: Schema.String, body: Schema.Unknown })

/** See {@link Received}. */
export type Received = typeof Received.Type

/** A receiver that is running. */
export class Receiver extends Context.Tag("@genesys-replay/cli/Receiver")<
  Receiver,
  {
    readonly url: string
    readonly secret: Redacted.Redacted
    readonly received: Effect.Effect<ReadonlyArray<Received>>
  }
>() {}

const newSecret = Effect.map(Effect.replicateEffect(Random.nextIntBetween(0, 256), 24), (bytes) =>
  Redacted.make(`whsec_${Encoding.encodeBase64(Uint8Array.from(bytes))}`)
)

const make = Effect.gen(function* () {
  const secret = yield* newSecret
  const received = yield* Ref.make<ReadonlyArray<Received>>([])
  const webhook = new Webhook(Redacted.value(secret))
  const take = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const text = yield* request.text
    const body = yield* Effect.try((): unknown => webhook.verify(text, { ...request.headers }))
    yield* Ref.update(received, (before) => [...before, { id: request.headers["webhook-id"] ?? "", body }])
    return HttpServerResponse.empty({ status: 204 })
  }).pipe(Effect.catchAll(() => HttpServerResponse.text("the signature is not valid", { status: 401 })))
  const server = yield* HttpServer.HttpServer
  yield* server.serve(
    HttpRouter.empty.pipe(
      HttpRouter.post("/replays", take),
      Effect.catchAll(() => HttpServerResponse.empty({ status: 404 }))
    )
  )
  const url = yield* HttpServer.addressFormattedWith((address) => Effect.succeed(`${address}/replays`))
  return { url, secret, received: Ref.get(received) }
})

/** A receiver on a free port of this machine, for as long as the layer lives. */
export const layer = Layer.scoped(Receiver, make).pipe(
  Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 }))
)
