import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@effect/sql/Statement"
import { describe, expect, it } from "@effect/vitest"
import { Database } from "@genesys-replay/pipeline"
import * as SqlFailure from "@genesys-replay/pipeline/SqlFailure"
import { Cause, Context, Effect, Exit, Layer, Ref } from "effect"
import * as FailStop from "../../packages/pipeline/src/engine/FailStop.js"
import * as OtherProgram from "./OtherProgram.js"
import { directory } from "./StateFile.js"

/** A file with a table, the client that stops at the first outage, what it has told, and another program on the file. */
const scene = Effect.gen(function* () {
  const path = join(yield* directory, "state.db")
  const told = yield* Ref.make<ReadonlyArray<unknown>>([])
  const context = yield* Layer.build(
    FailStop.layer({
      compiler: Statement.makeCompilerSqlite(),
      onOutage: (outage) => Ref.update(told, (all) => [...all, outage])
    }).pipe(
      Layer.provide(
        Layer.effect(
          SqlClient.SqlClient,
          Effect.map(Database.Database, ({ sql }) => sql)
        )
      ),
      Layer.provide(Database.Database.layer(`file:${path}`, { lockTimeout: "100 millis" })),
      Layer.provide(NodeContext.layer)
    )
  )
  const sql = Context.get(context, SqlClient.SqlClient)
  yield* sql`CREATE TABLE word (word TEXT PRIMARY KEY)`
  return { sql, told: Ref.get(told), ...(yield* OtherProgram.on(path)) }
})

describe("FailStop", () => {
  it.scopedLive("works as the client does, also where a statement is wrong or a transaction is rolled back", () =>
    Effect.gen(function* () {
      const { sql, told } = yield* scene
      yield* sql`INSERT INTO word VALUES ('a')`
      yield* Effect.flip(sql`INSERT INTO word VALUES ('a')`)
      yield* Effect.flip(sql`SELECT nothing FROM nowhere`)
      const b = sql`INSERT INTO word VALUES ('b')`
      expect(yield* Effect.flip(sql.withTransaction(Effect.zipRight(b, Effect.fail("no"))))).toBe("no")
      yield* sql.withTransaction(
        Effect.zipRight(Effect.ignore(sql.withTransaction(Effect.zipRight(b, Effect.fail("no")))), b)
      )
      expect(yield* sql`SELECT word FROM word ORDER BY word`).toEqual([{ word: "a" }, { word: "b" }])
      expect(yield* sql`SELECT word FROM word ORDER BY word`.values).toEqual([["a"], ["b"]])
      expect(yield* told).toEqual([])
    })
  )

  it.scopedLive("tells of the first outage, and refuses everything after it, also once the database is back", () =>
    Effect.gen(function* () {
      const { hold, letGo, sql, told } = yield* scene
      yield* hold
      const refused = yield* Effect.exit(sql.withTransaction(sql`INSERT INTO word VALUES ('a')`))
      expect(Exit.isFailure(refused) && SqlFailure.isBusy(Cause.squash(refused.cause))).toBe(true)
      yield* letGo
      for (const work of [
        sql`INSERT INTO word VALUES ('b')`,
        sql`SELECT word FROM word`,
        sql.withTransaction(Effect.succeed([]))
      ]) {
        expect(SqlFailure.isBusy(yield* Effect.flip(work))).toBe(true)
      }
      expect((yield* told).map(SqlFailure.isOutage)).toEqual([true])
    })
  )
})
