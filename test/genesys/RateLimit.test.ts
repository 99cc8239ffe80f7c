import { Headers } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import type { RetryPolicy } from "@genesys-replay/domain"
import { RateLimit } from "@genesys-replay/genesys"
import { Clock, Effect, Either, Fiber, TestClock } from "effect"
import * as CountingServer from "./CountingServer.js"
import * as IdleClock from "./IdleClock.js"

/** Sends `requests` paced ones, `concurrency` at a time, a 429 again; the time it took and the 429s. */
const run = (server: CountingServer.Server, requests: number, concurrency: number) =>
  Effect.gen(function* () {
    const { log, send } = yield* CountingServer.make(server)
    const { paced } = yield* RateLimit.RateLimit
    const one: Effect.Effect<void, RetryPolicy.TransientFailure> = Effect.flatMap(paced(send), ({ status }) =>
      status === 429 ? one : Effect.void
    )
    yield* Effect.replicateEffect(one, requests, { concurrency, discard: true })
    const took = yield* Clock.currentTimeMillis
    const all = yield* log
    return { took, sent: all.length, refused: CountingServer.refused(all), log: all }
  }).pipe(Effect.provide([RateLimit.RateLimit.layerOf("test"), IdleClock.layer]))

const { minute } = CountingServer

describe("RateLimit", () => {
  it.effect("sends 1,000 requests at 300 a minute within 1.05 of the least time, with no 429", () =>
    Effect.gen(function* () {
      const { refused, took } = yield* run(minute, 1_000, 20)
      expect(refused).toBe(0)
      expect(took).toBeGreaterThan(180_000)
      expect(took).toBeLessThanOrEqual(189_000)
    })
  )

  it.effect("loses at most one request in a hundred where the platform rounds the reset down", () =>
    Effect.gen(function* () {
      const { refused, took } = yield* run({ ...minute, rounding: Math.floor, latencyMs: 130 }, 1_000, 50)
      expect(refused).toBeLessThanOrEqual(10)
      expect(took).toBeLessThanOrEqual(189_000)
    })
  )

  it.effect("finds out with one request that others have used the window up", () =>
    Effect.gen(function* () {
      const { refused, took } = yield* run({ ...minute, usedBefore: 300 }, 100, 20)
      expect(refused).toBe(1)
      expect(took).toBeGreaterThan(60_000)
      expect(took).toBeLessThan(63_000)
    })
  )

  it.effect("20 fibers together do not exceed what is left", () =>
    Effect.gen(function* () {
      const { log, refused } = yield* run({ ...minute, usedBefore: 290 }, 20, 20)
      expect(refused).toBe(0)
      expect(log.filter(({ at }) => at < 60_000)).toHaveLength(10)
    })
  )

  it.effect("uses the window up before it waits, though requests overlap", () =>
    Effect.gen(function* () {
      const { log } = yield* run({ ...minute, allowed: 50, latencyMs: 900 }, 60, 30)
      expect(log.filter(({ at }) => at < 60_000)).toHaveLength(50)
    })
  )

  it.effect("does not pace a platform that sends no headers", () =>
    Effect.gen(function* () {
      const { took } = yield* run({ ...minute, silent: true, allowed: 10_000 }, 1_000, 100)
      expect(took).toBeLessThan(1_000)
    })
  )

  it.effect("a Retry-After holds everybody back", () =>
    Effect.gen(function* () {
      const { paced } = yield* RateLimit.RateLimit
      const limited = Effect.succeed({
        operation: "GET /x",
        status: 429,
        headers: Headers.fromInput({ "retry-after": "5" }),
        text: ""
      })
      yield* paced(limited)
      const others = yield* Effect.all(
        Array.from({ length: 10 }, () =>
          paced(Effect.as(Effect.void, { operation: "", status: 200, headers: Headers.empty, text: "" }))
        ),
        { concurrency: "unbounded" }
      ).pipe(Effect.zipRight(Clock.currentTimeMillis), Effect.fork)
      yield* TestClock.adjust(4_999)
      expect((yield* Fiber.poll(others))._tag).toBe("None")
      yield* TestClock.adjust(1)
      expect(yield* Fiber.join(others)).toBe(5_000)
    }).pipe(Effect.provide(RateLimit.RateLimit.layerOf("test")))
  )

  it.effect("waits for a scout one second at most", () =>
    Effect.gen(function* () {
      const { paced } = yield* RateLimit.RateLimit
      yield* Effect.fork(paced(Effect.never))
      const second = yield* Effect.fork(
        paced(Effect.succeed({ operation: "", status: 200, headers: Headers.empty, text: "" }))
      )
      yield* TestClock.adjust(999)
      expect((yield* Fiber.poll(second))._tag).toBe("None")
      yield* TestClock.adjust(1)
      expect((yield* Fiber.poll(second))._tag).toBe("Some")
    }).pipe(Effect.provide(RateLimit.RateLimit.layerOf("test")))
  )

  it.effect("gets back the places of failed and interrupted requests, in the queue and under way", () =>
    Effect.gen(function* () {
      const { paced } = yield* RateLimit.RateLimit
      const ok = (count: number) =>
        Effect.succeed({
          operation: "",
          status: 200,
          headers: Headers.fromInput({
            "inin-ratelimit-count": String(count),
            "inin-ratelimit-allowed": "4",
            "inin-ratelimit-reset": "60"
          }),
          text: ""
        })
      yield* paced(ok(1))
      expect(yield* Effect.either(paced(Effect.fail("no")))).toEqual(Either.left("no"))
      const underWay = yield* Effect.fork(paced(Effect.never))
      yield* TestClock.adjust(1)
      yield* Fiber.interrupt(underWay)
      yield* paced(ok(4))
      const queued = yield* Effect.fork(paced(ok(5)))
      const behind = yield* Effect.fork(paced(ok(1)))
      yield* TestClock.adjust(1)
      yield* Fiber.interrupt(queued)
      yield* TestClock.adjust("61 seconds")
      expect((yield* Fiber.poll(behind))._tag).toBe("Some")
    }).pipe(Effect.provide(RateLimit.RateLimit.layerOf("test")))
  )
})
