/** An app that plans for one provider and provides another. */
import { HttpClient } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { Genesys } from "@genesys-replay/genesys"
import { Database, ReplayPipeline, Runs } from "@genesys-replay/pipeline"
import { Console, Effect, Layer, Redacted, Ref } from "effect"

const program = Effect.gen(function* () {
  const requests = yield* Ref.make(0)
  const client = HttpClient.make(() =>
    Effect.zipRight(
      Ref.update(requests, (n) => n + 1),
      Effect.never
    )
  )
  const genesys = Genesys.layerOf({
    apiUrl: "https://api.example.test",
    loginUrl: "https://login.example.test",
    clientId: "client",
    clientSecret: Redacted.make("secret"),
    scope: ""
  }).pipe(Layer.provide(Layer.succeed(HttpClient.HttpClient, client)))
  const pipeline = ReplayPipeline.ReplayPipeline.layer({ state: Database.Database.layerMemory, provider: genesys })
  yield* Effect.gen(function* () {
    const spec = yield* ReplaySpec.decode({
      provider: "eventbridge",
      defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events" },
      windows: [{ name: "outage", topics: ["v2.users.{id}.presence"], start: "-3h", end: "-1h" }]
    })
    const tag = yield* ReplayPipeline.apply(yield* ReplayPlan.make(spec)).pipe(
      Effect.as("none"),
      Effect.catchTag("ProviderMismatch", (error) => Effect.succeed(error._tag))
    )
    const written = yield* Effect.flatMap(Runs.Runs, (runs) => runs.list())
    yield* Console.log(JSON.stringify({ tag, written: written.length, requests: yield* Ref.get(requests) }))
  }).pipe(Effect.provide(pipeline))
})

NodeRuntime.runMain(Effect.provide(program, NodeContext.layer))
