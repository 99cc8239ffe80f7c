import { request as httpRequest } from "node:http"
import { connect } from "node:net"
import { networkInterfaces } from "node:os"
import { describe, expect, it } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, Exit, Fiber, HashMap, Option, Scope, TestClock } from "effect"
import { type Answer, call, field, login, payload, streams } from "./Call.js"

const rate = ({ headers }: Answer) => [
  headers["inin-ratelimit-count"],
  headers["inin-ratelimit-allowed"],
  headers["inin-ratelimit-reset"]
]

/** A request over a socket of its own, answered with its status or the code of the error. */
const bare = (method: string, path: string, token: string, body: string) =>
  Effect.flatMap(Sandbox.Sandbox, ({ url }) =>
    Effect.async<string>((resume) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
      httpRequest(`${url}${path}`, { method, headers, agent: false }, (response) => {
        response.resume()
        resume(Effect.succeed(String(response.statusCode)))
      })
        .on("error", (error) => resume(Effect.succeed("code" in error ? String(error.code) : error.message)))
        .end(body)
    })
  )

describe("The rate limit", () => {
  it.scoped("counts a token's requests, refuses one too many with Retry-After, and begins anew", () =>
    Effect.gen(function* () {
      const token = yield* login
      expect(rate(yield* call("GET", streams, token))).toEqual(["1", "3", "60"])
      yield* TestClock.adjust(Duration.millis(20_500))
      expect(rate(yield* call("GET", streams, token))).toEqual(["2", "3", "40"])
      expect((yield* call("GET", `${streams}/nobody`, token)).status).toBe(404)
      const refused = yield* call("POST", streams, token, payload("window"))
      expect(refused.status).toBe(429)
      expect(refused.headers["retry-after"]).toBe("40")
      expect(rate(refused)).toEqual(["4", "3", "40"])
      expect(refused.json).toMatchObject({ status: 429, code: "too.many.requests" })
      expect(yield* (yield* Sandbox.Sandbox).streams).toEqual([])
      expect((yield* call("GET", streams, yield* login)).status).toBe(200)
      yield* TestClock.adjust(Duration.millis(39_499))
      expect((yield* call("GET", streams, token)).status).toBe(429)
      yield* TestClock.adjust(Duration.millis(1))
      expect(rate(yield* call("GET", streams, token))).toEqual(["1", "3", "60"])
    }).pipe(Effect.provide(Sandbox.layer({ rateLimit: { allowed: 3 } })))
  )

  it.scoped("counts all tokens of the client together, where it is told to", () =>
    Effect.gen(function* () {
      const answers = yield* Effect.replicateEffect(
        Effect.flatMap(login, (token) => call("GET", streams, token)),
        3
      )
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
    }).pipe(Effect.provide(Sandbox.layer({ rateLimit: { allowed: 2, per: "client" } })))
  )

  it.scoped("is 300 a minute unless told, and its headers stand on every answer", () =>
    Effect.gen(function* () {
      const token = yield* login
      const answers = [
        yield* call("GET", streams, token),
        yield* call("GET", streams, undefined),
        yield* call("POST", streams, token, {}),
        yield* call("GET", "/api/v2/nothing", token),
        yield* call("GET", "/nothing", undefined),
        yield* call("POST", "/oauth/token", undefined, {})
      ]
      expect(answers.map(({ status }) => status)).toEqual([200, 401, 400, 404, 404, 401])
      for (const answer of answers) {
        expect(rate(answer)).toEqual([expect.stringMatching(/^\d+$/), "300", "60"])
        expect(answer.headers["inin-correlation-id"]).toMatch(/^[0-9a-f-]{36}$/)
      }
      expect(new Set(answers.map(({ headers }) => headers["inin-correlation-id"])).size).toBe(answers.length)
    }).pipe(Effect.provide(Sandbox.layer()))
  )
})

