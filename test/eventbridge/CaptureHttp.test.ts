import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { SQSService } from "@effect-aws/client-sqs"
import { EventBusArn } from "@genesys-replay/domain"
import { Capture, CaptureQueue, CaptureRoute } from "@genesys-replay/eventbridge"
import { EventLog, LogSource } from "@genesys-replay/eventlog"
import { Sandbox, type Settings } from "@genesys-replay/sandbox"
import { DateTime, Duration, Effect, Either, Layer, Logger, Redacted, Schema } from "effect"
import * as AwsCall from "../sandbox/AwsCall.js"
import { event, events, layer, queueOf, sizeOf } from "./SandboxQueue.js"

const quiet = Logger.remove(Logger.defaultLogger)

const world = (options: Settings.Options = {}) => Layer.mergeAll(layer(options), NodeContext.layer, quiet)

const retry = { maxRetries: 12, baseDelay: Duration.millis(5) }

/** Captures into a file of its own, and says what is in it. */
const captured = Effect.fn("captured")(function* (options: Omit<Capture.Options, "out">) {
  const files = yield* FileSystem.FileSystem
  const out = `${yield* files.makeTempDirectoryScoped()}/captured.ndjson`
  const summary = yield* Capture.run({ idle: "1 second", retry, ...options, out })
  const { report } = yield* EventLog.observe([LogSource.file(out)])
  return { summary, report, text: yield* files.readFileString(out) }
})

/** The clients of this sandbox that make a route. */
const route = Layer.unwrapEffect(
  Effect.map(Sandbox.Sandbox, ({ aws, url }) =>
    CaptureRoute.RouteClient.layerOf({
      endpoint: url,
      region: aws.region,
      credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: Redacted.value(aws.secretAccessKey) }
    })
  )
)

