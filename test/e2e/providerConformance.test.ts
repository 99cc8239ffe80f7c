import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { ProviderName, ReplayProvider } from "@genesys-replay/domain"
import { ProviderConformance } from "@genesys-replay/domain/testing"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, Layer } from "effect"
import { eventbridge, history, planned, quiet, sandbox } from "../eventbridge/Scene.js"

/** Every rule as a test of its own, over a provider of its own. */
const conforms = <R, E, E2>(
  name: string,
  planner: ProviderName.Shipped,
  provider: Layer.Layer<ReplayProvider.ReplayProvider | R, E>,
  before: Effect.Effect<unknown, E2, R> = Effect.void
) =>
  describe(`The provider of ${name}`, () => {
    for (const { check, rule } of ProviderConformance.rules) {
      it.live(rule, () =>
        Effect.gen(function* () {
          yield* before
          const window = yield* planned(planner, "outage")
          const other = yield* planned(planner, "outage", { start: "-3h" })
          yield* check({ window, other })
        }).pipe(Effect.provide([Layer.fresh(provider), quiet]))
      )
    }
  })

conforms("tests", ProviderName.genesys, InMemoryProvider.layer())

// No rule waits for the end of a replay, and one has to stand when it is cancelled.
const lasting = sandbox({ pace: { pending: Duration.minutes(1), eventsPerSecond: 20_000, tick: Duration.millis(10) } })

const genesys = Layer.provide(Sandbox.layerGenesys, FetchHttpClient.layer)

conforms("Genesys Cloud", ProviderName.genesys, Layer.provideMerge(genesys, lasting))

conforms("Amazon EventBridge", ProviderName.eventbridge, Layer.provideMerge(eventbridge(), lasting), history)

// A provider that says that it has cancelled a replay, and lets it run.
const careless = Layer.effect(
  ReplayProvider.ReplayProvider,
  Effect.map(ReplayProvider.ReplayProvider, (provider) => ({ ...provider, cancel: () => Effect.void }))
).pipe(Layer.provide(InMemoryProvider.layer()))

describe("A provider that does not keep a rule", () => {
  it.live("is told which, and what came instead", () =>
    Effect.gen(function* () {
      const windows = {
        window: yield* planned("genesys", "outage"),
        other: yield* planned("genesys", "outage", { start: "-3h" })
      }
      const kept = yield* Effect.forEach(ProviderConformance.rules, ({ check, rule }) =>
        Effect.match(Effect.provide(check(windows), careless), {
          onFailure: (error) => [rule, error._tag],
          onSuccess: () => []
        })
      )
      expect(kept.flat()).toEqual([
        "knows no replay that it has not started",
        "NotConforming",
        "stops a replay that is cancelled",
        "NotConforming"
      ])
    })
  )
})
