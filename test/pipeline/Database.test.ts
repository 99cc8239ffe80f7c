import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync
} from "node:fs"
import { join } from "node:path"
import * as Reactivity from "@effect/experimental/Reactivity"
import * as Error from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodePath from "@effect/platform-node/NodePath"
import * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import { AuditTrail, Database } from "@genesys-replay/pipeline"
import { Cause, Effect, Exit, Fiber, Layer, Option, TestClock } from "effect"
import Sqlite from "libsql"
import * as Migrations from "../../packages/pipeline/src/state/Migrations.js"
import * as SqliteClient from "../../packages/pipeline/src/state/sqlite/SqliteClient.js"
import { entryOf, story } from "./AuditEntries.js"
import * as ForeignApp from "./ForeignApp.js"
import { directory, failing, stateAt } from "./StateFile.js"

const tell = Effect.flatMap(AuditTrail.AuditTrail, (trail) => Effect.forEach(story, trail.record, { discard: true }))

/** Another program, which has the file open as long as the scope lasts. */
const anotherProgram = (path: string) =>
  Effect.acquireRelease(
    Effect.sync(() => new Sqlite(path)),
    (db) => Effect.sync(() => db.close())
  )

/** What reading the trail fails with. */
const whatIsWrong = (path: string) =>
  Effect.flatMap(AuditTrail.AuditTrail, (trail) => trail.list()).pipe(
    Effect.zipRight(Effect.dieMessage("nothing is wrong")),
    Effect.provide(stateAt(path)),
    Effect.flip
  )

const late = entryOf("late", "cancel_replay", "2024-01-15T09:00:00Z")

