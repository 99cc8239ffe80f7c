/** Replays an outage and proves that all of it came back: one step of a program of its own. */
import { FetchHttpClient } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { LogSource, ReplayCompleteness } from "@genesys-replay/eventlog"
import { Genesys } from "@genesys-replay/genesys"
import { CallbackSink, ReplayPipeline, SyncSink } from "@genesys-replay/pipeline"
import { Console, Effect, Layer } from "effect"

export const replayOutage = Effect.fn("replayOutage")(function* (captured: string) {
  const spec = yield* ReplaySpec.decode({
    defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events" },
    windows: [{ name: "outage", topics: ["genesys.conversations.message"], start: "-3h" }]
  })
  const plan = yield* ReplayPlan.make(spec) // fails with every rule that the spec breaks
  return yield* ReplayPipeline.apply(plan, {
    wait: true,
    verify: (replay) => ReplayCompleteness.measure(replay, [LogSource.file(captured)])
  })
})

const dashboard = CallbackSink.fromEffect("dashboard", (document) => Console.log(JSON.stringify(document)))
const sinks = SyncSink.SyncSinks.layerOf(dashboard)

/** Credentials and the database come from the environment. For a test, put another HttpClient here. */
export const live = ReplayPipeline.ReplayPipeline.layerConfig({ sinks }).pipe(
  Layer.provideMerge(Genesys.layer),
  Layer.provideMerge(Layer.merge(FetchHttpClient.layer, NodeContext.layer))
)
