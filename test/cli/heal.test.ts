import { FileSystem } from "@effect/platform"
import { describe, expect } from "@effect/vitest"
import { EventIdentity, HealReport } from "@genesys-replay/domain"
import { ConversationRecord, Sandbox, World } from "@genesys-replay/sandbox"
import { DateTime, Effect, Layer, Schema } from "effect"
import * as AwsCall from "../sandbox/AwsCall.js"
import { desk } from "./Desk.js"
import { scene } from "./Outage.js"
import { json } from "./Run.js"
import { describeWith } from "./SharedLayer.js"

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

/** What the platform has of every conversation of these hours, a record a line. */
const records = Effect.fn("records")(function* (cwd: string) {
  const { world } = yield* Sandbox.Sandbox
  const files = yield* FileSystem.FileSystem
  const now = DateTime.toEpochMillis(yield* DateTime.now)
  const lines = World.active(world, { from: now - 3 * 3_600_000, until: now }).map((conversation) =>
    JSON.stringify(ConversationRecord.make(conversation, { asOf: now }))
  )
  yield* files.writeFileString(`${cwd}/records.ndjson`, lines.join("\n"))
})

const sent = Effect.gen(function* () {
  const { requests } = yield* Sandbox.Sandbox
  return yield* requests.count("POST AWSEvents.StartReplay")
})

