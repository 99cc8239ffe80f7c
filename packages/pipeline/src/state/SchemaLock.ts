/** The lock under which tables are made, ours and those of the workflow engine: one program at a time. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect, Scope } from "effect"
import * as AdvisoryLock from "./postgres/AdvisoryLock.js"

// PostgreSQL has no protection of its own: `CREATE TABLE IF NOT EXISTS` on two connections at once ends one of them with a
// duplicate key in pg_type.
const onServer = Effect.flatMap(AdvisoryLock.make("migrations"), ({ wait }) => wait)

/** Runs `effect`, which makes tables, while no other program on this database does. `SqlError` where the lock cannot be had. */
export const withLock = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | SqlError, R | SqlClient.SqlClient> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.onDialectOrElse({
      pg: () =>
        Effect.scopedWith((scope) => Effect.zipRight(Effect.provideService(onServer, Scope.Scope, scope), effect)),
      // SQLite has one writer at a time.
      orElse: () => sql.withTransaction(effect)
    })
  )
