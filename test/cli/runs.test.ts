import { describe, expect, it } from "@effect/vitest"
import { RunWindow } from "@genesys-replay/pipeline"
import { Sandbox } from "@genesys-replay/sandbox"
import { Effect, Schema } from "effect"
import { made } from "../e2e/Scene.js"
import { bus, desk, put, specOf, type } from "./Desk.js"
import { json } from "./Run.js"

const Summary = Schema.Struct({
  run: RunWindow.RunId,
  windows: Schema.Number,
  open: Schema.Number,
  failed: Schema.Number,
  cancelled: Schema.Number
})

const Windows = Schema.Struct({
  windows: Schema.Array(Schema.Struct({ name: Schema.String, state: RunWindow.WindowState }))
})

const decodeRuns = Schema.decodeUnknownSync(Schema.Struct({ runs: Schema.Array(Summary) }))
const decodeWindows = Schema.decodeUnknownSync(Windows)

const runs = (...options: ReadonlyArray<string>) =>
  Effect.map(type(["runs", "list", "--json", ...options]), ({ code, out }) => {
    if (options.includes("--check")) expect(code).toBe(0)
    return decodeRuns(json(out)).runs
  })

const statesOf = (run: string) =>
  Effect.map(type(["runs", "show", run, "--json"]), ({ out }) =>
    Object.fromEntries(decodeWindows(json(out)).windows.map(({ name, state }) => [name, state]))
  )

/** Hands windows of these names over; answers their run. */
const handedOver = (...names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    yield* put("a.yaml", yield* specOf(names))
    const { code, err } = yield* type(["apply", "a.yaml", "--detach"])
    expect([code, err.includes("genesys-replay runner works on it")]).toEqual([0, true])
    const [summary] = yield* runs()
    return summary === undefined ? expect.fail("no run") : summary.run
  })

describe.concurrent("Windows that were handed over", () => {
  it.live("are shown, taken back one by one, and worked on by a runner until nothing is left", () =>
    Effect.gen(function* () {
      const run = yield* handedOver("one", "two")
      expect(yield* runs("--open")).toMatchObject([{ run, windows: 2, open: 2, failed: 0, cancelled: 0 }])
      expect(yield* statesOf(run)).toEqual({ one: "requested", two: "requested" })
      const table = yield* type(["runs", "show", run])
      expect(table.out).toMatch(/WINDOW[\s\S]*one[\s\S]*requested/)

      const schedule = yield* type(["runs", "list", "--since", "-1h", "--check"])
      expect([schedule.code, schedule.out.includes(run)]).toEqual([3, true])

      const cancelled = yield* type(["runs", "cancel", run, "two", "--json"])
      expect([cancelled.code, json(cancelled.out)]).toEqual([
        0,
        { results: [{ name: "two", cancelled: true, error: null }] }
      ])

      const runner = yield* type(["runner", "--until-idle", "--json"])
      expect([runner.code, json(runner.out)]).toEqual([0, { finished: 1 }])
      expect(runner.err).toContain(`${run}/one  created`)
      expect(yield* statesOf(run)).toEqual({ one: "finished", two: "cancelled" })
      expect(yield* made).toEqual({ one: 1 })
      expect(yield* runs("--open", "--check")).toEqual([])
      expect(yield* runs()).toMatchObject([{ open: 0, failed: 0, cancelled: 1 }])

      const again = yield* type(["runs", "cancel", run])
      expect([again.code, again.out.match(/was over before/g)?.length]).toEqual([0, 2])
    }).pipe(Effect.provide(desk()))
  )

  it.live("are resumed by who has their credentials; somebody else is only told of them", () =>
    Effect.gen(function* () {
      const nothing = yield* type(["resume"])
      expect([nothing.code, nothing.out]).toEqual([0, ""])
      expect(nothing.err).toContain("nothing is unfinished")

      yield* handedOver("one")
      const stranger = yield* type(["resume", "--json"], { env: { GENESYS_CLIENT_ID: "somebody-else" } })
      expect([stranger.code, json(stranger.out)]).toMatchObject([0, { results: [] }])
      expect(stranger.err).toMatch(/1 unfinished for http:\/\/127\.0\.0\.1:\d+ as /)
      expect(yield* made).toEqual({})

      const owner = yield* type(["resume", "--json"])
      expect([owner.code, json(owner.out)]).toMatchObject([0, { results: [{ name: "one", outcome: "created" }] }])
      expect(yield* made).toEqual({ one: 1 })
    }).pipe(Effect.provide(desk()))
  )
})

