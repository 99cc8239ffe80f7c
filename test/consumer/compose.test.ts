import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { AuditTrail } from "@genesys-replay/pipeline"
import { type Faults, Sandbox } from "@genesys-replay/sandbox"
import { ConfigProvider, Console, Effect, Layer, Ref } from "effect"
import { live, replayOutage } from "./compose.js"

/** Runs the program as its owner would, with an environment that leads to a sandbox; also what it printed. */
const run = (deliveries: Faults.DeliveryFaults = {}) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const { deliveries: fileOf, environment } = yield* Sandbox.Sandbox
    const directory = yield* files.makeTempDirectoryScoped()
    const variables = environment.map((line): [string, string] => [
      line.slice(0, line.indexOf("=")),
      line.slice(line.indexOf("=") + 1)
    ])
    const printed = yield* Ref.make<ReadonlyArray<string>>([])
    const console = yield* Console.consoleWith(Effect.succeed)
    const program = Effect.gen(function* () {
      const report = yield* replayOutage(fileOf("gen-cx-events"))
      const entries = yield* Effect.flatMap(AuditTrail.AuditTrail, ({ list }) => list())
      return { report, actions: entries.map(({ action }) => action) }
    })
    const done = yield* program.pipe(
      Effect.provide(live),
      Effect.withConfigProvider(
        ConfigProvider.fromMap(
          new Map([...variables, ["GENESYS_REPLAY_DATABASE_URL", `file:${directory}/state.db`] as const])
        )
      ),
      Effect.withConsole({ ...console, log: (line) => Ref.update(printed, (before) => [...before, String(line)]) })
    )
    return { ...done, printed: (yield* Ref.get(printed)).map((line): unknown => JSON.parse(line)) }
  }).pipe(
    Effect.provide(Layer.merge(Sandbox.layer({ seed: "consumer", faults: { deliveries } }), NodeContext.layer)),
    Effect.scoped
  )

describe("A program that composes the pipeline", () => {
  it.live("replays its window, proves it, tells its dashboard, and leaves a trail", () =>
    Effect.gen(function* () {
      const { actions, printed, report } = yield* run()
      const [result] = report.results
      expect(result).toMatchObject({
        name: "outage",
        outcome: "created",
        error: null,
        accuracy: { accuracy_rate: 100 }
      })
      expect(printed).toMatchObject([
        { event_type: "replay_config_complete", config_id: result?.id },
        { window_id: "outage", accuracy_rate: 100, sequence_gaps: 0 }
      ])
      // The dashboard is told as soon as there is something to tell, whatever else goes on.
      expect(actions.filter((action) => action !== "sync_replay")).toEqual([
        "plan_replay_config",
        "submit_replay_config",
        "create_replay_config",
        "complete_replay",
        "verify_replay"
      ])
      expect(actions.filter((action) => action === "sync_replay").length).toBe(2)
    })
  )

  it.live("sees what was lost on the way", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ drop: { indices: [[10, 14]] } })
      expect(report.results[0]?.accuracy).toMatchObject({ sequence_gaps: 5 })
    })
  )
})
