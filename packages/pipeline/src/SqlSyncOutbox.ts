/** The outbox in a SQL database: SQLite or PostgreSQL. Any number of processes may deliver from it. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { PlannedWindow, SyncSink } from "@genesys-replay/domain"
import { Duration, Effect, Layer, Option, Schema } from "effect"
import type { AuditTrail } from "./AuditTrail.js"
import type * as OutboxStore from "./OutboxStore.js"
import * as SqlFailure from "./SqlFailure.js"
import { SqlInteger } from "./SqlInteger.js"
import { StateUnavailable } from "./StateUnavailable.js"
import { MessageState, type SyncMessage } from "./SyncMessage.js"
import * as SyncOutbox from "./SyncOutbox.js"
import type { SyncSinks } from "./SyncSink.js"
import type { Transaction } from "./Transaction.js"

/** The table, for `Migrations`. A lane is `window_name` and `sink`; its order is `sequence`. */
export const createTable: Effect.Effect<void, SqlError, SqlClient.SqlClient> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const sequence = sql.onDialectOrElse({
    pg: () => sql.literal("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    orElse: () => sql.literal("INTEGER PRIMARY KEY AUTOINCREMENT")
  })
  yield* sql`CREATE TABLE sync_message (
    sequence ${sequence},
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
    claim VARCHAR(40),
    claimed_until BIGINT NOT NULL,
    UNIQUE (id, sink)
  )`
  yield* sql`CREATE INDEX sync_message_run_key ON sync_message (run_key)`
  yield* sql`CREATE INDEX sync_message_lane ON sync_message (window_name, sink, sequence) WHERE state = 'pending'`
  yield* sql`CREATE INDEX sync_message_due ON sync_message (sink, due_at, sequence) WHERE state = 'pending'`
  yield* sql`CREATE INDEX sync_message_state ON sync_message (state, sink)`
})

const Row = Schema.Struct({
  sequence: SqlInteger,
  id: Schema.String,
  sink: Schema.String,
  run_key: Schema.String,
  planned_window: Schema.parseJson(PlannedWindow.PlannedWindow),
  config_id: Schema.NullOr(Schema.String),
  document: Schema.parseJson(SyncSink.SyncDocument),
  state: MessageState,
  attempts: SqlInteger,
  reason: Schema.NullOr(Schema.String),
  enqueued_at: SqlInteger,
  due_at: SqlInteger
})

// What a later release adds to a document is delivered too.
const whole = { onExcessProperty: "preserve" } as const
const encode = Schema.encode(Row.omit("sequence"), whole)
const decode = Schema.decodeUnknown(Schema.Array(Row), whole)
const decodeDue = Schema.decodeUnknown(Schema.Array(Schema.Struct({ sink: Schema.String, at: SqlInteger })))
const decodeTally = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ pending: SqlInteger, dead: SqlInteger, oldest: Schema.NullOr(SqlInteger) }))
)

const messageOf = (row: typeof Row.Type): SyncMessage => ({
  id: row.id,
  sink: row.sink,
  key: row.run_key,
  window: row.planned_window,
  configId: row.config_id,
  document: row.document,
  state: row.state,
  attempts: row.attempts,
  reason: row.reason,
  enqueuedAt: row.enqueued_at,
  dueAt: row.due_at
})

// A statement that changes rows answers them in any order.
const inOrder = (rows: ReadonlyArray<typeof Row.Type>): ReadonlyArray<SyncMessage> =>
  [...rows].sort((one, other) => one.sequence - other.sequence).map(messageOf)

// Processes that share a database look after each other so often.
const glance = Duration.seconds(1)

// Rows of one statement: SQLite takes 32,766 parameters at once.
const chunk = 1_000

/** What the layer needs to know of the database. */
export interface Options extends SyncOutbox.Options {
  /** What the database is called in errors. */
  readonly location: string
}

