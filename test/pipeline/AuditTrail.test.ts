import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as Error from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodePath from "@effect/platform-node/NodePath"
import * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import type { AuditEntry } from "@genesys-replay/domain"
import { AuditTrail } from "@genesys-replay/pipeline"
import * as Database from "@genesys-replay/pipeline/Database"
import * as Migrations from "@genesys-replay/pipeline/Migrations"
import * as SqlAuditTrail from "@genesys-replay/pipeline/SqlAuditTrail"
import { Cause, ConfigProvider, DateTime, Effect, Exit, Fiber, Layer, Option, Redacted, TestClock } from "effect"
import { now, windowOf } from "./Windows.js"

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "genesys-replay-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const entry = (window: string, action: AuditEntry.AuditAction, timestamp: string): AuditEntry.AuditEntry => ({
  action,
  config_id: null,
  retention_days: 60,
  replay_start: "2024-01-15T08:00:00Z",
  topics: ["genesys.x.y"],
  latency_ms: 12.345,
  timestamp,
  window,
  payload_hash: "0123456789abcdef",
  detail: { figure: 9_007_199_254_740_991, nested: { text: "ä€" } }
})

const story = [
  entry("a", "submit_replay_config", "2024-01-15T08:00:00Z"),
  // Written without and with milliseconds: as text these two would be in the wrong order.
  entry("b", "submit_replay_config", "2024-01-15T08:00:00.250Z"),
  entry("a", "create_replay_config", "2024-01-15T08:00:01Z"),
  entry("b", "refuse_replay_config", "2024-01-15T08:00:02Z")
]

const tell = Effect.gen(function* () {
  const trail = yield* AuditTrail.AuditTrail
  yield* Effect.forEach(story, trail.record, { discard: true })
  return trail
})

const nodeDatabase = (path: string, options?: Database.Options) =>
  Database.layerAuditTrail(`file:${path}`, options).pipe(Layer.provide(NodeContext.layer))

const failing = (path: string, options?: Database.Options) => Effect.flip(Layer.build(nodeDatabase(path, options)))

const both = [
  ["in memory", Effect.succeed(AuditTrail.AuditTrail.layerMemory)],
  ["in a database", Effect.map(directory, (path) => Layer.orDie(nodeDatabase(join(path, "state.db"))))]
] as const

for (const [where, layer] of both) {
  describe(`AuditTrail ${where}`, () => {
    const withTrail = <A, E>(use: (trail: AuditTrail.Service) => Effect.Effect<A, E>) =>
      Effect.flatMap(layer, (trail) => Effect.provide(Effect.flatMap(tell, use), trail)).pipe(Effect.scoped)

    it.effect("lists what was recorded, unchanged and in order", () =>
      withTrail((trail) => Effect.map(trail.list(), (all) => expect(all).toEqual(story)))
    )

    it.effect("filters by window, action and time; the limit keeps the latest", () =>
      withTrail((trail) =>
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
      )
    )
  })
}

describe("AuditTrail.entryFor", () => {
  it.effect("takes the instant from the Clock, and writes no secret out", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(DateTime.toEpochMillis(now))
      const made = yield* AuditTrail.entryFor(windowOf("outage"), "submit_replay_config", {
        detail: { secret: Redacted.make("hunter2") }
      })
      expect(made.timestamp).toBe("2024-01-15T20:30:00Z")
      const path = join(yield* directory, "state.db")
      yield* Effect.provide(
        Effect.flatMap(AuditTrail.AuditTrail, (trail) => trail.record(made)),
        nodeDatabase(path)
      )
      const kept = readdirSync(dirname(path)).map((file) => readFileSync(join(dirname(path), file)))
      expect(kept.some((bytes) => bytes.includes("submit_replay_config"))).toBe(true)
      expect(kept.some((bytes) => bytes.includes("hunter2"))).toBe(false)
    }).pipe(Effect.scoped)
  )
})

