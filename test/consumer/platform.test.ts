import { describe, expect, it } from "@effect/vitest"
import { ReplayProvider } from "@genesys-replay/domain"
import { StubHttpClient, StubPlatform } from "@genesys-replay/genesys/testing"
import { Effect, Fiber, Option, TestClock } from "effect"

describe("A look for a replay", () => {
  it.effect("waits as long as the platform asks, and no longer", () =>
    Effect.gen(function* () {
      const { asked, layer } = yield* StubPlatform.make(
        StubHttpClient.inTurn(
          { status: 429, headers: { "retry-after": "2" } },
          StubPlatform.page(StubPlatform.stream("outage"))
        )
      )
      const look = Effect.flatMap(ReplayProvider.ReplayProvider, ({ findByName }) => findByName("outage"))
      const looking = yield* Effect.fork(Effect.provide(look, layer))
      yield* TestClock.adjust("2 seconds")
      expect(Option.map(yield* Fiber.join(looking), ({ progress }) => progress.state)).toEqual(Option.some("PENDING"))
      expect((yield* asked).map(({ at, method, path }) => [at, method, path])).toEqual([
        [0, "GET", "/api/v2/eventstreams"],
        [2_000, "GET", "/api/v2/eventstreams"]
      ])
    })
  )
})
