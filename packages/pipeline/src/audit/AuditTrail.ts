/** The audit trail: what was done, in the order in which it was done, never changed afterwards. */
import type { SqlError } from "@effect/sql/SqlError"
import { AuditEntry, Instant, type PlannedWindow } from "@genesys-replay/domain"
import { Chunk, Context, DateTime, Effect, identity, Layer, Option, Schema, Stream } from "effect"
import { Database, type Rows, type Table } from "../state/Database.js"
import { SqlInteger } from "../state/SqlInteger.js"
import { StateUnavailable } from "../state/StateUnavailable.js"
import * as AuditChain from "./AuditChain.js"

/** Which entries. Without any field: all. */
export interface Filter {
  /** Only those of the window of this name. */
  readonly window?: string | undefined
  /** Only those of this action. */
  readonly action?: AuditEntry.AuditAction | undefined
  /** Only those at or after this instant. */
  readonly since?: DateTime.Utc | undefined
  /** Only those before this instant. */
  readonly until?: DateTime.Utc | undefined
  /** At most so many: the latest ones, still in order. */
  readonly limit?: number | undefined
}

/** An entry with its place in the chain, as `AuditChain` explains it. */
export interface Chained {
  readonly sequence: number
  readonly previous: string
  readonly hash: string
  readonly entry: AuditEntry.AuditEntry
}

/** The operations of a trail. */
export interface Service {
  /**
   * Appends an entry; it is kept when this returns, or, inside a transaction, together with what that one changes. One that is an effect is
   * made once nothing can come before it any more: so the instants of entries, by one clock, are in their order.
   */
  readonly record: (
    entry: AuditEntry.AuditEntry | Effect.Effect<AuditEntry.AuditEntry>
  ) => Effect.Effect<void, StateUnavailable>
  /** The entries that pass the filter, in the order in which they were recorded. */
  readonly list: (filter?: Filter) => Effect.Effect<ReadonlyArray<AuditEntry.AuditEntry>, StateUnavailable>
  /** The entries that pass the filter with their places, in order, however many there are. */
  readonly chained: (filter?: Omit<Filter, "limit">) => Stream.Stream<Chained, StateUnavailable>
  /** Whether every entry is as it was recorded and none is missing; else the first that is not. */
  readonly verify: Effect.Effect<AuditChain.Verdict, StateUnavailable>
  /**
   * Whether an entry has this hash. Somebody who rewrites a whole trail leaves it in order: a head noted elsewhere, which is then
   * no longer there, gives him away. The hash of the empty trail is always there.
   */
  readonly holds: (hash: string) => Effect.Effect<boolean, StateUnavailable>
}

/** When the entry was made, in milliseconds since 1970. */
export const epochMillis = (entry: AuditEntry.AuditEntry): number =>
  Option.match(Instant.parse(entry.timestamp), { onNone: () => Number.NaN, onSome: DateTime.toEpochMillis })

const encode = Schema.encode(AuditEntry.AuditEntry)

const LinkRow = Schema.Struct({
  sequence: SqlInteger,
  at: SqlInteger,
  action: Schema.String,
  window_name: Schema.String,
  entry: Schema.String,
  previous: Schema.String,
  hash: Schema.String
})

const called = "an entry of the audit trail"
const remedy = "Find the first bad one with `genesys-replay audit verify`, and restore the database from a backup"

const links = { row: LinkRow, called, remedy }
const entries = {
  row: Schema.Struct({ ...LinkRow.fields, entry: Schema.parseJson(AuditEntry.AuditEntry) }),
  called,
  remedy
}
const heads = {
  row: Schema.Struct({ entries: SqlInteger, hash: Schema.String }),
  called: "the head of the trail",
  remedy
}

const linkOf = ({ action, at, window_name, ...link }: typeof LinkRow.Type): AuditChain.Link => ({
  ...link,
  index: { at, action, window: window_name }
})

// How many entries are in memory at a time.
const page = 500

