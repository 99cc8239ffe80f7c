/**
 * The allowance of requests in the database that runners share: the row of a key is read, changed as `AllowanceWindow` says, and
 * written, in a transaction of its own.
 */
import { AllowanceWindow, RequestAllowance } from "@genesys-replay/domain"
import { Clock, Effect, Layer, Schema } from "effect"
import { Database } from "./Database.js"
import { SqlInteger } from "./SqlInteger.js"

const windows = {
  row: Schema.Struct({
    allowed: SqlInteger,
    taken: SqlInteger,
    ends_by: SqlInteger,
    assumed: SqlInteger,
    closed_until: SqlInteger
  }),
  called: "the allowance of requests"
}

type Row = typeof windows.row.Type

const windowOf = (row: Row | undefined): AllowanceWindow.AllowanceWindow =>
  row === undefined
    ? AllowanceWindow.unused
    : {
        allowed: row.allowed,
        taken: row.taken,
        endsBy: row.ends_by,
        assumed: row.assumed === 1,
        closedUntil: row.closed_until
      }

const rowOf = ({ allowed, assumed, closedUntil, endsBy, taken }: AllowanceWindow.AllowanceWindow): Row => ({
  allowed,
  taken,
  ends_by: Math.ceil(endsBy),
  assumed: assumed ? 1 : 0,
  closed_until: Math.ceil(closedUntil)
})

const make = Effect.map(Database, ({ apart, atomically, forUpdate, read, sql, write }) => {
  const changed = <A>(
    key: string,
    change: (window: AllowanceWindow.AllowanceWindow, now: number) => readonly [A, AllowanceWindow.AllowanceWindow]
  ) =>
    atomically(
      Effect.gen(function* () {
        const now = Math.floor(yield* Clock.currentTimeMillis)
        // There is a row to lock, whoever is first.
        yield* write(
          sql`INSERT INTO genesys_replay_request_allowance
            ${sql.insert({ allowance_key: key, ...rowOf(AllowanceWindow.unused) })} ON CONFLICT (allowance_key) DO NOTHING`
        )
        const [row] = yield* read(
          windows,
          sql`SELECT allowed, taken, ends_by, assumed, closed_until FROM genesys_replay_request_allowance
            WHERE allowance_key = ${key} ${forUpdate}`
        )
        const [answer, after] = change(windowOf(row), now)
        yield* write(
          sql`UPDATE genesys_replay_request_allowance SET ${sql.update(rowOf(after))} WHERE allowance_key = ${key}`
        )
        return answer
      })
    ).pipe(
      // No part of the transaction that the asker may be in: others are to see at once what was taken.
      Effect.mapError(({ reason }) => new RequestAllowance.AllowanceUnavailable({ reason })),
      apart
    )
  return {
    take: Effect.fn("SharedAllowance.take", { root: true })((key: string, wanted: number) =>
      changed(key, (window, now) => AllowanceWindow.take(window, wanted, now))
    ),
    learn: Effect.fn("SharedAllowance.learn", { root: true })((key: string, news: AllowanceWindow.News) =>
      changed(key, (window, now) => [undefined, AllowanceWindow.learn(window, news, now)])
    )
  } satisfies RequestAllowance.Service
})

/** Shared by all who use the database of the context. */
export const layer: Layer.Layer<RequestAllowance.RequestAllowance, never, Database> = Layer.effect(
  RequestAllowance.RequestAllowance,
  make
)
