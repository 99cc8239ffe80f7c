/** The tables of the state database, one migration after the other. A migration that was released is never changed. */
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect } from "effect"
import * as AuditTables from "./AuditTables.js"
import * as SchemaLock from "./SchemaLock.js"
import * as SqlRequestAllowance from "./SqlRequestAllowance.js"
import * as SqlRuns from "./SqlRuns.js"
import * as SqlSinkAddresses from "./SqlSinkAddresses.js"
import * as SqlSyncOutbox from "./SqlSyncOutbox.js"

const migrations: Record<string, Effect.Effect<void, unknown, SqlClient.SqlClient>> = {
  "0001_audit_entry": AuditTables.createEntries,
  "0002_audit_chain": AuditTables.chainEntries,
  "0003_run_window": SqlRuns.createTable,
  "0004_sync_outbox": Effect.zipRight(SqlSyncOutbox.createTable, SqlSinkAddresses.createTable),
  "0005_request_allowance": SqlRequestAllowance.createTable,
  "0006_run_window_failing": SqlRuns.addFailing
}

const latest = Math.max(...Object.keys(migrations).map((name) => Number.parseInt(name, 10)))

// Reading needs no lock; the migrator takes the write lock even when it has nothing to do.
const isCurrent = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql.onDialectOrElse({
    pg: () => sql`SELECT 1 WHERE to_regclass('effect_sql_migrations') IS NOT NULL`,
    orElse: () => sql`SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'effect_sql_migrations'`
  })
  if (tables.length === 0) return false
  const done = yield* sql`SELECT migration_id FROM effect_sql_migrations WHERE migration_id >= ${latest}`
  return done.length > 0
})

/**
 * Brings the database to the present tables; does nothing where it is there already. Several programs may do so at the same
 * time. {@link SqlError} and `MigrationError` where the database refuses; what was begun is then rolled back.
 */
export const run: Effect.Effect<void, SqlError | Migrator.MigrationError, SqlClient.SqlClient> = Effect.gen(
  function* () {
    if (yield* isCurrent) return
    yield* SchemaLock.withLock(Migrator.make({})({ loader: Migrator.fromRecord(migrations) }))
  }
).pipe(Effect.withSpan("Migrations.run"))
