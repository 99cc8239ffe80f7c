/** The state database on a PostgreSQL server, which several machines share. Loaded only where a URL names one. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as PgClient from "@effect/sql-pg/PgClient"
import { Duration, Effect, Redacted, type Scope } from "effect"
import * as PostgresConnection from "./PostgresConnection.js"

/** How the server is spoken to. */
export interface Options {
  /** How long connecting may take; 10 seconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /** How long a server that is away is waited for before work stops; 30 seconds. Not when the database is opened. */
  readonly reconnect?: Duration.DurationInput | undefined
}

/** How many connections a process has at the most. */
export const connections = 10

/**
 * What keeps every statement short, in milliseconds, as the driver reads it from a URL. One that the URL sets itself wins; one that
 * it leaves empty (`statement_timeout=`) is not sent, for a pooler between that knows no such setting.
 */
export const limits: Readonly<Record<string, number>> = {
  // The server ends a statement that takes longer, waiting for locks included.
  statement_timeout: 30_000,
  // A process that sleeps in the middle of a transaction keeps its locks from nobody for longer.
  idle_in_transaction_session_timeout: 60_000,
  // A server that does not answer at all: the network between is gone, and nobody has said so.
  query_timeout: 35_000
}

const limited = (url: Redacted.Redacted): Redacted.Redacted => {
  const whole = new URL(Redacted.value(url))
  for (const [name, limit] of Object.entries(limits)) {
    if (!whole.searchParams.has(name)) whole.searchParams.set(name, String(limit))
  }
  return Redacted.make(whole.href)
}

/** The SQL client of a server: a pool of {@link connections}. `SqlError` where it cannot be reached or refuses. */
export const make: (
  url: Redacted.Redacted,
  options?: Options
) => Effect.Effect<SqlClient.SqlClient, SqlError, Reactivity.Reactivity | Scope.Scope> = Effect.fn(
  "PostgresClient.make"
)(function* (url: Redacted.Redacted, options: Options = {}) {
  const client = yield* PgClient.make({
    url: limited(url),
    applicationName: "genesys-replay",
    connectTimeout: options.connectTimeout ?? Duration.seconds(10),
    maxConnections: connections
  })
  return yield* SqlClient.make({
    acquirer: PostgresConnection.acquirer(client, {
      most: connections,
      reconnect: Duration.decode(options.reconnect ?? "30 seconds")
    }),
    compiler: PgClient.makeCompiler(),
    spanAttributes: [["db.system.name", "postgresql"]]
  })
})