describe("Database in a file", () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

  it.scoped("survives being closed and opened again; migrations run once", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      yield* Effect.provide(tell, stateAt(path))
      yield* Effect.gen(function* () {
        const trail = yield* AuditTrail.AuditTrail
        const { sql } = yield* Database.Database
        const migrations = sql`SELECT migration_id, created_at FROM genesys_replay_migrations ORDER BY migration_id`
        const before = yield* migrations
        const run = Effect.provideService(Migrations.run, SqlClient.SqlClient, sql)
        yield* Effect.zipRight(run, run)
        expect(yield* migrations).toEqual(before)
        expect(before.map(({ migration_id }) => migration_id)).toEqual(before.map((_, index) => BigInt(index + 1)))
        expect(yield* trail.list()).toEqual(story)
        yield* trail.record(late)
        const rows = yield* sql`SELECT sequence FROM genesys_replay_audit_entry ORDER BY sequence`
        expect(rows.map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n, 4n, 5n])
      }).pipe(Effect.provide(stateAt(path)))
    })
  )

  it.scoped("is a new file, or one of its own; another program's is refused, and left as it is to the last byte", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const made = (name: string, ...statements: ReadonlyArray<string>) => {
        const file = join(path, name)
        const db = new Sqlite(file)
        for (const statement of statements) db.exec(statement)
        db.close()
        return file
      }
      const theirs = made("theirs.db", "CREATE TABLE orders (id INTEGER)", "CREATE TABLE customers (id INTEGER)")
      const marked = made("marked.db", "PRAGMA application_id = 252006675")
      const effect = made("effect.db", "CREATE TABLE effect_sql_migrations (migration_id INTEGER)")
      for (const [file, why] of [
        [theirs, "another program's: it has tables like orders, customers"],
        [marked, "another program's: application_id 252006675"],
        [effect, "another program's: it has the table effect_sql_migrations"]
      ] as const) {
        chmodSync(file, 0o644)
        const before = readFileSync(file)
        const error = yield* failing(file)
        expect(error).toMatchObject({ _tag: "StateUnavailable", operation: "opened", isTransient: false })
        expect(error.message).toContain(why)
        expect([readFileSync(file).equals(before), modeOf(file)]).toEqual([true, "644"])
      }
      expect(readdirSync(path).sort()).toEqual(["effect.db", "marked.db", "theirs.db"])

      const ours = join(path, "ours.db")
      yield* Effect.provide(tell, stateAt(ours))
      const other = yield* anotherProgram(ours)
      expect(other.prepare("PRAGMA application_id").all()).toEqual([{ application_id: 0x47635270 }])
      other.exec("CREATE TABLE notes (id INTEGER)")
      yield* Effect.provide(Effect.void, stateAt(ours))
    })
  )

  it.scoped(
    "has migrations of its own: those of an app in the same file are made as well, and make nothing twice",
    () =>
      Effect.gen(function* () {
        const path = join(yield* directory, "state.db")
        yield* Effect.provide(tell, stateAt(path))
        const app = yield* SqliteClient.make(path).pipe(Effect.provide(Reactivity.layer))
        const made = yield* ForeignApp.migrate.pipe(Effect.provideService(SqlClient.SqlClient, app))
        expect(made).toEqual([[1, "orders"]])
        yield* app`INSERT INTO orders ${app.insert({ id: 7 })}`
        yield* Effect.gen(function* () {
          const trail = yield* AuditTrail.AuditTrail
          expect(yield* trail.list()).toEqual(story)
        }).pipe(Effect.provide(stateAt(path)))
      })
  )

  it.scoped("keeps its SQL client to itself: an app's own is neither used nor replaced", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const app = yield* SqliteClient.make(join(path, "app.db")).pipe(Effect.provide(Reactivity.layer))
      yield* app`CREATE TABLE orders (id INTEGER)`
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        expect(sql).toBe(app)
        // Within a transaction of the app, which has a connection of its own.
        yield* sql.withTransaction(Effect.zipRight(sql`INSERT INTO orders ${sql.insert({ id: 7 })}`, tell))
        expect(yield* sql`SELECT id FROM orders`).toEqual([{ id: 7n }])
        const lost = sql.withTransaction(
          Effect.all([sql`DELETE FROM orders`, Database.atomically(tell), Effect.fail("no")])
        )
        expect(yield* Effect.flip(lost)).toBe("no")
        expect(yield* sql`SELECT id FROM orders`).toEqual([{ id: 7n }])
        const trail = yield* AuditTrail.AuditTrail
        expect(yield* trail.list()).toEqual([...story, ...story])
      }).pipe(Effect.provide(Layer.merge(stateAt(join(path, "state.db")), Layer.succeed(SqlClient.SqlClient, app))))
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
      }).pipe(Effect.provide(stateAt(path)))
    })
  )

  it.scoped("takes the rights of others away from a file that was there", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      writeFileSync(path, "", { mode: 0o644 })
      yield* Effect.provide(tell, stateAt(path))
      expect(modeOf(path)).toBe("600")
    })
  )

  it.scoped("lets others read while it writes, and waits for the disk at every commit", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      yield* Effect.gen(function* () {
        const { sql } = yield* Database.Database
        // Also after a transaction.
        yield* sql.withTransaction(sql`SELECT 1`)
        expect(yield* sql`PRAGMA synchronous`).toEqual([{ synchronous: 2n }])
        expect(yield* sql`PRAGMA journal_mode`).toEqual([{ journal_mode: "wal" }])
        expect(yield* sql`PRAGMA foreign_keys`).toEqual([{ foreign_keys: 1n }])
      }).pipe(Effect.provide(stateAt(path)))
    })
  )

  it.scopedLive("is opened by several programs at the same time, which write one chain", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      const write = (window: string) =>
        Effect.gen(function* () {
          const trail = yield* AuditTrail.AuditTrail
          yield* Effect.replicateEffect(
            trail.record(entryOf(window, "submit_replay_config", "2024-01-15T08:00:00Z")),
            25
          )
          return (yield* trail.list()).length
        }).pipe(Effect.provide(stateAt(path)))
      yield* Effect.all([write("a"), write("b"), write("c")], { concurrency: 3 })
      expect(yield* write("d")).toBe(100)
      const verdict = yield* Effect.flatMap(AuditTrail.AuditTrail, (trail) => trail.verify).pipe(
        Effect.provide(stateAt(path))
      )
      expect(verdict).toMatchObject({ _tag: "Intact", count: 100 })
    })
  )
})

