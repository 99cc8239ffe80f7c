/**
 * The messages in the database. A lane is one window's name and one sink: the messages of a lane go one after the other. Whoever
 * tries the first of a lane leases it until an instant by the Clock, and the lease ends by itself where its process does. The instant
 * is what the one who has the lease is known by: no two leases of a message end at the same time.
 */
import { PlannedWindow, SyncSink } from "@genesys-replay/domain"
import { Effect, Option, Schema } from "effect"
import { Database } from "../state/Database.js"
import { SqlInteger } from "../state/SqlInteger.js"
import { MessageState, type SyncMessage } from "./SyncMessage.js"

/** Which messages. Without any field: all. */
export interface Filter {
  readonly state?: MessageState | undefined
  /** Only those of the window of this name. */
  readonly window?: string | undefined
  /** Only those of this window of this run. */
  readonly key?: string | undefined
  /** At most so many: the latest ones, still in order. */
  readonly limit?: number | undefined
}

/** A window's name and a sink. */
export interface Lane {
  readonly window: string
  readonly sink: string
}

/** What a message becomes. */
export type Outcome = Pick<SyncMessage, "state" | "attempts" | "reason" | "dueAt">

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
const heads = { row: Schema.Struct({ window_name: Schema.String, due_at: SqlInteger }), called: messages.called }
const sinks = { row: Schema.Struct({ sink: Schema.String }), called: messages.called }
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

