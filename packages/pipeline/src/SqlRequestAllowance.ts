/**
 * The allowance of requests in the database that runners share. One statement for each call, so that nothing is read that
 * another runner changes before it is written; the rules are those of `AllowanceWindow`, said in SQL.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { AllowanceWindow, RequestAllowance } from "@genesys-replay/domain"
import { Clock, type Context, Duration, Effect, Layer, Schedule, Schema } from "effect"
import * as SqlFailure from "./SqlFailure.js"
import { SqlInteger } from "./SqlInteger.js"

/** The table, for `Migrations`: a row for each platform and OAuth client. It holds no secret. */
export const createTable: Effect.Effect<void, SqlError, SqlClient.SqlClient> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  // `granted` is what the last statement took: the only way for it to say so.
  yield* sql`CREATE TABLE request_allowance (
    allowance_key VARCHAR(400) PRIMARY KEY,
    allowed INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    granted INTEGER NOT NULL,
    ends_by BIGINT NOT NULL,
    assumed INTEGER NOT NULL,
    closed_until BIGINT NOT NULL
  )`
})

const Row = Schema.Struct({
  allowed: SqlInteger,
  taken: SqlInteger,
  granted: SqlInteger,
  ends_by: SqlInteger,
  assumed: SqlInteger,
  closed_until: SqlInteger
})

const decode = Schema.decodeUnknown(Schema.Tuple(Row))

/** What the layer needs to know of the database. */
export interface Options {
  /** What the database is called in errors. */
  readonly location: string
}

const afterBusy = Schedule.spaced(Duration.millis(50))

const make = ({ location }: Options) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const explain = SqlFailure.explainAt(location)("written")
    const unavailable = (reason: string) => new RequestAllowance.AllowanceUnavailable({ reason })

    // Whoever asks has a patience of its own: a busy database is asked until then. The statement takes no part in a transaction
    // that the asker may be in: others are to see at once what was taken.
    const context = yield* Effect.context<never>()
    const asked = <A>(statement: Effect.Effect<A, SqlError>) =>
      statement.pipe(
        Effect.mapInputContext((_: Context.Context<never>) => context),
        Effect.retry({ while: SqlFailure.isBusy, schedule: afterBusy }),
        Effect.mapError((error) => unavailable(explain(error).reason))
      )

    const r = sql.literal("request_allowance")
    const running = (now: number) => sql`${r}.ends_by > ${now}`
    const closed = (now: number) => sql`${r}.closed_until > ${now}`
    const takenNow = (now: number) => sql`CASE WHEN ${running(now)} THEN ${r}.taken ELSE 0 END`
    const permits = (wanted: number, now: number) =>
      sql`CASE WHEN ${closed(now)} OR ${r}.allowed <= ${takenNow(now)} THEN 0
        WHEN ${r}.allowed - ${takenNow(now)} < ${wanted} THEN ${r}.allowed - ${takenNow(now)}
        ELSE ${wanted} END`

    const take: RequestAllowance.Service["take"] = Effect.fn("SqlRequestAllowance.take", { root: true })(
      function* (key, wanted) {
        const now = Math.floor(yield* Clock.currentTimeMillis)
        const [taken] = AllowanceWindow.take(AllowanceWindow.unused, wanted, now)
        const rows = yield* asked(
          sql`INSERT INTO request_allowance ${sql.insert({
            allowance_key: key,
            allowed: taken.allowed,
            taken: taken.taken,
            granted: taken.permits,
            ends_by: taken.until,
            assumed: 1,
            closed_until: 0
          })}
          ON CONFLICT (allowance_key) DO UPDATE SET
            granted = ${permits(wanted, now)},
            taken = CASE WHEN ${closed(now)} THEN ${r}.taken ELSE ${takenNow(now)} + ${permits(wanted, now)} END,
            ends_by = CASE WHEN ${closed(now)} OR ${running(now)} THEN ${r}.ends_by ELSE ${now + AllowanceWindow.assumedLength} END,
            assumed = CASE WHEN ${closed(now)} OR ${running(now)} THEN ${r}.assumed ELSE 1 END
          RETURNING allowed, taken, granted, ends_by, assumed, closed_until`
        )
        const [row] = yield* Effect.mapError(decode(rows), ({ message }) => unavailable(message))
        return {
          permits: row.granted,
          until: row.closed_until > now ? row.closed_until : row.ends_by,
          allowed: row.allowed,
          taken: row.taken,
          assumed: row.assumed === 1
        }
      }
    )

    const learn: RequestAllowance.Service["learn"] = Effect.fn("SqlRequestAllowance.learn", { root: true })(
      function* (key, news) {
        const now = Math.floor(yield* Clock.currentTimeMillis)
        if (news._tag === "Closed") {
          const until = Math.ceil(news.until)
          yield* asked(
            sql`INSERT INTO request_allowance ${sql.insert({
              allowance_key: key,
              allowed: AllowanceWindow.assumedAllowed,
              taken: 0,
              granted: 0,
              ends_by: 0,
              assumed: 1,
              closed_until: until
            })}
            ON CONFLICT (allowance_key) DO UPDATE SET
              taken = 0,
              ends_by = CASE WHEN ${running(now)} THEN ${now} ELSE ${r}.ends_by END,
              closed_until = CASE WHEN ${r}.closed_until > ${until} THEN ${r}.closed_until ELSE ${until} END`
          )
          return
        }
        const { allowed, count } = news
        const endsBy = Math.ceil(news.endsBy)
        if (endsBy <= now) return
        yield* asked(
          sql`INSERT INTO request_allowance ${sql.insert({
            allowance_key: key,
            allowed,
            taken: count,
            granted: 0,
            ends_by: endsBy,
            assumed: 0,
            closed_until: 0
          })}
          ON CONFLICT (allowance_key) DO UPDATE SET
            allowed = ${allowed},
            taken = CASE WHEN ${running(now)} AND ${r}.taken > ${count} THEN ${r}.taken ELSE ${count} END,
            ends_by = CASE WHEN ${running(now)} AND ${r}.assumed = 0 AND ${r}.ends_by < ${endsBy} THEN ${r}.ends_by ELSE ${endsBy} END,
            assumed = 0
          WHERE NOT (${running(now)} AND ${r}.assumed = 0 AND ${r}.ends_by < ${Math.floor(news.endsFrom)})`
        )
      }
    )

    return { take, learn } satisfies RequestAllowance.Service
  })

/** The allowance in a database that `Migrations.run` has prepared, as `Database` does: shared by all who use that database. */
export const layer = (options: Options): Layer.Layer<RequestAllowance.RequestAllowance, never, SqlClient.SqlClient> =>
  Layer.effect(RequestAllowance.RequestAllowance, make(options))
