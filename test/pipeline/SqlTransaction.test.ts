import { join } from "node:path"
import * as Reactivity from "@effect/experimental/Reactivity"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as SqlClient from "@effect/sql/SqlClient"
import * as PgClient from "@effect/sql-pg/PgClient"
import { describe, expect, it } from "@effect/vitest"
import { AuditTrail, Database, State } from "@genesys-replay/pipeline"
import * as SqlFailure from "@genesys-replay/pipeline/SqlFailure"
import { Deferred, Effect, Exit, Fiber, Layer, Redacted, Schema, TestServices } from "effect"
import { SqlInteger } from "../../packages/pipeline/src/state/SqlInteger.js"
import { story } from "./AuditEntries.js"
import * as ForeignApp from "./ForeignApp.js"
import { isAvailable, Postgres, withServer } from "./Postgres.js"
import { directory, stateAt } from "./StateFile.js"

type Needs = Database.Database
type Rule = Effect.Effect<void, unknown, Needs>

const prepared = Effect.flatMap(
  Database.Database,
  ({ sql }) => sql`CREATE TABLE word (word TEXT PRIMARY KEY, count BIGINT)`
)

const write = (word: string) =>
  Effect.flatMap(Database.Database, ({ sql }) => sql`INSERT INTO word (word, count) VALUES (${word}, 1)`)

const words = Effect.flatMap(Database.Database, ({ sql }) => sql`SELECT word FROM word ORDER BY word`).pipe(
  Effect.flatMap(Schema.decodeUnknown(Schema.Array(Schema.Struct({ word: Schema.String })))),
  Effect.map((rows) => rows.map(({ word }) => word))
)

const rules: Record<string, Rule> = {
  "keeps all of it or nothing": Effect.gen(function* () {
    yield* Database.atomically(Effect.zipRight(write("a"), write("b")))
    const failed = Database.atomically(Effect.zipRight(write("c"), Effect.fail("no")))
    expect(yield* Effect.flip(failed)).toBe("no")
    const died = yield* Effect.exit(Database.atomically(Effect.zipRight(write("d"), Effect.die("bug"))))
    expect(died).toEqual(Exit.die("bug"))
    expect(yield* words).toEqual(["a", "b"])
  }),

  "keeps nothing of what was interrupted": Effect.gen(function* () {
    const written = yield* Deferred.make<void>()
    const changes = Effect.zipRight(write("a"), Effect.zipRight(Deferred.succeed(written, undefined), Effect.never))
    const fiber = yield* Effect.fork(Database.atomically(changes))
    yield* Deferred.await(written)
    yield* Fiber.interrupt(fiber)
    expect(yield* words).toEqual([])
    yield* Database.atomically(write("b"))
    expect(yield* words).toEqual(["b"])
  }),

  "makes a transaction inside a part of the outer one": Effect.gen(function* () {
    const inner = Database.atomically(write("b"))
    const undone = Effect.ignore(Database.atomically(Effect.zipRight(write("c"), Effect.fail("no"))))
    yield* Database.atomically(Effect.all([write("a"), inner, undone, write("d")]))
    expect(yield* words).toEqual(["a", "b", "d"])
    yield* Effect.flip(Database.atomically(Effect.all([Database.atomically(write("e")), Effect.fail("no")])))
    expect(yield* words).toEqual(["a", "b", "d"])
  }),

  "lets those that come at the same time wait for each other": Effect.gen(function* () {
    yield* write("a")
    const { sql } = yield* Database.Database
    const lock = sql.onDialectOrElse({ pg: () => sql.literal("FOR UPDATE"), orElse: () => sql.literal("") })
    const increment = Effect.gen(function* () {
      const [row] = yield* Effect.flatMap(
        sql`SELECT count FROM word WHERE word = 'a' ${lock}`,
        Schema.decodeUnknown(Schema.Array(Schema.Struct({ count: SqlInteger })))
      )
      yield* Effect.yieldNow()
      yield* sql`UPDATE word SET count = ${(row?.count ?? 0) + 1} WHERE word = 'a'`
    })
    yield* Effect.all(
      Array.from({ length: 30 }, () => Database.atomically(increment)),
      {
        concurrency: "unbounded"
      }
    )
    const [row] = yield* sql`SELECT count FROM word`
    expect(Number(row?.["count"])).toBe(31)
  }),

  "keeps whole numbers, truth, bytes and nothing as they are": Effect.gen(function* () {
    const { sql } = yield* Database.Database
    const bytes = sql.onDialectOrElse({ pg: () => sql.literal("BYTEA"), orElse: () => sql.literal("BLOB") })
    const truth = sql.onDialectOrElse({ pg: () => sql.literal("BOOLEAN"), orElse: () => sql.literal("INTEGER") })
    yield* sql`CREATE TABLE kind (wide BIGINT, small TEXT, truth ${truth}, bytes ${bytes}, missing TEXT)`
    const wide = 2n ** 62n + 1n
    yield* sql`INSERT INTO kind ${sql.insert({ wide, small: "3", truth: true, bytes: Uint8Array.of(1, 2, 255), missing: null })}`
    const [row] = yield* sql`SELECT * FROM kind`
    expect(BigInt(String(row?.["wide"]))).toBe(wide)
    expect([Boolean(row?.["truth"]), row?.["missing"]]).toEqual([true, null])
    const kept = row?.["bytes"]
    expect(kept instanceof ArrayBuffer || kept instanceof Uint8Array ? [...new Uint8Array(kept)] : []).toEqual([
      1, 2, 255
    ])
    const [values] = yield* sql`SELECT small, missing FROM kind`.values
    expect(values).toEqual(["3", null])
  })
}

