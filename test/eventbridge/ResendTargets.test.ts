import { createServer, type IncomingHttpHeaders } from "node:http"
import { FetchHttpClient, FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { SdkError } from "@effect-aws/commons"
import {
  CaptureQueueUrl,
  EventBridgeClients,
  EventBridgeConfig,
  EventBusTarget,
  FileTarget,
  QueueTarget,
  type ResendEvent,
  ResendTargets,
  WebhookTarget
} from "@genesys-replay/eventbridge"
import { Duration, Effect, Either, Layer, Redacted } from "effect"
import { Webhook } from "standardwebhooks"
import { bus, StubEventBridge } from "./StubEventBridge.js"
import { envelope, eventOf, line, type Made, onTestClock } from "./StubTarget.js"

const event = (index: number, made?: Made): ResendEvent.ResendEvent => eventOf(line(index, made), index)

const retry = { maxRetries: 3, baseDelay: Duration.millis(10) }

describe("ResendTargets", () => {
  const kindOf = (text: string) =>
    Either.match(ResendTargets.parse(text), { onLeft: ({ _tag }) => _tag, onRight: ({ _tag }) => _tag })

  it("are told by how they are written", () => {
    expect(
      [
        "https://sqs.us-east-1.amazonaws.com/123456789012/orders",
        "https://sqs.us-east-1.amazonaws.com/123456789012/orders.fifo",
        "http://127.0.0.1:4566/000000000000/orders",
        "http://sqs.us-east-1.localhost.localstack.cloud:4566/000000000000/orders",
        bus,
        "https://hooks.example.com/genesys",
        "http://localhost:8080/hook",
        "missing.ndjson",
        "/tmp/out/missing.ndjson",
        "./arn:odd"
      ].map(kindOf)
    ).toEqual(["Queue", "Queue", "Queue", "TargetInvalid", "EventBus", "Webhook", "Webhook", "File", "File", "File"])
  })

  it("are none where nothing can be sent to", () => {
    for (const text of [
      "",
      "arn:aws:sqs:us-east-1:123456789012:orders",
      "ftp://example.com/x",
      "https://",
      "s3://b/k"
    ]) {
      expect(kindOf(text), text).toBe("TargetInvalid")
    }
    expect(kindOf("http://sqs.us-east-1.amazonaws.com/123456789012/orders")).toBe("TargetInvalid")
  })

  it.scoped("a webhook cannot be without its secret", () =>
    Effect.gen(function* () {
      const address = Either.getOrThrow(ResendTargets.parse("https://hooks.example.com/genesys"))
      const error = yield* Effect.flip(ResendTargets.fromEnvironment(address))
      expect(error).toMatchObject({ _tag: "TargetInvalid", reason: expect.stringContaining("secret") })
    }).pipe(Effect.provide([FetchHttpClient.layer, NodeFileSystem.layer]))
  )
})

type Answer = Partial<Record<"Failed" | "Successful", ReadonlyArray<Record<string, unknown>>>>

/** A queue, and what it answers to one batch after another; it takes everything once nothing is prepared any more. */
const queueOver = (url: string, ...answers: ReadonlyArray<Answer | { readonly _tag: string }>) =>
  Effect.gen(function* () {
    const sent: Array<ReadonlyArray<Record<string, unknown>>> = []
    const layer = Layer.succeed(QueueTarget.SendClient, {
      sendMessageBatch: ({ Entries = [] }) =>
        Effect.suspend(() => {
          const answer = answers[sent.push(Entries.map((entry) => ({ ...entry }))) - 1]
          if (answer !== undefined && "_tag" in answer) return Effect.fail(answer)
          const { Failed = [], Successful } = answer ?? {}
          const failed = new Set(Failed.map(({ Id }) => Id))
          const taken = Entries.filter(({ Id }) => !failed.has(Id)).map(({ Id }) => ({
            Id,
            MessageId: "m",
            MD5OfMessageBody: ""
          }))
          return Effect.succeed({
            $metadata: {},
            Failed: Failed.map((one) => ({ Id: "", SenderFault: false, Code: "", ...one })),
            Successful: Successful === undefined ? taken : []
          })
        })
    })
    const target = yield* Effect.provide(
      QueueTarget.make({ url: Either.getOrThrow(CaptureQueueUrl.parse(url)), retry }),
      layer
    )
    return { target, sent }
  })

const standard = "https://sqs.us-east-1.amazonaws.com/123456789012/orders"

describe("QueueTarget", () => {
  it.effect("sends the envelope as it is", () =>
    Effect.gen(function* () {
      const { sent, target } = yield* queueOver(standard)
      expect(yield* target.send([event(1), event(2)])).toEqual([{ _tag: "Acknowledged" }, { _tag: "Acknowledged" }])
      expect(sent).toEqual([
        [
          { Id: "0", MessageBody: line(1) },
          { Id: "1", MessageBody: line(2) }
        ]
      ])
      expect([target.batch, target.groupOf]).toEqual([{ entries: 10, bytes: 262_144 }, undefined])
    })
  )

  it.effect("a FIFO queue gets conversations in groups, and an event under its own id", () =>
    Effect.gen(function* () {
      const { sent, target } = yield* queueOver(`${standard}.fifo`)
      const presence = JSON.stringify({
        source: "s",
        "detail-type": "v2.users.{id}.presence",
        detail: { topicName: "v2.users.11aa.presence", eventBody: { id: "11aa" } }
      })
      const other = eventOf(presence)
      yield* target.send([event(1), other])
      expect(sent[0]).toMatchObject([
        { MessageGroupId: "conversation-1", MessageDeduplicationId: event(1).id },
        { MessageGroupId: "v2.users.11aa.presence", MessageDeduplicationId: other.id }
      ])
      expect(target.groupOf?.(event(1))).toBe("conversation-1")
    })
  )

  it.effect("sends again what was not taken this time, and only that; what is the sender's fault is refused", () =>
    Effect.gen(function* () {
      const { sent, target } = yield* queueOver(
        standard,
        {
          Failed: [
            { Id: "1", Code: "InternalError" },
            { Id: "2", Code: "InvalidMessageContents", Message: "no such character", SenderFault: true },
            { Id: "3", Code: "ThrottlingException", SenderFault: true }
          ]
        },
        { Failed: [{ Id: "1", Code: "RequestThrottled" }] }
      )
      const outcomes = yield* onTestClock(target.send([event(0), event(1), event(2), event(3)]))
      expect(outcomes).toEqual([
        { _tag: "Acknowledged" },
        { _tag: "Acknowledged" },
        { _tag: "Refused", reason: "InvalidMessageContents: no such character" },
        { _tag: "Acknowledged" }
      ])
      expect(sent.map((batch) => batch.map(({ MessageBody }) => MessageBody))).toEqual([
        [line(0), line(1), line(2), line(3)],
        [line(1), line(3)],
        [line(3)]
      ])
    })
  )

  it.effect("fails where trying again has ended, where there is no queue, and where it is not allowed", () =>
    Effect.gen(function* () {
      const throttled = { Failed: [{ Id: "0", Code: "ThrottlingException" }] }
      const busy = yield* queueOver(standard, throttled, throttled, throttled, throttled)
      // What was taken before is known.
      expect(yield* onTestClock(busy.target.send([event(1), event(2)]))).toMatchObject([
        { _tag: "Unsent", error: { _tag: "RateLimited", operation: "sqs:SendMessage", attempts: 4 } },
        { _tag: "Acknowledged" }
      ])
      const none = yield* queueOver(standard, { _tag: "QueueDoesNotExist" })
      expect(yield* none.target.send([event(1)])).toMatchObject([
        { _tag: "Unsent", error: { _tag: "QueueNotFound", queue: standard } }
      ])
      const denied = SdkError({
        name: "SdkError",
        message: "not authorized to perform: sqs:SendMessage",
        ...{ $metadata: { httpStatusCode: 403 } }
      })
      const forbidden = yield* queueOver(standard, denied)
      expect(yield* forbidden.target.send([event(1)])).toMatchObject([
        { _tag: "Unsent", error: { _tag: "NotPermitted" } }
      ])
    })
  )

  it.effect("an event that is larger than 256 KiB fits into no request", () =>
    Effect.gen(function* () {
      const { target } = yield* queueOver(standard)
      const size = (pad: number) => target.measure({ ...event(1), text: "ä".repeat(pad) })
      expect(size(131_072)).toEqual(Either.right(262_144))
      expect(size(131_073)).toEqual(Either.left("too large: 262146 bytes, and a queue takes 262144"))
    })
  )
})

const busOver = (stub: StubEventBridge, source?: string, arn = bus) =>
  Effect.provide(EventBusTarget.make({ arn, source }), [
    EventBridgeClients.EventBridgeClients.layerStub(stub.client),
    EventBridgeConfig.EventBridgeConfig.layerOf({ retry })
  ])

describe("EventBusTarget", () => {
  it.effect("puts the event as it was, but for a source that AWS refuses, which then is its first resource", () =>
    Effect.gen(function* () {
      const stub = new StubEventBridge()
      const exact = line(1).replace('"index":1', '"index":1.00')
      const partner = eventOf(exact)
      const target = yield* busOver(stub)
      yield* target.send([partner, event(2, { source: "genesys.com.test" })])
      expect(stub.sent("PutEvents")).toEqual([
        {
          Entries: [
            {
              EventBusName: bus,
              Source: "genesys-replay",
              DetailType: envelope(1)["detail-type"],
              Detail: exact.slice(exact.indexOf('"detail":') + 9, -1),
              Resources: ["aws.partner/genesys.com/cloud/org/suffix"],
              Time: new Date("2024-01-15T00:00:01Z")
            },
            expect.objectContaining({ Source: "genesys.com.test", Resources: [] })
          ]
        }
      ])
    })
  )

  it.effect("sends again what was throttled, refuses what AWS refuses, with its words", () =>
    Effect.gen(function* () {
      const stub = new StubEventBridge()
      stub.refusals.push(
        { ErrorCode: "ThrottlingException" },
        { ErrorCode: "MalformedDetail", ErrorMessage: "no JSON" }
      )
      const target = yield* busOver(stub)
      expect(yield* onTestClock(target.send([event(1)]))).toEqual([
        { _tag: "Refused", reason: "MalformedDetail: no JSON" }
      ])
      expect(stub.sent("PutEvents")).toHaveLength(2)
    })
  )

  it.effect("counts an entry as AWS does", () =>
    Effect.gen(function* () {
      const target = yield* busOver(new StubEventBridge())
      const { Detail, DetailType, Resources, Source } = EventBusTarget.entryOf(event(1), "genesys-replay")
      const bytes = [Detail, DetailType, Source, ...Resources].join("").length + 14
      expect(target.measure(event(1))).toEqual(Either.right(bytes))
      expect(Either.isLeft(target.measure(event(1, { pad: 262_144 })))).toBe(true)
    })
  )

  it.effect("is no partner's bus, and no source of AWS's", () =>
    Effect.gen(function* () {
      const partner = bus.replace("gen-cx-events", "aws.partner/genesys.com/cloud/org/suffix")
      for (const [source, arn] of [
        ["aws.mine", bus],
        ["", bus],
        [undefined, partner],
        [undefined, "arn:aws:events:x"]
      ] as const) {
        expect(yield* Effect.flip(busOver(new StubEventBridge(), source, arn))).toMatchObject({ _tag: "TargetInvalid" })
      }
    })
  )
})

const secret = "whsec_c2VjcmV0LW9mLXRoZS13ZWJob29rLWhlcmU="

/** A server on this machine that answers one status after another, then 204; and what it was sent. */
const serverOf = (...statuses: ReadonlyArray<number>) =>
  Effect.acquireRelease(
    Effect.async<{
      readonly url: string
      readonly got: Array<readonly [headers: IncomingHttpHeaders, body: string]>
      readonly close: () => void
    }>((resume) => {
      const got: Array<readonly [IncomingHttpHeaders, string]> = []
      const server = createServer((request, response) => {
        const chunks: Array<Buffer> = []
        request.on("data", (chunk: Buffer) => chunks.push(chunk))
        request.on("end", () => {
          const status = statuses[got.push([request.headers, Buffer.concat(chunks).toString()]) - 1] ?? 204
          response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end()
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}/hook`, got, close: () => server.closeAllConnections() }))
        server.unref()
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const webhookAt = (url: string) =>
  Effect.provide(WebhookTarget.make({ url, secret: Redacted.make(secret), retry }), FetchHttpClient.layer)

describe("WebhookTarget", () => {
  it.scopedLive("signs the envelope as it is, under the event's own id, however often it is sent", () =>
    Effect.gen(function* () {
      const server = yield* serverOf(503)
      const target = yield* webhookAt(server.url)
      expect(yield* target.send([event(1)])).toEqual([{ _tag: "Acknowledged" }])
      expect(server.got.map(([headers, body]) => [headers["webhook-id"], body])).toEqual([
        [event(1).id, line(1)],
        [event(1).id, line(1)]
      ])
      for (const [
        { "webhook-id": id = "", "webhook-timestamp": at = "", "webhook-signature": signature = "" },
        body
      ] of server.got) {
        const headers = {
          "webhook-id": String(id),
          "webhook-timestamp": String(at),
          "webhook-signature": String(signature)
        }
        expect(new Webhook(secret).verify(body, headers)).toEqual(envelope(1))
      }
    })
  )

  it.scopedLive("what an answer says of an event refuses that event; what it says of the webhook ends sending", () =>
    Effect.gen(function* () {
      const server = yield* serverOf(422, 404, 302, 503, 503, 503, 503)
      const target = yield* webhookAt(server.url)
      expect(yield* target.send([event(1)])).toEqual([{ _tag: "Refused", reason: "the webhook answered 422" }])
      expect(yield* target.send([event(2)])).toMatchObject([
        { _tag: "Unsent", error: { _tag: "RequestRejected", status: 404 } }
      ])
      expect(yield* target.send([event(2)])).toMatchObject([
        { _tag: "Unsent", error: { _tag: "RequestRejected", status: 302 } }
      ])
      expect(yield* target.send([event(2)])).toMatchObject([
        { _tag: "Unsent", error: { _tag: "ProviderUnavailable", attempts: 4 } }
      ])
      expect(server.got).toHaveLength(7)
    })
  )

  it.effect("is refused in the clear, and with a secret that is none; neither is shown", () =>
    Effect.gen(function* () {
      const of = (url: string, text: string) =>
        Effect.flip(WebhookTarget.make({ url, secret: Redacted.make(text) })).pipe(
          Effect.provide(FetchHttpClient.layer)
        )
      for (const [url, text] of [
        ["http://hooks.example.com/path-secret", secret],
        ["https://user:pass@hooks.example.com/path-secret", secret],
        ["https://hooks.example.com/path-secret", "!!not-base64!!"]
      ] as const) {
        const { message, remedy } = yield* of(url, text)
        expect(`${message}${remedy}`).not.toMatch(/path-secret|pass@|not-base64!!/)
      }
    })
  )
})

describe("FileTarget", () => {
  it.scoped("appends the envelopes, one a line", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/out/resent.ndjson`
      const target = yield* FileTarget.make(path)
      yield* target.send([event(1), event(2)])
      yield* target.send([event(3)])
      expect(yield* files.readFileString(path)).toBe(`${line(1)}\n${line(2)}\n${line(3)}\n`)
      expect(yield* Effect.flip(FileTarget.make(`${path}.gz`))).toMatchObject({
        _tag: "ResendFileFailed",
        purpose: "target"
      })
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
