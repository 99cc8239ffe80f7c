/**
 * The second act: the same spec on Amazon EventBridge, from an archive, through a rule, into a queue. Events have no numbers there, so
 * what came is compared with what happened, by topic and body.
 */
import { FileSystem } from "@effect/platform"
import { EventBusArn, ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { Capture, CaptureQueue, CaptureRoute, EventBridge } from "@genesys-replay/eventbridge"
import { type ApplyReport, ReplayPipeline } from "@genesys-replay/pipeline"
import { Sandbox, TopicFilter, World } from "@genesys-replay/sandbox"
import { DateTime, Duration, Effect, Layer, Option, Redacted, Ref, Schema } from "effect"
import * as ApplyScreen from "../apply/ApplyScreen.js"
import * as ApplyText from "../apply/ApplyText.js"
import * as CaptureText from "../capture/CaptureText.js"
import { print, Screen, type StandardOutputFailed } from "../terminal/Screen.js"

const topics = ["v2.detail.events.conversation.{id}.acd.start", "v2.detail.events.conversation.{id}.user.end"]

const archive = "genesys-events"

/** What a chapter begins with: its title, and the command that does the same. */
export type Chapter = (title: string, command: string) => Effect.Effect<void, StandardOutputFailed, Screen>

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
      EventBridge.layerOf(settings)
    )
  })
)

// Events that are old enough to be in the archive, whole minutes of them.
const window = Effect.map(DateTime.now, (now) => {
  const until = DateTime.startOf(DateTime.subtractDuration(now, Duration.minutes(15)), "minute")
  return { from: DateTime.subtractDuration(until, Duration.minutes(75)), until }
})

const Captured = Schema.parseJson(
  Schema.Struct({ detail: Schema.Struct({ topicName: Schema.String, eventBody: Schema.Unknown }) })
)

/** What makes two envelopes one event here; both were written by the sandbox, so the order of keys is the same. */
const identityOf = (detail: { readonly topicName: string; readonly eventBody: unknown }): string =>
  JSON.stringify([detail.topicName, detail.eventBody])

/** How many events happened, how many of them are missing, and how many records came, of how many events. */
export const Compared = Schema.Struct({
  expected: Schema.NonNegativeInt,
  missing: Schema.NonNegativeInt,
  observed: Schema.NonNegativeInt,
  unique: Schema.NonNegativeInt
})

/** How many of the events that happened in the window are in a capture. */
const compare = Effect.fn("EventBridgeAct.compare")(function* (file: string, span: World.Span) {
  const { world } = yield* Sandbox.Sandbox
  const files = yield* FileSystem.FileSystem
  const lines = (yield* files.readFileString(file)).split("\n").filter((line) => line !== "")
  const events = yield* Effect.forEach(lines, (line) => Schema.decode(Captured)(line))
  const came = new Set(events.map(({ detail }) => identityOf(detail)))
  const happened = new Set(
    Array.from(World.events(world, span, { topics: TopicFilter.of(topics) }), (event) => identityOf(event))
  )
  const missing = [...happened].filter((identity) => !came.has(identity)).length
  return { expected: happened.size, missing, observed: events.length, unique: came.size }
})

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
  // Delivery is at least once: what comes twice is no loss, and no gain.
  yield* faults.set({ deliveries: { duplicate: { rate: 0.02 } } })
  const history = yield* aws.genesysHistory({ archive, topics, from, until })
  const bus = yield* Schema.decode(EventBusArn.FromString)(history.busArn)
  const { queue, rule } = yield* CaptureRoute.make({ bus, name: "replayed-events" })
  yield* print(`Archive ${archive} with ${history.count} events of ${bus.bus}\nReplayed events go to ${queue}`)

  yield* chapter(
    "7  Replayed from the archive, and captured as it comes",
    "genesys-replay apply archive.yaml --wait & genesys-replay capture --queue URL --out captured.ndjson --until outage-archived"
  )
  const spec = yield* ReplaySpec.decode({
    provider: "eventbridge",
    defaults: { destination: history.busArn, archive, rules: [rule] },
    windows: [
      {
        name: "outage-archived",
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

  yield* chapter(
    "8  And compared with what happened: every event of the archive is in the file",
    "# events from an archive have no numbers: the demo compares their topics and bodies with what its sandbox sent"
  )
  const compared = yield* compare(file, { from: DateTime.toEpochMillis(from), until: DateTime.toEpochMillis(until) })
  yield* print(
    `${compared.expected - compared.missing} of ${compared.expected} events came, ${compared.missing} are missing; ${compared.observed - compared.unique} came twice`
  )
  return { apply: Option.toArray(applied), capture: captured, compared }
})

/** Plays the act; both reports are for the document of `--json`. */
export const play = <E, R>(stage: Stage<E, R>) => Effect.provide(act(stage), Layer.provideMerge(stage.engine, clients))
