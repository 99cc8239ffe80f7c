import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { HealthCheck } from "@genesys-replay/domain"
import { Chunk, ConfigProvider, Effect, Layer, Stream } from "effect"
import Sqlite from "libsql"
import * as StateCheck from "../../apps/cli/src/doctor/StateCheck.js"
import * as State from "../../apps/cli/src/wiring/State.js"
import { isAvailable, Postgres, withServer } from "../pipeline/Postgres.js"

const at = (url: string) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["GENESYS_REPLAY_DATABASE_URL", url]])))

/** What the check says of the database that this URL names. */
const says = (url: string) =>
  Effect.map(Stream.runCollect(HealthCheck.run([StateCheck.check])), Chunk.toReadonlyArray).pipe(
    at(url),
    Effect.map(([first]) => first),
    Effect.provide(NodeContext.layer)
  )

/** Makes the database as every command does. */
const made = (url: string) =>
  Effect.scoped(Layer.build(State.layer)).pipe(at(url), Effect.provide(NodeContext.layer), Effect.orDie)

const directory = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped()).pipe(
  Effect.provide(NodeContext.layer),
  Effect.orDie
)

/** Changes the file behind the back of the program. */
const changed = (file: string, ...statements: ReadonlyArray<string>) =>
  Effect.sync(() => {
    const database = new Sqlite(file)
    for (const statement of statements) database.exec(statement)
    database.close()
  })

const migrationsOf = (file: string) =>
  Effect.sync(() => {
    const database = new Sqlite(file)
    const rows: ReadonlyArray<unknown> = database
      .prepare("SELECT name FROM sqlite_master WHERE name LIKE '%migrations'")
      .all()
    database.close()
    return String(Reflect.get(Object(rows[0]), "name"))
  })

describe("the check of the state in a file", () => {
  it.scopedLive("that is not there: it can be made, and is not made by looking", () =>
    Effect.gen(function* () {
      const place = yield* directory
      const files = yield* FileSystem.FileSystem
      const file = `${place}/not/yet/state.db`
      expect(yield* says(`file:${file}`)).toMatchObject({
        status: "ok",
        detail: expect.stringContaining("not there yet")
      })
      expect(yield* files.readDirectory(place)).toEqual([])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("that this version has made is as it should be; one of a newer or an older version is told apart", () =>
    Effect.gen(function* () {
      const file = `${yield* directory}/state.db`
      yield* made(`file:${file}`)
      expect(yield* says(`file:${file}`)).toMatchObject({ status: "ok", detail: file })

      const migrations = yield* migrationsOf(file)
      yield* changed(file, `INSERT INTO ${migrations} (migration_id, name) VALUES (99, 'later')`)
      expect(yield* says(`file:${file}`)).toMatchObject({
        status: "failed",
        detail: expect.stringContaining("tables of another version: migration 99"),
        remedy: expect.any(String)
      })
      yield* changed(file, `DELETE FROM ${migrations}`)
      expect(yield* says(`file:${file}`)).toMatchObject({
        status: "warning",
        detail: expect.stringContaining("older version")
      })
    })
  )

  it.scopedLive("that is another program's has failed, and stays as it is", () =>
    Effect.gen(function* () {
      const file = `${yield* directory}/theirs.db`
      yield* changed(file, "CREATE TABLE invoices (id INTEGER)")
      expect(yield* says(`file:${file}`)).toMatchObject({
        status: "failed",
        detail: expect.stringContaining("another program's database: invoices")
      })
    })
  )

  it.scopedLive("that is no database has failed, as has a URL that names none", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const file = `${yield* directory}/state.db`
      yield* files.writeFileString(file, "no database, and long enough to be taken for one. ".repeat(20))
      expect(yield* says(`file:${file}`)).toMatchObject({
        status: "failed",
        detail: expect.stringContaining("cannot be read")
      })
      expect(yield* says("mysql://x/y")).toMatchObject({
        status: "failed",
        detail: expect.stringContaining("mysql"),
        remedy: expect.any(String)
      })
    }).pipe(Effect.provide(NodeContext.layer))
  )
})

describe("what the tables of a database say", () => {
  const own: StateCheck.Contents = { tables: ["genesys_replay_migrations", "genesys_replay_run"], migration: 2 }
  it.each([
    ["ok", "no tables yet", { tables: [], migration: 0 }, false],
    ["ok", "^x$", own, false],
    ["failed", "another version: migration 3", { ...own, migration: 3 }, false],
    ["failed", "another version: later", { ...own, tables: [...own.tables, "later"] }, false],
    ["ok", "^x$", { ...own, tables: [...own.tables, "genesys_replay_engine_locks"] }, true],
    ["warning", "older version", { ...own, migration: 1 }, false],
    ["warning", "older version", { tables: ["genesys_replay_migrations"], migration: 2 }, false],
    ["ok", "^x$", { ...own, tables: [...own.tables, "orders"] }, true],
    ["failed", "genesys_replay_later", { ...own, tables: [...own.tables, "genesys_replay_later"] }, true]
  ] as const)("%s, %s", (status, detail, found, isShared) => {
    expect(StateCheck.ofContents("x", found, own, isShared)).toMatchObject({
      status,
      detail: expect.stringMatching(new RegExp(detail))
    })
  })
})

describe.skipIf(!isAvailable)("the check of the state on PostgreSQL", () => {
  withServer((server) => {
    server.effect("makes no tables, and tells those of this version from none", () =>
      Effect.gen(function* () {
        const { database, query } = yield* Postgres
        const url = yield* database
        expect(yield* says(url)).toMatchObject({ status: "ok", detail: expect.stringContaining("no tables yet") })
        const name = new URL(url).pathname.slice(1)
        const tables = "SELECT 1 FROM pg_tables WHERE schemaname = 'public'"
        expect(yield* query(tables, name)).toEqual([])
        yield* made(url)
        expect(yield* says(url)).toMatchObject({ status: "ok", detail: expect.stringContaining(name) })
      })
    )

    server.effect("says of a database that is not there, that cannot be written or whose user may not so", () =>
      Effect.gen(function* () {
        const { database, query } = yield* Postgres
        const url = yield* database
        const name = new URL(url).pathname.slice(1)
        expect(yield* says(url.replace(name, "nowhere"))).toMatchObject({
          status: "failed",
          remedy: expect.any(String)
        })
        yield* query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
        expect(yield* says(url)).toMatchObject({ status: "failed", detail: expect.stringContaining("read-only") })
        expect((yield* says(url))?.detail).not.toContain("hunter2")
      })
    )
  })
})
