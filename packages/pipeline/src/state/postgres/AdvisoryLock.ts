/**
 * A lock of PostgreSQL by name: one program at a time, whatever machine it runs on. It belongs to a transaction of a connection of its
 * own, so that it ends with the process, and is safe behind a pooler that gives a connection to others between transactions.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect, Predicate, type Scope } from "effect"

/** The connection that holds the lock, or could have held it. */
interface Holder {
  /** Whether the lock is held now; asks for it where it is not. */
  readonly attempt: Effect.Effect<boolean, SqlError>
  /** Waits for the lock. */
  readonly wait: Effect.Effect<void, SqlError>
  /** Fails where the connection, and the lock with it, is gone. */
  readonly check: Effect.Effect<void, SqlError>
}

/** A connection for the lock of this name, which must be of letters, digits, blanks and hyphens; the lock is given back with the scope. */
export const make = (name: string): Effect.Effect<Holder, SqlError, SqlClient.SqlClient | Scope.Scope> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const connection = yield* sql.reserve
    // A statement that is interrupted is cancelled late, and another one in its place.
    const run = (statement: string) => Effect.uninterruptible(connection.executeUnprepared(statement, [], undefined))
    yield* Effect.acquireRelease(run("BEGIN"), () => Effect.ignore(run("ROLLBACK")))
    const key = `hashtext('genesys-replay ${name}')`
    return {
      attempt: Effect.map(
        run(`SELECT pg_try_advisory_xact_lock(${key}) AS held`),
        ([row]) => Predicate.hasProperty(row, "held") && row.held === true
      ),
      wait: Effect.asVoid(run(`SELECT pg_advisory_xact_lock(${key})`)),
      check: Effect.asVoid(run("SELECT 1"))
    }
  })
