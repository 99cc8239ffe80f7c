/** An app that has a durable workflow engine, a database for it and a tracer, and lets the pipeline's windows run in that engine. */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import { ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { Database, ReplayPipeline } from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Config, Console, Duration, Effect, Layer, Option, Tracer } from "effect"

const groups = Config.withDefault(Config.array(Config.string(), "SHARD_GROUPS"), ["default"])

const engine = ClusterWorkflowEngine.layer.pipe(
  Layer.provide(
    Layer.unwrapEffect(
      Effect.map(groups, (all) =>
        SingleRunner.layer({
          runnerStorage: "memory",
          shardingConfig: {
            availableShardGroups: all,
            assignedShardGroups: all,
            entityMessagePollInterval: Duration.millis(100)
          }
        })
      )
    )
  ),
  Layer.provide(
    LibsqlClient.layerConfig(
      Config.all({ url: Config.string("APP_DATABASE_URL"), intMode: Config.succeed("bigint" as const) })
    )
  )
)

const pipeline = Layer.unwrapEffect(
  Effect.gen(function* () {
    const shardGroup = Option.getOrUndefined(yield* Config.option(Config.string("SHARD_GROUP")))
    return ReplayPipeline.ReplayPipeline.layer({
      state: Database.Database.layer(yield* Config.string("GENESYS_REPLAY_DATABASE_URL")),
      provider: InMemoryProvider.layer(),
      engine,
      shardGroup,
      shardGroupTimeout: yield* Config.withDefault(Config.duration("SHARD_GROUP_TIMEOUT"), Duration.minutes(1))
    })
  })
)

const spans: Array<Tracer.Span> = []

const tracer = Layer.unwrapEffect(
  Effect.map(Effect.tracer, (native) =>
    Layer.setTracer(
      Tracer.make({
        context: native.context,
        span: (...of) => {
          const span = native.span(...of)
          spans.push(span)
          return span
        }
      })
    )
  )
)

const replay = Effect.gen(function* () {
  const spec = yield* ReplaySpec.decode({
    defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events" },
    windows: ["a", "b"].map((name) => ({ name, topics: [`genesys.conversations.${name}`], start: "-3h" }))
  })
  return yield* ReplayPipeline.apply(yield* ReplayPlan.make(spec), { wait: { interval: "10 millis" } })
}).pipe(Effect.withSpan("app.replay"))

const program = Effect.gen(function* () {
  const { results } = yield* replay
  const asked = spans.find(({ name }) => name === "app.replay")?.traceId
  const of = (name: string) => spans.filter((span) => span.name === name)
  yield* Console.log(
    JSON.stringify({
      outcomes: results.map(({ outcome }) => outcome),
      traces: new Set(of("ReplayWorkflow.steps").map(({ traceId }) => traceId)).size,
      linked: of("ReplayWorkflow.steps").every(({ links }) => links.some(({ span }) => span.traceId === asked)),
      apart: of("ReplayWorkflow.submit").every(({ traceId }) =>
        of("ReplayWorkflow.steps").some((steps) => steps.traceId === traceId)
      )
    })
  )
})

const surroundings = pipeline.pipe(Layer.provide(NodeContext.layer), Layer.provideMerge(tracer))

const told = Effect.catchTag(program, "ShardGroupUnserved", ({ _tag, shardGroup }) =>
  Console.log(JSON.stringify({ tag: _tag, shardGroup }))
)

NodeRuntime.runMain(Effect.provide(told, surroundings))