/** The store alone, for who builds something else on it. */
export const makeStore = ({ location }: Pick<Options, "location">) =>
  Effect.gen(function* () {
    const explain = SqlFailure.explainAt(location)
    const sql = yield* SqlClient.SqlClient

    const unreadable = (error: { readonly message: string }) =>
      new StateUnavailable({
        operation: "read",
        location,
        reason: `a message of the outbox cannot be read: ${error.message}`,
        remedy: "Use the release that wrote it, or restore the database from a backup"
      })

    const rows = (operation: "written" | "read", statement: Effect.Effect<ReadonlyArray<unknown>, SqlError>) =>
      (operation === "read" ? SqlFailure.readAgain(statement) : statement).pipe(
        Effect.mapError(explain(operation)),
        Effect.flatMap((found) => Effect.mapError(decode(found), unreadable))
      )

    // In PostgreSQL another dispatcher's claim that is under way is passed over rather than waited for.
    const passing = sql.onDialectOrElse({
      pg: () => sql.literal("FOR UPDATE OF m SKIP LOCKED"),
      orElse: () => sql.literal("")
    })

    // The first pending message of a lane in which nothing is claimed.
    const claimable = (now: number) => sql`m.state = 'pending' AND NOT EXISTS (
      SELECT 1 FROM sync_message e
      WHERE e.state = 'pending' AND e.window_name = m.window_name AND e.sink = m.sink
        AND (e.sequence < m.sequence OR e.claimed_until > ${now})
    )`

    const take = ({ now, token, until }: OutboxStore.Claim, which: ReturnType<typeof claimable>, limit: number) =>
      rows(
        "written",
        sql`WITH chosen AS (
            SELECT m.sequence FROM sync_message m WHERE ${which} AND ${claimable(now)}
            ORDER BY m.due_at, m.sequence LIMIT ${limit} ${passing}
          )
          UPDATE sync_message SET claim = ${token}, claimed_until = ${until}
          WHERE state = 'pending' AND claimed_until <= ${now} AND sequence IN (SELECT sequence FROM chosen)
          RETURNING *`
      )

    const add: OutboxStore.Service["add"] = Effect.fn("SqlSyncOutbox.add")(function* (messages) {
      const encoded = yield* Effect.forEach(messages, (message) =>
        Effect.orDie(
          Effect.map(
            encode({
              id: message.id,
              sink: message.sink,
              run_key: message.key,
              planned_window: message.window,
              config_id: message.configId,
              document: message.document,
              state: message.state,
              attempts: message.attempts,
              reason: message.reason,
              enqueued_at: message.enqueuedAt,
              due_at: message.dueAt
            }),
            (row) => ({ ...row, window_name: message.window.name, claim: null, claimed_until: 0 })
          )
        )
      )
      for (let at = 0; at < encoded.length; at += chunk) {
        yield* Effect.mapError(
          sql`INSERT INTO sync_message ${sql.insert(encoded.slice(at, at + chunk))} ON CONFLICT (id, sink) DO NOTHING`,
          explain("written")
        )
      }
    })

    const list: OutboxStore.Service["list"] = Effect.fn("SqlSyncOutbox.list")(function* (filter = {}) {
      const conditions = [
        ...(filter.state === undefined ? [] : [sql`state = ${filter.state}`]),
        ...(filter.window === undefined ? [] : [sql`window_name = ${filter.window}`]),
        ...(filter.key === undefined ? [] : [sql`run_key = ${filter.key}`])
      ]
      const limit = filter.limit === undefined ? sql.literal("") : sql`LIMIT ${filter.limit}`
      const found = yield* rows(
        "read",
        sql`SELECT * FROM sync_message WHERE ${sql.and(conditions)} ORDER BY sequence DESC ${limit}`
      )
      return inOrder(found)
    })

    // Two figures to compare, where the dialects have no function of one name for it.
    const due: OutboxStore.Service["due"] =
      sql`SELECT sink, MIN(CASE WHEN due_at > held THEN due_at ELSE held END) AS at
      FROM (
        SELECT m.sink, m.due_at, (
          SELECT MAX(h.claimed_until) FROM sync_message h
          WHERE h.state = 'pending' AND h.window_name = m.window_name AND h.sink = m.sink
        ) AS held
        FROM sync_message m
        WHERE m.state = 'pending' AND NOT EXISTS (
          SELECT 1 FROM sync_message e WHERE e.state = 'pending' AND e.window_name = m.window_name AND e.sink = m.sink
            AND e.sequence < m.sequence
        )
      ) lane GROUP BY sink`.pipe(
        SqlFailure.readAgain,
        Effect.mapError(explain("read")),
        Effect.flatMap((found) => Effect.mapError(decodeDue(found), unreadable)),
        Effect.withSpan("SqlSyncOutbox.due")
      )

    const claim: OutboxStore.Service["claim"] = (sink, claimed, limit) =>
      Effect.map(take(claimed, sql`m.sink = ${sink} AND m.due_at <= ${claimed.now}`, limit), inOrder)

    const claimFirst: OutboxStore.Service["claimFirst"] = ({ sink, window }, claimed) =>
      Effect.map(take(claimed, sql`m.sink = ${sink} AND m.window_name = ${window}`, 1), ([row]) =>
        Option.map(Option.fromNullable(row), messageOf)
      )

    const extend: OutboxStore.Service["extend"] = ({ id, sink }, token, until) =>
      Effect.asVoid(
        Effect.mapError(
          sql`UPDATE sync_message SET claimed_until = ${until} WHERE id = ${id} AND sink = ${sink} AND claim = ${token}`,
          explain("written")
        )
      )

    const settle: OutboxStore.Service["settle"] = ({ id, sink }, token, { attempts, dueAt, reason, state }) =>
      Effect.map(
        Effect.mapError(
          sql`UPDATE sync_message
            SET state = ${state}, attempts = ${attempts}, reason = ${reason}, due_at = ${dueAt}, claim = NULL, claimed_until = 0
            WHERE id = ${id} AND sink = ${sink} AND claim = ${token} RETURNING id`,
          explain("written")
        ),
        (settled) => settled.length > 0
      )

    const revive: OutboxStore.Service["revive"] = (ids, now) => {
      if (ids.length === 0) return Effect.succeed([])
      const which = ids === "all" ? sql`1 = 1` : sql`id IN ${sql.in(ids)}`
      return Effect.map(
        rows(
          "written",
          sql`UPDATE sync_message SET state = 'pending', attempts = 0, due_at = ${now} WHERE state = 'dead' AND ${which} RETURNING *`
        ),
        inOrder
      )
    }

    const excuse: OutboxStore.Service["excuse"] = (sink, reason) =>
      Effect.asVoid(
        Effect.mapError(
          sql`UPDATE sync_message SET reason = ${reason} WHERE sink = ${sink} AND state = 'pending' AND reason IS NULL`,
          explain("written")
        )
      )

    const tally: OutboxStore.Service["tally"] = sql`SELECT
        (SELECT COUNT(*) FROM sync_message WHERE state = 'pending') AS pending,
        (SELECT COUNT(*) FROM sync_message WHERE state = 'dead') AS dead,
        (SELECT MIN(enqueued_at) FROM sync_message WHERE state = 'pending') AS oldest`.pipe(
      SqlFailure.readAgain,
      Effect.mapError(explain("read")),
      Effect.flatMap((found) => Effect.mapError(decodeTally(found), unreadable)),
      Effect.map(([first]) => ({
        pending: first?.pending ?? 0,
        dead: first?.dead ?? 0,
        oldest: Option.fromNullable(first?.oldest)
      }))
    )

    return {
      add,
      list,
      due,
      claim,
      claimFirst,
      extend,
      settle,
      revive,
      excuse,
      tally,
      others: Option.some(glance)
    } satisfies OutboxStore.Service
  })

/** The outbox in a database that `Migrations.run` has prepared, as `Database` does. */
export const layer = (
  options: Options
): Layer.Layer<SyncOutbox.SyncOutbox, never, SqlClient.SqlClient | SyncSinks | AuditTrail | Transaction> =>
  Layer.effect(
    SyncOutbox.SyncOutbox,
    Effect.flatMap(makeStore(options), (store) => SyncOutbox.make(store, options))
  )
