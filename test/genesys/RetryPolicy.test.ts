import { describe, expect, it } from "@effect/vitest"
import { EventStream, ReplayProvider } from "@genesys-replay/domain"
import { RetryAfter, RetryPolicy } from "@genesys-replay/genesys"
import { StubHttpClient, StubPlatform } from "@genesys-replay/genesys/testing"
import { Duration, Effect, Exit, FastCheck, Fiber, Logger, Option, Random, TestClock } from "effect"

const id = EventStream.ReplayId.make("stream-1")
const found: StubHttpClient.Reply = { status: 200, json: StubPlatform.stream("a", "stream-1") }
const times = (asked: ReadonlyArray<StubHttpClient.Asked>) => asked.map(({ at }) => at)

/** Describes the stream while the clock runs for `duration`, with the given seed. */
const describeOnce = (script: StubHttpClient.Script, duration: Duration.DurationInput, seed = "a") =>
  Effect.gen(function* () {
    const stub = yield* StubPlatform.make(script)
    const fiber = yield* ReplayProvider.ReplayProvider.pipe(
      Effect.flatMap((provider) => provider.describe(id)),
      Effect.provide(stub.layer),
      Effect.withRandom(Random.make(seed)),
      Effect.exit,
      Effect.fork
    )
    yield* TestClock.adjust(duration)
    const done = yield* Fiber.poll(fiber)
    return { exit: Option.map(done, Exit.flatten), asked: yield* stub.asked, fiber }
  })

const failureOf = <A, E>(exit: Option.Option<Exit.Exit<A, E>>): E | undefined =>
  exit.pipe(
    Option.flatMap(Exit.causeOption),
    Option.flatMap((cause) => (cause._tag === "Fail" ? Option.some(cause.error) : Option.none())),
    Option.getOrUndefined
  )

