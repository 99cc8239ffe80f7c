import { describe, expect, it } from "@effect/vitest"
import { type Faults, Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, TestClock } from "effect"
import { arn, busArn, busIntoQueue, drain, events, put, queues } from "./AwsCall.js"

const sandbox = Sandbox.layer({ seed: "aws" })

const broken = (deliveries: Faults.DeliveryFaults) => Sandbox.layer({ seed: "aws", faults: { deliveries } })

describe("Event buses", () => {
  it.scoped("are made, described, listed in pages and deleted", () =>
    Effect.gen(function* () {
      for (const Name of ["a1", "a2", "a3", "b"]) yield* events((client) => client.createEventBus({ Name }))
      expect(yield* events((client) => client.describeEventBus({ Name: "a1" }))).toMatchObject({
        Name: "a1",
        Arn: arn("event-bus/a1")
      })
      const first = yield* events((client) => client.listEventBuses({ NamePrefix: "a", Limit: 2 }))
      expect(first.EventBuses?.map(({ Name }) => Name)).toEqual(["a1", "a2"])
      const { NextToken } = first
      const rest = yield* events((client) => client.listEventBuses({ NamePrefix: "a", Limit: 2, NextToken }))
      expect([rest.EventBuses?.map(({ Name }) => Name), rest.NextToken]).toEqual([["a3"], undefined])
      yield* events((client) => client.deleteEventBus({ Name: "a1" }))
      expect(yield* Effect.flip(events((client) => client.describeEventBus({ Name: "a1" })))).toMatchObject({
        name: "ResourceNotFoundException",
        status: 400
      })
      expect((yield* events((client) => client.describeEventBus({}))).Name).toBe("default")
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("have names of their own, and '/' only where a partner's source is named so", () =>
    Effect.gen(function* () {
      const create = (Name: string, EventSourceName?: string) =>
        Effect.either(events((client) => client.createEventBus({ Name, EventSourceName })))
      const source = "aws.partner/genesys.com/cloud/org/suffix"
      expect(yield* create("cx")).toMatchObject({ _tag: "Right" })
      expect(yield* create("cx")).toMatchObject({ left: { name: "ResourceAlreadyExistsException" } })
      expect(yield* create("default")).toMatchObject({ left: { name: "ResourceAlreadyExistsException" } })
      expect(yield* create(source)).toMatchObject({ left: { name: "ValidationException" } })
      expect(yield* create(source, `${source}s`)).toMatchObject({ left: { name: "ValidationException" } })
      expect(yield* create(source, source)).toMatchObject({ right: { EventBusArn: arn(`event-bus/${source}`) } })
    }).pipe(Effect.provide(sandbox))
  )
})

describe("Rules", () => {
  it.scoped("are put, described, listed, switched and deleted once their targets are gone", () =>
    Effect.gen(function* () {
      yield* busIntoQueue({ source: ["test"] })
      const rule = { Name: "capture", EventBusName: "cx" }
      expect(yield* events((client) => client.describeRule(rule))).toMatchObject({
        Arn: arn("rule/cx/capture"),
        EventPattern: '{"source":["test"]}',
        State: "ENABLED"
      })
      yield* events((client) => client.disableRule(rule))
      expect((yield* events((client) => client.listRules({ EventBusName: busArn }))).Rules).toMatchObject([
        { Name: "capture", State: "DISABLED" }
      ])
      expect(yield* Effect.flip(events((client) => client.deleteRule(rule)))).toMatchObject({
        name: "ValidationException"
      })
      const ofRule = { Rule: "capture", EventBusName: "cx" }
      expect((yield* events((client) => client.listTargetsByRule(ofRule))).Targets).toEqual([
        { Id: "queue", Arn: arn("captured", "sqs") }
      ])
      yield* events((client) => client.removeTargets({ ...ofRule, Ids: ["queue"] }))
      yield* events((client) => client.deleteRule(rule))
      expect((yield* events((client) => client.listRules({ EventBusName: "cx" }))).Rules).toEqual([])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("are refused without a bus, without a pattern, and with one that is none", () =>
    Effect.gen(function* () {
      const refusal = (EventBusName: string, EventPattern?: string) =>
        Effect.flip(events((client) => client.putRule({ Name: "r", EventBusName, EventPattern })))
      expect(yield* refusal("nowhere", '{"source":["a"]}')).toMatchObject({
        name: "ResourceNotFoundException",
        message: "Event bus nowhere does not exist."
      })
      expect(yield* refusal("default")).toMatchObject({ name: "ValidationException" })
      expect(yield* refusal("default", '{"source":"a"}')).toMatchObject({
        name: "InvalidEventPatternException",
        message: 'Event pattern is not valid. Reason: "source" must be an object or an array'
      })
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("have at most five targets, each of them a queue", () =>
    Effect.gen(function* () {
      yield* busIntoQueue()
      const targets = (...Targets: ReadonlyArray<{ Id: string; Arn: string }>) =>
        events((client) => client.putTargets({ Rule: "capture", EventBusName: "cx", Targets: [...Targets] }))
      const queue = (Id: string) => ({ Id, Arn: arn("captured", "sqs") })
      expect(yield* targets({ Id: "topic", Arn: arn("topic", "sns") })).toMatchObject({
        FailedEntryCount: 1,
        FailedEntries: [{ TargetId: "topic", ErrorCode: "ValidationException" }]
      })
      expect(yield* targets(queue("queue"), queue("2"), queue("3"), queue("4"), queue("5"))).toMatchObject({
        FailedEntryCount: 0
      })
      expect(yield* Effect.flip(targets(queue("6")))).toMatchObject({ name: "LimitExceededException" })
    }).pipe(Effect.provide(sandbox))
  )
})

describe("PutEvents", () => {
  it.scoped("sends the envelope to the targets of the rules that match", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Duration.toMillis(Duration.days(20_000)))
      const queue = yield* busIntoQueue({ "detail-type": [{ wildcard: "v2.*.presence" }], detail: { vip: [true] } })
      const entry = (DetailType: string, vip: boolean) => ({
        EventBusName: busArn,
        Source: "crm",
        DetailType,
        Resources: ["r"],
        Detail: JSON.stringify({ vip })
      })
      const { Entries } = yield* events((client) =>
        client.putEvents({
          Entries: [entry("v2.users.presence", true), entry("v2.users.presence", false), entry("v2.users", true)]
        })
      )
      expect(yield* drain(queue)).toEqual([
        {
          version: "0",
          id: Entries?.[0]?.EventId,
          "detail-type": "v2.users.presence",
          source: "crm",
          account: "123456789012",
          time: "2024-10-04T00:00:00Z",
          region: "us-east-1",
          resources: ["r"],
          detail: { vip: true }
        }
      ])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("refuses single entries, and carries out the others", () =>
    Effect.gen(function* () {
      const queue = yield* busIntoQueue()
      const right = { EventBusName: "cx", Source: "crm", DetailType: "type", Detail: "{}" }
      const answer = yield* events((client) =>
        client.putEvents({
          Entries: [
            { ...right, Source: undefined },
            { ...right, DetailType: "" },
            { ...right, Detail: undefined },
            { ...right, Detail: "[]" },
            { ...right, Detail: "{" },
            { ...right, Source: "aws.s3" },
            { ...right, EventBusName: "nowhere" },
            right
          ]
        })
      )
      expect(answer.FailedEntryCount).toBe(7)
      expect(answer.Entries?.map(({ ErrorCode, EventId }) => ErrorCode ?? typeof EventId)).toEqual([
        "InvalidArgument",
        "InvalidArgument",
        "InvalidArgument",
        "MalformedDetail",
        "MalformedDetail",
        "NotAuthorizedForSourceException",
        "ResourceNotFoundException",
        "string"
      ])
      expect(yield* drain(queue)).toHaveLength(1)
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("takes one to ten entries of 256 KB together", () =>
    Effect.gen(function* () {
      const entries = (count: number, Detail = "{}") =>
        Effect.flip(
          events((client) =>
            client.putEvents({
              Entries: Array.from({ length: count }, () => ({ Source: "crm", DetailType: "type", Detail }))
            })
          )
        )
      expect(yield* entries(0)).toMatchObject({ name: "ValidationException" })
      expect(yield* entries(11)).toMatchObject({ name: "ValidationException" })
      expect(yield* entries(2, JSON.stringify({ text: "a".repeat(131_072) }))).toMatchObject({
        name: "ValidationException",
        message: "Total size of the entries in the request is over the limit."
      })
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("sends what a target asks for instead of the whole event", () =>
    Effect.gen(function* () {
      const queue = yield* busIntoQueue({ source: ["test"] })
      yield* events((client) =>
        client.putTargets({
          Rule: "capture",
          EventBusName: "cx",
          Targets: [
            { Id: "queue", Arn: arn("captured", "sqs"), InputPath: "$.detail" },
            { Id: "constant", Arn: arn("captured", "sqs"), Input: '{"constant":true}' },
            {
              Id: "text",
              Arn: arn("captured", "sqs"),
              InputTransformer: {
                InputPathsMap: { index: "$.detail.sequenceIndex", type: "$.detail-type", none: "$.detail.none" },
                InputTemplate:
                  '{"index": <index>, "type": <type>, "none": <none>, "text": "number <index> of <type> \\"<type>\\"", "whole": <aws.events.event.json>}'
              }
            }
          ]
        })
      )
      yield* put(60)
      expect(yield* drain(queue)).toEqual([
        { sequenceIndex: 1 },
        { constant: true },
        {
          index: 1,
          type: "v2.users.{id}.presence",
          none: null,
          text: 'number 1 of v2.users.{id}.presence "v2.users.{id}.presence"',
          whole: expect.objectContaining({ time: "1970-01-01T00:01:00Z", detail: { sequenceIndex: 1 } })
        }
      ])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("loses what is sent to a disabled rule, and to a queue that is gone", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* busIntoQueue()
      const rule = { Name: "capture", EventBusName: "cx" }
      yield* events((client) => client.disableRule(rule))
      yield* put(1)
      yield* events((client) => client.enableRule(rule))
      yield* queues((client) => client.deleteQueue({ QueueUrl }))
      yield* put(2)
      yield* queues((client) => client.createQueue({ QueueName: "captured" }))
      yield* put(3)
      expect(yield* drain(QueueUrl)).toMatchObject([{ time: "1970-01-01T00:00:03Z" }])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("meets the faults of deliveries", () =>
    Effect.gen(function* () {
      const queue = yield* busIntoQueue()
      yield* put(1, 2, 3, 4)
      const indices = (yield* drain(queue)).map((event) => JSON.stringify(event).match(/"sequenceIndex":(\d)/)?.[1])
      expect(indices.sort()).toEqual(["1", "3", "3", "4"])
    }).pipe(Effect.provide(broken({ drop: { indices: [2] }, duplicate: { indices: [3] } })))
  )
})
