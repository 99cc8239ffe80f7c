import { describe, expect, it } from "@effect/vitest"
import { EventStream, ProviderError, ReplayProvider } from "@genesys-replay/domain"
import { Watch } from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Chunk, Clock, Effect, Exit, Fiber, Ref, Stream, TestClock } from "effect"
import { windowOf } from "./Windows.js"

const running: EventStream.ReplayProgress = { state: "RUNNING" }

const unavailable = new ProviderError.ProviderUnavailable({
  operation: "GET /api/v2/eventstreams/1",
  attempts: 4,
  elapsedMs: 7_000,
  lastAnswer: "503 Service Unavailable"
})

const limited = new ProviderError.RateLimited({
  operation: "GET /api/v2/eventstreams/1",
  attempts: 4,
  elapsedMs: 7_000,
  lastAnswer: "429 Too Many Requests",
  retryAfterSeconds: 42
})

/** Submits a window and watches it for an hour at the most: what was seen, and when. */
const watched = (options: InMemoryProvider.Options, pace: Watch.Options = {}) =>
  Effect.gen(function* () {
    const provider = yield* ReplayProvider.ReplayProvider
    const { replay } = yield* provider.submit(windowOf("outage"))
    const seen = Watch.watch(replay.id, pace).pipe(
      Stream.mapEffect(({ progress }) => Effect.map(Clock.currentTimeMillis, (at) => `${at} ${progress.state}`)),
      Stream.runCollect,
      Effect.map(Chunk.toReadonlyArray)
    )
    const fiber = yield* Effect.fork(seen)
    yield* TestClock.adjust("1 hour")
    return yield* Effect.exit(Fiber.join(fiber))
  }).pipe(Effect.provide(InMemoryProvider.layer(options)))

const failingLooks = (error: ProviderError.ProviderError, times: number) =>
  Effect.map(Ref.make(0), (count) => ({
    before: ({ operation }: InMemoryProvider.Call) =>
      operation === "describe"
        ? Effect.flatMap(
            Ref.getAndUpdate(count, (before) => before + 1),
            (before) => (before < times ? Effect.fail(error) : Effect.void)
          )
        : Effect.void
  }))

describe("Watch", () => {
  it.effect(
    "looks at once, then after pauses that grow by a tenth up to the longest, and ends with the final state",
    () =>
      Effect.gen(function* () {
        const exit = yield* watched(
          { progress: [{ state: "PENDING" }, running, running, running, running, { state: "COMPLETED" }] },
          { maxInterval: "1200 millis" }
        )
        expect(exit).toEqual(
          Exit.succeed(["0 PENDING", "1000 RUNNING", "2100 RUNNING", "3300 RUNNING", "4500 RUNNING", "5700 COMPLETED"])
        )
      })
  )

  it.effect.each(["COMPLETED", "CANCELLED", "FAILED"] as const)("ends with %s", (state) =>
    Effect.gen(function* () {
      expect(yield* watched({ progress: [{ state }] })).toEqual(Exit.succeed([`0 ${state}`]))
    })
  )

  it.effect("puts up with a provider that is unavailable for a while", () =>
    Effect.gen(function* () {
      const failing = yield* failingLooks(unavailable, 10)
      expect(yield* watched({ ...failing, progress: [{ state: "COMPLETED" }] })).toEqual(
        Exit.succeed(["100000 COMPLETED"])
      )
    })
  )

  it.effect("waits as long as a rate limit asks", () =>
    Effect.gen(function* () {
      const failing = yield* failingLooks(limited, 1)
      expect(yield* watched({ ...failing, progress: [{ state: "COMPLETED" }] })).toEqual(
        Exit.succeed(["42000 COMPLETED"])
      )
    })
  )

  it.effect("gives up with the provider's error after `tolerance` failures in a row", () =>
    Effect.gen(function* () {
      const failing = yield* failingLooks(unavailable, 3)
      const exit = yield* watched({ ...failing, progress: [running] }, { tolerance: 2 })
      expect(Exit.isFailure(exit) && exit.cause._tag === "Fail" ? exit.cause.error._tag : exit).toBe(
        "ProviderUnavailable"
      )
    })
  )

  it.effect("does not put up with an unknown id", () =>
    Effect.gen(function* () {
      const error = yield* Watch.watch(EventStream.ReplayId.make("nobody")).pipe(Stream.runDrain, Effect.flip)
      expect(error._tag).toBe("ReplayNotFound")
    }).pipe(Effect.provide(InMemoryProvider.layer()))
  )
})
