/** What `demo` does: one story, told with the same pieces that the other commands are made of. */
import { FetchHttpClient, FileSystem } from "@effect/platform"
import { AuditEntry, ReplayPlan, ReplaySpec, SequenceReport } from "@genesys-replay/domain"
import { Capture } from "@genesys-replay/eventbridge"
import { LogSource, ReplayCompleteness, TextReport } from "@genesys-replay/eventlog"
import { Genesys, GenesysConfig } from "@genesys-replay/genesys"
import { ConversationRecords } from "@genesys-replay/genesys/ConversationRecords"
import {
  ApplyReport,
  AuditTrail,
  DatabaseEngine,
  ReplayPipeline,
  State,
  SyncOutbox,
  SyncSink,
  WebhookSink
} from "@genesys-replay/pipeline"
import { Sandbox } from "@genesys-replay/sandbox"
import { Effect, Layer, Ref, Schema } from "effect"
import * as ApplyScreen from "../apply/ApplyScreen.js"
import * as ApplyText from "../apply/ApplyText.js"
import * as AuditText from "../audit/AuditText.js"
import * as PlanText from "../plan/PlanText.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, Screen } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import * as EventBridgeAct from "./EventBridgeAct.js"
import * as HealAct from "./HealAct.js"
import * as Receiver from "./Receiver.js"

/** What `--json` prints. */
export const document = Schema.Struct({
  apply: Schema.Array(ApplyReport.ApplyReport),
  verify: Schema.Array(SequenceReport.GroupReport),
  capture: Capture.Summary,
  heal: HealAct.Healed,
  received: Schema.Array(Receiver.Received),
  audit: Schema.Array(AuditEntry.AuditEntry)
})

const bus = "gen-cx-events"

const specOf = (name: string) => ({
  defaults: { destination: `arn:aws:events:us-east-1:123456789012:event-bus/${bus}` },
  retention: { "genesys.conversations.*": 60, "*": 7 },
  windows: [{ name, topics: ["genesys.conversations.message", "genesys.conversations.call"], start: "-90m" }]
})

// What the second act loses: enough to be seen, spread enough to be a picture.
const losses: ReadonlyArray<number | readonly [number, number]> = [[120, 140], 512, [1_300, 1_344]]

const chapter = Effect.fn("demo.chapter")(function* (title: string, command: string) {
  const { out } = yield* Screen
  const style = Style.of(out)
  yield* print(`\n${style("bold", title)}\n${style("dim", `$ ${command}`)}\n`)
})

const planOf = (name: string) => Effect.flatMap(ReplaySpec.decode(specOf(name)), (spec) => ReplayPlan.make(spec))

const applyAndProve = Effect.fn("demo.applyAndProve")(function* (plan: ReplayPlan.ReplayPlan) {
  const sandbox = yield* Sandbox.Sandbox
  const reports = yield* Ref.make<ReadonlyArray<SequenceReport.GroupReport>>([])
  const report = yield* Effect.scoped(
    Effect.gen(function* () {
      const onProgress = yield* ApplyScreen.make(plan.windows.length, true)
      return yield* ReplayPipeline.apply(plan, {
        wait: { interval: "200 millis" },
        onProgress,
        verify: (replay) =>
          ReplayCompleteness.measure(replay, [LogSource.file(sandbox.deliveries(bus))]).pipe(
            Effect.tap(({ rejected: _, verdict: __, ...group }) => Ref.update(reports, (before) => [...before, group]))
          )
      })
    })
  )
  return { report, groups: yield* Ref.get(reports) }
})

const prove = Effect.fn("demo.prove")(function* (groups: ReadonlyArray<SequenceReport.GroupReport>) {
  const { out, unicode } = yield* Screen
  const report = SequenceReport.make({ groups })
  yield* print(TextReport.render(report, { width: out.width(), color: out.colour, unicode }).trimEnd())
})

