import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import * as https from "node:https"
import { type AddressInfo, connect, type Server, type Socket } from "node:net"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { certificate, key } from "./Certificate.js"
import { run, workplace } from "./Run.js"

const listening = <S extends Server>(server: S) =>
  Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
    }),
    () => Effect.sync(() => server.close())
  )

/** A Genesys Cloud without replays, behind TLS. */
const answer = (request: IncomingMessage, response: ServerResponse) => {
  const body =
    request.url === "/oauth/token"
      ? { access_token: "token", token_type: "bearer", expires_in: 3_600 }
      : { entities: [], pageNumber: 1, pageSize: 100, pageCount: 0, total: 0 }
  response.setHeader("content-type", "application/json").end(JSON.stringify(body))
}

/** A proxy through which every host is that platform; `asked` are the hosts that it was asked for. */
const network = Effect.gen(function* () {
  const asked: Array<string> = []
  const sockets = new Set<Socket>()
  const server = https.createServer({ key, cert: certificate }, answer)
  const port = yield* listening(server)
  const proxy = createServer().on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url ?? "")
    const onwards = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
      socket.pipe(onwards).pipe(socket)
    })
    for (const one of [socket, onwards]) {
      sockets.add(one)
      one.on("error", () => one.destroy())
    }
  })
  const url = `http://127.0.0.1:${yield* listening(proxy)}`
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const socket of sockets) socket.destroy()
    })
  )
  const { directory, env } = yield* workplace({ "authority.pem": certificate })
  const list = (provider: "genesys" | "eventbridge", more: Record<string, string>) =>
    Effect.map(
      run(["list", "--provider", provider], {
        cwd: directory,
        env: {
          ...env,
          GENESYS_ENV_URL: "https://api.example.test",
          GENESYS_CLIENT_ID: "client",
          GENESYS_CLIENT_SECRET: "secret",
          AWS_REGION: "us-east-1",
          AWS_ACCESS_KEY_ID: "key",
          AWS_SECRET_ACCESS_KEY: "secret",
          ...more
        }
      }),
      (ended) => ({ ...ended, asked: asked.splice(0) })
    )
  return { url, platform: `https://127.0.0.1:${port}`, authority: `${directory}/authority.pem`, list }
})

describe("Behind a proxy that the environment names", () => {
  it.scopedLive("Genesys Cloud is asked through it, and trusted where the authority of the network is", () =>
    Effect.gen(function* () {
      const { authority, list, url } = yield* network
      const trusting = yield* list("genesys", { HTTPS_PROXY: url, NODE_EXTRA_CA_CERTS: authority })
      expect(trusting).toMatchObject({ code: 0, out: "no replays\n" })
      expect(trusting.asked).toContain("login.example.test:443")
      expect(trusting.asked).toContain("api.example.test:443")
      const wary = yield* list("genesys", { https_proxy: url })
      expect(wary.code).toBe(5)
      expect(wary.asked).toEqual(["login.example.test:443"])
      expect(wary.err).toContain("DEPTH_ZERO_SELF_SIGNED_CERT")
      expect(wary.err).toContain("export NODE_EXTRA_CA_CERTS=")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("AWS is asked through it too, unless it stands on this machine", () =>
    Effect.gen(function* () {
      const { list, platform, url } = yield* network
      const through = yield* list("eventbridge", { HTTPS_PROXY: url })
      expect(through.asked).toEqual(["events.us-east-1.amazonaws.com:443"])
      expect(through.code).toBe(5)
      expect(through.err).toContain("CERT")
      const direct = yield* list("eventbridge", { HTTPS_PROXY: url, AWS_ENDPOINT_URL: platform })
      expect(direct).toMatchObject({ code: 5, asked: [] })
      expect(direct.err).toContain("CERT")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("one that cannot be used is told of without what it may hold, and nothing is sent", () =>
    Effect.gen(function* () {
      const { list } = yield* network
      for (const provider of ["genesys", "eventbridge"] as const) {
        const { asked, code, err } = yield* list(provider, { HTTPS_PROXY: "socks5://user:pa55word@proxy.example:1080" })
        expect({ asked, code }).toEqual({ asked: [], code: 2 })
        expect(err).toContain("HTTPS_PROXY")
        expect(err.toLowerCase()).not.toContain("pa55word")
      }
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
