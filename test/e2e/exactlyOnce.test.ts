/** One window, one stream, whatever happens to the request or its answer. */
import { FetchHttpClient, HttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { ReplayPipeline } from "@genesys-replay/pipeline"
import { type Faults, Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, HashMap, Layer, Ref } from "effect"
import { collection, genesys, made, numbered, outside, pipeline, planOf, scene, unbegun } from "./Scene.js"

const post = { method: "POST", path: collection } as const

/** Applies one window while `faults` wait for its requests. */
const applyThrough = (...faults: ReadonlyArray<Faults.RequestFault>) =>
  Effect.gen(function* () {
    const { faults: plan, requests } = yield* Sandbox.Sandbox
    yield* plan.next(...faults)
    const report = yield* Effect.flatMap(planOf(["outage"]), (one) => ReplayPipeline.apply(one))
    return {
      result: report.results[0],
      made: yield* made,
      posts: yield* requests.count(`POST ${collection}`),
      lookUps: yield* requests.count(`GET ${collection}`)
    }
  })

describe("A submission that goes wrong once leaves exactly one stream", () => {
  const rows: ReadonlyArray<
    readonly [
      what: string,
      fault: Faults.RequestFault,
      expected: { readonly outcome: string; readonly posts: number; readonly lookUps: number }
    ]
  > = [
    [
      "connection cut after it was processed: the stream is adopted, nothing is sent again",
      { kind: "cutAfter", ...post },
      { outcome: "adopted", posts: 1, lookUps: 1 }
    ],
    [
      "connection cut before it was processed: looked up, then sent again",
      { kind: "cutBefore", ...post },
      { outcome: "created", posts: 2, lookUps: 1 }
    ],
    [
      "503 although it was processed",
      { kind: "serverError", processed: true, ...post },
      { outcome: "adopted", posts: 1, lookUps: 1 }
    ],
    ["503, not processed", { kind: "serverError", ...post }, { outcome: "created", posts: 2, lookUps: 1 }],
    [
      "500 although it was processed",
      { kind: "serverError", status: 500, processed: true, ...post },
      { outcome: "adopted", posts: 1, lookUps: 1 }
    ],
    ["an answer that is cut in half", { kind: "malformedBody", ...post }, { outcome: "adopted", posts: 1, lookUps: 1 }],
    [
      "429: not processed, so sent again without a look",
      { kind: "rateLimited", retryAfter: 0, ...post },
      { outcome: "created", posts: 2, lookUps: 0 }
    ],
    [
      "every token expired: renewed, and sent once more",
      { kind: "expiredTokens", ...post },
      { outcome: "created", posts: 2, lookUps: 0 }
    ]
  ]
  for (const [what, fault, expected] of rows) {
    it.scopedLive(what, () =>
      Effect.gen(function* () {
        const { lookUps, made: streams, posts, result } = yield* applyThrough(fault)
        expect(result).toMatchObject({ outcome: expected.outcome, error: null, id: expect.any(String) })
        expect(streams).toEqual({ outage: 1 })
        expect({ posts, lookUps }).toEqual({ posts: expected.posts, lookUps: expected.lookUps })
      }).pipe(Effect.provide(scene(unbegun)))
    )
  }

  it.scopedLive("no answer in time, not processed: sent again", () =>
    Effect.gen(function* () {
      const { made: streams, result } = yield* applyThrough({ kind: "slow", delay: Duration.minutes(1), ...post })
      expect(result).toMatchObject({ outcome: "created", error: null })
      expect(streams).toEqual({ outage: 1 })
    }).pipe(Effect.provide(scene(unbegun, { requestTimeout: Duration.millis(200) })))
  )

  it.scopedLive("no answer in time although it was processed: adopted", () =>
    Effect.gen(function* () {
      const held = yield* Ref.make(true)
      // The answer to the first POST is held back on this side of the wire, longer than anybody waits.
      const client = Layer.map(FetchHttpClient.layer, (context) => context).pipe(
        Layer.passthrough,
        Layer.project(HttpClient.HttpClient, HttpClient.HttpClient, (plain) =>
          HttpClient.transform(plain, (answer, request) =>
            request.method === "POST" && request.url.endsWith(collection)
              ? Effect.tap(answer, () =>
                  Effect.flatMap(Ref.getAndSet(held, false), (hold) => Effect.when(Effect.never, () => hold))
                )
              : answer
          )
        )
      )
      const { made: streams, result } = yield* applyThrough().pipe(
        Effect.provide(pipeline(genesys({ requestTimeout: Duration.millis(300) }, client)))
      )
      expect(result).toMatchObject({ outcome: "adopted", error: null })
      expect(streams).toEqual({ outage: 1 })
    }).pipe(Effect.provide(outside(unbegun)))
  )

  it.scopedLive(
    "cut after it was processed, and then every look-up fails: reported, and the same plan again adopts it",
    () =>
      Effect.gen(function* () {
        const { faults } = yield* Sandbox.Sandbox
        const plan = yield* planOf(["outage"])
        yield* faults.next({ kind: "cutAfter", ...post })
        yield* faults.set({ requests: [{ kind: "serverError", method: "GET", path: collection }] })
        const first = yield* ReplayPipeline.apply(plan)
        expect(first.results[0]).toMatchObject({ outcome: "failed", id: null, error: { _tag: "ProviderUnavailable" } })
        expect(first.results[0]?.error?.message).toContain("submitted twice")
        yield* faults.clear
        const second = yield* ReplayPipeline.apply(plan)
        expect(second.results[0]).toMatchObject({ outcome: "unchanged", error: null })
        expect(yield* made).toEqual({ outage: 1 })
      }).pipe(Effect.provide(scene(unbegun)))
  )
})

describe("Sixty windows through everything at once", () => {
  const chances: ReadonlyArray<Faults.RequestFault> = [
    { kind: "cutBefore", rate: 0.06 },
    { kind: "cutAfter", rate: 0.06 },
    { kind: "serverError", rate: 0.06 },
    { kind: "serverError", status: 502, processed: true, rate: 0.06 },
    // A 500 is not tried again, so a look-up that meets one ends the submission; one that the submission itself meets does not.
    { kind: "serverError", status: 500, processed: true, ...post, rate: 0.06 },
    { kind: "malformedBody", rate: 0.06 },
    { kind: "rateLimited", retryAfter: 0, rate: 0.04 },
    { kind: "slow", delay: Duration.seconds(10), rate: 0.03 }
  ]
  const requests: ReadonlyArray<Faults.RequestFault> = [
    // Each kind once for certain. Tokens expire twice, far apart: a token that is refused right after it was renewed is an error.
    ...chances.map((fault, index) => ({ ...fault, rate: 1, skip: 3 * index, times: 1 })),
    { kind: "expiredTokens", skip: 10, times: 1 },
    { kind: "expiredTokens", skip: 50, times: 1 },
    ...chances
  ]
  const tuning = {
    retry: { maxRetries: 12, baseDelay: Duration.millis(1) },
    requestTimeout: Duration.seconds(1)
  }
  for (const seed of [1, 2, 3]) {
    it.scopedLive(`become sixty streams (seed ${seed})`, () =>
      Effect.gen(function* () {
        const { faults, streams } = yield* Sandbox.Sandbox
        const plan = yield* planOf(numbered(60))
        const report = yield* ReplayPipeline.apply(plan, { concurrency: 8 })
        expect(report.results.filter(({ error }) => error !== null)).toEqual([])
        expect(report.summary.failed).toBe(0)
        expect(report.summary.created + report.summary.unchanged + report.summary.adopted).toBe(60)
        expect(yield* made).toEqual(Object.fromEntries(numbered(60).map((name) => [name, 1])))
        const ids = Object.fromEntries((yield* streams).map(({ id, payload }) => [payload.name, id]))
        for (const { id, name } of report.results) expect([name, id]).toEqual([name, ids[name]])
        // The run means something only if all of it happened.
        const fired = yield* faults.fired
        for (const { kind } of requests) expect([kind, HashMap.has(fired, kind)]).toEqual([kind, true])
        expect(report.summary.adopted).toBeGreaterThan(0)
      }).pipe(Effect.provide(scene({ ...unbegun, seed, faults: { requests } }, tuning)))
    )
  }
})

describe("Two pipelines that share nothing, on the same windows at the same time", () => {
  it.scopedLive("make one stream for each window, and both know it", () =>
    Effect.gen(function* () {
      const plan = yield* planOf(numbered(20))
      // Each with its own token, pacing and state, as two machines have them.
      const run = Effect.provide(ReplayPipeline.apply(plan, { concurrency: 4 }), pipeline(genesys()))
      const [one, other] = yield* Effect.all([run, run], { concurrency: 2 })
      expect(one.summary.created + other.summary.created).toBe(20)
      expect(one.summary.unchanged + other.summary.unchanged).toBe(20)
      expect(one.results.map(({ id }) => id)).toEqual(other.results.map(({ id }) => id))
      expect(yield* made).toEqual(Object.fromEntries(numbered(20).map((name) => [name, 1])))
    }).pipe(Effect.provide(outside(unbegun)))
  )

  it.scopedLive("also while answers get lost", () =>
    Effect.gen(function* () {
      const plan = yield* planOf(numbered(20))
      const run = Effect.provide(ReplayPipeline.apply(plan, { concurrency: 4 }), pipeline(genesys()))
      const [one, other] = yield* Effect.all([run, run], { concurrency: 2 })
      expect([one.summary.failed, other.summary.failed]).toEqual([0, 0])
      expect(one.results.map(({ id }) => id)).toEqual(other.results.map(({ id }) => id))
      expect(yield* made).toEqual(Object.fromEntries(numbered(20).map((name) => [name, 1])))
    }).pipe(
      Effect.provide(
        outside({ ...unbegun, faults: { requests: [{ kind: "cutAfter", ...post, rate: 0.3, times: 12 }] } })
      )
    )
  )
})

describe("The same window again", () => {
  it.scopedLive("is unchanged, and nothing is made", () =>
    Effect.gen(function* () {
      const plan = yield* planOf(["outage"])
      const first = yield* ReplayPipeline.apply(plan)
      const second = yield* ReplayPipeline.apply(plan)
      expect(second.results[0]).toMatchObject({ id: first.results[0]?.id, outcome: "unchanged", error: null })
      expect(yield* made).toEqual({ outage: 1 })
    }).pipe(Effect.provide(scene(unbegun)))
  )

  it.scopedLive("with another payload is a conflict that names the fields that differ, and changes nothing", () =>
    Effect.gen(function* () {
      const { streams } = yield* Sandbox.Sandbox
      const start = "-2h"
      const before = yield* ReplayPipeline.apply(yield* planOf(["outage"], { start }))
      const other = yield* planOf(["outage"], { start: "-3h", retention: 30, topics: ["genesys.conversations.call"] })
      const { error, id, outcome } = (yield* ReplayPipeline.apply(other)).results[0] ?? {}
      expect([outcome, id, error?._tag]).toEqual(["failed", null, "ReplayConflict"])
      const named = ["outage", "filters.topics", "replayConfig.startDate", "retentionDays", "wanted 30, found 60"]
      for (const word of [...named, before.results[0]?.id]) expect(error?.message).toContain(word)
      expect((yield* streams).map(({ payload }) => payload.retentionDays)).toEqual([60])
    }).pipe(Effect.provide(scene(unbegun)))
  )
})

describe("Without faults", () => {
  it.scopedLive("the sandbox is asked once for a token and once for each window", () =>
    Effect.gen(function* () {
      const { requests, tokensIssued } = yield* Sandbox.Sandbox
      yield* Effect.flatMap(planOf(numbered(10)), (plan) => ReplayPipeline.apply(plan, { concurrency: 5 }))
      expect(yield* tokensIssued).toBe(1)
      expect(yield* requests.count()).toBe(11)
    }).pipe(Effect.provide(scene(unbegun)))
  )
})
