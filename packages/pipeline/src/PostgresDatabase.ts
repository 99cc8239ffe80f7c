/** The state database on a PostgreSQL server, which several machines share. Loaded only where a URL names one. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as PgClient from "@effect/sql-pg/PgClient"
import { Duration, Effect, type Redacted, type Scope } from "effect"

/** How the server is spoken to. */
export interface Options {
  /** How long connecting may take; 5 seconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
}

/** The SQL client of a server: a pool of ten connections. `SqlError` where it cannot be reached or refuses. */
export const make: (
  url: Redacted.Redacted,
  options?: Options
) => Effect.Effect<SqlClient.SqlClient, SqlError, Reactivity.Reactivity | Scope.Scope> = Effect.fn(
  "PostgresDatabase.make"
)(function* (url: Redacted.Redacted, options: Options = {}) {
  return yield* PgClient.make({
    url,
    applicationName: "genesys-replay",
    connectTimeout: options.connectTimeout ?? Duration.seconds(5),
    maxConnections: 10
  })
})
