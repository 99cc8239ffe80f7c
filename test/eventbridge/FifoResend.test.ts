import { FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { SQSService } from "@effect-aws/client-sqs"
import { Acknowledgements, CaptureQueueUrl, QueueTarget, Resend } from "@genesys-replay/eventbridge"
import { Sandbox } from "@genesys-replay/sandbox"
import { Array as Arrays, Effect, Either, Redacted } from "effect"
import { layer } from "./SandboxQueue.js"
import { type envelope, line, records } from "./StubTarget.js"

/** A FIFO queue of the sandbox, and sending to it over HTTP. */
const queue = Effect.gen(function* () {
  const sqs = yield* SQSService
  const { aws, url } = yield* Sandbox.Sandbox
  const { QueueUrl = "" } = yield* sqs.createQueue({
    QueueName: "consumer.fifo",
    Attributes: { FifoQueue: "true", VisibilityTimeout: "600" }
  })
  const target = yield* Effect.provide(
    QueueTarget.make({ url: Either.getOrThrow(CaptureQueueUrl.parse(QueueUrl)) }),
    QueueTarget.SendClient.layerOf({
      endpoint: url,
      region: aws.region,
      credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: Redacted.value(aws.secretAccessKey) }
    })
  )
  // Takes all that is in it: the indices of the events of each conversation, in the order in which they came.
  const drain = Effect.gen(function* () {
    const came = new Map<string, Array<number>>()
    while (true) {
      const { Messages = [] } = yield* sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })
      if (Messages.length === 0) return came
      for (const { Body = "", ReceiptHandle } of Messages) {
        const { conversationId, index }: ReturnType<typeof envelope>["detail"]["eventBody"] =
          JSON.parse(Body).detail.eventBody
        came.set(conversationId, [...(came.get(conversationId) ?? []), index])
        yield* sqs.deleteMessage({ QueueUrl, ReceiptHandle })
      }
    }
  })
  return { target, drain }
})

const count = 60

const inOrder = new Map(
  [0, 1, 2].map((of) => [`conversation-${of}`, Arrays.range(0, count - 1).filter((index) => index % 3 === of)])
)

// The capture has them in another order than that of time.
const events = records(...Arrays.range(0, count - 1).map((at) => line((at * 7) % count)))

describe("a resend to a FIFO queue", () => {
  it.scopedLive("keeps the order of each conversation", () =>
    Effect.gen(function* () {
      const { drain, target } = yield* queue
      const summary = yield* Resend.run({ events, target, order: "time" })
      expect(summary).toMatchObject({ acknowledged: count, refused: { count: 0 } })
      expect(yield* drain).toEqual(inOrder)
    }).pipe(Effect.provide([layer(), FileSystem.layerNoop({})]))
  )

  it.scopedLive("that dies before an acknowledgement is written sends again, and the queue drops what it has", () =>
    Effect.gen(function* () {
      const { drain, target } = yield* queue
      const written = new Set<string>()
      let requests = 0
      const dying: Acknowledgements.Acknowledgements = {
        ...Acknowledgements.none,
        add: (ids) =>
          Effect.suspend(() => {
            if (++requests > 3) return Effect.dieMessage("the process is killed")
            for (const id of ids) written.add(id)
            return Effect.void
          })
      }
      yield* Effect.exit(Resend.run({ events, target, order: "time", acknowledgements: dying }))
      expect(written.size).toBeGreaterThan(0)
      const again = yield* Resend.run({
        events,
        target,
        order: "time",
        acknowledgements: { ...Acknowledgements.none, before: written.size, has: (id) => written.has(id) }
      })
      expect(again).toMatchObject({ before: written.size, acknowledged: count - written.size })
      expect(yield* drain).toEqual(inOrder)
    }).pipe(Effect.provide([layer(), FileSystem.layerNoop({})]))
  )
})
