import { describe, expect, it } from "@effect/vitest"
import {
  type Finding,
  PayloadHash,
  PlanCheck,
  type PlannedWindow,
  ProviderError,
  ReplayPlan,
  ReplaySpec
} from "@genesys-replay/domain"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { DateTime, Effect, Layer, TestClock } from "effect"

import { bus, codes, hash, now } from "./Planning.js"

const hasher = PayloadHash.PayloadHasher.layerOf(hash)

/** Three windows: one becomes two streams, the next is wrong by itself, and the last one has no name. */
const document = {
  defaults: { destination: bus },
  retention: { "genesys.a.*": 60, "*": 7 },
  windows: [
    { name: "split", topics: ["genesys.a.b", "v2.nothing.like.it"], start: "-1d" },
    { name: "wrong", topics: ["genesys.a.b"], start: "-300d" },
    { topics: ["genesys.a.b"], start: "-2d", end: "-1d", destination: `${bus}-2` }
  ]
}

const against = (name: string): ReadonlyArray<Finding.Finding> => [
  { severity: "error", code: "archive-not-found", window: name, path: "archive", message: "there is none" }
]

const checked = (options: InMemoryProvider.Options = {}) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(DateTime.toEpochMillis(now))
    const plan = yield* PlanCheck.check(yield* ReplaySpec.decode(document))
    const { calls } = yield* InMemoryProvider.InMemoryProvider
    return { plan, calls: yield* calls }
  }).pipe(Effect.provide(Layer.merge(InMemoryProvider.layer(options), hasher)))

describe("a plan that is checked with its provider", () => {
  it.effect("asks about every window that has no error, and about nothing else", () =>
    Effect.gen(function* () {
      const { calls, plan } = yield* checked()
      expect(calls.map(({ operation, subject }) => `${operation} ${subject}`)).toEqual([
        "check split-60d",
        "check split-7d",
        "check eventbridge-replay-20240116120000"
      ])
      expect(plan.checkedWith).toBe("in memory")
      expect(plan.windows).toHaveLength(3)
    })
  )

  it.effect(
    "has what is found in its place in the spec, behind what planning finds; a window with an error has no payload",
    () =>
      Effect.gen(function* () {
        const finds = ({ name }: PlannedWindow.PlannedWindow) =>
          name.startsWith("eventbridge") || name === "split-7d" ? against(name) : []
        const { plan } = yield* checked({ finds })
        expect(codes(plan.findings).slice(-2)).toEqual([
          "error archive-not-found windows[0].archive",
          "error archive-not-found windows[2].archive"
        ])
        expect(plan.windows.map(({ name }) => name)).toEqual(["split-60d"])
      })
  )

  it.effect("no longer says what planning could not know and the platform's catalogue does", () =>
    Effect.gen(function* () {
      const known = (plan: ReplayPlan.PlanDraft) => plan.findings.filter(({ code }) => code === "unknown-topic")
      expect(known((yield* checked()).plan)).toEqual([])
      const spec = yield* ReplaySpec.decode(document)
      expect(known(ReplayPlan.draft(spec, now, hash))).toHaveLength(1)
    })
  )

  it.effect("says of a provider that refuses or is not there so, once, and asks nothing more", () =>
    Effect.gen(function* () {
      const refused = new ProviderError.NotAuthenticated({ operation: "POST /oauth/token", status: 401, reason: "no" })
      const gone = new ProviderError.ProviderUnavailable({
        operation: "GET /",
        attempts: 4,
        elapsedMs: 1,
        lastAnswer: "503"
      })
      for (const [error, code] of [
        [refused, "provider-refused"],
        [gone, "provider-unavailable"]
      ] as const) {
        const { calls, plan } = yield* checked({ before: () => Effect.fail(error) })
        expect(calls.length).toBeLessThanOrEqual(4)
        expect(codes(plan.findings).filter((text) => text.includes("provider-"))).toEqual([
          `error ${code} windows[0].name`
        ])
      }
    })
  )
})
