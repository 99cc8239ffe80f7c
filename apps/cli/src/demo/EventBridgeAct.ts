/**
 * The second act: the same on Amazon EventBridge, from an archive, through a rule, into a queue; and an outage on that way. Events have
 * no numbers there: the platform's own conversation records prove what is missing, and a heal brings it back.
 */
import { EventBusArn, ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import {
  Capture,
  CaptureQueue,
  CaptureRoute,
  EventBridge,
  EventBridgeClients,
  EventBridgeConfig
} from "@genesys-replay/eventbridge"
import { type ApplyReport, ReplayPipeline } from "@genesys-replay/pipeline"
import { Sandbox } from "@genesys-replay/sandbox"
import { DateTime, Duration, Effect, Layer, Option, Redacted, Ref, Schema } from "effect"
import * as ApplyScreen from "../apply/ApplyScreen.js"
import * as ApplyText from "../apply/ApplyText.js"
import * as CaptureText from "../capture/CaptureText.js"
import { print, Screen } from "../terminal/Screen.js"
import type { Chapter } from "./Chapter.js"
import * as HealAct from "./HealAct.js"

const topics = ["v2.detail.events.conversation.{id}.acd.start", "v2.detail.events.conversation.{id}.user.end"]

const archive = "genesys-events"

const name = "outage-archived"

const clients = Layer.unwrapEffect(
  Effect.map(Sandbox.Sandbox, ({ aws, url }) => {
    const settings = {
      endpoint: url,
      region: aws.region,
      credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: Redacted.value(aws.secretAccessKey) }
    }
    return Layer.mergeAll(
      CaptureQueue.QueueClient.layerOf(settings),
      CaptureRoute.RouteClient.layerOf(settings),
      EventBridge.layerOf(settings),
      EventBridgeClients.EventBridgeClients.layerOf(settings),
      EventBridgeConfig.EventBridgeConfig.layerOf()
    )
  })
)

// Events that are old enough to be in the archive, whole minutes of them.
const window = Effect.map(DateTime.now, (now) => {
  const until = DateTime.startOf(DateTime.subtractDuration(now, Duration.minutes(15)), "minute")
  return { from: DateTime.subtractDuration(until, Duration.minutes(75)), until }
})

const around = Duration.minutes(5)

/** What {@link play} needs of the stage. */
export interface Stage<E, R> {
  readonly chapter: Chapter
  /** Where the captured events go. */
  readonly directory: string
  /** An engine over whatever provider it is given. */
  readonly engine: Layer.Layer<ReplayPipeline.ReplayPipeline, E, R>
}

const act = Effect.fn("EventBridgeAct.act")(function* ({
  chapter,
  directory
}: Pick<Stage<never, never>, "chapter" | "directory">) {
  const { aws, faults } = yield* Sandbox.Sandbox
  const { out } = yield* Screen
  const { from, until } = yield* window

  yield* chapter(
    "6  The same on Amazon EventBridge: an archive of the partner bus, a rule, a queue",
    "aws events put-rule …; aws sqs create-queue …"
  )
  // The outage: what the archive has is lost on the way to the queue. What comes twice is no loss, and no gain.
  yield* faults.set({ deliveries: { duplicate: { rate: 0.02 }, drop: { rate: 0.04 }, streams: [name] } })
  // The archive was there before and after: what the records expect in the last instant may be an event of the next minute.
  const history = yield* aws.genesysHistory({
    archive,
    topics,
    from: DateTime.subtractDuration(from, around),
    until: DateTime.addDuration(until, around)
  })
  const bus = yield* Schema.decode(EventBusArn.FromString)(history.busArn)
  const { queue, rule } = yield* CaptureRoute.make({ bus, name: "replayed-events" })
  yield* print(`Archive ${archive} with ${history.count} events of ${bus.bus}\nReplayed events go to ${queue}`)

  yield* chapter(
    "7  Replayed from the archive, captured as it comes, and some of it is lost on the way",
    "genesys-replay apply archive.yaml --wait & genesys-replay capture --queue URL --out captured.ndjson --until outage-archived"
  )
  const spec = yield* ReplaySpec.decode({
    provider: "eventbridge",
    defaults: { destination: history.busArn, archive, rules: [rule] },
    windows: [
      {
        name,
        topics,
        start: DateTime.formatIso(from),
        end: DateTime.formatIso(until)
      }
    ]
  })
  const plan = yield* ReplayPlan.make(spec)
  const report = yield* Ref.make(Option.none<ApplyReport.ApplyReport>())
  const file = `${directory}/captured.ndjson`
  const captured = yield* Effect.scoped(
    Effect.gen(function* () {
      const onProgress = yield* ApplyScreen.make(plan.windows.length, true)
      return yield* Capture.run({
        queue,
        out: file,
        idle: "1 second",
        until: Effect.flatMap(ReplayPipeline.apply(plan, { wait: { interval: "200 millis" }, onProgress }), (applied) =>
          Ref.set(report, Option.some(applied))
        )
      })
    })
  )
  const applied = yield* Ref.get(report)
  if (Option.isSome(applied)) yield* print(`${ApplyText.render(applied.value, out)}\n`)
  yield* print(CaptureText.summary({ ...captured, out: "captured.ndjson" }))

  const healed = yield* HealAct.play({ chapter, directory, captured: file, queue, spec, from, until })
  return { apply: Option.toArray(applied), capture: captured, heal: healed }
})

/** Plays the act; its reports are for the document of `--json`. */
export const play = <E, R>(stage: Stage<E, R>) => Effect.provide(act(stage), Layer.provideMerge(stage.engine, clients))
