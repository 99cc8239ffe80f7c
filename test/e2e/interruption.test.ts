import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import type { AuditEntry } from "@genesys-replay/domain"
import { AuditTrail, ReplayPipeline, SyncSink } from "@genesys-replay/pipeline"
import * as Database from "@genesys-replay/pipeline/Database"
import { type Faults, Sandbox } from "@genesys-replay/sandbox"
import { Array, Deferred, Duration, Effect, Exit, Fiber, Layer, Supervisor } from "effect"
import { genesys, made, numbered, planOf, quiet, sandbox } from "./Scene.js"

const around = (requests: ReadonlyArray<Faults.RequestFault>) =>
  Layer.merge(genesys(), SyncSink.SyncSinks.layerNone).pipe(
    Layer.provideMerge(sandbox({ faults: { requests } })),
    Layer.provideMerge(NodeContext.layer),
    Layer.merge(quiet)
  )

const actionsOf = (entries: ReadonlyArray<AuditEntry.AuditEntry>) =>
  Object.fromEntries(
    Object.entries(Array.groupBy(entries, ({ window }) => window)).map(([window, all]) => [
      window,
      all.map(({ action }) => action.replace("_replay_config", ""))
    ])
  )

describe("apply, interrupted in the middle", () => {
  it.scopedLive("leaves a trail that says what was submitted, runs on nowhere, and is completed by the same plan", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const { requests, streams } = yield* Sandbox.Sandbox
      const file = `${yield* files.makeTempDirectoryScoped()}/state.db`
      const trail = Database.layerAuditTrail(`file:${file}`)
      const plan = yield* planOf(numbered(40))
      const underWay = yield* Deferred.make<void>()
      const supervisor = yield* Supervisor.track

      const run = yield* ReplayPipeline.apply(plan, {
        concurrency: 4,
        wait: true,
        onProgress: (progress) =>
          progress._tag === "Submitted" && progress.window.name === "window-12"
            ? Deferred.succeed(underWay, undefined)
            : Effect.void
      }).pipe(Effect.provide(trail), Effect.supervised(supervisor), Effect.fork)
      yield* Deferred.await(underWay)
      const exit = yield* Fiber.interrupt(run)
      expect(Exit.isInterrupted(exit)).toBe(true)

      const left = yield* supervisor.value
      expect(yield* Effect.forEach(left, Fiber.status)).toEqual([...left].map(() => ({ _tag: "Done" })))
      const asked = yield* requests.count()

      // Opened anew, as the next process would.
      const entries = yield* Effect.provide(
        Effect.flatMap(AuditTrail.AuditTrail, ({ list }) => list()),
        Layer.fresh(trail)
      )
      const standing = yield* streams
      expect(standing.length).toBeGreaterThanOrEqual(12)
      expect(standing.length).toBeLessThan(40)
      const told = actionsOf(entries)
      for (const { payload } of standing) {
        // Some may have come further.
        expect([payload.name, ...(told[payload.name] ?? []).slice(0, 2)]).toEqual([payload.name, "submit", "create"])
      }
      // What was about to be sent and was not may be announced, but nothing is said to stand that does not.
      const names = new Set(standing.map(({ payload }): string => payload.name))
      for (const name of Object.keys(told).filter((one) => !names.has(one))) expect(told[name]).not.toContain("create")
      expect(
        entries
          .filter(({ action }) => action === "create_replay_config")
          .map(({ config_id }) => config_id)
          .sort()
      ).toEqual(standing.map(({ id }) => id).sort())
      expect(yield* requests.count()).toBe(asked)

      const again = yield* Effect.provide(ReplayPipeline.apply(plan), Layer.fresh(trail))
      expect(again.summary).toEqual({
        created: 40 - standing.length,
        unchanged: standing.length,
        adopted: 0,
        failed: 0
      })
      expect(yield* made).toEqual(Object.fromEntries(numbered(40).map((name) => [name, 1])))
    }).pipe(Effect.provide(around([{ kind: "slow", delay: Duration.millis(20), method: "POST" }])))
  )

  it.scopedLive("says that the outcome is unknown where no answer comes, and the same plan again finds out", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      const trail = yield* AuditTrail.AuditTrail
      const plan = yield* planOf(["outage"])
      const submitting = yield* Deferred.make<void>()
      const run = yield* ReplayPipeline.apply(plan, {
        onProgress: (progress) =>
          progress._tag === "Submitting" ? Deferred.succeed(submitting, undefined) : Effect.void
      }).pipe(Effect.fork)
      yield* Deferred.await(submitting)
      // The request is under way when its first entry stands.
      yield* Effect.repeat(Effect.sleep("5 millis"), {
        until: () => Effect.map(trail.list(), (entries) => entries.length === 1)
      })
      expect(Exit.isInterrupted(yield* Fiber.interrupt(run))).toBe(true)
      expect(actionsOf(yield* trail.list())).toEqual({ outage: ["submit", "interrupt"] })
      const [, entry] = yield* trail.list()
      expect(entry).toMatchObject({ config_id: null, detail: { outcome: "unknown" } })
      yield* faults.clear
      const again = yield* ReplayPipeline.apply(plan)
      expect(again.summary.failed).toBe(0)
      expect(yield* made).toEqual({ outage: 1 })
    }).pipe(
      Effect.provide(
        Layer.provideMerge(
          AuditTrail.AuditTrail.layerMemory,
          around([{ kind: "slow", delay: Duration.minutes(10), method: "POST", path: "/api/v2/eventstreams" }])
        )
      )
    )
  )
})
