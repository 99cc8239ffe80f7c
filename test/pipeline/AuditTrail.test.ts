import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import { AuditExport, AuditTrail, CanonicalJson, Database, State } from "@genesys-replay/pipeline"
import { Chunk, DateTime, Deferred, Effect, Fiber, Layer, Redacted, Stream, TestClock, TestServices } from "effect"
import { entryOf, story } from "./AuditEntries.js"
import { isAvailable, Postgres, withServer } from "./Postgres.js"
import { directory, stateAt } from "./StateFile.js"
import { now, windowOf } from "./Windows.js"

const tell = Effect.gen(function* () {
  const trail = yield* AuditTrail.AuditTrail
  yield* Effect.forEach(story, trail.record, { discard: true })
  return trail
})

const chained = (trail: AuditTrail.Service, filter?: Parameters<AuditTrail.Service["chained"]>[0]) =>
  Effect.map(Stream.runCollect(trail.chained(filter)), (found) => Chunk.toReadonlyArray(found))

type Kept = Layer.Layer<AuditTrail.AuditTrail | Database.Database, unknown>

type Use<A> = (trail: AuditTrail.Service) => Effect.Effect<A, unknown, AuditTrail.AuditTrail | Database.Database>

/** A rule that a trail keeps, after the story was told to it. */
const rule =
  (use: Use<void>) =>
  (kept: Kept): Effect.Effect<void, unknown> =>
    Effect.provide(Effect.flatMap(tell, use), kept)