describe("Database that cannot be had", () => {
  const elsewhere = "name another file in GENESYS_REPLAY_DATABASE_URL (file:PATH)"

  it.scoped("says that a file is not a database, and what to do", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      writeFileSync(path, "not a database, but long enough to be taken for one. ".repeat(100))
      const error = yield* failing(path)
      expect(error._tag).toBe("StateUnavailable")
      expect(error.message).toBe(
        `the state in ${path} cannot be opened: the file is not a database. Move it away, or ${elsewhere}`
      )
    })
  )

  it.scoped("says that the path is a directory, or goes through a file", () =>
    Effect.gen(function* () {
      const root = yield* directory
      writeFileSync(join(root, "file"), "")
      expect((yield* failing(root)).message).toContain(`the state in ${root} cannot be opened: it is no file`)
      const through = yield* failing(join(root, "file", "state.db"))
      expect(through.message).toContain(`the state in ${join(root, "file", "state.db")} cannot be opened`)
      expect(through.message).toContain(elsewhere)
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
          Database.Database.layer("file:/private/x/state.db").pipe(
            Layer.provide([FileSystem.layerNoop({ makeDirectory: () => Effect.fail(denied) }), NodePath.layer])
          )
        )
      )
      expect(error.message).toContain(
        "the state in /private/x/state.db cannot be opened: permission denied. Give yourself"
      )
    })
  )

  it.scoped("waits for a database that another program holds, and gives up with its name", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      const lockTimeout = { lockTimeout: "500 millis" } as const
      const kept = yield* Layer.build(stateAt(path, lockTimeout))
      const trail = yield* Effect.provide(AuditTrail.AuditTrail, kept)
      const other = yield* anotherProgram(path)

      other.exec("BEGIN IMMEDIATE")
      const refused = yield* Effect.fork(Effect.exit(trail.record(late)))
      yield* TestClock.adjust("1 second")
      const exit = yield* Fiber.join(refused)
      expect(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "").toContain(
        `the state in ${path} cannot be written: it is locked by another program. Wait until that program ends`
      )
      // Reading needs no lock, nor does opening a database whose tables are there.
      expect(yield* trail.list()).toEqual([])
      yield* Layer.build(stateAt(path, lockTimeout))

      const patient = yield* Effect.fork(trail.record(late))
      yield* TestClock.adjust("100 millis")
      other.exec("COMMIT")
      yield* TestClock.adjust("100 millis")
      yield* Fiber.join(patient)
      expect(yield* trail.list()).toEqual([late])
    })
  )

  it.scoped("gives up on a locked database without tables as well", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      const other = yield* anotherProgram(path)
      other.exec("PRAGMA user_version = 1")
      other.exec("BEGIN IMMEDIATE")
      const fiber = yield* Effect.fork(failing(path, { lockTimeout: "300 millis" }))
      // Opening reads the disk, which takes a time that the clock of the test does not know.
      yield* Effect.repeat(TestClock.adjust("100 millis"), { until: () => Effect.map(fiber.poll, Option.isSome) })
      expect((yield* Fiber.join(fiber)).message).toContain("cannot be opened: it is locked by another program")
      other.exec("COMMIT")
      yield* Effect.provide(tell, stateAt(path))
    })
  )

  it.scoped("leaves nothing of what was waiting for a lock when it was interrupted", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      const kept = yield* Layer.build(stateAt(path))
      const trail = yield* Effect.provide(AuditTrail.AuditTrail, kept)
      const other = yield* anotherProgram(path)
      other.exec("BEGIN IMMEDIATE")
      const waiting = yield* Effect.fork(trail.record(late))
      yield* TestClock.adjust("200 millis")
      const stopping = yield* Effect.fork(Fiber.interrupt(waiting))
      yield* TestClock.adjust("200 millis")
      yield* Fiber.join(stopping)
      other.exec("COMMIT")
      yield* TestClock.adjust("10 seconds")
      expect(yield* trail.list()).toEqual([])
      yield* trail.record(late)
      expect(yield* trail.list()).toEqual([late])
    })
  )

  it.scoped("says that a database may only be read, and that an entry is damaged", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      yield* Effect.gen(function* () {
        const trail = yield* AuditTrail.AuditTrail
        const { sql } = yield* Database.Database
        yield* sql`INSERT INTO genesys_replay_audit_entry (sequence, at, action, window_name, entry, previous, hash) VALUES (1, 0, 'x', 'x', '{"action":"x"}', '', '')`
        const unreadable = yield* Effect.flip(trail.list())
        expect(unreadable.message).toContain(`${path} cannot be read: an entry of the audit trail cannot be read`)
        expect(unreadable.remedy).toContain("genesys-replay audit verify")
        yield* sql`PRAGMA query_only = ON`
        const error = yield* Effect.flip(trail.record(late))
        expect(error.message).toContain("cannot be written: it may only be read. Give yourself the right to write")
      }).pipe(Effect.provide(stateAt(path)))
    })
  )

  it.scoped("says that the disk is full; what was acknowledged stays, and it goes on once there is room", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      yield* Effect.provide(tell, stateAt(path))
      yield* Effect.gen(function* () {
        const trail = yield* AuditTrail.AuditTrail
        const { sql } = yield* Database.Database
        const [size] = yield* sql`PRAGMA page_count`
        yield* sql.unsafe(`PRAGMA max_page_count = ${size?.["page_count"]}`)
        const large = { ...late, detail: { text: "x".repeat(100_000) } }
        const both = Database.atomically(Effect.zipRight(trail.record(late), trail.record(large)))
        const error = yield* Effect.flip(both)
        expect(error.message).toBe(
          `the state in ${path} cannot be written: the disk is full. Free some space and run the same command again, or ${elsewhere}`
        )
        expect(yield* trail.list()).toEqual(story)
        yield* sql`PRAGMA max_page_count = 100000`
        yield* both
        expect(yield* trail.verify).toMatchObject({ _tag: "Intact", count: 6 })
      }).pipe(Effect.provide(stateAt(path)))
    })
  )

  it.scoped("says that the file is damaged, when it meets the damage", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      yield* Effect.provide(
        Effect.flatMap(AuditTrail.AuditTrail, (trail) =>
          Effect.forEach(
            Array.from({ length: 20 }, () => ({ ...late, detail: { text: "x".repeat(3_000) } })),
            trail.record,
            { discard: true }
          )
        ),
        stateAt(path)
      )
      const half = Math.floor(statSync(path).size / 2)
      const file = openSync(path, "r+")
      writeSync(file, Buffer.alloc(half - (half % 4096), 0xaa), 0, half - (half % 4096), half)
      closeSync(file)
      const error = yield* whatIsWrong(path)
      expect(error.message).toContain(`the state in ${path} cannot be`)
      expect(error.message).toContain(`the database is damaged. Restore it from a backup, or ${elsewhere}`)
    })
  )

  it.scoped("says that a file was cut off in its middle", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "state.db")
      yield* Effect.provide(tell, stateAt(path))
      truncateSync(path, 5_000)
      const error = yield* whatIsWrong(path)
      expect(error._tag).toBe("StateUnavailable")
      expect(error.message).toContain("GENESYS_REPLAY_DATABASE_URL")
    })
  )

  it.effect("is of the kind that its URL names", () =>
    Effect.gen(function* () {
      expect(yield* Database.kindOf("file:a.db")).toBe("file")
      expect(yield* Database.kindOf("postgres://db/replay")).toBe("postgres")
      expect((yield* Effect.flip(Database.kindOf("mysql://db/replay")))._tag).toBe("DatabaseUrlUnsupported")
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