describeWith(Layer.fresh(desk({ world: { conversationsPerHour: 150 } })), "genesys-replay heal", (it) => {
  describe("after an outage on the way to the queue", () => {
    it.effect("brings back what is missing, hands each event on once, and is what the dry run said", () =>
      Effect.gen(function* () {
        const { consumer, cwd, heal, lost, type } = yield* scene("outage")
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

    it.effect(
      "goes on after SIGKILL and Ctrl-C at any step: nothing is replayed twice, nothing is handed on twice",
      () =>
        Effect.gen(function* () {
          const { consumer, heal, lost, type } = yield* scene("killed", 3)
          const before = yield* sent
          const { replays } = Schema.decodeUnknownSync(Forecast)(json((yield* heal(["--dry-run", "--json"])).out))
          // Measured, planned and written down, submitted, under way or captured.
          for (const word of ["missing", "round 1", "created"]) {
            const killed = yield* heal(["--to", consumer], {
              onErr: (text) => (text.includes(word) ? "SIGKILL" : undefined)
            })
            expect([word, killed.code]).toEqual([word, null])
          }
          const interrupted = yield* heal(["--to", consumer], {
            onErr: (text) => (text.includes("goes on") ? "SIGINT" : undefined)
          })
          expect([interrupted.code, interrupted.err]).toEqual([
            130,
            expect.stringContaining("the same command goes on from here")
          ])
          const resumed = yield* type(["resume", "--provider", "eventbridge", "--json"])
          expect(resumed.code).toBe(0)
          const { heals } = Schema.decodeUnknownSync(
            Schema.Struct({ heals: Schema.Array(Schema.Struct({ report: HealReport.HealReport })) })
          )(json(resumed.out))
          expect(heals[0]?.report).toMatchObject({
            isComplete: true,
            missingBefore: lost.length,
            recovered: lost.length,
            resent: lost.length
          })
          expect(yield* sent).toBe(before + replays.length)
          expect(identities(yield* AwsCall.drain(consumer))).toEqual(parsed(lost))
          expect((yield* type(["audit", "verify"])).code).toBe(0)
          expect((yield* heal(["--to", consumer])).out).toContain("Nothing was missing")
        })
    )

    it.effect("3: tells by reason what does not come back, and stops when a round brings nothing", () =>
      Effect.gen(function* () {
        const { cwd, heal, lost } = yield* scene("gone")
        const files = yield* FileSystem.FileSystem
        // An event that never reached the archive.
        const never = (lost[0] ?? "").replaceAll(/"conversationId":"[0-9a-f]{8}/g, '"conversationId":"00000000')
        const baseline = yield* files.readFileString(`${cwd}/baseline.ndjson`)
        yield* files.writeFileString(`${cwd}/baseline.ndjson`, `${baseline}${never}\n`)
        const { code, out } = yield* heal(["--json"])
        const told = report(out)
        expect([code, told.isComplete, told.recovered]).toEqual([3, false, lost.length])
        expect(told.missing).toMatchObject({ count: 1, byReason: [{ reason: "not-in-archive", count: 1 }] })
        expect(told.rounds.map(({ recovered }) => recovered)).toEqual([lost.length, 0])
        const short = yield* heal([])
        expect([short.code, short.out]).toEqual([
          3,
          expect.stringContaining("they never reached the archive (not-in-archive)")
        ])
      })
    )

    it.effect("measures by conversation records as well, and two at a time are one heal", () =>
      Effect.gen(function* () {
        const { args, consumer, cwd, lost, type } = yield* scene("records")
        yield* records(cwd)
        const words = [...args, "--records", "records.ndjson", "--to", consumer, "--json"]
        const both = yield* Effect.all([type(words), type(words)], { concurrency: 2 })
        const reports = both.map(({ out }) => report(out))
        expect(both.map(({ code }) => code)).toEqual([0, 0])
        expect(reports.map(({ recovered }) => recovered).sort((one, other) => one - other)[0]).toBe(0)
        const resent = Math.max(...reports.map(({ resent }) => resent))
        expect(resent).toBeGreaterThan(0)
        const events = identities(yield* AwsCall.drain(consumer))
        expect(new Set(events).size).toBe(events.length)
        expect(events.length).toBe(resent)
        const known = new Set(parsed(lost))
        expect(events.filter((event) => !known.has(event))).toEqual([])
      })
    )

    it.effect("begins no round that replays more than --max-events, and says what is wrong with its words", () =>
      Effect.gen(function* () {
        const { args, heal, type } = yield* scene("words")
        const before = yield* sent
        const much = yield* heal(["--max-events", "1"])
        expect([much.code, much.err]).toEqual([2, expect.stringContaining("no more than 1 are allowed")])
        for (const [more, said] of [
          [[], "measured by nothing"],
          [["--against", "baseline.ndjson", "--reconcile"], "only one of them measures"],
          [["--against", "baseline.ndjson", "--rounds", "0"], "--rounds is less than 1"],
          [["--against", "baseline.ndjson", "--speed", "10x"], "--speed is only with --to"],
          [["--against", "baseline.ndjson", "--window", "other"], "has no window"],
          [["--against", "absent.ndjson"], "absent.ndjson"]
        ] as const) {
          const ended = yield* type([...args, ...more])
          expect([more, ended.code, ended.err]).toEqual([more, 2, expect.stringContaining(said)])
        }
        expect(yield* sent).toBe(before)
      })
    )
  })
})

describeWith(Layer.fresh(desk({ world: { conversationsPerHour: 20 } })), "genesys-replay heal --reconcile", (it) => {
  it.effect("measures by the platform's own records, and is gone on with by a runner when its process was killed", () =>
    Effect.gen(function* () {
      const { args, consumer, lost, type } = yield* scene("platform", 3)
      const words = [...args, "--reconcile", "--to", consumer, "--json"]
      const killed = yield* type(words, { onErr: (text) => (text.includes("created") ? "SIGKILL" : undefined) })
      expect(killed.code).toBe(null)
      const Listed = Schema.Struct({
        heals: Schema.Array(
          Schema.Struct({ window: Schema.String, open: Schema.Boolean, isComplete: Schema.NullOr(Schema.Boolean) })
        )
      })
      const listed = Effect.map(
        type(["runs", "list", "--json"]),
        ({ out }) => Schema.decodeUnknownSync(Listed)(json(out)).heals
      )
      expect(yield* listed).toEqual([{ window: "outage", open: true, isComplete: null }])
      expect((yield* type(["runs", "list", "--check"])).code).toBe(3)
      const ran = yield* type(["runner", "--provider", "eventbridge", "--until-idle", "--json"])
      expect([ran.code, json(ran.out)]).toMatchObject([0, { healed: 1 }])
      expect(yield* listed).toEqual([{ window: "outage", open: false, isComplete: true }])
      const events = identities(yield* AwsCall.drain(consumer))
      const known = new Set(parsed(lost))
      expect(events.length).toBeGreaterThan(0)
      expect(new Set(events).size).toBe(events.length)
      expect(events.filter((event) => !known.has(event))).toEqual([])
    })
  )
})