describe("Capture over HTTP", () => {
  it.scopedLive(
    "keeps what a dead-letter queue says of a delivery beside the event, which proves what it did before",
    () =>
      Effect.gen(function* () {
        const sqs = yield* SQSService
        const queue = yield* queueOf([])
        const said = {
          ERROR_CODE: "NO_PERMISSIONS",
          RETRY_ATTEMPTS: "185",
          RULE_ARN: AwsCall.arn("rule/cx/to-consumer"),
          TARGET_ARN: AwsCall.arn("consumer", "sqs")
        }
        yield* sqs.sendMessage({
          QueueUrl: queue,
          MessageBody: event(1),
          MessageAttributes: {
            ERROR_CODE: { DataType: "String", StringValue: said.ERROR_CODE },
            RETRY_ATTEMPTS: { DataType: "Number", StringValue: said.RETRY_ATTEMPTS },
            RULE_ARN: { DataType: "String", StringValue: said.RULE_ARN },
            TARGET_ARN: { DataType: "String", StringValue: said.TARGET_ARN },
            trace: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255) }
          }
        })
        const { report, summary, text } = yield* captured({ queue })
        expect(JSON.parse(text)).toEqual({ ...JSON.parse(event(1)), "message-attributes": { ...said, trace: "AP8=" } })
        expect(report).toMatchObject({ rejected: { count: 0 }, groups: [{ group: "outage", unique: 1 }] })
        expect(summary).toMatchObject({ captured: 1, deleted: 1, unwrapped: 0 })
        expect(summary.deadLetters).toEqual([
          { rule: said.RULE_ARN, target: said.TARGET_ARN, errorCode: "NO_PERMISSIONS", count: 1 }
        ])
      }).pipe(Effect.provide(world()))
  )

  it.scopedLive(
    "loses nothing when requests are refused, cut before and after they are processed, and answered with 503",
    () =>
      Effect.gen(function* () {
        const { faults } = yield* Sandbox.Sandbox
        const queue = yield* queueOf(events(1, 400), { visibility: 1 })
        yield* faults.set({
          requests: [
            { kind: "serverError", rate: 0.1 },
            { kind: "cutBefore", rate: 0.05 },
            { kind: "cutAfter", rate: 0.1 },
            { kind: "rateLimited", rate: 0.05 }
          ]
        })
        const { report, summary } = yield* captured({ queue })
        yield* faults.set({})
        expect(report).toMatchObject({
          isContiguous: true,
          rejected: { count: 0 },
          groups: [{ group: "outage", unique: 400, expected: { start: 1, end: 400 } }]
        })
        expect(summary.captured).toBeGreaterThanOrEqual(400)
        expect(yield* sizeOf(queue)).toBe(0)
      }).pipe(Effect.provide(world()))
  )

  it.scopedLive("names the queue that is not there", () =>
    Effect.gen(function* () {
      const queue = `${yield* queueOf([])}-of-others`
      expect(yield* Effect.flip(captured({ queue }))).toMatchObject({ _tag: "QueueNotFound", queue })
    }).pipe(Effect.provide(world()))
  )

  it.scopedLive("tells credentials that are refused from a service that is down, and asks with them once", () =>
    Effect.gen(function* () {
      const { requests, url } = yield* Sandbox.Sandbox
      const queue = yield* queueOf(events(1, 1))
      const before = yield* requests.count()
      const strangers = CaptureQueue.QueueClient.layerOf({
        endpoint: url,
        region: "us-east-1",
        credentials: { accessKeyId: "AKIASTRANGER", secretAccessKey: "x" }
      })
      const refused = yield* Effect.either(Effect.provide(captured({ queue, pollers: 1 }), strangers))
      expect(Either.getLeft(refused)).toMatchObject({
        value: { _tag: "NotAuthenticated", operation: "sqs:ReceiveMessage" }
      })
      expect((yield* requests.count()) - before).toBe(1)
    }).pipe(Effect.provide(world()))
  )

  it.scopedLive("captures a replay through a rule and a queue that were made for it, and no live event", () =>
    Effect.gen(function* () {
      const { aws } = yield* Sandbox.Sandbox
      const now = yield* DateTime.now
      const from = DateTime.subtractDuration(now, Duration.hours(2))
      const until = DateTime.subtractDuration(now, Duration.hours(1))
      const { archiveArn, busArn, count } = yield* aws.genesysHistory({
        archive: "history",
        topics: ["v2.users.{id}.presence"],
        from,
        until
      })
      const bus = yield* Schema.decode(EventBusArn.FromString)(busArn)
      const { queue, rule } = yield* Effect.provide(CaptureRoute.make({ bus, name: "replayed", replay: "mine" }), route)
      expect(yield* Effect.provide(CaptureRoute.make({ bus, name: "replayed", replay: "mine" }), route)).toEqual({
        queue,
        rule
      })
      for (const ReplayName of ["mine", "other"]) {
        yield* AwsCall.events((client) =>
          client.startReplay({
            ReplayName,
            EventSourceArn: archiveArn,
            EventStartTime: DateTime.toDateUtc(from),
            EventEndTime: DateTime.toDateUtc(until),
            Destination: { Arn: busArn, FilterArns: [rule] }
          })
        )
      }
      const { summary, text } = yield* captured({
        queue,
        until: Effect.zip(aws.replayEnded("mine"), aws.replayEnded("other"))
      })
      expect(summary).toMatchObject({ captured: count, deleted: count, ended: "replay", left: 0 })
      // Events out of an archive have no numbers: their ids tell that each of them came.
      const Captured = Schema.parseJson(Schema.Struct({ id: Schema.String, "replay-name": Schema.Literal("mine") }))
      const events = yield* Effect.forEach(text.trim().split("\n"), (line) => Schema.decode(Captured)(line))
      expect(new Set(events.map(({ id }) => id)).size).toBe(count)
    }).pipe(Effect.provide(world()))
  )

  it.scopedLive("takes events out of the input transformer of a target", () =>
    Effect.gen(function* () {
      const queue = yield* AwsCall.busIntoQueue()
      yield* AwsCall.events((client) =>
        client.putTargets({
          Rule: "capture",
          EventBusName: "cx",
          Targets: [
            {
              Id: "queue",
              Arn: AwsCall.arn("captured", "sqs"),
              InputTransformer: {
                InputPathsMap: { topic: "$.detail-type" },
                InputTemplate: '{"topic": "<topic>", "event": <aws.events.event.json>}'
              }
            }
          ]
        })
      )
      yield* AwsCall.put(1, 2, 3)
      const { report, summary } = yield* captured({ queue })
      expect(summary).toMatchObject({ captured: 3, unwrapped: 3 })
      expect(report).toMatchObject({ isContiguous: true, groups: [{ unique: 3 }], rejected: { count: 0 } })
    }).pipe(Effect.provide(world()))
  )
})