describe("Requests that go wrong", () => {
  it.scoped("429 storms: the next so many answers, with Retry-After", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      const token = yield* login
      yield* faults.next({ kind: "rateLimited", retryAfter: 7, times: 2 })
      const answers = yield* Effect.replicateEffect(call("GET", streams, token), 3)
      expect(answers.map(({ headers, status }) => [status, headers["retry-after"]])).toEqual([
        [429, "7"],
        [429, "7"],
        [200, undefined]
      ])
      expect(answers[0] && rate(answers[0])).toEqual(["301", "300", "7"])
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("5xx before and after the request was carried out", () =>
    Effect.gen(function* () {
      const { faults, submissions } = yield* Sandbox.Sandbox
      const token = yield* login
      yield* faults.next({ kind: "serverError" }, { kind: "serverError", status: 504, processed: true })
      const before = yield* call("POST", streams, token, payload("before"))
      const after = yield* call("POST", streams, token, payload("after"))
      expect([before.status, after.status]).toEqual([503, 504])
      expect(after.json).toMatchObject({ code: "gateway.timeout", contextId: after.headers["inin-correlation-id"] })
      expect(HashMap.toEntries(yield* submissions)).toEqual([["after", { created: 1, conflicts: 0 }]])
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("403", () =>
    Effect.gen(function* () {
      const answer = yield* call("GET", streams, yield* login)
      expect(answer.json).toMatchObject({ status: 403, code: "missing.permissions" })
    }).pipe(Effect.provide(Sandbox.layer({ faults: { requests: [{ kind: "forbidden" }] } })))
  )

  it.scoped("slow answers, on the Clock", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      const token = yield* login
      yield* faults.next({ kind: "slow", delay: Duration.seconds(5) })
      const answer = yield* Effect.fork(call("GET", streams, token))
      yield* Effect.repeat(Effect.yieldNow(), { until: () => Effect.map(faults.fired, HashMap.has("slow")) })
      yield* TestClock.adjust(Duration.millis(4_999))
      expect(yield* Fiber.poll(answer)).toEqual(Option.none())
      yield* TestClock.adjust(Duration.millis(1))
      expect((yield* Fiber.join(answer)).status).toBe(200)
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("a connection cut before the request was processed: a reset, and nothing happened", () =>
    Effect.gen(function* () {
      const { faults, requests, submissions } = yield* Sandbox.Sandbox
      const token = yield* login
      yield* faults.next({ kind: "cutBefore", method: "POST", path: streams })
      expect(yield* bare("POST", streams, token, JSON.stringify(payload("window")))).toBe("ECONNRESET")
      expect(yield* requests.count(`POST ${streams}`)).toBe(1)
      expect(HashMap.size(yield* submissions)).toBe(0)
      expect(yield* bare("POST", streams, token, JSON.stringify(payload("window")))).toBe("201")
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("a connection cut after the request was processed: a reset, and the stream is there", () =>
    Effect.gen(function* () {
      const { faults, requests, submissions } = yield* Sandbox.Sandbox
      const token = yield* login
      yield* faults.next({ kind: "cutAfter", method: "POST", path: streams })
      expect((yield* call("GET", streams, token)).status).toBe(200)
      expect(yield* bare("POST", streams, token, JSON.stringify(payload("window")))).toBe("ECONNRESET")
      expect(HashMap.get(yield* submissions, "window")).toEqual(Option.some({ created: 1, conflicts: 0 }))
      expect(field((yield* call("GET", `${streams}?name=window`, token)).json, "total")).toBe(1)
      expect((yield* requests.entries).map(({ status }) => status)).toEqual([200, 200, 0, 200])
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("a malformed body: carried out, but half of the answer is missing", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      const token = yield* login
      yield* faults.next({ kind: "malformedBody", path: streams })
      const answer = yield* call("POST", streams, token, payload("window"))
      expect(answer.status).toBe(201)
      expect(answer.text).toMatch(/^\{"id":"[0-9a-f-]{36}"/)
      expect(answer.json).toBe(undefined)
      expect((yield* call("POST", streams, token, payload("window"))).status).toBe(409)
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("tokens that expire in the middle", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      const token = yield* login
      yield* faults.next({ kind: "expiredTokens", skip: 1 })
      const statuses = yield* Effect.replicateEffect(
        Effect.map(call("GET", streams, token), ({ status }) => status),
        3
      )
      expect(statuses).toEqual([200, 401, 401])
      expect((yield* call("GET", streams, yield* login)).status).toBe(200)
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("as scripted first, whatever else is set meanwhile, until all are cleared", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      const token = yield* login
      const status = Effect.map(call("GET", streams, token), (answer) => answer.status)
      yield* faults.next({ kind: "rateLimited" })
      yield* faults.set({ requests: [{ kind: "forbidden" }] })
      expect([yield* status, yield* status]).toEqual([429, 403])
      yield* faults.update((before) => ({ ...before, deliveries: { drop: { rate: 1 } } }))
      expect(yield* status).toBe(403)
      yield* faults.next({ kind: "rateLimited" })
      yield* faults.clear
      expect([yield* status, yield* faults.current]).toEqual([200, {}])
      expect(Object.fromEntries(yield* faults.fired)).toEqual({ rateLimited: 1, forbidden: 2 })
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("on the OAuth server too, where its path is named", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      yield* faults.next({ kind: "serverError", path: "/oauth/*", status: 502 })
      expect((yield* call("POST", "/oauth/token", undefined, {})).status).toBe(502)
      expect((yield* call("POST", "/oauth/token", undefined, {})).status).toBe(401)
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("by rate hit the same requests for the same seed, and can be taken back", () =>
    Effect.gen(function* () {
      const statuses = (seed: number) =>
        Effect.gen(function* () {
          const { faults } = yield* Sandbox.Sandbox
          const token = yield* login
          const hit = yield* Effect.replicateEffect(
            Effect.map(call("GET", streams, token), ({ status }) => status),
            30
          )
          yield* faults.clear
          expect((yield* call("GET", streams, token)).status).toBe(200)
          return hit
        }).pipe(Effect.provide(Sandbox.layer({ seed, faults: { requests: [{ kind: "serverError", rate: 0.5 }] } })))
      const once = yield* statuses(1)
      expect(new Set(once)).toEqual(new Set([200, 503]))
      expect(yield* statuses(1)).toEqual(once)
      expect(yield* statuses(2)).not.toEqual(once)
    })
  )
})

describe("The server", () => {
  it.scoped("listens on 127.0.0.1 and nowhere else", () =>
    Effect.gen(function* () {
      const { url } = yield* Sandbox.Sandbox
      expect(new URL(url).hostname).toBe("127.0.0.1")
      const others = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address))
      const knock = (host: string) =>
        Effect.async<boolean>((resume) => {
          const socket = connect({ host, port: Number(new URL(url).port) })
          const answer = (open: boolean) => {
            socket.destroy()
            resume(Effect.succeed(open))
          }
          socket.once("connect", () => answer(true)).once("error", () => answer(false))
        })
      expect(yield* knock("127.0.0.1")).toBe(true)
      for (const address of others.filter((one) => one !== "127.0.0.1" && !one.startsWith("fe80"))) {
        expect([address, yield* knock(address)]).toEqual([address, false])
      }
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("goes at once, with a kept-alive connection, a slow answer and a replay under way", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const sandbox = yield* Scope.extend(Sandbox.make({ port: 0 }), scope)
      const inside = Effect.provideService(Sandbox.Sandbox, sandbox)
      const token = yield* inside(login)
      yield* inside(call("POST", streams, token, payload("window")))
      yield* sandbox.faults.next({ kind: "slow", delay: Duration.days(1) })
      const waiting = yield* Effect.fork(inside(bare("GET", streams, token, "")))
      yield* Effect.repeat(Effect.yieldNow(), { until: () => Effect.map(sandbox.faults.fired, HashMap.has("slow")) })
      yield* Scope.close(scope, Exit.void)
      expect(yield* Fiber.join(waiting)).toBe("ECONNRESET")
      expect(yield* inside(bare("GET", streams, token, ""))).toBe("ECONNREFUSED")
      yield* Effect.scoped(Sandbox.make({ port: Number(new URL(sandbox.url).port) }))
    })
  )

  it.scoped("says which port is taken and which option is out of range", () =>
    Effect.gen(function* () {
      const { url } = yield* Sandbox.Sandbox
      const taken = yield* Effect.flip(Sandbox.make({ port: Number(new URL(url).port) }))
      expect(taken._tag).toBe("SandboxUnavailable")
      expect(taken.message).toContain(`EADDRINUSE: address already in use 127.0.0.1:${new URL(url).port}`)
      const wrong = yield* Effect.flip(Sandbox.make({ faults: { deliveries: { drop: { rate: 1.5 } } } }))
      expect(wrong.message).toContain("rate")
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("says how to reach it", () =>
    Effect.gen(function* () {
      const { environment, url } = yield* Sandbox.Sandbox
      expect(environment).toEqual([
        `GENESYS_ENV_URL=${url}`,
        `GENESYS_LOGIN_URL=${url}`,
        expect.stringMatching(/^GENESYS_CLIENT_ID=[0-9a-f-]{36}$/),
        expect.stringMatching(/^GENESYS_CLIENT_SECRET=[\w-]{43}$/),
        `AWS_ENDPOINT_URL=${url}`,
        expect.stringMatching(/^AWS_ACCESS_KEY_ID=AKIA[A-Z2-7]{16}$/),
        expect.stringMatching(/^AWS_SECRET_ACCESS_KEY=[\w-]{40}$/)
      ])
    }).pipe(Effect.provide(Sandbox.layer()))
  )
})
