import { describe, expect, it } from "@effect/vitest"
import { EventBridgeClients, EventBridgeConfig, EventBusSink } from "@genesys-replay/eventbridge"
import { SyncSink } from "@genesys-replay/pipeline"
import { Sandbox } from "@genesys-replay/sandbox"
import { DateTime, Duration, Effect, Layer, Redacted, TestClock } from "effect"
import { busArn, busIntoQueue, drain, events } from "../sandbox/AwsCall.js"
import { quiet } from "./Scene.js"
import { bus, StubEventBridge } from "./StubEventBridge.js"
import { now } from "./Windows.js"

const accuracy = { window_id: "outage", accuracy_rate: 99.98, sequence_gaps: 3, timestamp: "2024-01-15T20:31:00Z" }

const config = EventBridgeConfig.EventBridgeConfig.layerOf({
  retry: { maxRetries: 3, baseDelay: Duration.millis(10) }
})

const over = (stub: StubEventBridge, arn = bus) =>
  Effect.provide(EventBusSink.make({ arn }), [EventBridgeClients.EventBridgeClients.layerStub(stub.client), config])

describe("EventBusSink", () => {
  it.effect("puts the document and its id on the bus, at the time of the Clock", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(DateTime.toEpochMillis(now))
      const stub = new StubEventBridge()
      const sink = yield* over(stub)
      yield* sink.deliver(accuracy, "msg_1")
      expect(stub.sent("PutEvents")).toEqual([
        {
          Entries: [
            {
              EventBusName: bus,
              Source: "genesys-replay",
              DetailType: "replay_accuracy",
              Detail: JSON.stringify({ ...accuracy, id: "msg_1" }),
              Time: DateTime.toDateUtc(now)
            }
          ]
        }
      ])
      expect([sink.name, sink.address]).toEqual([`event bus ${bus}`, { kind: "event-bus", location: bus }])
    })
  )

  it.effect("is one sink, however its ARN is written", () =>
    Effect.gen(function* () {
      const written = bus.replace(":events:", ":eventbridge:")
      expect((yield* over(new StubEventBridge(), written)).name).toBe(`event bus ${bus}`)
    })
  )

  it.effect("an entry that EventBridge does not take has failed, with the code and words of AWS", () =>
    Effect.gen(function* () {
      const stub = new StubEventBridge()
      stub.refusals.push(
        { ErrorCode: "InternalFailure", ErrorMessage: "try again" },
        { ErrorCode: "ThrottlingException" }
      )
      const sink = yield* over(stub)
      const deliver = sink.deliver(accuracy, "msg_1")
      expect(yield* Effect.flip(deliver)).toMatchObject({
        _tag: "SyncFailed",
        id: "msg_1",
        reason: "InternalFailure: try again"
      })
      expect(yield* Effect.flip(deliver)).toMatchObject({ reason: "ThrottlingException" })
      yield* deliver
    })
  )

  it.effect("what the request fails with is the reason", () =>
    Effect.gen(function* () {
      const stub = new StubEventBridge().fail("PutEvents", {
        code: "AccessDeniedException",
        message: "not authorized to perform: events:PutEvents on resource"
      })
      const error = yield* Effect.flip((yield* over(stub)).deliver(accuracy, "msg_1"))
      expect(error.reason).toContain("events:PutEvents")
    })
  )

  it.effect("refuses what is no bus, and a partner's, before anything is sent", () =>
    Effect.gen(function* () {
      const stub = new StubEventBridge()
      const reason = (arn: string) => Effect.map(Effect.flip(over(stub, arn)), ({ message }) => message)
      expect(yield* reason("cx")).toContain('"cx" is no event bus')
      expect(yield* reason("arn:aws:sqs:us-east-1:123456789012:cx")).toContain("is no event bus")
      expect(yield* reason("arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/genesys.com/x")).toContain(
        "nobody else puts events on it"
      )
      expect(stub.calls).toEqual([])
    })
  )
})

describe("EventBusSink over HTTP", () => {
  const sink = (arn: string) =>
    Effect.gen(function* () {
      const { aws, url } = yield* Sandbox.Sandbox
      const clients = EventBridgeClients.EventBridgeClients.layerOf({
        endpoint: url,
        // The ARN's own region wins.
        region: "eu-west-1",
        credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: Redacted.value(aws.secretAccessKey) }
      })
      const services = yield* Layer.build(Layer.merge(clients, config))
      return yield* Effect.provide(EventBusSink.make({ arn }), services)
    })

  it.scopedLive("a rule routes the event to its target, also when AWS is in trouble for a moment", () =>
    Effect.gen(function* () {
      const queue = yield* busIntoQueue({ source: ["genesys-replay"], "detail-type": ["replay_accuracy"] })
      const { faults } = yield* Sandbox.Sandbox
      yield* faults.next({ kind: "serverError" }, { kind: "rateLimited" })
      const id = SyncSink.idOf(accuracy)
      yield* (yield* sink(busArn)).deliver(accuracy, id)
      expect(yield* drain(queue)).toMatchObject([
        { source: "genesys-replay", "detail-type": "replay_accuracy", detail: { ...accuracy, id } }
      ])
    }).pipe(Effect.provide([Sandbox.layer({ seed: "sink" }), quiet]))
  )

  it.scopedLive("a bus that is not there is told as the reason", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip((yield* sink(busArn)).deliver(accuracy, "msg_1"))
      expect(error.reason).toContain("ResourceNotFoundException")
      yield* events((client) => client.createEventBus({ Name: "cx" }))
      yield* (yield* sink(busArn)).deliver(accuracy, "msg_1")
    }).pipe(Effect.provide([Sandbox.layer({ seed: "sink" }), quiet]))
  )
})