describe.concurrent("Runs, when something is wrong", () => {
  it.live(
    "4: a replay that stands cannot be looked at; what is not finished stays so, until resume goes on with it",
    () =>
      Effect.gen(function* () {
        const { faults } = yield* Sandbox.Sandbox
        yield* faults.set({ requests: [{ kind: "forbidden", method: "GET", path: "/api/v2/eventstreams/*" }] })
        yield* put("a.yaml", yield* specOf(["one"]))
        const applied = yield* type(["apply", "a.yaml", "--wait", "--json"])
        expect([applied.code, json(applied.out)]).toMatchObject([
          4,
          { results: [{ name: "one", outcome: "created", unfinished: true, error: { tag: "NotPermitted" } }] }
        ])
        expect(applied.err).toContain("genesys-replay resume goes on")

        const runner = yield* type(["runner", "--until-idle", "--json"])
        expect([runner.code, json(runner.out)]).toEqual([4, { finished: 0, stalled: 1 }])
        expect(runner.err).toContain("give the OAuth client a role")

        yield* faults.clear
        const resumed = yield* type(["resume", "--json"])
        expect([resumed.code, json(resumed.out)]).toMatchObject([
          0,
          { results: [{ name: "one", error: null, replay: { state: "COMPLETED" } }] }
        ])
        const trail = yield* type(["audit", "list", "--action", "watch_replay"])
        expect(trail.out.match(/NotPermitted/g)).toHaveLength(2)
      }).pipe(Effect.provide(desk()))
  )

  it.live("3: something is missing from the captured events, and the run counts as failed", () =>
    Effect.gen(function* () {
      const { deliveries } = yield* Sandbox.Sandbox
      yield* put("a.yaml", yield* specOf(["lossy"]))
      const { code, out } = yield* type(["apply", "a.yaml", "--captured", deliveries(bus), "--json"])
      expect([code, json(out)]).toMatchObject([3, { results: [{ name: "lossy", accuracy: { sequence_gaps: 1 } }] }])
      expect(yield* runs()).toMatchObject([{ windows: 1, open: 0, failed: 1 }])
    }).pipe(Effect.provide(desk({ faults: { deliveries: { drop: { indices: [7] } } } })))
  )

  it.live("2: a run or a window that is not there, and credentials that are not set", () =>
    Effect.gen(function* () {
      const run = yield* handedOver("one")
      for (const words of [
        ["runs", "show", "yesterday"],
        ["runs", "show", "20240115083000-abcdef"],
        ["runs", "cancel", "yesterday"]
      ]) {
        const { code, err } = yield* type(words)
        expect([code, err.includes("genesys-replay runs list shows those that there are")]).toEqual([2, true])
      }
      const window = yield* type(["runs", "cancel", run, "two"])
      expect([window.code, window.err.includes(`genesys-replay runs show ${run}`)]).toEqual([2, true])
      for (const words of [["resume"], ["runner", "--until-idle"]]) {
        const { code, err } = yield* type(words, { env: { GENESYS_CLIENT_ID: undefined } })
        expect([code, err.includes("GENESYS_CLIENT_ID is not set")]).toEqual([2, true])
      }
      expect(yield* statesOf(run)).toEqual({ one: "requested" })
    }).pipe(Effect.provide(desk()))
  )
})
