/** The HTTP server: on 127.0.0.1 and nowhere else, and gone at once when its scope ends. */
import { createServer } from "node:http"
import type { Socket } from "node:net"
import type { HttpServerRequest } from "@effect/platform"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect, Layer } from "effect"
import { Settings } from "../faults/Settings.js"

/** The only address that is listened on. */
export const host = "127.0.0.1"

/**
 * A server on the port of the settings. Fails with a `ServeError` when the port is taken.
 *
 * When the scope ends, connections are cut, kept-alive and half-answered ones too: Node's own close would wait for them.
 */
export const layer = Layer.scoped(
  HttpServer.HttpServer,
  Effect.gen(function* () {
    const { port } = yield* Settings
    const sockets = new Set<Socket>()
    let closing = false
    const server = createServer()
    server.on("connection", (socket) => {
      if (closing) socket.destroy()
      else sockets.add(socket.once("close", () => sockets.delete(socket)))
    })
    const http = yield* NodeHttpServer.make(() => server, { host, port })
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closing = true
        for (const socket of sockets) socket.destroy()
      })
    )
    return http
  })
)

/** Resets the connection of a request: the client sees `ECONNRESET`, whatever it was waiting for. */
export const cut = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<void> =>
  Effect.sync(() => {
    NodeHttpServerRequest.toIncomingMessage(request).socket.resetAndDestroy()
  })
