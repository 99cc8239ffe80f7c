/** The tables of the state database, one migration after the other. A migration that was released is never changed. */
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect } from "effect"

// The entry is kept as the text that was recorded, so that it can be proven unchanged; the columns beside it are what is searched by.
const auditEntry = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE audit_entry (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    window_name TEXT NOT NULL,
    entry TEXT NOT NULL
  )`
  yield* sql`CREATE INDEX audit_entry_window ON audit_entry (window_name, sequence)`
  yield* sql`CREATE INDEX audit_entry_at ON audit_entry (at)`
})

const migrations: Record<string, Effect.Effect<void, SqlError, SqlClient.SqlClient>> = {
  "0001_audit_entry": auditEntry
}

const latest = Math.max(...Object.keys(migrations).map((name) => Number.parseInt(name, 10)))

// Reading needs no lock; the migrator takes the write lock even when it has nothing to do.
const isCurrent = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql`SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'effect_sql_migrations'`
  if (tables.length === 0) return false
  const done = yield* sql`SELECT migration_id FROM effect_sql_migrations WHERE migration_id >= ${latest}`
  return done.length > 0
})

/**
 * Brings the database to the present tables; does nothing where it is there already. {@link SqlError} and
 * `MigrationError` where the database refuses; what was begun is then rolled back.
 */
export const run: Effect.Effect<void, SqlError | Migrator.MigrationError, SqlClient.SqlClient> = Effect.gen(
  function* () {
    if (yield* isCurrent) return
    yield* Migrator.make({})({ loader: Migrator.fromRecord(migrations) })
  }
).pipe(Effect.withSpan("Migrations.run"))