const story = Effect.fn("demo.story")(function* <E, R>(engine: EventBridgeAct.Stage<E, R>["engine"]) {
  const sandbox = yield* Sandbox.Sandbox
  const receiver = yield* Receiver.Receiver
  const trail = yield* AuditTrail.AuditTrail
  const { out } = yield* Screen

  yield* chapter(
    "1  A Genesys Cloud on this machine, and an analytics processor that listens",
    "genesys-replay sandbox"
  )
  yield* print(`Event Streams at ${sandbox.url}, webhook at ${receiver.url}`)

  yield* chapter("2  What would be replayed: two topics, the last 90 minutes", "genesys-replay plan replay.yaml")
  const complete = yield* planOf("outage-complete")
  yield* print(PlanText.render(complete, out))

  yield* chapter("3  Submitted, waited for, proven complete", "genesys-replay apply replay.yaml --wait --webhook URL")
  const first = yield* applyAndProve(complete)
  yield* print(`${ApplyText.render(first.report, out)}\n`)
  yield* prove(first.groups)

  yield* chapter("4  The same again, and now deliveries are lost on the way", "genesys-replay apply lossy.yaml --wait")
  yield* sandbox.faults.set({ deliveries: { drop: { indices: losses } } })
  const second = yield* applyAndProve(yield* planOf("outage-lossy"))
  yield* print(`${ApplyText.render(second.report, out)}\n`)
  yield* prove(second.groups)

  yield* chapter("5  Applied once more: one window, one stream", "genesys-replay apply replay.yaml")
  const again = yield* ReplayPipeline.apply(complete)
  yield* print(ApplyText.render(again, out))

  const archived = yield* EventBridgeAct.play({ chapter, directory: sandbox.dataDirectory, engine })
  const received = yield* receiver.received
  yield* chapter("11  What the processor was told, every signature checked", "POST /replays")
  for (const { body } of received) yield* print(JSON.stringify(body))

  const entries = yield* trail.list()
  yield* chapter("12  What an auditor sees", "genesys-replay audit list")
  yield* print(AuditText.render(entries, out))

  yield* print(`\n${Style.of(out)("green", "Done.")} Next: genesys-replay sandbox, or genesys-replay plan --help`)
  return {
    apply: [first.report, second.report, again, ...archived.apply],
    verify: [...first.groups, ...second.groups],
    capture: archived.capture,
    heal: archived.heal,
    received,
    audit: entries
  }
})

const provider = Layer.unwrapEffect(
  Effect.map(Sandbox.Sandbox, ({ clientId, clientSecret, url }) =>
    Genesys.layerOf({ apiUrl: url, loginUrl: url, clientId, clientSecret, scope: GenesysConfig.defaultScope })
  )
).pipe(Layer.provide(FetchHttpClient.layer))

const sinks = SyncSink.SyncSinks.layerMake(
  Effect.flatMap(Receiver.Receiver, ({ secret, url }) => WebhookSink.make({ url, secret }))
).pipe(Layer.provide(FetchHttpClient.layer))

// The state of the story, and the engine over it: gone with the directory.
const stage = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const url = `file:${yield* files.makeTempDirectoryScoped({ prefix: "genesys-replay-demo-" })}/state.db`
  const state = SyncOutbox.SyncOutbox.layer().pipe(Layer.provideMerge(Layer.merge(sinks, State.layer(url))))
  return { state, engine: ReplayPipeline.ReplayPipeline.layerOver(DatabaseEngine.layer()) }
})

// With --json the story is told on standard error, and standard output has the one document.
const aside = Effect.map(Screen, (screen) => ({ ...screen, out: screen.err }))

/** Tells the story; exit code 0 when it went as it should: one replay complete, one with a loss that was found, one from an archive with an outage that was healed. */
export const run = Effect.fn("demo.run")(function* (input: { readonly json: boolean }) {
  const { engine, state } = yield* stage
  const told = story(engine).pipe(
    Effect.provide(
      engine.pipe(
        Layer.provideMerge(Layer.merge(Layer.provideMerge(ConversationRecords.layer, provider), state)),
        Layer.provideMerge(
          Layer.mergeAll(Sandbox.layer({ seed: "demo", world: { conversationsPerHour: 150 } }), Receiver.layer)
        )
      )
    )
  )
  const ended = yield* input.json ? Effect.provideServiceEffect(told, Screen, aside) : told
  if (input.json) yield* JsonDocument.print(document, ended)
  const [complete, lossy] = ended.verify
  const asItShould =
    complete?.isContiguous === true &&
    lossy?.isContiguous === false &&
    ended.heal.missingBefore > 0 &&
    ended.heal.missingAfter === 0 &&
    ended.heal.report.isComplete &&
    ended.received.length > 0
  yield* Failure.finish(asItShould ? ExitCode.done : ExitCode.bug)
}, Effect.scoped)
