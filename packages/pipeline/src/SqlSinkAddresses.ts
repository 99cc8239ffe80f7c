/** The addresses of sinks in a SQL database. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { SyncSink } from "@genesys-replay/domain"
import { Clock, Effect, Layer, Option, Schema } from "effect"
import { addressed, type Service, SinkAddresses } from "./SinkAddresses.js"
import * as SqlFailure from "./SqlFailure.js"
import { StateUnavailable } from "./StateUnavailable.js"

/** The table, for `Migrations`. */
export const createTable: Effect.Effect<void, SqlError, SqlClient.SqlClient> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE sync_sink (
    name TEXT PRIMARY KEY,
    kind VARCHAR(20) NOT NULL,
    location TEXT NOT NULL,
    registered_at BIGINT NOT NULL
  )`
})

/** What the layer needs to know of the database. */
export interface Options {
  /** What the database is called in errors. */
  readonly location: string
}

const decode = Schema.decodeUnknown(Schema.Array(SyncSink.SinkAddress))

const make = ({ location }: Options) =>
  Effect.gen(function* () {
    const explain = SqlFailure.explainAt(location)
    const sql = yield* SqlClient.SqlClient

    const register: Service["register"] = Effect.fn("SqlSinkAddresses.register")(function* (sinks) {
      const registered_at = yield* Clock.currentTimeMillis
      const rows = addressed(sinks).map(({ address, name }) => ({ name, ...address, registered_at }))
      if (rows.length === 0) return
      yield* Effect.mapError(
        sql`INSERT INTO sync_sink ${sql.insert(rows)} ON CONFLICT (name) DO NOTHING`,
        explain("written")
      )
    })

    const find: Service["find"] = Effect.fn("SqlSinkAddresses.find")(function* (name) {
      const rows = yield* Effect.mapError(
        sql`SELECT kind, location FROM sync_sink WHERE name = ${name}`,
        explain("read")
      )
      const [found] = yield* Effect.mapError(
        decode(rows),
        () =>
          new StateUnavailable({
            operation: "read",
            location,
            reason: "the address of a sink cannot be read",
            remedy: "Use the release that wrote it, or restore the database from a backup"
          })
      )
      return Option.fromNullable(found)
    })

    return { register, find } satisfies Service
  })

/** The addresses in a database that `Migrations.run` has prepared, as `Database` does. */
export const layer = (options: Options): Layer.Layer<SinkAddresses, never, SqlClient.SqlClient> =>
  Layer.effect(SinkAddresses, make(options))