/** The operations on the table. Instants are milliseconds since 1970. */
export const make = Effect.map(Database, ({ change, read, sql, write }) => {
  const table = sql.literal("genesys_replay_sync_message")

  // Nothing of the lane comes before it, and nothing of it is leased: one that was revived may come before one that is.
  const isFree = (now: number) => sql`m.state = 'pending' AND NOT EXISTS (
    SELECT 1 FROM ${table} e WHERE e.state = 'pending' AND e.window_name = m.window_name AND e.sink = m.sink
      AND (e.sequence < m.sequence OR e.leased_until > ${now})
  )`

  return {
    /** Writes messages; one that is there already, by `id` and `sink`, stays as it is. */
    add: Effect.fn("MessageTable.add")(function* (all: ReadonlyArray<SyncMessage>) {
      const rows = yield* Effect.forEach(all, (message) =>
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
            (row) => ({ ...row, window_name: message.window.name, leased_until: 0 })
          )
        )
      )
      for (let at = 0; at < rows.length; at += chunk) {
        yield* write(
          sql`INSERT INTO ${table} ${sql.insert(rows.slice(at, at + chunk))} ON CONFLICT (id, sink) DO NOTHING`
        )
      }
    }),

    /** The messages that pass the filter, in the order in which they were written. */
    list: Effect.fn("MessageTable.list")(function* ({ key, limit, state, window }: Filter = {}) {
      const conditions = sql.and([
        ...(state === undefined ? [] : [sql`state = ${state}`]),
        ...(window === undefined ? [] : [sql`window_name = ${window}`]),
        ...(key === undefined ? [] : [sql`run_key = ${key}`])
      ])
      const most = limit === undefined ? sql.literal("") : sql`LIMIT ${limit}`
      return inOrder(
        yield* read(messages, sql`SELECT * FROM ${table} WHERE ${conditions} ORDER BY sequence DESC ${most}`)
      )
    }),

    /** The sinks that are still to be told something. */
    pendingSinks: Effect.map(read(sinks, sql`SELECT DISTINCT sink FROM ${table} WHERE state = 'pending'`), (found) =>
      found.map(({ sink }) => sink)
    ),

    /**
     * The lanes of a sink, and from when on the first message of each can be tried: when it is due and nothing of the lane is leased
     * any more. Those that wait longest first.
     */
    heads: (sink: string, limit: number) =>
      Effect.map(
        read(
          heads,
          // Two figures to compare, where the dialects have no function of one name for it.
          sql`SELECT window_name, CASE WHEN due_at > leased THEN due_at ELSE leased END AS due_at FROM (
              SELECT m.window_name, m.due_at, m.sequence, (
                SELECT MAX(l.leased_until) FROM ${table} l
                WHERE l.state = 'pending' AND l.window_name = m.window_name AND l.sink = m.sink
              ) AS leased
              FROM ${table} m WHERE m.sink = ${sink} AND m.state = 'pending' AND NOT EXISTS (
                SELECT 1 FROM ${table} e WHERE e.state = 'pending' AND e.window_name = m.window_name AND e.sink = m.sink
                  AND e.sequence < m.sequence
              )
              ORDER BY m.due_at, m.sequence LIMIT ${limit}
            ) head ORDER BY 2, sequence`
        ),
        (found) => found.map(({ due_at, window_name }) => ({ window: window_name, dueAt: due_at }))
      ),

    /** Leases the first message of a lane, due or not. None where there is none, or the lane is leased. */
    lease: ({ sink, window }: Lane, now: number, until: number) =>
      Effect.map(
        change(
          messages,
          sql`UPDATE ${table} SET leased_until = ${until} WHERE state = 'pending' AND leased_until <= ${now} AND sequence IN (
              SELECT m.sequence FROM ${table} m WHERE m.sink = ${sink} AND m.window_name = ${window} AND ${isFree(now)}
            ) RETURNING *`
        ),
        ([row]) => Option.map(Option.fromNullable(row), messageOf)
      ),

    /** Moves the end of a lease. Nothing where it is another's by now. */
    renew: ({ id, sink }: SyncMessage, lease: number, until: number) =>
      Effect.asVoid(
        write(
          sql`UPDATE ${table} SET leased_until = ${until} WHERE id = ${id} AND sink = ${sink} AND leased_until = ${lease}`
        )
      ),

    /** Ends a lease with this outcome. False, and nothing is changed, where the lease is another's by now. */
    settle: ({ id, sink }: SyncMessage, lease: number, { attempts, dueAt, reason, state }: Outcome) =>
      Effect.map(
        write(
          sql`UPDATE ${table}
            SET state = ${state}, attempts = ${attempts}, reason = ${reason}, due_at = ${dueAt}, leased_until = 0
            WHERE id = ${id} AND sink = ${sink} AND leased_until = ${lease} RETURNING id`
        ),
        (settled) => settled.length > 0
      ),

    /** Makes dead messages pending again, due at `now`, untried: those with these ids, or all. Answers them in order. */
    revive: (ids: ReadonlyArray<string> | "all", now: number) =>
      ids.length === 0
        ? Effect.succeed([])
        : Effect.map(
            change(
              messages,
              sql`UPDATE ${table} SET state = 'pending', attempts = 0, due_at = ${now}
                WHERE state = 'dead' AND ${ids === "all" ? sql`1 = 1` : sql`id IN ${sql.in(ids)}`} RETURNING *`
            ),
            inOrder
          ),

    /** Says why the messages of a sink are not even tried, where nothing else was said of them. */
    excuse: (sink: string, reason: string) =>
      Effect.asVoid(
        write(sql`UPDATE ${table} SET reason = ${reason} WHERE sink = ${sink} AND state = 'pending' AND reason IS NULL`)
      ),

    /** How much there is, and when the oldest pending message was written. */
    tally: Effect.map(
      read(
        tallies,
        sql`SELECT
          (SELECT COUNT(*) FROM ${table} WHERE state = 'pending') AS pending,
          (SELECT COUNT(*) FROM ${table} WHERE state = 'dead') AS dead,
          (SELECT MIN(enqueued_at) FROM ${table} WHERE state = 'pending') AS oldest`
      ),
      ([found]) => ({
        pending: found?.pending ?? 0,
        dead: found?.dead ?? 0,
        oldest: Option.fromNullable(found?.oldest)
      })
    )
  }
})

export type MessageTable = Effect.Effect.Success<typeof make>
