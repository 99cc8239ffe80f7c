import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import type * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import { Database } from "@genesys-replay/pipeline"
import { Context, Deferred, Effect, Fiber, Layer } from "effect"

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "genesys-replay-connection-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** Two connections to one file, as two processes have them. */
const two = Effect.gen(function* () {
  const url = `file:${join(yield* directory, "state.db")}`
  const one = Effect.map(
    Layer.build(Layer.provide(Database.Database.layer(url), NodeContext.layer)),
    (context) => Context.get(context, Database.Database).sql
  )
  const [sql, other] = [yield* one, yield* one]
  yield* sql`CREATE TABLE thing (name TEXT)`
  return { sql, other }
})

/** Runs `work` while the other connection writes; it stops writing when `work` has met the lock a few times. */
const whileLocked = <A, E, R>(other: SqlClient.SqlClient, work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const held = yield* Deferred.make<void>()
    const holding = yield* Effect.fork(
      other.withTransaction(
        other`INSERT INTO thing VALUES ('other')`.pipe(
          Effect.zipRight(Deferred.succeed(held, undefined)),
          Effect.zipRight(Effect.sleep("150 millis"))
        )
      )
    )
    yield* Deferred.await(held)
    const result = yield* work
    yield* Fiber.join(holding)
    return result
  })

describe("SqliteClient", () => {
  const names = (sql: SqlClient.SqlClient) =>
    Effect.map(sql`SELECT name FROM thing ORDER BY name`, (rows) => rows.map(({ name }) => name))

  it.scopedLive("a transaction that waited for a lock commits", () =>
    Effect.gen(function* () {
      const { other, sql } = yield* two
      yield* whileLocked(other, sql.withTransaction(sql`INSERT INTO thing VALUES ('one')`))
      expect(yield* names(sql)).toEqual(["one", "other"])
    })
  )

  it.scopedLive("a statement that waited for a lock leaves nothing behind that holds up the next transaction", () =>
    Effect.gen(function* () {
      const { other, sql } = yield* two
      const changed = yield* whileLocked(other, sql`UPDATE thing SET name = 'changed' RETURNING name`)
      expect(changed).toEqual([{ name: "changed" }])
      yield* sql.withTransaction(sql`INSERT INTO thing VALUES ('one')`)
      expect(yield* names(other)).toEqual(["changed", "one"])
    })
  )

  it.scopedLive("a statement that is refused leaves no transaction open", () =>
    Effect.gen(function* () {
      const { other, sql } = yield* two
      yield* Effect.flip(sql`INSERT INTO nothing VALUES (1)`)
      yield* other`INSERT INTO thing VALUES ('one')`
      expect(yield* names(sql)).toEqual(["one"])
    })
  )
})