/** What holds of every trail. */
const rules = {
  "lists what was recorded, unchanged and in order": rule((trail) =>
    Effect.map(trail.list(), (all) => expect(all).toEqual(story))
  ),

  "filters by window, action and time; the limit keeps the latest": rule((trail) =>
    Effect.gen(function* () {
      const at = (text: string) => DateTime.unsafeMake(text)
      expect(yield* trail.list({ window: "a" })).toEqual([story[0], story[2]])
      expect(yield* trail.list({ action: "submit_replay_config" })).toEqual([story[0], story[1]])
      expect(yield* trail.list({ since: at("2024-01-15T08:00:00.250Z") })).toEqual(story.slice(1))
      expect(yield* trail.list({ until: at("2024-01-15T08:00:01Z") })).toEqual(story.slice(0, 2))
      expect(yield* trail.list({ limit: 2 })).toEqual(story.slice(2))
      expect(yield* trail.list({ window: "b", limit: 1 })).toEqual([story[3]])
      expect(yield* trail.list({ limit: 0 })).toEqual([])
      expect(yield* trail.list({ window: "x' OR '1'='1" })).toEqual([])
    })
  ),

  "makes an entry that is an effect once nothing can come before it: no instant goes back": rule((trail) =>
    Effect.gen(function* () {
      const [first, second] = [
        entryOf("c", "submit_replay_config", "2024-01-15T08:00:03Z"),
        entryOf("d", "submit_replay_config", "2024-01-15T08:00:03Z")
      ]
      const made: Array<string> = []
      const [begun, goOn] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const make = (entry: typeof first) =>
        Effect.sync(() => {
          made.push(entry.window)
          return entry
        })
      const slow = Deferred.succeed(begun, undefined).pipe(
        Effect.zipRight(Deferred.await(goOn)),
        Effect.zipRight(make(first))
      )
      const recording = yield* Effect.fork(trail.record(slow))
      yield* Deferred.await(begun)
      const another = yield* Effect.fork(trail.record(make(second)))
      yield* Effect.repeatN(Effect.yieldNow(), 100)
      expect(made).toEqual([])
      yield* Deferred.succeed(goOn, undefined)
      yield* Fiber.join(recording)
      yield* Fiber.join(another)
      expect(made).toEqual(["c", "d"])
      expect((yield* trail.list({ limit: 2 })).map(({ window }) => window)).toEqual(["c", "d"])
    })
  ),

  "shows each entry with its place in the chain, and anybody can compute its hash again": rule((trail) =>
    Effect.gen(function* () {
      const all = yield* chained(trail)
      expect(all.map(({ entry }) => entry)).toEqual(story)
      expect(all.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
      for (const { entry, hash, previous, sequence } of all) {
        expect(CanonicalJson.digest({ entry, previous, sequence }, 64)).toBe(hash)
      }
      expect(all.slice(1).map(({ previous }) => previous)).toEqual(all.slice(0, -1).map(({ hash }) => hash))
      const last = yield* chained(trail, { window: "b", since: DateTime.unsafeMake("2024-01-15T08:00:01Z") })
      expect(last).toEqual(all.slice(3))
      const line: unknown = JSON.parse(last.map(AuditExport.ndjson).join(""))
      expect(line).toEqual({ ...story[3], sequence: 4, previous: all[2]?.hash, hash: all[3]?.hash })
    })
  ),

  "says that it is whole, how many entries it has, and which heads it ever had": rule((trail) =>
    Effect.gen(function* () {
      const head = (yield* chained(trail)).at(-1)?.hash ?? ""
      expect(yield* trail.verify).toMatchObject({ _tag: "Intact", count: 4, head })
      yield* trail.record(entryOf("c", "cancel_replay", "2024-01-15T08:00:03Z"))
      expect(yield* trail.verify).toMatchObject({ _tag: "Intact", count: 5 })
      expect(yield* trail.holds(head)).toBe(true)
      expect(yield* trail.holds("0".repeat(64))).toBe(true)
      expect(yield* trail.holds("f".repeat(64))).toBe(false)
    })
  ),

  "is one chain, however many record at the same time": rule((trail) =>
    Effect.gen(function* () {
      const many = Array.from({ length: 40 }, (_, index) =>
        trail.record(entryOf(`w${index}`, "submit_replay_config", "2024-01-15T09:00:00Z"))
      )
      yield* Effect.all(many, { concurrency: "unbounded", discard: true })
      expect(yield* trail.verify).toMatchObject({ _tag: "Intact", count: 44 })
      expect(new Set((yield* trail.list()).map(({ window }) => window)).size).toBe(42)
    })
  ),

  "leaves no entry of a transaction that failed, nor a gap where it would have been": rule((trail) =>
    Effect.gen(function* () {
      const before = yield* trail.verify
      const failed = Effect.zipRight(
        trail.record(entryOf("lost", "cancel_replay", "2024-01-15T08:00:03Z")),
        Effect.fail("no")
      )
      expect(yield* Effect.flip(Database.atomically(failed))).toBe("no")
      expect(yield* trail.verify).toEqual(before)
      yield* Database.atomically(
        Effect.all([
          trail.record(entryOf("c", "cancel_replay", "2024-01-15T08:00:04Z")),
          trail.record(entryOf("d", "cancel_replay", "2024-01-15T08:00:05Z"))
        ])
      )
      expect(yield* trail.verify).toMatchObject({ _tag: "Intact", count: 6 })
      expect((yield* trail.list()).map(({ window }) => window)).toEqual(["a", "b", "a", "b", "c", "d"])
    })
  ),

  "is read to its end while others record": rule((trail) =>
    Effect.gen(function* () {
      const record = trail.record(entryOf("meanwhile", "cancel_replay", "2024-01-15T08:00:03Z"))
      const [verdicts] = yield* Effect.all(
        [
          Effect.replicateEffect(trail.verify, 10),
          Effect.replicateEffect(Effect.zipLeft(record, Effect.yieldNow()), 30)
        ],
        { concurrency: 2 }
      )
      expect(verdicts.map(({ _tag }) => _tag)).toEqual(verdicts.map(() => "Intact"))
    })
  )
}

describe("AuditTrail in memory", () => {
  for (const [name, holds] of Object.entries(rules)) it.effect(name, () => holds(State.layerMemory))
})

describe("AuditTrail in a file", () => {
  for (const [name, holds] of Object.entries(rules)) {
    it.scopedLive(name, () => Effect.flatMap(directory, (path) => holds(stateAt(join(path, "state.db")))))
  }
})

describe.skipIf(!isAvailable)("AuditTrail on PostgreSQL", () => {
  withServer((it) => {
    for (const [name, holds] of Object.entries(rules)) {
      it.effect(name, () =>
        Effect.gen(function* () {
          const { database } = yield* Postgres
          yield* holds(Layer.provide(State.layer(yield* database), NodeContext.layer))
        }).pipe(TestServices.provideLive)
      )
    }
  })
})

describe("AuditTrail.entryFor", () => {
  it.scoped("takes the instant from the Clock, and writes no secret out", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(DateTime.toEpochMillis(now))
      const made = yield* AuditTrail.entryFor(windowOf("outage"), "submit_replay_config", {
        detail: { secret: Redacted.make("hunter2") }
      })
      expect(made.timestamp).toBe("2024-01-15T20:30:00Z")
      const path = join(yield* directory, "state.db")
      yield* Effect.provide(
        Effect.flatMap(AuditTrail.AuditTrail, (trail) => trail.record(made)),
        stateAt(path)
      )
      const kept = readdirSync(dirname(path)).map((file) => readFileSync(join(dirname(path), file)))
      expect(kept.some((bytes) => bytes.includes("submit_replay_config"))).toBe(true)
      expect(kept.some((bytes) => bytes.includes("hunter2"))).toBe(false)
    })
  )
})

