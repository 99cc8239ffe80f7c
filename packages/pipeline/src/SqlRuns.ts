/** The runs in a SQL database. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect, Layer, Option, Schema } from "effect"
import { type Filter, glance, makeAnnouncements, Runs, type Service } from "./Runs.js"
import { finalStates, isFailing, RunKey, RunWindow } from "./RunWindow.js"
import * as SqlFailure from "./SqlFailure.js"
import { StateUnavailable } from "./StateUnavailable.js"

/** The table, for `Migrations`. The record is text; the columns beside it are what is searched by. */
export const createTable: Effect.Effect<void, SqlError, SqlClient.SqlClient> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE run_window (
    window_key VARCHAR(400) PRIMARY KEY,
    run VARCHAR(40) NOT NULL,
    position INTEGER NOT NULL,
    target TEXT NOT NULL,
    state VARCHAR(20) NOT NULL,
    record TEXT NOT NULL
  )`
  yield* sql`CREATE INDEX run_window_run ON run_window (run, position)`
  yield* sql`CREATE INDEX run_window_state ON run_window (state)`
})

/** What a caller who waits for windows must know of them without reading each record, for `Migrations`. */
export const addFailing: Effect.Effect<void, SqlError, SqlClient.SqlClient> = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`ALTER TABLE run_window ADD COLUMN failing INTEGER NOT NULL DEFAULT 0`
)

const Record = Schema.parseJson(RunWindow)
const encode = Schema.encode(Record)
const decode = Schema.decodeUnknown(Schema.Array(Schema.Struct({ record: Record })))
const decodeKeys = Schema.decodeUnknown(Schema.Array(Schema.Struct({ window_key: RunKey })))

// Rows of one INSERT: SQLite takes 32,766 parameters at once.
const chunk = 1_000

/** What the layer needs to know of the database. */
export interface Options {
  /** What the database is called in errors. */
  readonly location: string
}

const make = ({ location }: Options) =>
  Effect.gen(function* () {
    const explain = SqlFailure.explainAt(location)
    const sql = yield* SqlClient.SqlClient

    const unreadable = (error: { readonly message: string }) =>
      new StateUnavailable({
        operation: "read",
        location,
        reason: `a run cannot be read: ${error.message}`,
        remedy: "Restore the database from a backup"
      })

    const rowOf = (record: RunWindow) =>
      Effect.map(Effect.orDie(encode(record)), (text) => ({
        window_key: record.key,
        run: record.run,
        position: record.position,
        target: record.target,
        state: record.state,
        failing: isFailing(record) ? 1 : 0,
        record: text
      }))

    const read = (statement: Effect.Effect<ReadonlyArray<unknown>, SqlError>) =>
      SqlFailure.readAgain(statement).pipe(
        Effect.mapError(explain("read")),
        Effect.flatMap((rows) => Effect.mapError(decode(rows), unreadable)),
        Effect.map((rows) => rows.map(({ record }) => record))
      )

    const forUpdate = sql.onDialectOrElse({ pg: () => sql.literal("FOR UPDATE"), orElse: () => sql.literal("") })

    const one = (key: RunKey, lock: boolean) =>
      Effect.map(
        read(sql`SELECT record FROM run_window WHERE window_key = ${key} ${lock ? forUpdate : sql.literal("")}`),
        ([record]) => Option.fromNullable(record)
      )

    const add: Service["add"] = Effect.fn("SqlRuns.add")(function* (windows) {
      const rows = yield* Effect.forEach(windows, rowOf)
      for (let at = 0; at < rows.length; at += chunk) {
        const part = rows.slice(at, at + chunk)
        yield* Effect.mapError(sql`INSERT INTO run_window ${sql.insert(part)}`, explain("written"))
      }
    })

    const change: Service["change"] = Effect.fn("SqlRuns.change")(function* (key, to) {
      const before = yield* Effect.orDie(yield* one(key, true))
      const after = to(before)
      if (Option.isNone(after)) return { changed: false, window: before }
      const { failing, record, state } = yield* rowOf(after.value)
      yield* Effect.mapError(
        sql`UPDATE run_window SET state = ${state}, failing = ${failing}, record = ${record} WHERE window_key = ${key}`,
        explain("written")
      )
      return { changed: true, window: after.value }
    })

    const list: Service["list"] = Effect.fn("SqlRuns.list")(function* (filter: Filter = {}) {
      const conditions = [
        ...(filter.run === undefined ? [] : [sql`run = ${filter.run}`]),
        ...(filter.target === undefined ? [] : [sql`target = ${filter.target}`]),
        ...(filter.unfinished === true ? [sql`state NOT IN ${sql.in(finalStates)}`] : [])
      ]
      return yield* read(sql`SELECT record FROM run_window WHERE ${sql.and(conditions)} ORDER BY run, position`)
    })

    const keys = (statement: Effect.Effect<ReadonlyArray<unknown>, SqlError>) =>
      SqlFailure.readAgain(statement).pipe(
        Effect.mapError(explain("read")),
        Effect.flatMap((rows) => Effect.mapError(decodeKeys(rows), unreadable)),
        Effect.map((rows) => rows.map(({ window_key }) => window_key))
      )

    const open: Service["open"] = Effect.fn("SqlRuns.open")((target) =>
      keys(
        sql`SELECT window_key FROM run_window WHERE target = ${target} AND state NOT IN ${sql.in(finalStates)} ORDER BY run, position`
      )
    )

    const settled: Service["settled"] = Effect.fn("SqlRuns.settled")((run) =>
      keys(
        sql`SELECT window_key FROM run_window WHERE run = ${run} AND (state IN ${sql.in(finalStates)} OR failing = 1)`
      )
    )

    return {
      location,
      add,
      get: (key) => one(key, false),
      change,
      list,
      open,
      settled,
      ...(yield* makeAnnouncements),
      others: Option.some(glance)
    } satisfies Service
  })

/** The runs in a database that `Migrations.run` has prepared, as `Database` does. */
export const layer = (options: Options): Layer.Layer<Runs, never, SqlClient.SqlClient> =>
  Layer.effect(Runs, make(options))
