/** A queue in a sandbox, over real HTTP, and the events in it. */
import { SQSService } from "@effect-aws/client-sqs"
import { CaptureQueue } from "@genesys-replay/eventbridge"
import { Sandbox, type Settings } from "@genesys-replay/sandbox"
import { Array as Arrays, Effect, Layer, Redacted } from "effect"

/** A sandbox with a client of its SQS, and that client as a capture sees it. */
export const layer = (options: Settings.Options = {}) =>
  Layer.effect(CaptureQueue.QueueClient, SQSService).pipe(
    Layer.provideMerge(
      Layer.unwrapEffect(
        Effect.map(Sandbox.Sandbox, ({ aws, url }) =>
          SQSService.layer({
            endpoint: url,
            region: aws.region,
            credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: Redacted.value(aws.secretAccessKey) }
          })
        )
      )
    ),
    Layer.provideMerge(Sandbox.layer({ seed: "capture", rateLimit: { allowed: 1_000_000 }, ...options }))
  )

/** An event of a replay as the rule delivers it. */
export const event = (index: number, replay = "outage"): string =>
  JSON.stringify({
    version: "0",
    id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    "detail-type": "genesys.conversations.message",
    source: "aws.partner/genesys.com/cloud/org/suffix",
    time: "2024-01-15T08:00:01Z",
    "replay-name": replay,
    detail: { timestamp: "2024-01-15T08:00:01.123Z", sequenceIndex: index, eventBody: { text: "x".repeat(400) } }
  })

/** Events of these indices. */
export const events = (first: number, last: number): ReadonlyArray<string> =>
  Arrays.range(first, last).map((at) => event(at))

/** Makes a queue whose messages come back after so many seconds, and puts messages into it. Answers its URL. */
export const queueOf = Effect.fn("SandboxQueue.queueOf")(function* (
  bodies: ReadonlyArray<string>,
  { name = "captured", visibility = 30 }: { readonly name?: string; readonly visibility?: number } = {}
) {
  const sqs = yield* SQSService
  const { QueueUrl = "" } = yield* sqs.createQueue({
    QueueName: name,
    Attributes: { VisibilityTimeout: String(visibility) }
  })
  yield* Effect.forEach(
    Arrays.chunksOf(bodies, 10),
    (batch) =>
      sqs.sendMessageBatch({
        QueueUrl,
        Entries: batch.map((MessageBody, at) => ({ Id: String(at), MessageBody }))
      }),
    { concurrency: 8, discard: true }
  )
  return QueueUrl
})

/** How many messages the queue holds, in sight or not. */
export const sizeOf = Effect.fn("SandboxQueue.sizeOf")(function* (QueueUrl: string) {
  const sqs = yield* SQSService
  const { Attributes = {} } = yield* sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] })
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible)
})
