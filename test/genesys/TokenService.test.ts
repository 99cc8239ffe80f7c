import { describe, expect, it } from "@effect/vitest"
import { GenesysConfig, TokenService } from "@genesys-replay/genesys"
import { StubHttpClient, StubPlatform } from "@genesys-replay/genesys/testing"
import { Effect, Encoding, Exit, Fiber, Layer, Redacted, TestClock } from "effect"

/** A token service whose `n`-th token is `token-n`, good for `seconds`; each takes `takes` to come. */
const service = (script: StubHttpClient.Script) =>
  Effect.map(StubHttpClient.make(script), (stub) => ({
    asked: stub.asked,
    layer: TokenService.TokenService.layer.pipe(
      Layer.provide(GenesysConfig.GenesysConfig.layerOf(StubPlatform.values)),
      Layer.provide(stub.layer)
    )
  }))

const numbered =
  (seconds: number, takes = 0): StubHttpClient.Script =>
  (_, index) =>
    Effect.delay(Effect.succeed(StubPlatform.tokenAnswer(`token-${index + 1}`, seconds)), takes)

const tokenText = Effect.flatMap(TokenService.TokenService, ({ token }) =>
  Effect.map(token, ({ value }) => Redacted.value(value))
)

describe("TokenService", () => {
  it.effect("asks as the OAuth server wants it: Basic credentials and a form", () =>
    Effect.gen(function* () {
      const { asked, layer } = yield* service(numbered(3_600))
      yield* Effect.provide(tokenText, layer)
      const [request] = yield* asked
      expect(request?.method).toBe("POST")
      expect(request?.path).toBe("/oauth/token")
      expect(request?.headers["authorization"]).toBe(
        `Basic ${Encoding.encodeBase64(`client-7:${StubPlatform.secret}`)}`
      )
      expect(request?.headers["content-type"]).toBe("application/x-www-form-urlencoded")
      expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
        grant_type: "client_credentials",
        scope: GenesysConfig.defaultScope
      })
    })
  )

  it.effect("1,000 concurrent callers share one request", () =>
    Effect.gen(function* () {
      const { asked, layer } = yield* service(numbered(3_600, 250))
      yield* Effect.gen(function* () {
        const callers = yield* Effect.replicateEffect(tokenText, 1_000, { concurrency: "unbounded" }).pipe(Effect.fork)
        yield* TestClock.adjust(250)
        const tokens = yield* Fiber.join(callers)
        expect(new Set(tokens)).toEqual(new Set(["token-1"]))
      }).pipe(Effect.provide(layer))
      expect(yield* asked).toHaveLength(1)
    })
  )

  it.effect("the others get their token although the first to ask is interrupted", () =>
    Effect.gen(function* () {
      const { asked, layer } = yield* service(numbered(3_600, 250))
      yield* Effect.gen(function* () {
        const first = yield* Effect.fork(tokenText)
        yield* TestClock.adjust(100)
        const others = yield* Effect.fork(Effect.replicateEffect(tokenText, 10, { concurrency: "unbounded" }))
        yield* TestClock.adjust(50)
        yield* Fiber.interrupt(first)
        yield* TestClock.adjust(100)
        expect(new Set(yield* Fiber.join(others))).toEqual(new Set(["token-1"]))
      }).pipe(Effect.provide(layer))
      expect(yield* asked).toHaveLength(1)
    })
  )

  it.effect("renews a minute before a day's token ends, and hands out the old one meanwhile", () =>
    Effect.gen(function* () {
      const { layer } = yield* service(numbered(86_400, 500))
      yield* Effect.gen(function* () {
        const first = yield* Effect.fork(tokenText)
        yield* TestClock.adjust(500)
        expect(yield* Fiber.join(first)).toBe("token-1")
        yield* TestClock.adjust(86_340_000 - 501)
        expect(yield* tokenText).toBe("token-1")
        yield* TestClock.adjust(501)
        expect(yield* tokenText).toBe("token-1")
        yield* TestClock.adjust(500)
        expect(yield* tokenText).toBe("token-2")
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("renews a token of ten seconds after nine", () =>
    Effect.gen(function* () {
      const { asked, layer } = yield* service(numbered(10))
      yield* Effect.gen(function* () {
        yield* tokenText
        yield* TestClock.adjust(8_999)
        yield* tokenText
        yield* TestClock.adjust(0)
        expect(yield* asked).toHaveLength(1)
        yield* TestClock.adjust(1)
        yield* tokenText
        yield* TestClock.adjust(0)
        expect(yield* tokenText).toBe("token-2")
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("keeps the token while a renewal fails, and asks again", () =>
    Effect.gen(function* () {
      const { layer } = yield* service((_, index) =>
        Effect.succeed(index >= 1 && index <= 4 ? { status: 503 } : StubPlatform.tokenAnswer(`token-${index}`, 100))
      )
      yield* Effect.gen(function* () {
        yield* tokenText
        yield* TestClock.adjust("90 seconds")
        expect(yield* tokenText).toBe("token-0")
        yield* TestClock.adjust("9 seconds")
        expect(yield* tokenText).toBe("token-0")
        yield* TestClock.adjust(0)
        expect(yield* tokenText).toBe("token-5")
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("never hands out a token that has expired", () =>
    Effect.gen(function* () {
      const { layer } = yield* service(numbered(10, 250))
      yield* Effect.gen(function* () {
        const first = yield* Effect.fork(tokenText)
        yield* TestClock.adjust(250)
        yield* Fiber.join(first)
        yield* TestClock.adjust("10 seconds")
        const second = yield* Effect.fork(tokenText)
        yield* TestClock.adjust(250)
        expect(yield* Fiber.join(second)).toBe("token-2")
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("many 401s of one token throw it away once", () =>
    Effect.gen(function* () {
      const { asked, layer } = yield* service(numbered(3_600))
      yield* Effect.gen(function* () {
        const { invalidate, token } = yield* TokenService.TokenService
        const old = yield* token
        yield* Effect.replicateEffect(Effect.zipRight(invalidate(old), token), 50, { concurrency: "unbounded" })
        expect(yield* tokenText).toBe("token-2")
      }).pipe(Effect.provide(layer))
      expect(yield* asked).toHaveLength(2)
    })
  )

  it.effect("tries again when the OAuth server is busy or away", () =>
    Effect.gen(function* () {
      const { layer } = yield* service(
        StubHttpClient.inTurn(
          { status: 429, headers: { "retry-after": "3" } },
          { status: 503 },
          "cut",
          StubPlatform.tokenAnswer("late")
        )
      )
      const fiber = yield* Effect.fork(Effect.provide(tokenText, layer))
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(fiber)).toBe("late")
    })
  )

  it.effect("says that the client was refused, and asks once for a crowd", () =>
    Effect.gen(function* () {
      const { asked, layer } = yield* service(
        StubHttpClient.inTurn({
          status: 401,
          json: { error: "invalid_client", description: `no client with ${StubPlatform.secret}` }
        })
      )
      yield* Effect.gen(function* () {
        const failures = yield* Effect.replicateEffect(Effect.flip(tokenText), 100)
        for (const error of failures) {
          expect(error).toMatchObject({
            _tag: "NotAuthenticated",
            operation: "POST /oauth/token",
            code: "invalid_client"
          })
          expect(`${error.message}${JSON.stringify(error)}`).not.toContain(StubPlatform.secret)
        }
        expect(yield* asked).toHaveLength(1)
        yield* TestClock.adjust("10 seconds")
        yield* Effect.flip(tokenText)
        expect(yield* asked).toHaveLength(2)
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("does not repeat an answer that it cannot read: a token may be in it", () =>
    Effect.gen(function* () {
      for (const reply of [
        { status: 200, text: `<html>${StubPlatform.bearer}</html>` },
        {
          status: 200,
          json: { access_token: StubPlatform.bearer, token_type: "bearer", expires_in: StubPlatform.bearer }
        },
        { status: 200, json: { access_token: `${StubPlatform.bearer}\n`, token_type: "bearer", expires_in: 60 } }
      ]) {
        const { layer } = yield* service(StubHttpClient.inTurn(reply))
        const error = yield* Effect.flip(Effect.provide(tokenText, layer))
        expect(error).toMatchObject({ _tag: "AnswerUnreadable", status: 200, correlationId: "corr-1" })
        expect(`${error.message}${JSON.stringify(error)}`).not.toContain(StubPlatform.bearer)
      }
    })
  )

  it.effect("says that nobody serves OAuth there", () =>
    Effect.gen(function* () {
      const { layer } = yield* service(StubHttpClient.inTurn({ status: 404, text: "nothing here" }))
      const error = yield* Effect.flip(Effect.provide(tokenText, layer))
      expect(error).toMatchObject({ _tag: "NotAuthenticated", status: 404 })
      expect(error.message).toContain("GENESYS_LOGIN_URL")
    })
  )

  it.effect("ends its request when the layer ends", () =>
    Effect.gen(function* () {
      const { layer } = yield* service(() => Effect.never)
      const fiber = yield* Effect.fork(Effect.provide(tokenText, layer))
      yield* TestClock.adjust(1)
      expect(Exit.isInterrupted(yield* Fiber.interrupt(fiber))).toBe(true)
    })
  )

  it.effect("has a stub that hands out the next token when one is thrown away", () =>
    Effect.gen(function* () {
      const { invalidate, token } = yield* TokenService.TokenService
      const one = yield* token
      yield* invalidate(one)
      yield* invalidate(one)
      expect(yield* tokenText).toBe("b")
    }).pipe(Effect.provide(TokenService.TokenService.layerTest("a", "b", "c")))
  )
})
