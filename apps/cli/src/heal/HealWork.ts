/** What a heal needs of files, queues and providers, put together for the pipeline. */
import { HealPlan, type ReplaySpec } from "@genesys-replay/domain"
import { Capture, type CaptureError, CaptureQueue, CaptureQueueUrl } from "@genesys-replay/eventbridge"
import type { AwsMisconfigured } from "@genesys-replay/eventbridge/EventBridgeConfig"
import type { Heal } from "@genesys-replay/pipeline"
import { Duration, Effect, Option } from "effect"
import * as SpecSource from "../spec/SpecSource.js"
import { duration } from "../terminal/DurationText.js"
import * as OutputFile from "../terminal/OutputFile.js"
import type { Asked } from "./HealArguments.js"
import * as HealConsumer from "./HealConsumer.js"
import * as HealFiles from "./HealFiles.js"
import * as Measures from "./Measures.js"

// An Event Streams replay reaches back as far as the window's events are kept, and goes up to now.
const eventStreams = ({ window }: Heal.Healed): HealPlan.ReplaySource => ({
  ...HealPlan.everything,
  retention: Option.some(Duration.days(window.retentionDays)),
  delay: Duration.zero,
  reach: "to-now"
})

const archive = (healed: Heal.Healed) =>
  Effect.gen(function* () {
    const [ArchiveSource, { EventBridgeClients }, { EventBridgeConfig }] = yield* Effect.promise(() =>
      Promise.all([
        import("@genesys-replay/eventbridge/ArchiveSource"),
        import("@genesys-replay/eventbridge/EventBridgeClients"),
        import("@genesys-replay/eventbridge/EventBridgeConfig")
      ])
    )
    return yield* ArchiveSource.ofWindow(healed.window).pipe(
      Effect.provide([EventBridgeClients.layer, EventBridgeConfig.layerOf()])
    )
  })

type Looking = ReturnType<typeof archive> | ReturnType<ReturnType<typeof Measures.measure>>

type Handing = ReturnType<ReturnType<typeof HealConsumer.resend>>

/** What the steps of a heal can fail with here. */
export type HealWorkError = Effect.Effect.Error<Looking | Handing> | CaptureError.CaptureError | AwsMisconfigured

/** What they need. */
export type HealWorkNeeds = Effect.Effect.Context<Looking | Handing>

/** What is told while it goes on. */
export interface Listeners {
  readonly onProgress: NonNullable<Heal.Options<never, never>["onProgress"]>
  readonly onCapture: (progress: Capture.Progress) => Effect.Effect<void>
}

/** What is measured and planned: enough for a dry run. */
export const look = Effect.fn("HealWork.look")(function* (key: string, spec: ReplaySpec.ReplaySpec, asked: Asked) {
  const work: Pick<
    Heal.Options<HealWorkError, HealWorkNeeds>,
    "key" | "measure" | "planOptions" | "source" | "spec"
  > = {
    key,
    spec,
    planOptions: yield* SpecSource.planOptions,
    source: (healed: Heal.Healed) =>
      spec.provider === "genesys" ? Effect.succeed(eventStreams(healed)) : archive(healed),
    measure: Measures.measure(asked, yield* HealFiles.directory)
  }
  return work
})

/** The heal that was asked for. */
export const make = Effect.fn("HealWork.make")(function* (
  key: string,
  spec: ReplaySpec.ReplaySpec,
  asked: Asked,
  { onCapture, onProgress }: Listeners
) {
  const { captured: out, idle, maxEvents, rounds, to } = asked
  const queue = yield* CaptureQueueUrl.parse(asked.queue)
  const inputs = [...asked.against, ...asked.records]
  yield* OutputFile.prepare(out, { inputs, isLines: true })
  if (to !== null) yield* HealConsumer.check(to)
  const work: Heal.Options<HealWorkError, HealWorkNeeds> = {
    ...(yield* look(key, spec, asked)),
    asked,
    rounds,
    maxEvents: maxEvents ?? undefined,
    onProgress,
    capture: (replaying) =>
      Capture.run({
        queue: queue.url,
        out,
        idle: Option.getOrElse(duration(idle), () => Duration.seconds(30)),
        until: replaying,
        onProgress: onCapture
      }).pipe(Effect.provide(CaptureQueue.QueueClient.layer(queue))),
    resend: to === null ? undefined : HealConsumer.resend(asked, to, yield* HealFiles.directory)
  }
  return work
})
