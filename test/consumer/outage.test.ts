import { describe, expect, it } from "@effect/vitest"
import { ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { AuditTrail, ReplayPipeline } from "@genesys-replay/pipeline"
import { InMemoryProvider, VirtualTime } from "@genesys-replay/pipeline/testing"
import { Effect, Layer, TestClock } from "effect"

/** What is tested: a program that replays the last three hours and waits for the end. */
const replayOutage = Effect.gen(function* () {
  const spec = yield* ReplaySpec.decode({
    defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events" },
    windows: [{ name: "outage", topics: ["genesys.conversations.message"], start: "-3h" }]
  })
  return yield* ReplayPipeline.apply(yield* ReplayPlan.make(spec), { wait: true })
})

/** A provider and a database in memory, on an evening in January: set before the pipeline begins to work. */
const surroundings = (provider: InMemoryProvider.Options = {}) =>
  ReplayPipeline.layerTest({ provider }).pipe(
    Layer.provide(Layer.effectDiscard(TestClock.setTime(Date.UTC(2024, 0, 15, 20))))
  )

describe("The outage", () => {
  it.effect("is replayed once, to its end, and every step is in the audit trail", () =>
    Effect.gen(function* () {
      const { results, summary } = yield* VirtualTime.during("1 hour", replayOutage)
      expect(summary).toEqual({ created: 1, unchanged: 0, adopted: 0, failed: 0 })
      expect(results[0]?.replay).toEqual({ state: "COMPLETED", sequence: { first: 1, last: 100 } })
      const [replay] = yield* Effect.flatMap(InMemoryProvider.InMemoryProvider, ({ replays }) => replays)
      expect(replay?.start).toBe("2024-01-15T17:00:00Z")
      const entries = yield* Effect.flatMap(AuditTrail.AuditTrail, ({ list }) => list())
      expect(entries.map(({ action }) => action)).toContain("complete_replay")
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("is told where the replay fails", () =>
    Effect.gen(function* () {
      const { results } = yield* VirtualTime.during("1 hour", replayOutage)
      expect(results[0]?.replay).toMatchObject({ state: "FAILED" })
    }).pipe(Effect.provide(surroundings({ progress: [{ state: "RUNNING" }, { state: "FAILED" }] })))
  )
})
