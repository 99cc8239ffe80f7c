import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { type ReplayPlan as Plan, PlanCheck, PlannedWindow, ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { ProviderConformance } from "@genesys-replay/domain/testing"
import { Database, ReplayPipeline, Runs } from "@genesys-replay/pipeline"
import { Effect, Layer, Schema } from "effect"
import * as FolderProvider from "./folderProvider.js"

const document = (window: Record<string, unknown> = {}) => ({
  provider: "folder",
  defaults: { destination: "/replays" },
  windows: [{ name: "outage", topics: ["genesys.conversations.message"], start: "-3h", end: "-1h", ...window }]
})

const planned = (window?: Record<string, unknown>) =>
  Effect.flatMap(ReplaySpec.decodeFor(FolderProvider.planner)(document(window)), (spec) =>
    ReplayPlan.makeFor(FolderProvider.planner)(spec)
  )

const only = ({ windows: [window] }: Plan.ReplayPlan) =>
  window === undefined ? Effect.dieMessage("no window") : Effect.succeed(window)

describe("A provider of somebody else's", () => {
  for (const { check, rule } of ProviderConformance.rules) {
    it.live(rule, () =>
      Effect.gen(function* () {
        const window = yield* Effect.flatMap(planned(), only)
        const other = yield* Effect.flatMap(planned({ end: "-2h" }), only)
        yield* check({ window, other })
      }).pipe(Effect.provide(Layer.fresh(FolderProvider.layer)))
    )
  }

  it.live("reads its own destinations from a spec, each wrong one named in its place", () =>
    Effect.gen(function* () {
      const decode = ReplaySpec.decodeFor(FolderProvider.planner)
      const wrong = yield* Effect.flip(decode(document({ destination: "replays" })))
      expect(wrong.message).toBe("windows[0].destination: not the path of a folder: replays. Begin it with a slash")
      const missing = yield* Effect.flip(decode({ ...document(), defaults: {} }))
      expect(missing.message).toContain("write the path of a folder")
      const other = yield* Effect.flip(decode({ ...document(), provider: "genesys" }))
      expect(other.message).toBe('provider: expected folder, found "genesys"')
    })
  )

  it.live("has rules of its own beside those of every provider, and is asked about a plan", () =>
    Effect.gen(function* () {
      const spec = yield* ReplaySpec.decodeFor(FolderProvider.planner)(
        document({ destination: "/tmp/x", start: "-1m" })
      )
      const draft = yield* PlanCheck.checkFor(FolderProvider.planner)(spec)
      expect(draft.findings.map(({ code }) => code)).toEqual([
        "start-too-recent",
        "end-before-start",
        "folder/not-kept"
      ])
      expect(draft.windows).toEqual([])
      expect(draft.checkedWith).toBe("folders of this machine")
    }).pipe(Effect.provide(FolderProvider.layer))
  )

  it.live("replays through the pipeline, and its windows are read again as they were planned", () =>
    Effect.gen(function* () {
      const plan = yield* planned()
      const report = yield* ReplayPipeline.apply(plan, { wait: { interval: "10 millis" } })
      expect(report.results).toMatchObject([{ outcome: "created", error: null, replay: { state: "COMPLETED" } }])
      const [kept] = yield* Effect.flatMap(Runs.Runs, (runs) => runs.list())
      expect(kept?.window.destination).toMatchObject({ text: "/replays" })
      expect(Schema.encodeSync(PlannedWindow.PlannedWindow)(yield* only(plan))).toEqual(
        kept === undefined ? undefined : Schema.encodeSync(PlannedWindow.PlannedWindow)(kept.window)
      )
      expect((yield* ReplayPipeline.apply(plan)).summary).toMatchObject({ unchanged: 1 })
    }).pipe(
      Effect.provide(
        ReplayPipeline.ReplayPipeline.layer({
          state: Database.Database.layerMemory,
          provider: FolderProvider.layer
        }).pipe(Layer.provide(NodeContext.layer))
      )
    )
  )
})
