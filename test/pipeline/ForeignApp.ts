/** An app that uses the same database for things of its own, and has migrations by @effect/sql as anybody would. */
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect } from "effect"

/** The app's migrations, in the table that @effect/sql takes unless told. Answers those that were made. */
export const migrate = Migrator.make({})({
  loader: Migrator.fromRecord({
    "0001_orders": Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE orders (id INTEGER)`)
  })
})
