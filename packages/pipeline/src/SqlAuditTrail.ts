/** The audit trail in a SQL database. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { AuditEntry } from "@genesys-replay/domain"
import { Chunk, DateTime, Effect, identity, Layer, Option, Schema, Stream } from "effect"
import * as AuditChain from "./AuditChain.js"
import { AuditTrail, type Filter, type Service } from "./AuditTrail.js"
import * as SqlFailure from "./SqlFailure.js"
import { SqlInteger } from "./SqlInteger.js"
import * as SqlTransaction from "./SqlTransaction.js"
import { StateUnavailable } from "./StateUnavailable.js"

/** What the layer needs to know of the database. */
export interface Options {
  /** What the database is called in errors. */
  readonly location: string
}

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
const Links = Schema.Array(LinkRow)
const Heads = Schema.Array(Schema.Struct({ entries: SqlInteger, hash: Schema.String }))
const Entries = Schema.Array(Schema.Struct({ ...LinkRow.fields, entry: Schema.parseJson(AuditEntry.AuditEntry) }))

const linkOf = ({ action, at, window_name, ...link }: typeof LinkRow.Type): AuditChain.Link => ({
  ...link,
  index: { at, action, window: window_name }
})

// How many entries are in memory at a time.
const page = 500

const make = ({ location }: Options) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { atomically } = yield* SqlTransaction.make({ location })
    const explain = SqlFailure.explainAt(location)

    const damaged = (error: { readonly message: string }) =>
      new StateUnavailable({
        operation: "read",
        location,
        reason: `an entry of the audit trail cannot be read: ${error.message}`,
        remedy: "Find the first bad one with `genesys-replay audit verify`, and restore the database from a backup"
      })

    const read = <A, I>(
      rows: Schema.Schema<A, I>,
      statement: Effect.Effect<ReadonlyArray<unknown>, SqlError>,
      operation: "read" | "written" = "read"
    ) =>
      (operation === "read" ? SqlFailure.readAgain(statement) : statement).pipe(
        Effect.mapError(explain(operation)),
        Effect.flatMap((found) => Effect.mapError(Schema.decodeUnknown(rows)(found), damaged))
      )

    const forUpdate = sql.onDialectOrElse({ pg: () => sql.literal("FOR UPDATE"), orElse: () => sql.literal("") })
    const headOf = ([head]: typeof Heads.Type): Option.Option<AuditChain.Head> =>
      head === undefined ? Option.none() : Option.some({ count: head.entries, hash: head.hash })
    const readHead = Effect.map(read(Heads, sql`SELECT entries, hash FROM audit_head WHERE trail = 'audit'`), headOf)
    const lockHead = Effect.map(
      read(Heads, sql`SELECT entries, hash FROM audit_head WHERE trail = 'audit' ${forUpdate}`, "written"),
      headOf
    )

    const record: Service["record"] = Effect.fn("SqlAuditTrail.record")(function* (entry) {
      const checked = yield* Effect.orDie(encode(entry))
      // The row of the head is the lock: on PostgreSQL others wait here, on SQLite there is one writer at a time.
      const append = Effect.gen(function* () {
        const head = yield* Effect.flatMap(lockHead, (found) =>
          Effect.mapError(found, () => damaged({ message: "the head of the trail is gone" }))
        )
        const { hash, index, sequence, ...link } = AuditChain.append(head, checked)
        const row = { ...link, sequence, hash, at: index.at, action: index.action, window_name: index.window }
        yield* Effect.mapError(
          Effect.zipRight(
            sql`INSERT INTO audit_entry ${sql.insert(row)}`,
            sql`UPDATE audit_head SET entries = ${sequence}, hash = ${hash} WHERE trail = 'audit'`
          ),
          explain("written")
        )
      })
      yield* atomically(append)
    })

    const conditions = (filter: Filter) =>
      sql.and([
        ...(filter.window === undefined ? [] : [sql`window_name = ${filter.window}`]),
        ...(filter.action === undefined ? [] : [sql`action = ${filter.action}`]),
        ...(filter.since === undefined ? [] : [sql`at >= ${DateTime.toEpochMillis(filter.since)}`]),
        ...(filter.until === undefined ? [] : [sql`at < ${DateTime.toEpochMillis(filter.until)}`])
      ])

    const list: Service["list"] = Effect.fn("SqlAuditTrail.list")(function* (filter: Filter = {}) {
      const limit = filter.limit === undefined ? sql.literal("") : sql`LIMIT ${filter.limit}`
      const rows = yield* read(
        Entries,
        sql`SELECT * FROM audit_entry WHERE ${conditions(filter)} ORDER BY sequence DESC ${limit}`
      )
      return rows.map(({ entry }) => entry).reverse()
    })

    const pages = <A extends { readonly sequence: number }, I>(
      rows: Schema.Schema<ReadonlyArray<A>, I>,
      filter: Filter,
      start = 0
    ) =>
      Stream.paginateChunkEffect(start, (after) =>
        Effect.map(
          read(
            rows,
            sql`SELECT * FROM audit_entry WHERE sequence > ${after} AND ${conditions(filter)} ORDER BY sequence LIMIT ${page}`
          ),
          (found) => [
            Chunk.fromIterable(found),
            Option.map(Option.fromNullable(found.at(-1)), ({ sequence }) => sequence)
          ]
        )
      )

    const chained: Service["chained"] = (filter = {}) =>
      Stream.map(pages(Entries, filter), ({ entry, hash, previous, sequence }) => ({ sequence, previous, hash, entry }))

    // Others may append meanwhile: what the head names and was not read yet is read before anything is said about it.
    const readOn = (under: AuditChain.Verification): Effect.Effect<AuditChain.Verdict, StateUnavailable> =>
      Effect.gen(function* () {
        const before = under.reached()
        const isWhole = yield* Stream.runFoldWhile(pages(Links, {}, before), true, identity, (_, row) =>
          under.read(linkOf(row))
        )
        const head = Option.getOrUndefined(yield* readHead)
        const reached = under.reached()
        const isBehind = isWhole && reached > before && head !== undefined && head.count > reached
        return isBehind ? yield* readOn(under) : under.end(head)
      })
    const verify = Effect.flatMap(readHead, (head) =>
      readOn(AuditChain.verification(Option.match(head, { onNone: () => 0, onSome: ({ count }) => count })))
    ).pipe(Effect.withSpan("SqlAuditTrail.verify"))

    const holds: Service["holds"] = Effect.fn("SqlAuditTrail.holds")(function* (hash) {
      if (hash === AuditChain.genesis.hash) return true
      const found = yield* Effect.mapError(sql`SELECT sequence FROM audit_entry WHERE hash = ${hash}`, explain("read"))
      return found.length > 0
    })

    return { record, list, chained, verify, holds } satisfies Service
  })

/** The trail over a database that `Migrations.run` has prepared, as `Database` does. */
export const layer = (options: Options): Layer.Layer<AuditTrail, never, SqlClient.SqlClient> =>
  Layer.effect(AuditTrail, make(options))
