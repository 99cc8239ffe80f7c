import { describe, expect, it } from "@effect/vitest"
import { ProviderError, ReplayProvider } from "@genesys-replay/domain"
import { AuditTrail, ReplayPipeline, Runs, RunWindow } from "@genesys-replay/pipeline"
import type { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Effect, Layer, Logger, Ref } from "effect"
import {
  actions,
  apply,
  calls,
  during,
  engine,
  join,
  pass,
  plan,
  states,
  stopAfter,
  surroundings,
  withEngine
} from "./Surroundings.js"
import { reportOf } from "./Windows.js"

const operation = "GET /api/v2/eventstreams/replay-1"
const refused = new ProviderError.NotAuthenticated({ operation, status: 401, reason: "the secret is another one" })
const denied = new ProviderError.NotPermitted({ operation, status: 403, reason: "no role" })
const away = new ProviderError.ProviderUnavailable({ operation, attempts: 4, elapsedMs: 7_000, lastAnswer: "503" })
const gone = new ProviderError.ReplayNotFound({ operation, id: "replay-1" })

type Trouble = ProviderError.ProviderError | null

/** What every look at the first replay fails with, as long as it is not null. */
const troubled = (now: () => Trouble): InMemoryProvider.Options => ({
  before: (call) =>
    Effect.suspend(() => {
      const trouble = now()
      return call.operation !== "describe" || call.subject !== "replay-1" || trouble === null
        ? Effect.void
        : Effect.fail(trouble)
    })
})

const noted = (action: "watch_replay" | "verify_replay") =>
  Effect.flatMap(AuditTrail.AuditTrail, (trail) =>
    Effect.map(trail.list({ action }), (all) => all.map(({ config_id, detail }) => [config_id, detail["tag"]]))
  )

const quiet = Logger.remove(Logger.defaultLogger)

describe("a replay that stands, watched", () => {
  for (const error of [refused, denied, away]) {
    it.effect(
      `${error._tag}: the wait ends with it, the window stays unfinished, and resume goes on once it is mended`,
      () => {
        let trouble: Trouble = error
        return Effect.gen(function* () {
          const { results } = yield* during("10 minutes", apply(plan("outage"), { wait: true }))
          expect(results).toMatchObject([{ outcome: "created", id: "replay-1", error: { _tag: error._tag } }])
          expect(results[0]?.replay).toBeUndefined()
          expect(yield* states).toEqual(["submitted"])
          expect(yield* noted("watch_replay")).toEqual([["replay-1", error._tag]])

          const open = yield* ReplayPipeline.unfinished
          expect(open.map(RunWindow.isFailing)).toEqual([true])
          const still = yield* during("10 minutes", withEngine(ReplayPipeline.resume(open)))
          expect(still.results).toMatchObject([{ error: { _tag: error._tag } }])
          expect(yield* noted("watch_replay")).toHaveLength(2)

          trouble = null
          const mended = yield* during("1 minute", withEngine(ReplayPipeline.resume(yield* ReplayPipeline.unfinished)))
          expect(mended.results).toMatchObject([{ error: null, replay: { state: "COMPLETED" } }])
          expect(yield* states).toEqual(["finished"])
          expect((yield* actions).filter((action) => /submit|create|complete/.test(action))).toEqual([
            "submit_replay_config",
            "create_replay_config",
            "complete_replay"
          ])
        }).pipe(Effect.provide(surroundings(troubled(() => trouble))))
      }
    )
  }

  it.effect(
    "is looked at again from time to time by an engine that nobody waits with; the trail has what is new",
    () => {
      let trouble: Trouble = null
      return Effect.gen(function* () {
        yield* ReplayPipeline.request(plan("outage"), { wait: true })
        yield* Effect.fork(engine)
        yield* pass("500 millis")
        trouble = denied
        yield* pass("20 minutes")
        expect(yield* calls("describe")).toBeGreaterThan(5)
        expect(yield* noted("watch_replay")).toEqual([["replay-1", "NotPermitted"]])
        trouble = refused
        yield* pass("20 minutes")
        expect(yield* noted("watch_replay")).toHaveLength(2)
        trouble = null
        yield* pass("10 minutes")
        expect(yield* states).toEqual(["finished"])
      }).pipe(Effect.provide(Layer.merge(surroundings(troubled(() => trouble)), quiet)))
    }
  )

  it.effect("is waited for again where it answers again before the others have ended", () => {
    let trouble: Trouble = null
    return Effect.gen(function* () {
      const watched = yield* Effect.fork(
        apply(plan("outage", "other"), { wait: { interval: "1 minute", maxInterval: "1 hour" } })
      )
      yield* pass("500 millis")
      trouble = denied
      yield* pass("1 minute")
      expect((yield* noted("watch_replay")).length).toBe(1)
      trouble = null
      const { results } = yield* join("10 minutes", watched)
      expect(results.map(({ error, replay }) => [error, replay?.state])).toEqual([
        [null, "COMPLETED"],
        [null, "COMPLETED"]
      ])
    }).pipe(Effect.provide(surroundings(troubled(() => trouble))))
  })

  it.effect("is over where there is no such replay any more: the trail and the result say so", () =>
    Effect.gen(function* () {
      const { results } = yield* during("1 minute", apply(plan("outage"), { wait: true }))
      expect(results).toMatchObject([{ outcome: "created", error: { _tag: "ReplayNotFound" } }])
      expect(yield* states).toEqual(["finished"])
      expect(yield* noted("watch_replay")).toEqual([["replay-1", "ReplayNotFound"]])
    }).pipe(
      Effect.updateService(ReplayProvider.ReplayProvider, (provider) => ({
        ...provider,
        describe: () => Effect.fail(gone)
      })),
      Effect.provide(surroundings())
    )
  )
})

