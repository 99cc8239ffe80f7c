/**
 * A SQL client that stops at the first outage of the database that does not pass: it tells of that one, and refuses everything after it. It is for the
 * workflow engine, which tries a few times to keep what it must keep and then goes on without: whoever waits for what was not kept
 * would wait for ever, and to the next start what was kept after it would look as if nothing were missing.
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import type { Compiler } from "@effect/sql/Statement"
import { Cause, Effect, Layer } from "effect"
import * as SqlFailure from "../state/SqlFailure.js"

/** How the client is made. */
export interface Options {
  /** What writes statements in the language of the database. */
  readonly compiler: Compiler
  /** Told once, with what the database failed with. */
  readonly onOutage: (outage: SqlError) => Effect.Effect<void>
}

const make = ({ compiler, onOutage }: Options) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    let outage: SqlError | undefined

    // A commit that fails is a defect to Effect's client: so causes are looked at, and not only errors.
    const note = (cause: Cause.Cause<unknown>) =>
      Effect.suspend(() => {
        const error = Cause.squash(cause)
        if (outage !== undefined || !SqlFailure.isOutage(error)) return Effect.void
        outage = new SqlError({ cause: error, message: "The database cannot be used" })
        return onOutage(outage)
      })
    const guarded = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
      Effect.suspend(
        (): Effect.Effect<A, E | SqlError, R> =>
          outage === undefined ? Effect.tapErrorCause(work, note) : Effect.fail(outage)
      )

    // On a connection that broke nobody knows whether the statement took effect. The engine is made for doing everything twice, and
    // would do so itself; it is done for it here, as it gives up after a few times.
    const lasting = <A>(one: Connection, run: (connection: Connection) => Effect.Effect<A, SqlError>) =>
      guarded(
        Effect.catchIf(run(one), SqlFailure.isAway, () =>
          Effect.retry(Effect.scoped(Effect.flatMap(sql.reserve, run)), { while: SqlFailure.isAway, times: 2 })
        )
      )

    // Statements of a transaction do not come by here: they have the client's own connection.
    const connection = (one: Connection): Connection => ({
      execute: (...given) => lasting(one, (connection) => connection.execute(...given)),
      executeRaw: (...given) => lasting(one, (connection) => connection.executeRaw(...given)),
      executeValues: (...given) => lasting(one, (connection) => connection.executeValues(...given)),
      executeUnprepared: (...given) => lasting(one, (connection) => connection.executeUnprepared(...given)),
      executeStream: (...given) => one.executeStream(...given)
    })
    const client = yield* SqlClient.make({
      acquirer: guarded(Effect.map(sql.reserve, connection)),
      compiler,
      spanAttributes: []
    })
    return Object.assign(client, {
      withTransaction: <R, E, A>(effect: Effect.Effect<A, E, R>) =>
        guarded(Effect.retry(sql.withTransaction(effect), { while: SqlFailure.isAway, times: 2 }))
    })
  })

/** The client in the context, made so. */
export const layer = (options: Options): Layer.Layer<SqlClient.SqlClient, never, SqlClient.SqlClient> =>
  Layer.effect(SqlClient.SqlClient, make(options)).pipe(Layer.provide(Reactivity.layer))
