/** The outbox in the database: SQLite or PostgreSQL. Any number of processes may deliver from it. */
import { PlannedWindow, SyncSink } from "@genesys-replay/domain"
import { Effect, Layer, Option, Schema } from "effect"
import type { AuditTrail } from "./AuditTrail.js"
import { Database } from "./Database.js"
import type * as OutboxStore from "./OutboxStore.js"
import { SqlInteger } from "./SqlInteger.js"
import { MessageState, type SyncMessage } from "./SyncMessage.js"
import * as SyncOutbox from "./SyncOutbox.js"
import type { SyncSinks } from "./SyncSink.js"

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
const messages = { row: Row, called: "a message of the outbox" }
const dues = { row: Schema.Struct({ sink: Schema.String, at: SqlInteger }), called: "a message of the outbox" }
const tallies = {
  row: Schema.Struct({ pending: SqlInteger, dead: SqlInteger, oldest: Schema.NullOr(SqlInteger) }),
  called: "the outbox"
}

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

// Rows of one statement: SQLite takes 32,766 parameters at once.
const chunk = 1_000

/** The store alone, for who builds something else on it. */
export const makeStore: Effect.Effect<OutboxStore.Service, never, Database> = Effect.gen(function* () {
  const { change, others, read, sql, write } = yield* Database

  // In PostgreSQL another dispatcher's claim that is under way is passed over rather than waited for.
  const passing = sql.onDialectOrElse({
    pg: () => sql.literal("FOR UPDATE OF m SKIP LOCKED"),
    orElse: () => sql.literal("")
  })

  // The first pending message of a lane in which nothing is claimed.
  const claimable = (now: number) => sql`m.state = 'pending' AND NOT EXISTS (
      SELECT 1 FROM genesys_replay_sync_message e
      WHERE e.state = 'pending' AND e.window_name = m.window_name AND e.sink = m.sink
        AND (e.sequence < m.sequence OR e.claimed_until > ${now})
    )`

  const take = ({ now, token, until }: OutboxStore.Claim, which: ReturnType<typeof claimable>, limit: number) =>
    change(
      messages,
      sql`WITH chosen AS (
            SELECT m.sequence FROM genesys_replay_sync_message m WHERE ${which} AND ${claimable(now)}
            ORDER BY m.due_at, m.sequence LIMIT ${limit} ${passing}
          )
          UPDATE genesys_replay_sync_message SET claim = ${token}, claimed_until = ${until}
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
      yield* write(
        sql`INSERT INTO genesys_replay_sync_message ${sql.insert(encoded.slice(at, at + chunk))} ON CONFLICT (id, sink) DO NOTHING`
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
    const found = yield* read(
      messages,
      sql`SELECT * FROM genesys_replay_sync_message WHERE ${sql.and(conditions)} ORDER BY sequence DESC ${limit}`
    )
    return inOrder(found)
  })

  // Two figures to compare, where the dialects have no function of one name for it.
  const due: OutboxStore.Service["due"] = read(
    dues,
    sql`SELECT sink, MIN(CASE WHEN due_at > held THEN due_at ELSE held END) AS at
      FROM (
        SELECT m.sink, m.due_at, (
          SELECT MAX(h.claimed_until) FROM genesys_replay_sync_message h
          WHERE h.state = 'pending' AND h.window_name = m.window_name AND h.sink = m.sink
        ) AS held
        FROM genesys_replay_sync_message m
        WHERE m.state = 'pending' AND NOT EXISTS (
          SELECT 1 FROM genesys_replay_sync_message e WHERE e.state = 'pending' AND e.window_name = m.window_name AND e.sink = m.sink
            AND e.sequence < m.sequence
        )
      ) lane GROUP BY sink`
  ).pipe(Effect.withSpan("SqlSyncOutbox.due"))

  const claim: OutboxStore.Service["claim"] = (sink, claimed, limit) =>
    Effect.map(take(claimed, sql`m.sink = ${sink} AND m.due_at <= ${claimed.now}`, limit), inOrder)

  const claimFirst: OutboxStore.Service["claimFirst"] = ({ sink, window }, claimed) =>
    Effect.map(take(claimed, sql`m.sink = ${sink} AND m.window_name = ${window}`, 1), ([row]) =>
      Option.map(Option.fromNullable(row), messageOf)
    )

  const extend: OutboxStore.Service["extend"] = ({ id, sink }, token, until) =>
    Effect.asVoid(
      write(
        sql`UPDATE genesys_replay_sync_message SET claimed_until = ${until} WHERE id = ${id} AND sink = ${sink} AND claim = ${token}`
      )
    )

  const settle: OutboxStore.Service["settle"] = ({ id, sink }, token, { attempts, dueAt, reason, state }) =>
    Effect.map(
      write(
        sql`UPDATE genesys_replay_sync_message
            SET state = ${state}, attempts = ${attempts}, reason = ${reason}, due_at = ${dueAt}, claim = NULL, claimed_until = 0
            WHERE id = ${id} AND sink = ${sink} AND claim = ${token} RETURNING id`
      ),
      (settled) => settled.length > 0
    )

  const revive: OutboxStore.Service["revive"] = (ids, now) => {
    if (ids.length === 0) return Effect.succeed([])
    const which = ids === "all" ? sql`1 = 1` : sql`id IN ${sql.in(ids)}`
    return Effect.map(
      change(
        messages,
        sql`UPDATE genesys_replay_sync_message SET state = 'pending', attempts = 0, due_at = ${now} WHERE state = 'dead' AND ${which} RETURNING *`
      ),
      inOrder
    )
  }

  const excuse: OutboxStore.Service["excuse"] = (sink, reason) =>
    Effect.asVoid(
      write(
        sql`UPDATE genesys_replay_sync_message SET reason = ${reason} WHERE sink = ${sink} AND state = 'pending' AND reason IS NULL`
      )
    )

  const tally: OutboxStore.Service["tally"] = read(
    tallies,
    sql`SELECT
        (SELECT COUNT(*) FROM genesys_replay_sync_message WHERE state = 'pending') AS pending,
        (SELECT COUNT(*) FROM genesys_replay_sync_message WHERE state = 'dead') AS dead,
        (SELECT MIN(enqueued_at) FROM genesys_replay_sync_message WHERE state = 'pending') AS oldest`
  ).pipe(
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
    others
  } satisfies OutboxStore.Service
})

/** The outbox in the database of the context. */
export const layer = (
  options: SyncOutbox.Options = {}
): Layer.Layer<SyncOutbox.SyncOutbox, never, AuditTrail | Database | SyncSinks> =>
  Layer.effect(
    SyncOutbox.SyncOutbox,
    Effect.flatMap(makeStore, (store) => SyncOutbox.make(store, options))
  )