describe("Database", () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

  it.scoped("survives being closed and opened again; migrations run once", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      yield* Effect.provide(tell, nodeDatabase(path))
      const again = Effect.gen(function* () {
        const trail = yield* AuditTrail.AuditTrail
        const sql = yield* SqlClient.SqlClient
        yield* Migrations.run
        yield* Migrations.run
        const migrations = yield* sql`SELECT name FROM effect_sql_migrations`
        expect(migrations.map(({ name }) => name)).toEqual(["audit_entry"])
        expect(yield* trail.list()).toEqual(story)
        yield* trail.record(entry("c", "cancel_replay", "2024-01-15T09:00:00Z"))
        const rows = yield* sql`SELECT sequence FROM audit_entry ORDER BY sequence`
        expect(rows.map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n, 4n, 5n])
      })
      yield* Effect.provide(again, nodeDatabase(path))
    })
  )

  it.scoped("makes directories that only their owner may enter, and files that only their owner may read", () =>
    Effect.gen(function* () {
      const root = yield* directory
      const path = join(root, "a", "b #1%?", "state.db")
      yield* Effect.gen(function* () {
        yield* tell
        expect(modeOf(join(root, "a"))).toBe("700")
        expect(modeOf(join(root, "a", "b #1%?"))).toBe("700")
        for (const file of ["state.db", "state.db-wal", "state.db-shm"]) {
          expect([file, modeOf(join(root, "a", "b #1%?", file))]).toEqual([file, "600"])
        }
      }).pipe(Effect.provide(nodeDatabase(path)))
    })
  )

  it.scoped("takes the rights of others away from a file that was there", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      writeFileSync(path, "", { mode: 0o644 })
      yield* Effect.provide(tell, nodeDatabase(path))
      expect(modeOf(path)).toBe("600")
    })
  )

  it.scopedLive("two programs write into one database", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      const write = (window: string) =>
        Effect.gen(function* () {
          const trail = yield* AuditTrail.AuditTrail
          yield* Effect.forEach(
            Array.from({ length: 50 }),
            () => trail.record(entry(window, "submit_replay_config", "2024-01-15T08:00:00Z")),
            { discard: true }
          )
          return (yield* trail.list()).length
        }).pipe(Effect.provide(nodeDatabase(path)))
      yield* Effect.all([write("a"), write("b")], { concurrency: 2 })
      expect(yield* write("c")).toBe(150)
    })
  )

  it.scoped("says that a file is not a database, and what to do", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      writeFileSync(path, "not a database, but long enough to be taken for one. ".repeat(100))
      const error = yield* failing(path)
      expect(error._tag).toBe("StateUnavailable")
      expect(error.message).toBe(
        `the audit trail in ${path} cannot be opened: the file is not a database. Move it away, or name another file in GENESYS_REPLAY_DATABASE_URL (file:PATH)`
      )
    })
  )

  it.scoped("says that the path is a directory, or goes through a file", () =>
    Effect.gen(function* () {
      const root = yield* directory
      writeFileSync(join(root, "file"), "")
      expect((yield* failing(root)).message).toContain(`the audit trail in ${root} cannot be opened`)
      const through = yield* failing(join(root, "file", "state.db"))
      expect(through.message).toContain(`the audit trail in ${join(root, "file", "state.db")} cannot be opened`)
      expect(through.message).toContain("name another file in GENESYS_REPLAY_DATABASE_URL")
    })
  )

  it.scoped("says that a directory may not be written", () =>
    Effect.gen(function* () {
      const denied = new Error.SystemError({
        module: "FileSystem",
        method: "makeDirectory",
        reason: "PermissionDenied"
      })
      const error = yield* Effect.flip(
        Layer.build(
          Database.layer("file:/private/x/state.db").pipe(
            Layer.provide([FileSystem.layerNoop({ makeDirectory: () => Effect.fail(denied) }), NodePath.layer])
          )
        )
      )
      expect(error.message).toContain(
        "the audit trail in /private/x/state.db cannot be opened: permission denied. Give yourself"
      )
    })
  )

  it.scoped("waits for a database that another program holds, and gives up with its name", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      const patience = { patience: "500 millis" } as const
      const holder = yield* Layer.build(nodeDatabase(path))
      const other = yield* Layer.build(nodeDatabase(path, patience))
      const trail = yield* Effect.provide(AuditTrail.AuditTrail, other)
      const sql = yield* Effect.provide(SqlClient.SqlClient, holder)

      yield* sql`BEGIN IMMEDIATE`
      const refused = yield* Effect.fork(Effect.exit(trail.record(entry("a", "cancel_replay", "2024-01-15T08:00:00Z"))))
      yield* TestClock.adjust("1 second")
      const exit = yield* Fiber.join(refused)
      expect(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "").toContain(
        `the audit trail in ${path} cannot be written: it is locked by another program. Wait until that program ends`
      )
      // Reading needs no lock, nor does opening a database whose tables are there.
      expect(yield* trail.list()).toEqual([])
      yield* Layer.build(nodeDatabase(path, patience))

      const patient = yield* Effect.fork(trail.record(entry("b", "cancel_replay", "2024-01-15T08:00:00Z")))
      yield* TestClock.adjust("100 millis")
      yield* sql`COMMIT`
      yield* TestClock.adjust("100 millis")
      yield* Fiber.join(patient)
      expect((yield* trail.list()).map(({ window }) => window)).toEqual(["b"])
    })
  )

  it.scoped("gives up on a locked database without tables as well", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      const holder = yield* Layer.build(nodeDatabase(path))
      const sql = yield* Effect.provide(SqlClient.SqlClient, holder)
      yield* sql`DROP TABLE effect_sql_migrations`
      yield* sql`DROP TABLE audit_entry`
      yield* sql`BEGIN IMMEDIATE`
      const fiber = yield* Effect.fork(failing(path, { patience: "300 millis" }))
      // Opening reads the disk, which takes a time that the clock of the test does not know.
      yield* Effect.repeat(TestClock.adjust("100 millis"), { until: () => Effect.map(fiber.poll, Option.isSome) })
      expect((yield* Fiber.join(fiber)).message).toContain("cannot be opened: it is locked by another program")
      yield* sql`COMMIT`
      const opened = yield* Layer.build(nodeDatabase(path))
      expect(yield* Effect.flatMap(Effect.provide(AuditTrail.AuditTrail, opened), (trail) => trail.list())).toEqual([])
    })
  )

  it.scoped("says that a database may only be read, and that an entry is damaged", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      yield* Effect.gen(function* () {
        const trail = yield* AuditTrail.AuditTrail
        const sql = yield* SqlClient.SqlClient
        yield* sql`INSERT INTO audit_entry (at, action, window_name, entry) VALUES (0, 'x', 'x', '{"action":"x"}')`
        expect((yield* Effect.flip(trail.list())).message).toContain(`${path} cannot be read: an entry cannot be read`)
        yield* sql`PRAGMA query_only = ON`
        const error = yield* Effect.flip(trail.record(entry("a", "cancel_replay", "2024-01-15T08:00:00Z")))
        expect(error.message).toContain("cannot be written: it may only be read. Give yourself the right to write")
      }).pipe(Effect.provide(nodeDatabase(path)))
    })
  )

  const messageFor = (url: string) =>
    Effect.map(Effect.flip(Database.fileOf(url)), ({ _tag, message }) => `${_tag}: ${message}`)

  it.effect("refuses PostgreSQL and unknown schemes, and shows no password", () =>
    Effect.gen(function* () {
      const postgres = yield* messageFor("postgres://user:hunter2@db/replay")
      expect(postgres).toBe(
        "DatabaseUrlUnsupported: the database URL cannot be used: PostgreSQL is not supported in this release. Set GENESYS_REPLAY_DATABASE_URL to file:PATH"
      )
      for (const url of ["mysql://user:hunter2@db", "state.db", "", "file:", "file://host/state.db", "file::memory:"]) {
        const message = yield* messageFor(url)
        expect(message).toContain("DatabaseUrlUnsupported")
        expect(message).not.toContain("hunter2")
      }
    })
  )

  it.effect("reads file:PATH, relative, absolute and with slashes", () =>
    Effect.gen(function* () {
      const files = yield* Effect.forEach(
        ["file:a.db", "file:/x/a.db", "file:///x/a.db", "FILE://localhost/x/a.db"],
        (url) => Database.fileOf(url)
      )
      expect(files).toEqual(["a.db", "/x/a.db", "/x/a.db", "/x/a.db"])
    })
  )

  it.effect("stands in the user's state directory unless the environment says otherwise", () =>
    Effect.gen(function* () {
      const urlIn = (environment: ReadonlyArray<readonly [string, string]>) =>
        Effect.withConfigProvider(Database.url, ConfigProvider.fromMap(new Map(environment)))
      expect(yield* urlIn([["HOME", "/home/a"]])).toBe("file:/home/a/.local/state/genesys-replay/state.db")
      expect(
        yield* urlIn([
          ["HOME", "/home/a"],
          ["XDG_STATE_HOME", "/s"]
        ])
      ).toBe("file:/s/genesys-replay/state.db")
      expect(
        yield* urlIn([
          ["HOME", "/home/a"],
          ["XDG_STATE_HOME", "s"]
        ])
      ).toBe("file:/home/a/.local/state/genesys-replay/state.db")
      expect(
        yield* urlIn([
          ["HOME", "/home/a"],
          ["GENESYS_REPLAY_DATABASE_URL", "file:x.db"]
        ])
      ).toBe("file:x.db")
    })
  )

  it.scoped("is one of several places for the trail: SqlAuditTrail runs on any prepared client", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      const client = Database.layer(`file:${path}`).pipe(Layer.provide(NodeContext.layer))
      const trail = yield* Effect.provide(tell, Layer.provide(SqlAuditTrail.layer({ location: path }), client))
      expect(trail).toBeDefined()
    })
  )
})
