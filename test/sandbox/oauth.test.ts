import { describe, expect, it } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, Redacted, TestClock } from "effect"
import { basic, call, field, login, streams, tokenRequest } from "./Call.js"

const form = "grant_type=client_credentials"

describe("OAuth of the sandbox", () => {
  it.scoped("gives a bearer token to its client and accepts scopes", () =>
    Effect.gen(function* () {
      const { clientId, clientSecret } = yield* Sandbox.Sandbox
      const answer = yield* tokenRequest(
        `${form}&scope=eventstream%3Aread+analytics%3Aread`,
        basic(clientId, Redacted.value(clientSecret))
      )
      expect(answer.status).toBe(200)
      expect(answer.json).toMatchObject({ token_type: "bearer", expires_in: 3600 })
      expect(answer.headers["inin-correlation-id"]).toMatch(/^[0-9a-f-]{36}$/)
    }).pipe(Effect.provide(Sandbox.layer({ seed: 1 })))
  )

  it.scoped.each([
    ["no Authorization header", form, undefined, 401, "invalid_client"],
    ["another scheme", form, "Bearer abc", 401, "invalid_client"],
    ["what is not base64", form, "Basic ???", 401, "invalid_client"],
    ["an unknown client", form, basic("somebody", "secret"), 401, "invalid_client"],
    ["a wrong secret", form, basic("client", "wrong"), 401, "invalid_client"],
    ["no secret", form, basic("client", ""), 401, "invalid_client"],
    ["no grant type", "scope=x", basic("client", "right:with:colons"), 400, "invalid_request"],
    ["another grant type", "grant_type=password", basic("client", "right:with:colons"), 400, "unsupported_grant_type"]
  ] as const)("refuses %s", ([_, body, authorization, status, error]) =>
    Effect.gen(function* () {
      const answer = yield* tokenRequest(body, authorization)
      expect(answer.status).toBe(status)
      expect(answer.json).toEqual({ error, description: expect.any(String) })
      expect(answer.text).not.toContain("right:with:colons")
    }).pipe(Effect.provide(Sandbox.layer({ clientId: "client", clientSecret: Redacted.make("right:with:colons") })))
  )

  it.scoped("lets nobody in without a token, with a made-up one, or with another scheme", () =>
    Effect.gen(function* () {
      expect(field((yield* call("GET", streams, undefined)).json, "code")).toBe("authentication.required")
      const madeUp = yield* call("GET", streams, "made-up")
      expect(madeUp.status).toBe(401)
      expect(madeUp.json).toEqual({
        message: expect.any(String),
        code: "bad.credentials",
        status: 401,
        contextId: madeUp.headers["inin-correlation-id"],
        details: [],
        errors: []
      })
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("ends a token's life on the Clock, to the millisecond", () =>
    Effect.gen(function* () {
      const token = yield* login
      yield* TestClock.adjust(Duration.millis(59_999))
      expect((yield* call("GET", streams, token)).status).toBe(200)
      yield* TestClock.adjust(Duration.millis(1))
      expect((yield* call("GET", streams, token)).status).toBe(401)
      expect((yield* call("GET", streams, yield* login)).status).toBe(200)
    }).pipe(Effect.provide(Sandbox.layer({ tokenLifetime: Duration.minutes(1) })))
  )

  it.scoped("expires every token on request", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const [first, second] = [yield* login, yield* login]
      expect(first).not.toBe(second)
      yield* sandbox.expireTokens
      expect((yield* call("GET", streams, first)).status).toBe(401)
      expect((yield* call("GET", streams, second)).status).toBe(401)
      expect(yield* sandbox.tokensIssued).toBe(2)
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("draws client and tokens from the seed, and without one anew each time", () =>
    Effect.gen(function* () {
      const drawn = (seed?: number) =>
        Effect.gen(function* () {
          const { clientId, clientSecret } = yield* Sandbox.Sandbox
          return [clientId, Redacted.value(clientSecret), yield* login]
        }).pipe(Effect.provide(Sandbox.layer(seed === undefined ? {} : { seed })))
      expect(yield* drawn(7)).toEqual(yield* drawn(7))
      expect(yield* drawn(7)).not.toEqual(yield* drawn(8))
      expect(yield* drawn()).not.toEqual(yield* drawn())
    })
  )
})
