/**
 * Connections to a PostgreSQL server whose statements nobody cancels.
 *
 * @effect/sql-pg answers an interruption with `pg_cancel_backend` from another connection of the pool. By the time the server
 * acts on it the connection can be back in the pool, and the statement of another fiber is cancelled instead (SQLSTATE 57014;
 * https://github.com/Effect-TS/effect/issues/8068, mended in Effect 4 only). So a statement that has begun is waited for: it is
 * short, and the limits of `PostgresDatabase` end it. Only waiting for a connection can be interrupted.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type * as SqlConnection from "@effect/sql/SqlConnection"
import { Effect } from "effect"
import * as FairLock from "./FairLock.js"

type Connection = SqlConnection.Connection

const uncancelled = (connection: Connection): Connection => ({
  execute: (...statement) => Effect.uninterruptible(connection.execute(...statement)),
  executeRaw: (...statement) => Effect.uninterruptible(connection.executeRaw(...statement)),
  executeValues: (...statement) => Effect.uninterruptible(connection.executeValues(...statement)),
  executeUnprepared: (...statement) => Effect.uninterruptible(connection.executeUnprepared(...statement)),
  // Read by a cursor, which is closed and not cancelled.
  executeStream: (...statement) => connection.executeStream(...statement)
})

/**
 * One connection of the client's pool for as long as the scope is open, and never more than `most` at the same time. Who has to
 * wait waits here, in order and without a limit: the pool would count the wait as time to connect, and give up.
 */
export const acquirer = (client: SqlClient.SqlClient, most: number): SqlConnection.Connection.Acquirer => {
  const connections = FairLock.make(most)
  return Effect.uninterruptibleMask((restore) =>
    Effect.zipRight(
      Effect.acquireRelease(connections.take(restore), (release) => release),
      // Left in the middle, the pool would never see the connection again.
      Effect.map(client.reserve, uncancelled)
    )
  )
}
