import { FileSystem } from "@effect/platform"
import { describe, expect } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, Layer } from "effect"
import { bus, Desk, desk, destination, put, type } from "./Desk.js"
import { scene } from "./Outage.js"
import { json, run } from "./Run.js"
import { describeWith } from "./SharedLayer.js"

const options = {
  world: { conversationsPerHour: 120 },
  records: { availabilityLag: Duration.minutes(5), jobDuration: Duration.millis(100) }
}

/** The spec of the scene as `own.yaml`, for a window of a name of its own, which asks for this proof. */
const asking = Effect.fn("asking")(function* (cwd: string, name: string, prove?: string) {
  const files = yield* FileSystem.FileSystem
  const { defaults, windows, ...spec } = JSON.parse(yield* files.readFileString(`${cwd}/spec.yaml`))
  const own = { ...spec, defaults, windows: [{ ...windows[0], name, ...(prove === undefined ? {} : { prove }) }] }
  yield* files.writeFileString(`${cwd}/own.yaml`, JSON.stringify(own))
})

const started = Effect.gen(function* () {
  const { requests } = yield* Sandbox.Sandbox
  return yield* requests.count("POST AWSEvents.StartReplay")
})

describeWith(
  Layer.fresh(desk(options)),
  "genesys-replay apply, of windows that say how they are to be proven",
  (it) => {
    describe("prove: records, with EventBridge", () => {
      it.effect(
        "is proven by what Genesys Cloud itself knows: final or provisional is told, and the sinks hear of it",
        () =>
          Effect.gen(function* () {
            const { cwd, lost, type: typed } = yield* scene("records")
            yield* asking(cwd, "outage", "records")
            const planned = yield* typed(["plan", "own.yaml"])
            expect(planned.out).toContain("proven by records")
            const args = ["apply", "own.yaml", "--sync-file", "sync.ndjson", "--captured"]
            const whole = yield* typed([...args, "baseline.ndjson", "--json"])
            expect([whole.code, json(whole.out)]).toMatchObject([
              0,
              {
                results: [
                  {
                    error: null,
                    measuredBy: "records",
                    accuracy: { accuracy_rate: 100, sequence_gaps: 0, basis: "records", verdict: "provisional" }
                  }
                ]
              }
            ])
            const holey = yield* typed([...args, "captured.ndjson"])
            expect(holey.code).toBe(3)
            expect(holey.err).toMatch(
              /verified {3}outage {2}\d\d\.\d\d % of what the platform's records make one expect came/
            )
            expect(holey.out).toMatch(/\d\d\.\d\d % by records, provisional/)
            const files = yield* FileSystem.FileSystem
            const told = (yield* files.readFileString(`${cwd}/sync.ndjson`))
              .trimEnd()
              .split("\n")
              .map((line) => JSON.parse(line))
            expect(told.filter(({ basis }) => basis === "records").map(({ sequence_gaps }) => sequence_gaps)).toEqual([
              0,
              expect.toSatisfy((gaps: number) => gaps > 0 && gaps <= lost.length)
            ])
            const runs = yield* typed(["runs", "list", "--json"])
            expect(json(runs.out)).toMatchObject({ runs: [{ failed: 0 }, { failed: 1 }] })
          })
      )

      it.effect("2: credentials of Genesys Cloud are missing: nothing is written down, and nothing sent", () =>
        Effect.gen(function* () {
          const { cwd } = yield* scene("credentials")
          const { env } = yield* Desk
          const { GENESYS_CLIENT_ID: _, GENESYS_CLIENT_SECRET: __, ...rest } = env
          const own = { ...rest, XDG_STATE_HOME: `${cwd}/state`, GENESYS_REPLAY_DATABASE_URL: `file:${cwd}/state.db` }
          const typed = (...args: ReadonlyArray<string>) =>
            run(["apply", "own.yaml", ...args, "--json"], { cwd, env: own })
          const before = yield* started
          yield* asking(cwd, "credentials", "records")
          const ended = yield* typed("--captured", "baseline.ndjson")
          expect([ended.code, json(ended.out)]).toMatchObject([2, { error: { tag: "RecordsNotConfigured" } }])
          expect(ended.err).toContain("GENESYS_CLIENT_ID is not set")
          expect(ended.err).toContain("next: Set GENESYS_CLIENT_ID")
          expect(yield* started).toBe(before)
          // A window that asks for no records needs none.
          yield* asking(cwd, "credentials")
          expect((yield* typed("--wait")).code).toBe(0)
        })
      )
    })

    describe("prove: baseline", () => {
      it.effect("is measured against the files of --against", () =>
        Effect.gen(function* () {
          const { cwd, lost, type: typed } = yield* scene("baseline")
          yield* asking(cwd, "baseline", "baseline")
          const args = ["apply", "own.yaml", "--captured", "captured.ndjson"]
          const alone = yield* typed([...args, "--json"])
          expect([alone.code, json(alone.out)]).toMatchObject([2, { error: { tag: "ProofNotPossible" } }])
          const ended = yield* typed([...args, "--against", "baseline.ndjson", "--json"])
          expect([ended.code, json(ended.out)]).toMatchObject([
            3,
            { results: [{ measuredBy: "baseline", accuracy: { basis: "baseline", sequence_gaps: lost.length } }] }
          ])
        })
      )
    })

    describe("prove: records, with Genesys Cloud's own streams", () => {
      it.effect("is proven by the records as well, as is a window that is typed", () =>
        Effect.gen(function* () {
          const { deliveries } = yield* Sandbox.Sandbox
          const captured = ["--captured", deliveries(bus)]
          const topic = "v2.detail.events.conversation.{id}.acd.start"
          const window = [
            "--topic",
            topic,
            "--start",
            "-90m",
            "--end",
            "-20m",
            "--destination",
            destination,
            "--name",
            "own"
          ]
          const ended = yield* type(["apply", ...window, "--prove", "records", ...captured, "--json"])
          expect([ended.code, json(ended.out)]).toMatchObject([
            0,
            { results: [{ measuredBy: "records", accuracy: { accuracy_rate: 100, verdict: "provisional" } }] }
          ])
          yield* put("a.yaml", "windows: []")
          const both = yield* type(["plan", "a.yaml", "--prove", "records"])
          expect([both.code, both.err.includes("--prove cannot be combined with the spec file")]).toEqual([2, true])
        })
      )
    })
  }
)
