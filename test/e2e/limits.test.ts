import { describe, expect, it } from "@effect/vitest"
import { ReplayPipeline } from "@genesys-replay/pipeline"
import { Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect } from "effect"
import { collection, made, numbered, planOf, scene, unbegun } from "./Scene.js"

const once = (count: number) => Object.fromEntries(numbered(count).map((name) => [name, 1]))

const statuses = Effect.gen(function* () {
  const { requests } = yield* Sandbox.Sandbox
  return (yield* requests.entries).filter(({ path }) => path === collection).map(({ status }) => status)
})

describe("A token that is no longer valid in the middle of a bulk run", () => {
  it.scopedLive("is renewed once for all, and every window succeeds", () =>
    Effect.gen(function* () {
      const { expireTokens, tokensIssued } = yield* Sandbox.Sandbox
      const plan = yield* planOf(numbered(100))
      const report = yield* ReplayPipeline.apply(plan, {
        concurrency: 10,
        onProgress: (progress) =>
          progress._tag === "Submitted" && progress.window.name === "window-40" ? expireTokens : Effect.void
      })
      expect(report.summary).toEqual({ created: 100, unchanged: 0, adopted: 0, failed: 0 })
      expect(yield* made).toEqual(once(100))
      const refused = (yield* statuses).filter((status) => status === 401).length
      expect(refused).toBeGreaterThan(0)
      expect(refused).toBeLessThanOrEqual(10)
      expect(yield* tokensIssued).toBe(2)
    }).pipe(Effect.provide(scene(unbegun)))
  )

  it.scopedLive("is not renewed without end where the platform refuses every token", () =>
    Effect.gen(function* () {
      const { faults, requests } = yield* Sandbox.Sandbox
      yield* faults.set({ requests: [{ kind: "expiredTokens" }] })
      const report = yield* Effect.flatMap(planOf(["outage"]), (plan) => ReplayPipeline.apply(plan))
      expect(report.results[0]).toMatchObject({ outcome: "failed", error: { _tag: "NotAuthenticated" } })
      expect(yield* requests.count(`POST ${collection}`)).toBe(2)
    }).pipe(Effect.provide(scene(unbegun)))
  )
})

describe("The platform's rate limit", () => {
  it.scopedLive("a storm of 429 is waited out, and every window succeeds", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      yield* faults.set({ requests: [{ kind: "rateLimited", retryAfter: 0, times: 30, rate: 0.5 }] })
      const report = yield* Effect.flatMap(planOf(numbered(50)), (plan) =>
        ReplayPipeline.apply(plan, { concurrency: 8 })
      )
      expect(report.summary).toEqual({ created: 50, unchanged: 0, adopted: 0, failed: 0 })
      expect(yield* made).toEqual(once(50))
      expect((yield* statuses).filter((status) => status === 429).length).toBeGreaterThan(10)
    }).pipe(Effect.provide(scene(unbegun, { retry: { maxRetries: 12, baseDelay: Duration.millis(5) } })))
  )

  it.scopedLive("a storm that does not end is reported with the tries that were made, and nothing stands", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      yield* faults.set({ requests: [{ kind: "rateLimited", retryAfter: 0 }] })
      const report = yield* Effect.flatMap(planOf(["outage"]), (plan) => ReplayPipeline.apply(plan))
      expect(report.results[0]).toMatchObject({ outcome: "failed", error: { _tag: "RateLimited" } })
      expect(report.results[0]?.error?.message).toContain("4 attempts")
      expect(yield* made).toEqual({})
    }).pipe(Effect.provide(scene(unbegun)))
  )

  it.scopedLive("three hundred windows at 100 a second: paced, at most one request in a hundred is refused", () =>
    Effect.gen(function* () {
      const report = yield* Effect.flatMap(planOf(numbered(300)), (plan) =>
        ReplayPipeline.apply(plan, { concurrency: 16 })
      )
      expect(report.summary).toEqual({ created: 300, unchanged: 0, adopted: 0, failed: 0 })
      const all = yield* statuses
      expect(all.filter((status) => status === 429).length).toBeLessThanOrEqual(all.length / 100)
      expect(yield* made).toEqual(once(300))
    }).pipe(Effect.provide(scene({ ...unbegun, rateLimit: { allowed: 100, window: Duration.seconds(1) } })))
  )
})