describe("a replay that has ended, measured", () => {
  const unreadable = { _tag: "UnreadableSource", message: "events.ndjson: no such file" }

  it.effect("stays unfinished where that fails: the same plan measures again, and asks for no second replay", () =>
    Effect.gen(function* () {
      const tries = yield* Ref.make(0)
      const failing = () =>
        Effect.zipRight(
          Ref.update(tries, (count) => count + 1),
          Effect.fail(unreadable)
        )
      const first = yield* during("1 minute", apply(plan("outage"), { verify: failing }))
      expect(first.results).toMatchObject([
        { error: { _tag: "OtherError", tag: "UnreadableSource" }, replay: { state: "COMPLETED" } }
      ])
      expect([yield* states, yield* Ref.get(tries)]).toEqual([["ended"], 1])
      expect(yield* noted("verify_replay")).toEqual([["replay-1", "UnreadableSource"]])

      const verify = () => Effect.succeed(reportOf("outage", 0))
      const { results } = yield* during("1 minute", apply(plan("outage"), { verify }))
      expect(results).toMatchObject([{ error: null, accuracy: { accuracy_rate: 100 } }])
      expect([yield* states, yield* calls("submit")]).toEqual([["finished"], 1])
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("can be measured by something else than what failed", () =>
    Effect.gen(function* () {
      const first = yield* during("1 minute", apply(plan("outage"), { captured: ["typing-mistake.ndjson"] }))
      expect(first.results).toMatchObject([{ error: { _tag: "UnreadableSource" } }])
      const verify = () => Effect.succeed(reportOf("outage", 0))
      const { results } = yield* during("1 minute", apply(plan("outage"), { verify }))
      expect(results).toMatchObject([{ error: null, accuracy: { accuracy_rate: 100 } }])
      expect(yield* states).toEqual(["finished"])
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("can be withdrawn: its replay is over, and nothing is stopped", () =>
    Effect.gen(function* () {
      yield* during("1 minute", apply(plan("outage"), { captured: ["typing-mistake.ndjson"] }))
      const [window] = yield* Effect.flatMap(Runs.Runs, ({ list }) => list())
      expect(yield* ReplayPipeline.withdraw(window ?? expect.fail("no window"))).toBe(true)
      expect([yield* states, yield* calls("cancel")]).toEqual([["cancelled"], 0])
      yield* stopAfter("1 minute", engine)
      expect(yield* states).toEqual(["cancelled"])
    }).pipe(Effect.provide(surroundings()))
  )
})
