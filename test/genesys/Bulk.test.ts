import type { HttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { type EventStream, type Replay, ReplayProvider, RequestPace, RetryPolicy } from "@genesys-replay/domain"
import { SampleWindow } from "@genesys-replay/domain/testing"
import { Genesys, GenesysConfig, PlatformRequest, RateLimit, RequestQueue } from "@genesys-replay/genesys"
import { StubHttpClient, StubPlatform } from "@genesys-replay/genesys/testing"
import { RateLimitWindow, Settings } from "@genesys-replay/sandbox"
import {
  Array,
  Clock,
  Context,
  DateTime,
  Duration,
  Effect,
  Fiber,
  Layer,
  Metric,
  Option,
  Ref,
  Stream,
  TestClock
} from "effect"
import * as IdleClock from "./IdleClock.js"

/** Time that a request takes to come, and its answer to come back. */
const half = Duration.millis(20)

interface Arrival {
  readonly method: string
  readonly at: number
  readonly status: number
}

/** A platform that counts as the sandbox does: a window begins with its first request. */
const counting = (allowed: number) =>
  Effect.gen(function* () {
    const settings = yield* Settings.resolve({ seed: 1, rateLimit: { allowed } })
    const windows = Context.get(
      yield* Layer.build(
        Layer.provide(RateLimitWindow.RateLimitWindow.layer, Layer.succeed(Settings.Settings, settings))
      ),
      RateLimitWindow.RateLimitWindow
    )
    const arrivals = yield* Ref.make<ReadonlyArray<Arrival>>([])
    const script: StubHttpClient.Script = ({ body, headers, method, path }) =>
      Effect.gen(function* () {
        if (path === "/oauth/token") return StubPlatform.tokenAnswer()
        yield* Effect.sleep(half)
        const { count, exceeded, resetSeconds } = yield* windows.count(headers["authorization"] ?? "")
        const status = exceeded ? 429 : method === "POST" ? 201 : 200
        const at = yield* Clock.currentTimeMillis
        yield* Ref.update(arrivals, (all) => [...all, { method, at, status }])
        yield* Effect.sleep(half)
        const name =
          method === "POST" ? String(JSON.parse(body).name) : (path.split("/").at(-1) ?? "").slice("id-of-".length)
        return {
          status,
          json: exceeded ? StubPlatform.errorBody(429, "too many") : StubPlatform.stream(name),
          headers: {
            "inin-ratelimit-count": String(count),
            "inin-ratelimit-allowed": String(allowed),
            "inin-ratelimit-reset": String(resetSeconds),
            ...(exceeded ? { "retry-after": String(resetSeconds) } : {})
          }
        }
      })
    const stub = yield* StubHttpClient.make(script)
    return { http: stub.layer, arrivals: Ref.get(arrivals) }
  })

/** A provider of its own, with its own connection and token, over a rate limit that it may share. */
const providerOver = (limit: RateLimit.Service, http: Layer.Layer<HttpClient.HttpClient>) =>
  Effect.map(
    Layer.build(
      Layer.provide(Layer.fresh(Genesys.layerWithoutLimit), [
        GenesysConfig.GenesysConfig.layerOf(StubPlatform.values),
        Layer.succeed(RateLimit.RateLimit, limit),
        http
      ])
    ),
    Context.get(ReplayProvider.ReplayProvider)
  )

const limitOf = Effect.map(Layer.build(RateLimit.RateLimit.layerOf("test")), Context.get(RateLimit.RateLimit))

const names = (count: number, prefix = "window") => Array.makeBy(count, (index) => `${prefix}-${index + 1}`)

/** Looks again and again, as one who waits for the end of a replay does. */
const watch = (provider: ReplayProvider.Service, id: EventStream.ReplayId): Effect.Effect<Replay.Replay> =>
  provider.describe(id).pipe(
    Effect.orDie,
    Effect.tap(() => Effect.sleep("2 seconds")),
    Effect.forever
  )

const figures = (arrivals: ReadonlyArray<Arrival>) => {
  const accepted = arrivals.filter(({ status }) => status === 201).map(({ at }) => at)
  return {
    accepted: accepted.length,
    took: Math.max(...accepted) - Math.min(...arrivals.map(({ at }) => at)),
    refused: arrivals.filter(({ status }) => status === 429).length / arrivals.length,
    looks: arrivals.filter(({ method }) => method === "GET").length
  }
}

const least = 180_000

describe("1,000 windows at 300 requests a minute", () => {
  it.scoped("the last one is accepted within 1.05 of the least time, with at most 1 % of answers 429", () =>
    Effect.gen(function* () {
      const { arrivals, http } = yield* counting(300)
      const provider = yield* providerOver(yield* limitOf, http)
      yield* Effect.forEach(names(1_000), (name) => provider.submit(SampleWindow.make(name)), { concurrency: 4 })
      const { accepted, refused, took } = figures(yield* arrivals)
      expect(accepted).toBe(1_000)
      expect(took).toBeGreaterThanOrEqual(least)
      expect(took).toBeLessThanOrEqual(1.05 * least)
      expect(refused).toBeLessThanOrEqual(0.01)
    }).pipe(Effect.provide(IdleClock.layer))
  )

  it.scoped("so also where every replay that was submitted is looked at until it ends, and looks come after", () =>
    Effect.gen(function* () {
      const { arrivals, http } = yield* counting(300)
      const provider = yield* providerOver(yield* limitOf, http)
      const watchers = yield* Effect.forEach(
        names(1_000),
        (name) =>
          provider
            .submit(SampleWindow.make(name))
            .pipe(Effect.flatMap(({ replay }) => Effect.forkScoped(watch(provider, replay.id)))),
        { concurrency: 4 }
      )
      const { accepted, refused, took } = figures(yield* arrivals)
      expect(accepted).toBe(1_000)
      expect(took).toBeLessThanOrEqual(1.05 * least)
      expect(refused).toBeLessThanOrEqual(0.01)
      yield* Effect.sleep("10 seconds")
      expect(figures(yield* arrivals).looks).toBeGreaterThan(150)
      yield* Fiber.interruptAll(watchers)
    }).pipe(Effect.provide(IdleClock.layer))
  )

  it.scoped("two workers whose providers are built apart share the allowance of one token over one rate limit", () =>
    Effect.gen(function* () {
      const { arrivals, http } = yield* counting(300)
      const limit = yield* limitOf
      yield* Effect.forEach(
        ["left", "right"],
        (worker) =>
          Effect.flatMap(providerOver(limit, http), (provider) =>
            Effect.forEach(names(500, worker), (name) => provider.submit(SampleWindow.make(name)), { concurrency: 4 })
          ),
        { concurrency: "unbounded" }
      )
      const { accepted, refused, took } = figures(yield* arrivals)
      expect({ accepted, refused }).toEqual({ accepted: 1_000, refused: 0 })
      expect(took).toBeLessThanOrEqual(1.05 * least)
    }).pipe(Effect.provide(IdleClock.layer))
  )
})

describe("The pace of a provider", () => {
  const held = (allowed: number) =>
    Effect.gen(function* () {
      const { arrivals, http } = yield* counting(allowed)
      const provider = yield* providerOver(yield* limitOf, http)
      const submitting = yield* Effect.fork(
        Effect.forEach(names(10), (name) => provider.submit(SampleWindow.make(name)), { concurrency: 5 })
      )
      yield* TestClock.adjust("1 second")
      return { arrivals, provider, submitting }
    })

  it.scoped("tells how many wait and when the limit lets them go, and that nobody waits any more", () =>
    Effect.gen(function* () {
      const { provider, submitting } = yield* held(8)
      const pace = Option.getOrThrow(Option.fromNullable(provider.pace))
      const { resumesAt, waiting } = yield* pace.get
      expect(waiting).toBe(2)
      const seconds = Option.map(resumesAt, (at) => DateTime.toEpochMillis(at) / 1_000)
      expect(Option.getOrThrow(seconds)).toBeGreaterThanOrEqual(60)
      expect(Option.getOrThrow(seconds)).toBeLessThanOrEqual(61.5)
      yield* TestClock.adjust("62 seconds")
      yield* Fiber.join(submitting)
      expect(yield* pace.get).toEqual(RequestPace.idle)
    })
  )

  it.scoped("changes are told to who listens", () =>
    Effect.gen(function* () {
      const { provider, submitting } = yield* held(8)
      const pace = Option.getOrThrow(Option.fromNullable(provider.pace))
      const seen = yield* Effect.fork(
        pace.changes.pipe(
          Stream.map(({ waiting }) => waiting),
          Stream.takeUntil((waiting) => waiting === 0),
          Stream.runCollect
        )
      )
      yield* TestClock.adjust("62 seconds")
      expect([...(yield* Fiber.join(seen))]).toEqual([2, 1, 0])
      yield* Fiber.join(submitting)
    })
  )

  it.scoped("the gauge of waiting requests goes up and down with them, also where they are interrupted", () =>
    Effect.gen(function* () {
      const before = (yield* Metric.value(RateLimit.requestsWaiting)).value
      const { submitting } = yield* held(8)
      expect((yield* Metric.value(RateLimit.requestsWaiting)).value - before).toBe(2)
      yield* Fiber.interrupt(submitting)
      expect((yield* Metric.value(RateLimit.requestsWaiting)).value - before).toBe(0)
    })
  )
})

describe("Counters", () => {
  it.scoped("429s and retries are counted, retries by kind", () =>
    Effect.gen(function* () {
      const counts = Effect.all({
        limited: Metric.value(PlatformRequest.rateLimitedAnswers),
        afterLimited: Metric.value(Metric.tagged(RetryPolicy.retries, "kind", "limited")),
        afterPassing: Metric.value(Metric.tagged(RetryPolicy.retries, "kind", "passing"))
      }).pipe(
        Effect.map(({ afterLimited, afterPassing, limited }) => [limited.count, afterLimited.count, afterPassing.count])
      )
      const before = yield* counts
      const { layer } = yield* StubPlatform.make(
        StubHttpClient.inTurn(
          { status: 429, json: StubPlatform.errorBody(429, "too many"), headers: { "retry-after": "1" } },
          "cut",
          StubPlatform.page(),
          { status: 201, json: StubPlatform.stream("outage") }
        )
      )
      const submitting = yield* ReplayProvider.ReplayProvider.pipe(
        Effect.flatMap(({ submit }) => submit(SampleWindow.make("outage"))),
        Effect.provide(layer),
        Effect.fork
      )
      yield* TestClock.adjust("1 minute")
      expect((yield* Fiber.join(submitting)).outcome).toBe("created")
      const after = yield* counts
      expect(after.map((count, index) => count - (before[index] ?? 0))).toEqual([1, 1, 1])
    })
  )
})

describe("RequestQueue", () => {
  it.scoped(
    "a look that has waited for five minutes is sent with every fiftieth request, though submissions wait",
    () =>
      Effect.gen(function* () {
        const { arrivals, http } = yield* counting(60)
        const provider = yield* providerOver(yield* limitOf, http)
        const first = yield* provider.submit(SampleWindow.make("first"))
        const watcher = yield* Effect.fork(watch(provider, first.replay.id))
        yield* Effect.forEach(names(450), (name) => provider.submit(SampleWindow.make(name)), { concurrency: 4 })
        yield* Fiber.interrupt(watcher)
        const looks = (yield* arrivals).filter(({ method }) => method === "GET").map(({ at }) => at)
        const longest = Duration.toMillis(RequestQueue.longestBackgroundWait)
        expect(looks.length).toBeGreaterThanOrEqual(1)
        expect(looks.length).toBeLessThanOrEqual(3)
        expect(Math.min(...looks)).toBeGreaterThanOrEqual(longest)
        expect(Math.min(...looks)).toBeLessThan(longest + 65_000)
      }).pipe(Effect.provide(IdleClock.layer))
  )
})