describe("AuditTrail in a file that somebody changed", () => {
  /** The verdict on the story after `statements`, as somebody would run them who has the file. */
  const after = (...statements: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      yield* Effect.provide(tell, stateAt(path))
      return yield* Effect.gen(function* () {
        const { sql } = yield* Database.Database
        const trail = yield* AuditTrail.AuditTrail
        yield* Effect.forEach(statements, (statement) => sql.unsafe(statement))
        const verdict = yield* trail.verify
        return verdict._tag === "Intact" ? "intact" : `${verdict.damage} ${verdict.sequence}`
      }).pipe(Effect.provide(stateAt(path)))
    })

  const changes: ReadonlyArray<readonly [verdict: string, ...statements: ReadonlyArray<string>]> = [
    ["intact"],
    ["edited 2", "UPDATE genesys_replay_audit_entry SET entry = replace(entry, '\"b\"', '\"c\"') WHERE sequence = 2"],
    ["edited 3", "UPDATE genesys_replay_audit_entry SET entry = entry || ' ' WHERE sequence = 3"],
    ["edited 1", "UPDATE genesys_replay_audit_entry SET window_name = 'z' WHERE sequence = 1"],
    ["edited 4", "UPDATE genesys_replay_audit_entry SET at = at + 1 WHERE sequence = 4"],
    ["removed 2", "DELETE FROM genesys_replay_audit_entry WHERE sequence = 2"],
    [
      "removed 1",
      "DELETE FROM genesys_replay_audit_entry WHERE sequence = 1",
      "UPDATE genesys_replay_audit_entry SET sequence = sequence - 1",
      "UPDATE genesys_replay_audit_head SET entries = 3"
    ],
    ["cut 3", "DELETE FROM genesys_replay_audit_entry WHERE sequence > 2"],
    ["cut 1", "DELETE FROM genesys_replay_audit_entry"],
    ["cut 5", "DELETE FROM genesys_replay_audit_head"],
    ["edited 4", "UPDATE genesys_replay_audit_head SET hash = replace(hash, substr(hash, 1, 8), '00000000')"],
    [
      "reordered 2",
      "UPDATE genesys_replay_audit_entry SET sequence = -1 WHERE sequence = 2",
      "UPDATE genesys_replay_audit_entry SET sequence = 2 WHERE sequence = 3",
      "UPDATE genesys_replay_audit_entry SET sequence = 3 WHERE sequence = -1"
    ],
    [
      "inserted 5",
      "INSERT INTO genesys_replay_audit_entry SELECT 5, at, action, window_name, entry, previous, hash FROM genesys_replay_audit_entry WHERE sequence = 4"
    ]
  ]

  for (const [verdict, ...statements] of changes) {
    it.scoped(`finds ${verdict} after ${statements.join("; ") || "nothing"}`, () =>
      Effect.map(after(...statements), (found) => expect(found).toBe(verdict))
    )
  }

  it.scoped("finds a trail that was rewritten as a whole by a head that was noted before", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      const noted = yield* Effect.flatMap(tell, ({ verify }) => verify).pipe(Effect.provide(stateAt(path)))
      const head = noted._tag === "Intact" ? noted.head : ""
      yield* Effect.gen(function* () {
        const { sql } = yield* Database.Database
        const trail = yield* AuditTrail.AuditTrail
        yield* sql`DELETE FROM genesys_replay_audit_entry`
        yield* sql`UPDATE genesys_replay_audit_head SET entries = 0, hash = ${"0".repeat(64)}`
        yield* Effect.forEach(story.slice(1), trail.record, { discard: true })
        expect(yield* trail.verify).toMatchObject({ _tag: "Intact", count: 3 })
        expect(yield* trail.holds(head)).toBe(false)
      }).pipe(Effect.provide(stateAt(path)))
    })
  )

  it.scoped("records nothing behind a head that is gone", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      yield* Effect.gen(function* () {
        const trail = yield* tell
        const { sql } = yield* Database.Database
        yield* sql`DELETE FROM genesys_replay_audit_head`
        const error = yield* Effect.flip(trail.record(entryOf("c", "cancel_replay", "2024-01-15T08:00:03Z")))
        expect(error.message).toContain("an entry of the audit trail cannot be read: the head of the trail is gone")
        expect((yield* trail.list()).length).toBe(4)
      }).pipe(Effect.provide(stateAt(path)))
    })
  )
})

describe("AuditExport", () => {
  const dangerous: AuditTrail.Chained = {
    sequence: 1,
    previous: "0".repeat(64),
    hash: "f".repeat(64),
    entry: {
      ...entryOf('=HYPERLINK("http://x")', "cancel_replay", "2024-01-15T08:00:00Z"),
      config_id: "a,b\r\nc",
      topics: ["genesys.x.y", "genesys.x.z"],
      latency_ms: -1.5,
      detail: { note: 'say "no", please' }
    }
  }

  it("writes RFC 4180, and nothing that a spreadsheet would run", () => {
    expect(AuditExport.csvHeader).toBe(
      "sequence,timestamp,action,window,config_id,retention_days,replay_start,topics,latency_ms,payload_hash,detail,previous,hash\r\n"
    )
    expect(AuditExport.csv(dangerous)).toBe(
      `1,2024-01-15T08:00:00Z,cancel_replay,"'=HYPERLINK(""http://x"")","a,b\r\nc",60,2024-01-15T08:00:00Z,genesys.x.y genesys.x.z,-1.5,0123456789abcdef,"{""note"":""say \\""no\\"", please""}",${dangerous.previous},${dangerous.hash}\r\n`
    )
  })

  it("writes one line of JSON an entry", () => {
    const line = AuditExport.ndjson(dangerous)
    expect(line.indexOf("\n")).toBe(line.length - 1)
    expect(JSON.parse(line)).toEqual({
      ...dangerous.entry,
      sequence: 1,
      previous: dangerous.previous,
      hash: dangerous.hash
    })
  })
})
