import { describe, expect, it } from "@effect/vitest"
import { ReplayProvider } from "@genesys-replay/domain"
import { SampleWindow } from "@genesys-replay/domain/testing"
import { Genesys } from "@genesys-replay/genesys"
import { StubHttpClient, StubPlatform } from "@genesys-replay/genesys/testing"
import {
  Cause,
  Effect,
  Encoding,
  Exit,
  Fiber,
  Inspectable,
  Layer,
  Logger,
  LogLevel,
  Ref,
  Stream,
  TestClock,
  Tracer
} from "effect"

describe("PlatformClient", () => {
  it.effect("a 401 in the middle of a bulk run renews the token once, and all succeed", () =>
    Effect.gen(function* () {
      const renewed = yield* Ref.make(0)
      const stub = yield* StubHttpClient.make((asked, index) =>
        Effect.gen(function* () {
          if (asked.path === "/oauth/token") {
            const count = yield* Ref.updateAndGet(renewed, (n) => n + 1)
            return StubPlatform.tokenAnswer(`token-${count}`)
          }
          yield* Effect.sleep("20 millis")
          const old = asked.headers["authorization"] === "Bearer token-1"
          if (old && index > 40) return { status: 401, json: StubPlatform.errorBody(401, "expired") }
          const { name } = JSON.parse(asked.body)
          return { status: 201, json: StubPlatform.stream(name) }
        })
      )
      const names = Array.from({ length: 100 }, (_, index) => `w${index}`)
      const fiber = yield* ReplayProvider.ReplayProvider.pipe(
        Effect.flatMap(({ submit }) =>
          Effect.forEach(names, (name) => submit(SampleWindow.make(name)), { concurrency: 20 })
        ),
        Effect.provide(Layer.provide(Genesys.layerOf(StubPlatform.values), stub.layer)),
        Effect.fork
      )
      yield* TestClock.adjust("10 seconds")
      const submissions = yield* Fiber.join(fiber)
      expect(submissions.map(({ outcome, replay }) => `${replay.name} ${outcome}`)).toEqual(
        names.map((name) => `${name} created`)
      )
      expect(yield* Ref.get(renewed)).toBe(2)
    })
  )

  it.effect("asks again where the JSON of an answer breaks off, and not where there never was any", () =>
    Effect.gen(function* () {
      const findBehind = (reply: StubHttpClient.Reply) =>
        Effect.gen(function* () {
          const stub = yield* StubPlatform.make(
            StubHttpClient.inTurn(reply, StubPlatform.page(StubPlatform.stream("w")))
          )
          const fiber = yield* ReplayProvider.ReplayProvider.pipe(
            Effect.flatMap(({ findByName }) => Effect.either(findByName("w"))),
            Effect.provide(stub.layer),
            Effect.fork
          )
          yield* TestClock.adjust("2 seconds")
          return { found: yield* Fiber.join(fiber), asked: (yield* stub.asked).length }
        })
      const half = JSON.stringify({ entities: [StubPlatform.stream("w")] }).slice(0, 40)
      expect(yield* findBehind({ status: 200, text: half })).toMatchObject({ asked: 2, found: { _tag: "Right" } })
      expect(yield* findBehind({ status: 200, text: "<html>log in first</html>" })).toMatchObject({
        asked: 1,
        found: { _tag: "Left", left: { _tag: "AnswerUnreadable" } }
      })
    })
  )

  it.effect("says what came where JSON was expected, and follows no redirect", () =>
    Effect.gen(function* () {
      const findBehind = (reply: StubHttpClient.Reply) =>
        Effect.gen(function* () {
          const stub = yield* StubPlatform.make(StubHttpClient.inTurn(reply))
          const error = yield* ReplayProvider.ReplayProvider.pipe(
            Effect.flatMap(({ findByName }) => Effect.flip(findByName("w"))),
            Effect.provide(stub.layer)
          )
          return { tag: error._tag, message: error.message, asked: (yield* stub.asked).length }
        })
      const html = { "content-type": "text/html; charset=utf-8" }
      const page = "<!doctype html><title>Sign in to the network</title>"
      const portal = yield* findBehind({ status: 200, text: page, headers: html })
      expect(portal).toMatchObject({ tag: "AnswerUnreadable", asked: 1 })
      expect(portal.message).toContain('expected JSON, got text/html ("Sign in to the network")')
      const moved = yield* findBehind({ status: 302, headers: { location: "https://sso.example/login?token=t#x" } })
      expect(moved).toMatchObject({ tag: "AnswerUnreadable", asked: 1 })
      expect(moved.message).toContain("(302) could not be read: it redirects to https://sso.example/login.")
      const denied = yield* findBehind({ status: 403, text: page, headers: html })
      expect(denied.tag).toBe("NotPermitted")
      expect(denied.message).toContain('403 Forbidden with text/html ("Sign in to the network") instead of JSON')
    })
  )

  it.effect("tries a server once whose certificate cannot be verified, and says what helps", () =>
    Effect.gen(function* () {
      const stub = yield* StubPlatform.make(StubHttpClient.inTurn({ cut: "SELF_SIGNED_CERT_IN_CHAIN" }))
      const error = yield* ReplayProvider.ReplayProvider.pipe(
        Effect.flatMap(({ submit }) => Effect.flip(submit(SampleWindow.make("w")))),
        Effect.provide(stub.layer)
      )
      expect(error).toMatchObject({ _tag: "CertificateRejected", code: "SELF_SIGNED_CERT_IN_CHAIN" })
      expect(error.message).toContain("NODE_EXTRA_CA_CERTS")
      expect(yield* stub.asked).toHaveLength(1)
    })
  )

  it.effect("warns of a clock that is not the platform's", () =>
    Effect.gen(function* () {
      const logged: Array<unknown> = []
      const log = Logger.make(({ message }) => void logged.push(message))
      const stub = yield* StubPlatform.make(
        StubHttpClient.inTurn({
          status: 200,
          json: { entities: [] },
          headers: { date: "Thu, 01 Jan 1970 03:00:00 GMT" }
        })
      )
      yield* ReplayProvider.ReplayProvider.pipe(
        Effect.flatMap(({ findByName }) => Effect.replicateEffect(findByName("w"), 3)),
        Effect.provide([stub.layer, Logger.replace(Logger.defaultLogger, log)])
      )
      expect(logged.map(String)).toEqual([expect.stringContaining("3h behind that of Genesys Cloud")])
    })
  )

  it.effect("takes the correlation id of the body where the header is missing", () =>
    Effect.gen(function* () {
      const stub = yield* StubPlatform.make(
        StubHttpClient.inTurn({
          status: 403,
          json: StubPlatform.errorBody(403, "missing eventstream:write"),
          headers: { "inin-correlation-id": "" }
        })
      )
      const error = yield* ReplayProvider.ReplayProvider.pipe(
        Effect.flatMap(({ submit }) => submit(SampleWindow.make("w"))),
        Effect.provide(stub.layer),
        Effect.flip
      )
      expect(error).toMatchObject({
        _tag: "NotPermitted",
        correlationId: "context-1",
        reason: "missing eventstream:write"
      })
    })
  )

  it.effect("no error, log or span has the secret, the credentials or the token in it", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const native = Tracer.make({
        span: (name, parent, context, links, startTime, kind) => {
          const attributes = new Map<string, unknown>()
          const span: Tracer.Span = {
            _tag: "Span",
            name,
            spanId: "1",
            traceId: "1",
            parent,
            context,
            status: { _tag: "Started", startTime },
            attributes,
            links,
            sampled: true,
            kind,
            end: (_, exit) => seen.push(name, [...attributes], Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""),
            attribute: (key, value) => attributes.set(key, value),
            event: (event, _, more) => seen.push(event, more),
            addLinks: () => {}
          }
          return span
        },
        context: (execute) => execute()
      })
      const log = Logger.make(({ annotations, cause, message }) => {
        seen.push(message, Cause.pretty(cause), [...annotations])
      })
      const echo = `Bearer ${StubPlatform.bearer}`
      const replies: ReadonlyArray<StubHttpClient.Reply> = [
        "cut",
        "cut in the middle",
        { status: 200, text: "<html>" },
        { status: 400, json: StubPlatform.errorBody(400, "no") },
        { status: 401, json: StubPlatform.errorBody(401, `refused: ${echo}`) },
        { status: 403, json: StubPlatform.errorBody(403, "no") },
        { status: 409, json: StubPlatform.errorBody(409, "no") },
        { status: 429 },
        { status: 500, text: echo },
        { status: 302 }
      ]
      for (const reply of replies) {
        const stub = yield* StubPlatform.make(() => Effect.succeed(reply))
        const fiber = yield* Effect.gen(function* () {
          const provider = yield* ReplayProvider.ReplayProvider
          yield* Effect.tapErrorCause(provider.submit(SampleWindow.make("w")), Effect.logError).pipe(Effect.ignore)
          const exit = yield* Effect.exit(Stream.runDrain(provider.list()))
          seen.push(Inspectable.format(exit), Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "")
        }).pipe(
          Effect.withSpan("test"),
          Effect.provide([stub.layer, Logger.replace(Logger.defaultLogger, log), Logger.minimumLogLevel(LogLevel.All)]),
          Effect.withTracer(native),
          Effect.fork
        )
        yield* TestClock.adjust("5 minutes")
        yield* Fiber.join(fiber)
      }
      const everything = seen.map((one) => Inspectable.toStringUnknown(one)).join("\n")
      expect(everything).toContain("http.request.header.authorization")
      expect(everything).toContain("RequestRejected")
      for (const hidden of [
        StubPlatform.secret,
        StubPlatform.bearer,
        Encoding.encodeBase64(`client-7:${StubPlatform.secret}`)
      ]) {
        expect(everything.split("\n").filter((line) => line.includes(hidden))).toEqual([])
      }
    })
  )

  it.effect("interrupting a request lets go of everything", () =>
    Effect.gen(function* () {
      const stub = yield* StubPlatform.make((_, index) =>
        index === 0 ? Effect.never : Effect.succeed(StubPlatform.page())
      )
      yield* Effect.gen(function* () {
        const { findByName } = yield* ReplayProvider.ReplayProvider
        const first = yield* Effect.fork(findByName("w"))
        yield* TestClock.adjust(10)
        expect(Exit.isInterrupted(yield* Fiber.interrupt(first))).toBe(true)
        yield* findByName("w")
        expect(yield* stub.asked).toHaveLength(2)
      }).pipe(Effect.provide(stub.layer))
    })
  )
})
