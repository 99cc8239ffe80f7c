/** Transactions in a SQL database. */
import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import { Data, Duration, Effect, FiberRef, Layer, Option, Schedule } from "effect"
import * as SqlFailure from "./SqlFailure.js"
import type { StateUnavailable } from "./StateUnavailable.js"
import { type Service, Transaction } from "./Transaction.js"

/** What the layer needs to know of the database. */
export interface Options {
  /** What the database is called in errors. */
  readonly location: string
}

// Keeps the failures of the changes apart from those of the transaction.
class Refused<E> extends Data.TaggedClass("Refused")<{ readonly error: E }> {}

const nested = FiberRef.unsafeMake(false)

const afterConflict = Schedule.exponential(Duration.millis(10)).pipe(
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(8))
)

/** {@link Service.atomically} over the SQL client in the context. */
export const make = (options: Options): Effect.Effect<Service, never, SqlClient.SqlClient> =>
  Effect.map(SqlClient.SqlClient, (sql) => {
    const unavailable = SqlFailure.explainAt(options.location)("written")
    const atomically: Service["atomically"] = (changes) => {
      const whole = sql
        .withTransaction(Effect.mapError(changes, (error) => new Refused({ error })))
        .pipe(Effect.mapError((error) => (error instanceof SqlError ? unavailable(error) : error.error)))
      // A commit that fails is a defect to Effect's client. Whether it took effect nobody knows, so it is not made again.
      const withCommit = <A, E, R>(
        work: Effect.Effect<A, E | StateUnavailable, R>
      ): Effect.Effect<A, E | StateUnavailable, R> =>
        Effect.catchSomeDefect(work, (defect) =>
          defect instanceof SqlError ? Option.some(Effect.fail(unavailable(defect))) : Option.none()
        )
      // Where the connection broke before the commit nothing is kept: the changes are made again on another one.
      const again = Effect.retry(whole, { while: SqlFailure.isAway, times: 2 })
      return Effect.flatMap(FiberRef.get(nested), (isNested) =>
        isNested
          ? withCommit(whole)
          : Effect.locally(
              Effect.retry(withCommit(again), { while: SqlFailure.isConflict, schedule: afterConflict }),
              nested,
              true
            )
      )
    }
    return { atomically }
  })

/**
 * Transactions of the database that the SQL client speaks to. Where PostgreSQL breaks one off because another was in its way
 * (a deadlock, a serialization failure), or the connection breaks before the commit, the changes are made again, from their
 * beginning; so they change nothing but what is kept. `StateUnavailable` where the database refuses.
 */
export const layer = (options: Options): Layer.Layer<Transaction, never, SqlClient.SqlClient> =>
  Layer.effect(Transaction, make(options))
