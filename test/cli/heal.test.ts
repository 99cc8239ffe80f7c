import { FileSystem } from "@effect/platform"
import { describe, expect, layer } from "@effect/vitest"
import { EventIdentity, HealReport } from "@genesys-replay/domain"
import { Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, Layer, Schema } from "effect"
import * as AwsCall from "../sandbox/AwsCall.js"
import { desk } from "./Desk.js"
import { scene } from "./Outage.js"
import { json } from "./Run.js"

const report = (out: string) =>
  Schema.decodeUnknownSync(HealReport.HealReport, { onExcessProperty: "error" })(json(out))

const Forecast = Schema.Struct({
  missing: Schema.Number,
  replays: Schema.Array(Schema.Struct({ start: Schema.String, end: Schema.String, missing: Schema.Number })),
  minutes: Schema.Number,
  recoverable: Schema.Number,
  events: Schema.Number,
  left: Schema.Array(Schema.Unknown)
})

const identityOf = (event: unknown): string => {
  const identity = EventIdentity.of(event)
  return identity._tag === "Unidentified" ? "none" : EventIdentity.textOf(identity)
}

const identities = (events: ReadonlyArray<unknown>) => events.map(identityOf).sort()

const parsed = (lines: ReadonlyArray<string>) => identities(lines.map((line): unknown => JSON.parse(line)))

const sent = Effect.gen(function* () {
  const { requests } = yield* Sandbox.Sandbox
  return yield* requests.count("POST AWSEvents.StartReplay")
})

layer(Layer.fresh(desk({ world: { conversationsPerHour: 150 } })), { excludeTestServices: true })(
  "genesys-replay heal",
  (it) => {
    describe("after an outage on the way to the queue", () => {
      it.effect("brings back what is missing, hands each event on once, and is what the dry run said", () =>
        Effect.gen(function* () {
          const { consumer, heal, lost, type, cwd } = yield* scene("outage")
          const before = yield* sent
          const dry = yield* heal(["--dry-run", "--json"])
          expect([dry.code, yield* sent]).toEqual([3, before])
          const forecast = Schema.decodeUnknownSync(Forecast, { onExcessProperty: "error" })(json(dry.out))
          expect(forecast).toMatchObject({ missing: lost.length, recoverable: lost.length, left: [] })
          expect(forecast.events).toBeGreaterThanOrEqual(lost.length)

          const done = yield* heal(["--to", consumer, "--sync-file", "sync.ndjson", "--json"])
          const told = report(done.out)
          expect([done.code, told.isComplete, told.missing.count]).toEqual([0, true, 0])
          expect(told.missingBefore).toBe(lost.length)
          expect([told.recovered, told.resent]).toEqual([lost.length, lost.length])
          expect(told.rounds.map(({ replays }) => replays.map(({ end, start }) => ({ start, end })))).toEqual([
            forecast.replays.map(({ end, start }) => ({ start, end }))
          ])
          expect(told.rounds[0]?.captured).toBe(forecast.events)
          expect(identities(yield* AwsCall.drain(consumer))).toEqual(parsed(lost))

          const files = yield* FileSystem.FileSystem
          const synced = (yield* files.readFileString(`${cwd}/sync.ndjson`)).trim().split("\n")
          expect(JSON.parse(synced.at(-1) ?? "")).toMatchObject({
            event_type: "replay_heal_complete",
            config_id: expect.stringMatching(/^heal-[0-9a-f]{12}$/),
            recovered: lost.length,
            missing: 0
          })
          const trail = yield* type(["audit", "list", "--window", "outage", "--json"])
          for (const action of ["begin_heal", "begin_heal_round", "end_heal_round", "complete_heal"]) {
            expect(trail.out).toContain(`"${action}"`)
          }
          expect((yield* type(["verify", "captured.ndjson", "--against", "baseline.ndjson"])).code).toBe(0)

          const again = yield* heal(["--to", consumer])
          expect([again.code, again.out]).toEqual([0, expect.stringContaining("Nothing was missing")])
          expect(yield* AwsCall.drain(consumer)).toEqual([])
        })
      )
    })
  }
)
