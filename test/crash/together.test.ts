import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { ApplyReport } from "@genesys-replay/pipeline"
import { Effect, Layer, Schema } from "effect"
import { sandbox } from "../e2e/Scene.js"
import * as Gate from "./Gate.js"
import * as Process from "./Process.js"
import * as Site from "./Site.js"
import { expectUndisturbed } from "./Undisturbed.js"

const decode = Schema.decode(Schema.parseJson(ApplyReport.ApplyDocument))

const world = Layer.merge(sandbox(), NodeContext.layer)

/** Waits until a process has said this on standard error. */
const says = (process: Process.Process, words: string) =>
  process.until(Effect.repeat(Effect.delay(process.said, "10 millis"), { until: ({ err }) => err.includes(words) }))

describe.concurrent("several processes on one state file", { timeout: 180_000 }, () => {
  it.scopedLive("apply of the same plan follows the one that works, and takes over when that is killed", () =>
    Effect.gen(function* () {
      // The replays are not seen to end before the gate is open.
      const gate = yield* Gate.make("look arrived")
      const site = yield* Site.make({ names: ["shared-1", "shared-2"], reached: gate.reached })
      const apply = ["apply", site.spec, "--wait", "--webhook", site.gateway.webhook, "--json"]
      const first = yield* site.start(apply)
      yield* first.until(gate.holds(2))
      const second = yield* site.start(apply)
      yield* says(second, "another genesys-replay works on these windows")
      yield* first.signal("SIGKILL")
      yield* first.ended
      yield* gate.open
      const { code, err, out } = yield* second.ended
      expect(code, err).toBe(0)
      expect((yield* decode(out)).results).toMatchObject([
        { name: "shared-1", outcome: "created", error: null, replay: { state: "COMPLETED" } },
        { name: "shared-2", outcome: "created", error: null, replay: { state: "COMPLETED" } }
      ])
      yield* expectUndisturbed(site, { wait: true, webhook: true })
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("apply for another target does not wait for the one that works", () =>
    Effect.gen(function* () {
      const gate = yield* Gate.make("look arrived")
      const busy = yield* Site.make({ names: ["busy"], reached: gate.reached })
      // Another platform URL is another target.
      const other = yield* Site.make({ names: ["other"] })
      const env = { ...other.env, GENESYS_REPLAY_DATABASE_URL: busy.url }
      const first = yield* busy.start(["apply", busy.spec, "--wait"])
      yield* first.until(gate.holds(1))
      const second = yield* Process.run(["apply", other.spec, "--wait", "--json"], env)
      expect(second.code, second.err).toBe(0)
      expect((yield* decode(second.out)).results).toMatchObject([{ name: "other", outcome: "created" }])
      expect(second.err).not.toContain("another genesys-replay")
      expect((yield* first.said).out).toBe("")
      yield* gate.open
      expect((yield* first.ended).code).toBe(0)
      expect([yield* busy.made, yield* other.made]).toEqual([[1], [1]])
    }).pipe(Effect.provide(world))
  )
})

describe.concurrent("apply, interrupted with Ctrl-C while requests are under way", { timeout: 180_000 }, () => {
  it.scopedLive("waits a moment for their answers, says what goes on with it, and that does", () =>
    Effect.gen(function* () {
      // The sandbox has carried them out, and the answers do not come.
      const gate = yield* Gate.make("submit done")
      const site = yield* Site.make({ names: ["cut-1", "cut-2", "cut-3"], reached: gate.reached })
      const process = yield* site.start(["apply", site.spec])
      yield* process.until(gate.holds(3))
      yield* process.signal("SIGINT")
      const { code, err } = yield* process.ended
      expect(code).toBe(130)
      expect(err).toContain("genesys-replay resume")
      yield* gate.open
      const resumed = yield* site.run(["resume", "--json"])
      expect(resumed.code, resumed.err).toBe(0)
      expect((yield* decode(resumed.out)).summary).toEqual({ created: 0, unchanged: 0, adopted: 3, failed: 0 })
      yield* expectUndisturbed(site)
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("an answer that comes in that moment is written down", () =>
    Effect.gen(function* () {
      const gate = yield* Gate.make("submit done")
      const site = yield* Site.make({ names: ["late-1", "late-2"], reached: gate.reached })
      const process = yield* site.start(["apply", site.spec])
      yield* process.until(gate.holds(2))
      yield* process.signal("SIGINT")
      yield* says(process, "genesys-replay resume")
      yield* gate.open
      expect((yield* process.ended).code).toBe(130)
      const resumed = yield* site.run(["resume", "--json"])
      expect(resumed.code, resumed.err).toBe(0)
      expect((yield* decode(resumed.out)).summary).toMatchObject({ created: 2, failed: 0 })
      yield* expectUndisturbed(site)
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("a second Ctrl-C ends it at once", () =>
    Effect.gen(function* () {
      const gate = yield* Gate.make("submit done")
      const site = yield* Site.make({ names: ["twice-1", "twice-2"], reached: gate.reached })
      const process = yield* site.start(["apply", site.spec])
      yield* process.until(gate.holds(2))
      yield* process.signal("SIGINT")
      yield* says(process, "genesys-replay resume")
      yield* process.signal("SIGINT")
      // Not by itself: the signal has ended it.
      expect((yield* process.ended).signal).toBe("SIGINT")
      yield* gate.open
      expect((yield* site.run(["resume"])).code).toBe(0)
      yield* expectUndisturbed(site)
    }).pipe(Effect.provide(world))
  )
})
