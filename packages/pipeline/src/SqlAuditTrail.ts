/** The audit trail in a SQL database. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { AuditEntry } from "@genesys-replay/domain"
import { DateTime, Duration, Effect, Layer, Schedule, Schema } from "effect"
import { AuditTrail, epochMillis, type Filter, type Service } from "./AuditTrail.js"
import * as SqliteFailure from "./SqliteFailure.js"
import { StateUnavailable } from "./StateUnavailable.js"

/** What the layer needs to know of the database. */
export interface Options {
  /** What the database is called in errors: its file. */
  readonly location: string
  /** How long a database that another program holds is asked again; 5 seconds. */
  readonly patience?: Duration.DurationInput | undefined
}

const EntryText = Schema.parseJson(AuditEntry.AuditEntry)
const encode = Schema.encode(EntryText)
const Rows = Schema.Array(Schema.Struct({ entry: EntryText }))
const decode = Schema.decodeUnknown(Rows)

const pause = Duration.millis(50)

const make = (options: Options) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const attempts = Math.ceil(Duration.toMillis(options.patience ?? "5 seconds") / Duration.toMillis(pause))

    const unavailable = (operation: "written" | "read", reason: string, remedy: string) =>
      new StateUnavailable({ operation, location: options.location, reason, remedy })

    // Waiting in Effect rather than in the driver: the driver would block the whole thread.
    const patiently = <A>(operation: "written" | "read", statement: Effect.Effect<A, SqlError>) =>
      statement.pipe(
        Effect.retry({ while: SqliteFailure.isBusy, schedule: Schedule.spaced(pause), times: attempts }),
        Effect.mapError((error) => {
          const { reason, remedy } = SqliteFailure.explain(error)
          return unavailable(operation, reason, remedy)
        })
      )

    const record: Service["record"] = Effect.fn("SqlAuditTrail.record")(function* (entry) {
      const text = yield* encode(entry).pipe(
        Effect.mapError((error) =>
          unavailable("written", `the entry is not one: ${error.message}`, "This is a bug: please report it")
        )
      )
      yield* patiently(
        "written",
        sql`INSERT INTO audit_entry ${sql.insert({ at: epochMillis(entry), action: entry.action, window_name: entry.window, entry: text })}`
      )
    })

    const list: Service["list"] = Effect.fn("SqlAuditTrail.list")(function* (filter: Filter = {}) {
      const conditions = [
        ...(filter.window === undefined ? [] : [sql`window_name = ${filter.window}`]),
        ...(filter.action === undefined ? [] : [sql`action = ${filter.action}`]),
        ...(filter.since === undefined ? [] : [sql`at >= ${DateTime.toEpochMillis(filter.since)}`]),
        ...(filter.until === undefined ? [] : [sql`at < ${DateTime.toEpochMillis(filter.until)}`])
      ]
      // SQLite reads a negative limit as none.
      const rows = yield* patiently(
        "read",
        sql`SELECT sequence, entry FROM audit_entry WHERE ${sql.and(conditions)} ORDER BY sequence DESC LIMIT ${filter.limit ?? -1}`
      )
      const entries = yield* decode(rows).pipe(
        Effect.mapError((error) =>
          unavailable("read", `an entry cannot be read: ${error.message}`, "Restore the database from a backup")
        )
      )
      return entries.map(({ entry }) => entry).reverse()
    })

    return { record, list } satisfies Service
  })

/** The trail over a database that `Migrations.run` has prepared, as `Database.layer` does. */
export const layer = (options: Options): Layer.Layer<AuditTrail, never, SqlClient.SqlClient> =>
  Layer.effect(AuditTrail, make(options))