const make = Effect.gen(function* () {
  const { atomically, forUpdate, location, read, sql, write } = yield* Database

  const head = sql`SELECT entries, hash FROM genesys_replay_audit_head WHERE trail = 'audit'`
  const headOf = (statement: Effect.Effect<Rows, SqlError>) =>
    Effect.map(read(heads, statement), ([found]) =>
      Option.map(Option.fromNullable(found), ({ entries, hash }): AuditChain.Head => ({ count: entries, hash }))
    )

  const record: Service["record"] = Effect.fn("AuditTrail.record")(function* (entry) {
    yield* atomically(
      Effect.gen(function* () {
        // The row of the head is the lock: on PostgreSQL others wait here, on SQLite there is one writer at a time.
        const last = yield* headOf(sql`${head} ${forUpdate}`)
        if (Option.isNone(last)) {
          return yield* new StateUnavailable({
            operation: "read",
            location,
            reason: `${called} cannot be read: the head of the trail is gone`,
            remedy
          })
        }
        const checked = yield* Effect.orDie(encode(Effect.isEffect(entry) ? yield* entry : entry))
        const { hash, index, sequence, ...link } = AuditChain.append(last.value, checked)
        const row = { ...link, sequence, hash, at: index.at, action: index.action, window_name: index.window }
        yield* write(sql`INSERT INTO genesys_replay_audit_entry ${sql.insert(row)}`)
        yield* write(
          sql`UPDATE genesys_replay_audit_head SET entries = ${sequence}, hash = ${hash} WHERE trail = 'audit'`
        )
      })
    )
  })

  const conditions = (filter: Filter) =>
    sql.and([
      ...(filter.window === undefined ? [] : [sql`window_name = ${filter.window}`]),
      ...(filter.action === undefined ? [] : [sql`action = ${filter.action}`]),
      ...(filter.since === undefined ? [] : [sql`at >= ${DateTime.toEpochMillis(filter.since)}`]),
      ...(filter.until === undefined ? [] : [sql`at < ${DateTime.toEpochMillis(filter.until)}`])
    ])

  const list: Service["list"] = Effect.fn("AuditTrail.list")(function* (filter = {}) {
    const limit = filter.limit === undefined ? sql.literal("") : sql`LIMIT ${filter.limit}`
    const rows = yield* read(
      entries,
      sql`SELECT * FROM genesys_replay_audit_entry WHERE ${conditions(filter)} ORDER BY sequence DESC ${limit}`
    )
    return rows.map(({ entry }) => entry).reverse()
  })

  const pages = <A extends { readonly sequence: number }, I>(table: Table<A, I>, filter: Filter, start = 0) =>
    Stream.paginateChunkEffect(start, (after) =>
      Effect.map(
        read(
          table,
          sql`SELECT * FROM genesys_replay_audit_entry WHERE sequence > ${after} AND ${conditions(filter)}
            ORDER BY sequence LIMIT ${page}`
        ),
        (found) => [
          Chunk.fromIterable(found),
          Option.map(Option.fromNullable(found.at(-1)), ({ sequence }) => sequence)
        ]
      )
    )

  const chained: Service["chained"] = (filter = {}) =>
    Stream.map(pages(entries, filter), ({ entry, hash, previous, sequence }) => ({ sequence, previous, hash, entry }))

  // Others may append meanwhile: what the head names and was not read yet is read before anything is said about it.
  const readOn = (under: AuditChain.Verification): Effect.Effect<AuditChain.Verdict, StateUnavailable> =>
    Effect.gen(function* () {
      const before = under.reached()
      const isWhole = yield* Stream.runFoldWhile(pages(links, {}, before), true, identity, (_, row) =>
        under.read(linkOf(row))
      )
      const last = Option.getOrUndefined(yield* headOf(head))
      const reached = under.reached()
      const isBehind = isWhole && reached > before && last !== undefined && last.count > reached
      return isBehind ? yield* readOn(under) : under.end(last)
    })
  const verify = Effect.flatMap(headOf(head), (last) =>
    readOn(AuditChain.verification(Option.match(last, { onNone: () => 0, onSome: ({ count }) => count })))
  ).pipe(Effect.withSpan("AuditTrail.verify"))

  const holds: Service["holds"] = Effect.fn("AuditTrail.holds")(function* (hash) {
    if (hash === AuditChain.genesis.hash) return true
    const found = yield* read(
      { row: Schema.Struct({ sequence: SqlInteger }), called },
      sql`SELECT sequence FROM genesys_replay_audit_entry WHERE hash = ${hash}`
    )
    return found.length > 0
  })

  return { record, list, chained, verify, holds } satisfies Service
})

/** The service tag. */
export class AuditTrail extends Context.Tag("@genesys-replay/pipeline/AuditTrail")<AuditTrail, Service>() {
  /** The trail in the database of the context. */
  static readonly layer: Layer.Layer<AuditTrail, never, Database> = Layer.effect(AuditTrail, make)
}

/** What an entry says beyond its window and its action. */
export interface Particulars {
  readonly configId?: string | null | undefined
  /** In milliseconds. */
  readonly latencyMs?: number | null | undefined
  readonly detail?: Readonly<Record<string, unknown>> | undefined
}

/** An entry about a planned window, at the instant of the Clock. */
export const entryFor = (
  window: PlannedWindow.PlannedWindow,
  action: AuditEntry.AuditAction,
  particulars: Particulars = {}
): Effect.Effect<AuditEntry.AuditEntry> =>
  Effect.map(DateTime.now, (now) => ({
    action,
    config_id: particulars.configId ?? null,
    retention_days: window.retentionDays,
    replay_start: Instant.format(window.start),
    topics: window.topics,
    latency_ms: particulars.latencyMs ?? null,
    timestamp: Instant.format(now),
    window: window.name,
    payload_hash: window.payloadHash,
    detail: particulars.detail ?? {}
  }))

/** Records {@link entryFor}. */
export const recordFor = Effect.fn("AuditTrail.recordFor")(function* (
  window: PlannedWindow.PlannedWindow,
  action: AuditEntry.AuditAction,
  particulars: Particulars = {}
) {
  const trail = yield* AuditTrail
  yield* trail.record(entryFor(window, action, particulars))
})