describe("Transaction in a file", () => {
  for (const [name, rule] of Object.entries(rules)) {
    it.scopedLive(name, () =>
      Effect.flatMap(directory, (path) =>
        Effect.provide(Effect.zipRight(prepared, rule), stateAt(join(path, "state.db")))
      )
    )
  }
})

describe.skipIf(!isAvailable)("Transaction on PostgreSQL", () => {
  withServer((it) => {
    const onServer = (rule: Rule) =>
      Effect.gen(function* () {
        const { database } = yield* Postgres
        const state = Layer.provide(State.layer(yield* database), NodeContext.layer)
        yield* Effect.provide(Effect.zipRight(prepared, rule), state)
      }).pipe(TestServices.provideLive)

    for (const [name, rule] of Object.entries(rules)) it.effect(name, () => onServer(rule))

    it.effect("makes one of two again that wait for each other for ever", () =>
      onServer(
        Effect.gen(function* () {
          const touch = (word: string) =>
            Effect.flatMap(Database.Database, ({ sql, write }) =>
              write(sql`UPDATE word SET count = count + 1 WHERE word = ${word}`)
            )
          yield* Effect.all([write("a"), write("b")])
          let tries = 0
          const both = (first: string, second: string, mine: Deferred.Deferred<void>, other: Deferred.Deferred<void>) =>
            Database.atomically(
              Effect.gen(function* () {
                tries += 1
                yield* touch(first)
                yield* Deferred.succeed(mine, undefined)
                yield* Deferred.await(other)
                yield* touch(second)
              })
            )
          const one = yield* Deferred.make<void>()
          const two = yield* Deferred.make<void>()
          yield* Effect.all([both("a", "b", one, two), both("b", "a", two, one)], { concurrency: 2 })
          expect(tries).toBe(3)
          const { sql } = yield* Database.Database
          expect(yield* sql`SELECT count FROM word`).toEqual([{ count: "3" }, { count: "3" }])
        })
      )
    )

    it.effect("brings an empty database to its tables once, however many programs open it together", () =>
      Effect.gen(function* () {
        const { database } = yield* Postgres
        const url = yield* database
        const opened = Effect.flatMap(
          Database.Database,
          ({ sql }) => sql`SELECT migration_id FROM genesys_replay_migrations`
        )
        const rows = yield* Effect.all(
          Array.from({ length: 4 }, () =>
            Effect.provide(opened, Layer.fresh(Layer.provide(Database.Database.layer(url), NodeContext.layer)))
          ),
          { concurrency: 4 }
        )
        expect(new Set(rows.map(({ length }) => length)).size).toBe(1)
      }).pipe(TestServices.provideLive)
    )

    it.effect("makes its tables beside those of an app that has migrations of its own, whoever is first", () =>
      Effect.gen(function* () {
        const { database } = yield* Postgres
        for (const first of ["app", "state"] as const) {
          const url = yield* database
          const app = Effect.gen(function* () {
            const client = yield* PgClient.make({ url: Redacted.make(url) })
            return yield* Effect.provideService(ForeignApp.migrate, SqlClient.SqlClient, client)
          }).pipe(Effect.scoped, Effect.provide(Reactivity.layer))
          const state = Effect.gen(function* () {
            const trail = yield* AuditTrail.AuditTrail
            yield* trail.record(story[0] ?? expect.fail("no entry"))
            return (yield* trail.list()).length
          }).pipe(Effect.provide(Layer.fresh(Layer.provide(State.layer(url), NodeContext.layer))))
          const [made, recorded] = yield* first === "app"
            ? Effect.all([app, state])
            : Effect.map(Effect.all([state, app]), ([recorded, made]) => [made, recorded] as const)
          expect([made, recorded]).toEqual([[[1, "orders"]], 1])
        }
      }).pipe(TestServices.provideLive)
    )

    it.effect("says what the server refuses, and never the password", () =>
      Effect.gen(function* () {
        const { port, query } = yield* Postgres
        const why = (url: string) =>
          Effect.map(
            Effect.flip(Effect.scoped(Layer.build(Layer.provide(Database.Database.layer(url), NodeContext.layer)))),
            ({ message }) => message
          )
        const host = `127.0.0.1:${port}`
        const unknown = yield* why(`postgres://replay:hunter2@${host}/nowhere`)
        expect(unknown).toBe(
          `the state in ${host}/nowhere cannot be opened: the server has no such database. Create it, or correct its name in GENESYS_REPLAY_DATABASE_URL, and run the same command again`
        )
        const stranger = yield* why(`postgres://stranger:hunter2@${host}/postgres`)
        expect(stranger).toContain(
          `the state in ${host}/postgres cannot be opened: the server refuses the user or the password`
        )
        yield* query("CREATE ROLE reader LOGIN")
        yield* query("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        const reader = yield* why(`postgres://reader:hunter2@${host}/postgres`)
        expect(reader).toContain("cannot be opened: the user may not do this in the database. Grant it the right")
        const closed = yield* why("postgres://replay:hunter2@127.0.0.1:1/replay")
        expect(closed).toContain("the state in 127.0.0.1:1/replay cannot be opened: the server cannot be reached")
        const secret = yield* why("postgres://replay:hunter2@localhost:1/replay")
        expect([unknown, stranger, reader, closed, secret].filter((message) => message.includes("hunter2"))).toEqual([])
      }).pipe(TestServices.provideLive)
    )

    it.effect("says that the connection broke, and goes on with another", () =>
      onServer(
        Effect.gen(function* () {
          const { sql } = yield* Database.Database
          // Ends every connection of this database, and so its own.
          const end = Effect.mapError(
            sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()`,
            SqlFailure.explainAt("here")("written")
          )
          const error = yield* Effect.flip(Database.atomically(Effect.zipRight(write("a"), end)))
          expect(error).toMatchObject({ _tag: "StateUnavailable" })
          expect(yield* words).toEqual([])
          yield* Database.atomically(write("b"))
          expect(yield* words).toEqual(["b"])
        })
      )
    )
  })
})
