/** An app that has a database and migrations of its own, with the pipeline beside them; `FIRST` says which of the two makes its tables first. */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import * as PgClient from "@effect/sql-pg/PgClient"
import { ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { Database, ReplayPipeline } from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Config, Console, Effect, Layer } from "effect"

const client = Layer.unwrapEffect(
  Effect.map(Config.string("APP_DATABASE_URL"), (url) =>
    url.startsWith("file:")
      ? LibsqlClient.layerConfig(Config.all({ url: Config.succeed(url) }))
      : PgClient.layerConfig(Config.all({ url: Config.redacted("APP_DATABASE_URL") }))
  )
)

const migrate = Migrator.make({})({
  loader: Migrator.fromRecord({
    "1_orders": Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE orders (id INTEGER)`)
  })
})

const replay = Effect.gen(function* () {
  const spec = yield* ReplaySpec.decode({
    defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events" },
    windows: [{ name: "outage", topics: ["genesys.conversations.message"], start: "-3h" }]
  })
  return yield* ReplayPipeline.apply(yield* ReplayPlan.make(spec), { wait: { interval: "10 millis" } })
})

const program = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO orders ${sql.insert({ id: 7 })}`
  const { results } = yield* replay
  const orders = yield* sql`SELECT id FROM orders`
  const migrations = yield* sql`SELECT name FROM effect_sql_migrations`
  yield* Console.log(JSON.stringify({ outcomes: results.map(({ outcome }) => outcome), orders, migrations }))
})

const app = Layer.effectDiscard(migrate)

const pipeline = Layer.unwrapEffect(
  Effect.map(Config.string("GENESYS_REPLAY_DATABASE_URL"), (url) =>
    ReplayPipeline.ReplayPipeline.layer({ state: Database.Database.layer(url), provider: InMemoryProvider.layer() })
  )
)

const both = Layer.unwrapEffect(
  Effect.map(Config.literal("app", "pipeline")("FIRST"), (first) =>
    first === "app" ? Layer.provideMerge(pipeline, app) : Layer.provideMerge(app, pipeline)
  )
)

const surroundings = Layer.provideMerge(both, Layer.merge(client, NodeContext.layer))

NodeRuntime.runMain(Effect.provide(program, surroundings))
