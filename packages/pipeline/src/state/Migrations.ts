/**
 * The tables of the state database. Their names begin with `genesys_replay_`, and so does that of the table which says what was
 * done: an app that has migrations of its own in the same database neither sees these nor is skipped for them. A migration that
 * was released is never changed.
 */
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect } from "effect"
import * as SchemaLock from "./SchemaLock.js"

/** The table of the migrations. */
export const table = "genesys_replay_migrations"

// Numbers are BIGINT also where they are small: SQLite keeps any in as many bytes as it needs.
const first = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const key = sql.onDialectOrElse({ pg: () => sql.literal("BIGINT"), orElse: () => sql.literal("INTEGER") })
  const numbered = sql.onDialectOrElse({
    pg: () => sql.literal("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    orElse: () => sql.literal("INTEGER PRIMARY KEY AUTOINCREMENT")
  })

  // The audit trail: a chain, and its head. The columns beside `entry` are what is searched by.
  yield* sql`CREATE TABLE genesys_replay_audit_entry (
    sequence ${key} PRIMARY KEY,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    window_name TEXT NOT NULL,
    entry TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
  )`
  yield* sql`CREATE INDEX genesys_replay_audit_entry_window ON genesys_replay_audit_entry (window_name, sequence)`
  yield* sql`CREATE INDEX genesys_replay_audit_entry_at ON genesys_replay_audit_entry (at)`
  // One row: whoever appends changes it, so those who append do it one after the other. 64 zeros stand before the first entry.
  yield* sql`CREATE TABLE genesys_replay_audit_head (
    trail TEXT PRIMARY KEY,
    entries BIGINT NOT NULL,
    hash TEXT NOT NULL
  )`
  yield* sql`INSERT INTO genesys_replay_audit_head ${sql.insert({ trail: "audit", entries: 0, hash: "0".repeat(64) })}`

  // The windows of the runs. The record is text; `failing` is 1 where its latest try failed.
  yield* sql`CREATE TABLE genesys_replay_run_window (
    window_key VARCHAR(400) PRIMARY KEY,
    run VARCHAR(40) NOT NULL,
    position INTEGER NOT NULL,
    target TEXT NOT NULL,
    state VARCHAR(20) NOT NULL,
    failing INTEGER NOT NULL,
    record TEXT NOT NULL
  )`
  yield* sql`CREATE INDEX genesys_replay_run_window_run ON genesys_replay_run_window (run, position)`
  yield* sql`CREATE INDEX genesys_replay_run_window_state ON genesys_replay_run_window (state)`

  // What sinks are to be told, in the order of `sequence` for each `window_name` and `sink`.
  yield* sql`CREATE TABLE genesys_replay_sync_message (
    sequence ${numbered},
    id VARCHAR(64) NOT NULL,
    sink TEXT NOT NULL,
    run_key VARCHAR(400) NOT NULL,
    window_name TEXT NOT NULL,
    planned_window TEXT NOT NULL,
    config_id TEXT,
    document TEXT NOT NULL,
    state VARCHAR(20) NOT NULL,
    attempts INTEGER NOT NULL,
    reason TEXT,
    enqueued_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    UNIQUE (id, sink)
  )`
  yield* sql`CREATE INDEX genesys_replay_sync_message_run_key ON genesys_replay_sync_message (run_key)`
  yield* sql`CREATE INDEX genesys_replay_sync_message_lane
    ON genesys_replay_sync_message (window_name, sink, sequence) WHERE state = 'pending'`
  yield* sql`CREATE INDEX genesys_replay_sync_message_due
    ON genesys_replay_sync_message (sink, due_at, sequence) WHERE state = 'pending'`
  yield* sql`CREATE INDEX genesys_replay_sync_message_state ON genesys_replay_sync_message (state, sink)`
  yield* sql`CREATE TABLE genesys_replay_sync_sink (
    name TEXT PRIMARY KEY,
    kind VARCHAR(20) NOT NULL,
    location TEXT NOT NULL,
    registered_at BIGINT NOT NULL
  )`

  // A row for each platform and OAuth client. It holds no secret.
  yield* sql`CREATE TABLE genesys_replay_request_allowance (
    allowance_key VARCHAR(400) PRIMARY KEY,
    allowed BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    ends_by BIGINT NOT NULL,
    assumed INTEGER NOT NULL,
    closed_until BIGINT NOT NULL
  )`
})

// The heals; of those that were asked for by one key for one target, the latest has the highest `ordinal`. The record is text.
const heals = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE genesys_replay_heal (
    heal_id VARCHAR(40) PRIMARY KEY,
    heal_key VARCHAR(64) NOT NULL,
    ordinal INTEGER NOT NULL,
    target TEXT NOT NULL,
    state VARCHAR(20) NOT NULL,
    record TEXT NOT NULL
  )`
  yield* sql`CREATE INDEX genesys_replay_heal_key ON genesys_replay_heal (heal_key, ordinal)`
})

const migrations: Record<string, Effect.Effect<void, unknown, SqlClient.SqlClient>> = {
  "0001_tables": first,
  "0002_heals": heals
}

const latest = Math.max(...Object.keys(migrations).map((name) => Number.parseInt(name, 10)))

// Reading needs no lock; the migrator takes the write lock even when it has nothing to do.
const isCurrent = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql.onDialectOrElse({
    pg: () => sql`SELECT 1 WHERE to_regclass(${table}) IS NOT NULL`,
    orElse: () => sql`SELECT name FROM sqlite_master WHERE type = 'table' AND name = ${table}`
  })
  if (tables.length === 0) return false
  const done = yield* sql`SELECT migration_id FROM ${sql(table)} WHERE migration_id >= ${latest}`
  return done.length > 0
})

/**
 * Brings the database to the present tables; does nothing where it is there already. Several programs may do so at the same
 * time. {@link SqlError} and `MigrationError` where the database refuses; what was begun is then rolled back.
 */
export const run: Effect.Effect<void, SqlError | Migrator.MigrationError, SqlClient.SqlClient> = Effect.gen(
  function* () {
    if (yield* isCurrent) return
    yield* SchemaLock.withLock(Migrator.make({})({ table, loader: Migrator.fromRecord(migrations) }))
  }
).pipe(Effect.withSpan("Migrations.run"))