describe("RetryPolicy", () => {
  it.effect("waits Retry-After in seconds, to the millisecond", () =>
    Effect.gen(function* () {
      const limited: StubHttpClient.Reply = { status: 429, headers: { "retry-after": "7" } }
      const early = yield* describeOnce(StubHttpClient.inTurn(limited, found), 6_999)
      expect(times(early.asked)).toEqual([0])
      yield* TestClock.adjust(1)
      expect(Option.isSome(yield* Fiber.poll(early.fiber))).toBe(true)
    })
  )

  it.effect("does not wait for longer than it may, nor do those that wait behind the limit", () =>
    Effect.gen(function* () {
      const hour: StubHttpClient.Reply = { status: 429, headers: { "retry-after": "3600" } }
      const maxWait = Duration.minutes(1)
      const stub = yield* StubPlatform.make(StubHttpClient.inTurn(hour, found), {
        retry: { ...RetryPolicy.defaults, maxWait }
      })
      yield* Effect.gen(function* () {
        const { describe } = yield* ReplayProvider.ReplayProvider
        const first = yield* Effect.flip(describe(id))
        expect(first).toMatchObject({ _tag: "RateLimited", attempts: 1, retryAfterSeconds: 3_600 })
        expect(first.message).toContain("it asks to wait 3600 s, until 1970-01-01T01:00:00Z")
        expect(yield* Effect.flip(describe(id))).toMatchObject({ _tag: "RateLimited", retryAfterSeconds: 3_600 })
        expect(yield* stub.asked).toHaveLength(1)
        yield* TestClock.adjust("59 minutes")
        const later = yield* Effect.fork(describe(id))
        yield* TestClock.adjust("1 minutes")
        expect(yield* Fiber.join(later)).toMatchObject({ id })
      }).pipe(Effect.provide(stub.layer))
    })
  )

  it.effect("says until when it waits, where that is long", () =>
    Effect.gen(function* () {
      const logged: Array<string> = []
      const log = Logger.make(({ message }) => void logged.push(String(message)))
      const limited = (seconds: string): StubHttpClient.Reply => ({ status: 429, headers: { "retry-after": seconds } })
      yield* describeOnce(StubHttpClient.inTurn(limited("1"), limited("3599"), found), "1 hour").pipe(
        Effect.provide(Logger.replace(Logger.defaultLogger, log))
      )
      expect(logged).toEqual([
        "GET /api/v2/eventstreams/stream-1: 429 Too Many Requests, tried again at 01:00:00 UTC, in 59m 59s"
      ])
    })
  )

  it.effect("waits until the date of Retry-After", () =>
    Effect.gen(function* () {
      const limited: StubHttpClient.Reply = { status: 429, headers: { "retry-after": "Thu, 01 Jan 1970 00:00:12 GMT" } }
      const { asked, exit } = yield* describeOnce(StubHttpClient.inTurn(limited, found), 12_000)
      expect(times(asked)).toEqual([0, 12_000])
      expect(Option.exists(exit, Exit.isSuccess)).toBe(true)
    })
  )

  it.effect("without Retry-After waits baseDelay · 2^attempt and at most a quarter more, as the seed says", () =>
    Effect.gen(function* () {
      const { asked } = yield* describeOnce(StubHttpClient.inTurn({ status: 503 }), "1 minute", "seed-1")
      const again = yield* describeOnce(StubHttpClient.inTurn({ status: 503 }), "1 minute", "seed-1")
      const first = times(asked)
      const second = times(again.asked)
      expect(second.map((at) => at - (second[0] ?? 0))).toEqual(first)
      const gaps = first.slice(1).map((at, index) => at - (first[index] ?? 0))
      expect(gaps).toHaveLength(3)
      for (const [attempt, gap] of gaps.entries()) {
        expect(gap).toBeGreaterThanOrEqual(1_000 * 2 ** attempt)
        expect(gap).toBeLessThanOrEqual(1_250 * 2 ** attempt)
      }
      expect(gaps.some((gap, attempt) => gap !== 1_000 * 2 ** attempt)).toBe(true)
    })
  )

  it.effect("takes its jitter from Random alone: 0, a half and nearly 1 give 1x, 1.125x and nearly 1.25x", () =>
    Effect.gen(function* () {
      const policy = { maxRetries: 3, baseDelay: Duration.millis(200) }
      for (const [share, millis] of [
        [0, 800],
        [0.5, 900],
        [0.99, 998]
      ] as const) {
        const wait = RetryPolicy.delay(policy, 2, Option.none()).pipe(Effect.withRandom(Random.fixed([share])))
        expect(Duration.toMillis(yield* wait)).toBeCloseTo(millis)
      }
    })
  )

  it.effect("says how many tries, over how long, and the last answer when a 429 does not pass", () =>
    Effect.gen(function* () {
      const { asked, exit } = yield* describeOnce(
        StubHttpClient.inTurn({
          status: 429,
          headers: { "retry-after": "2" },
          json: StubPlatform.errorBody(429, "slow down")
        }),
        "1 minute"
      )
      expect(times(asked)).toEqual([0, 2_000, 4_000, 6_000])
      expect(failureOf(exit)).toMatchObject({
        _tag: "RateLimited",
        attempts: 4,
        elapsedMs: 6_000,
        lastAnswer: "429 Too Many Requests",
        retryAfterSeconds: 2,
        correlationId: "corr-1",
        operation: "GET /api/v2/eventstreams/stream-1"
      })
      expect(failureOf(exit)?.message).toContain("gave up after 4 attempts over 6.0 s")
    })
  )

  it.effect("says what broke when the network does not come back", () =>
    Effect.gen(function* () {
      const { asked, exit } = yield* describeOnce(StubHttpClient.inTurn("cut"), "1 minute")
      expect(asked).toHaveLength(4)
      expect(failureOf(exit)).toMatchObject({
        _tag: "ProviderUnavailable",
        attempts: 4,
        lastAnswer: "connection failed (read ECONNRESET)"
      })
    })
  )

  it.effect("gives a request 30 seconds, then tries again", () =>
    Effect.gen(function* () {
      const script: StubHttpClient.Script = (_, index) => (index === 0 ? Effect.never : Effect.succeed(found))
      const { asked, exit } = yield* describeOnce(script, "32 seconds")
      expect(asked).toHaveLength(2)
      expect(times(asked)[1]).toBeGreaterThanOrEqual(31_000)
      expect(Option.exists(exit, Exit.isSuccess)).toBe(true)
    })
  )

  it.effect("tries 502, 503, 504 and a cut answer again", () =>
    Effect.gen(function* () {
      for (const reply of [{ status: 502 }, { status: 503 }, { status: 504 }, "cut in the middle"] as const) {
        const { exit } = yield* describeOnce(StubHttpClient.inTurn(reply, found), "1 minute")
        expect(Option.exists(exit, Exit.isSuccess)).toBe(true)
      }
    })
  )

  it.effect("does not try 400, 401 after one renewal, 403, 404 and 500 again", () =>
    Effect.gen(function* () {
      for (const [status, tag, requests] of [
        [400, "RequestRejected", 1],
        [401, "NotAuthenticated", 2],
        [403, "NotPermitted", 1],
        [404, "ReplayNotFound", 1],
        [500, "ProviderUnavailable", 1]
      ] as const) {
        const { asked, exit } = yield* describeOnce(
          StubHttpClient.inTurn({ status, json: StubPlatform.errorBody(status, "no") }),
          "5 minutes"
        )
        expect(asked).toHaveLength(requests)
        expect(failureOf(exit)).toMatchObject({ _tag: tag, correlationId: "corr-1" })
      }
    })
  )

  it.effect("can be interrupted while it waits", () =>
    Effect.gen(function* () {
      const { asked, fiber } = yield* describeOnce(
        StubHttpClient.inTurn({ status: 429, headers: { "retry-after": "86400" } }),
        "1 minute"
      )
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("2 days")
      expect(asked).toHaveLength(1)
    })
  )
})

describe("RetryAfter", () => {
  it("reads seconds and dates, and nothing else", () => {
    const at = Date.parse("2024-01-15T08:00:00Z")
    const millis = (text: string | undefined) =>
      Option.getOrUndefined(Option.map(RetryAfter.parse(text, at), Duration.toMillis))
    expect(millis("0")).toBe(0)
    expect(millis(" 30 ")).toBe(30_000)
    expect(millis("Mon, 15 Jan 2024 08:00:45 GMT")).toBe(45_000)
    expect(millis("Mon, 15 Jan 2024 07:00:00 GMT")).toBe(0)
    for (const text of [undefined, "", "soon", "-3", "1e9", "2024-01-15"]) expect(millis(text)).toBeUndefined()
  })

  it("never answers with a negative wait, whatever it is given", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.string(), FastCheck.nat(), (text, now) =>
        Option.match(RetryAfter.parse(text, now), {
          onNone: () => true,
          onSome: (wait) => Duration.toMillis(wait) >= 0
        })
      )
    )
  })
})
