/**
 * Connections to a PostgreSQL server whose statements nobody cancels, and which are waited for while the server is away.
 *
 * @effect/sql-pg answers an interruption with `pg_cancel_backend` from another connection of the pool. By the time the server
 * acts on it the connection can be back in the pool, and the statement of another fiber is cancelled instead (SQLSTATE 57014;
 * https://github.com/Effect-TS/effect/issues/8068, mended in Effect 4 only). So a statement that has begun is waited for: it is
 * short, and the limits of `PostgresClient` end it. Only waiting for a connection can be interrupted.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type * as SqlConnection from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import { Clock, Duration, Effect, type Scope } from "effect"
import * as FairLock from "../FairLock.js"
import * as SqlFailure from "../SqlFailure.js"

type Connection = SqlConnection.Connection

const undoes = /^\s*ROLLBACK\s*$/i

// The server has undone what a connection that broke was in the middle of. Effect's client would die of not being able to say so.
const undone = (statement: string, run: ReturnType<Connection["executeUnprepared"]>) =>
  undoes.test(statement) ? Effect.catchIf(run, SqlFailure.isAway, () => Effect.succeed([])) : run

const uncancelled = (connection: Connection): Connection => ({
  execute: (...statement) => Effect.uninterruptible(connection.execute(...statement)),
  executeRaw: (...statement) => Effect.uninterruptible(connection.executeRaw(...statement)),
  executeValues: (...statement) => Effect.uninterruptible(connection.executeValues(...statement)),
  executeUnprepared: (...statement) =>
    Effect.uninterruptible(undone(statement[0], connection.executeUnprepared(...statement))),
  // Read by a cursor, which is closed and not cancelled.
  executeStream: (...statement) => connection.executeStream(...statement)
})

/** How long and how often. */
export interface Options {
  /** Connections at the same time. */
  readonly most: number
  /** How long a server that is away is waited for, from when that was noticed first. After that everything fails at once. */
  readonly reconnect: Duration.Duration
}

const pause = Duration.millis(250)

/**
 * One connection of the client's pool for as long as the scope is open, and never more than `most` at the same time. Who has to
 * wait waits here, in order and without a limit: the pool would count the wait as time to connect, and give up.
 */
export const acquirer = (
  client: SqlClient.SqlClient,
  { most, reconnect }: Options
): SqlConnection.Connection.Acquirer => {
  const connections = FairLock.make(most)
  let awaySince: number | undefined
  const connect = (
    restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  ): Effect.Effect<Connection, SqlError, Scope.Scope> =>
    // Left in the middle, the pool would never see the connection again.
    Effect.matchEffect(client.reserve, {
      onSuccess: (connection) =>
        Effect.gen(function* () {
          if (awaySince !== undefined) yield* Effect.logInfo("the database is there again")
          awaySince = undefined
          return uncancelled(connection)
        }),
      onFailure: (error) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const isNews = awaySince === undefined
          awaySince ??= now
          if (!SqlFailure.isAway(error) || now - awaySince >= Duration.toMillis(reconnect)) return yield* error
          if (isNews) {
            yield* Effect.logWarning(
              `the database is away: it is waited for, for ${Duration.format(reconnect)} at most`
            )
          }
          yield* restore(Effect.sleep(pause))
          return yield* connect(restore)
        })
    })
  return Effect.uninterruptibleMask((restore) =>
    Effect.zipRight(
      Effect.acquireRelease(connections.take(restore), (release) => release),
      connect(restore)
    )
  )
}
