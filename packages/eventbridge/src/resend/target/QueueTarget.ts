/** A queue of Amazon SQS that events are sent to. */
import type {
  SendMessageBatchCommandInput,
  SendMessageBatchCommandOutput,
  SendMessageBatchRequestEntry
} from "@aws-sdk/client-sqs"
import { SQSService } from "@effect-aws/client-sqs"
import { RetryPolicy } from "@genesys-replay/domain"
import { Context, Effect, Layer, Predicate } from "effect"
import type { AwsMisconfigured } from "../../aws/EventBridgeConfig.js"
import * as CaptureQueue from "../../capture/CaptureQueue.js"
import type { CaptureQueueUrl } from "../../capture/CaptureQueueUrl.js"
import type { ResendEvent } from "../ResendEvent.js"
import * as PartialSend from "./PartialSend.js"
import * as ResendTarget from "./ResendTarget.js"

/** The client of SQS, as far as sending uses it: an IAM policy needs `sqs:SendMessage` and no other action. */
export class SendClient extends Context.Tag("@genesys-replay/eventbridge/SendClient")<
  SendClient,
  {
    readonly sendMessageBatch: (
      input: SendMessageBatchCommandInput
    ) => Effect.Effect<SendMessageBatchCommandOutput, CaptureQueue.ClientFailure>
  }
>() {
  /** With given credentials, endpoint and region: for a stand-in of AWS, and for programs that have their own way. */
  static readonly layerOf = (settings: CaptureQueue.QueueSettings): Layer.Layer<SendClient> =>
    // Trying again is this package's own business, as everywhere in it.
    Layer.effect(SendClient, SQSService).pipe(Layer.provide(SQSService.layer({ ...settings, maxAttempts: 1 })))

  /** By the standard chain of the AWS SDK; see `CaptureQueue.QueueClient.layer`. */
  static readonly layer = (url: CaptureQueueUrl): Layer.Layer<SendClient, AwsMisconfigured> =>
    Layer.unwrapEffect(Effect.map(CaptureQueue.settingsOf(url), SendClient.layerOf))
}

/** A queue. */
export interface Options {
  readonly url: CaptureQueueUrl
  /** How requests are tried again; three times, from one second on. */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
}

// Source: AWS, SQS API reference, SendMessageBatch; the size is that of all bodies of a batch.
const batch = { entries: CaptureQueue.batchSize, bytes: 262_144 }

// Source: AWS, MessageGroupId of SendMessage: 128 of letters, digits and punctuation.
const groupShape = /^[!-~]{1,128}$/

/** The conversation; for an event of none, its topic with the ids in it. */
const groupOf = ({ conversationId, id, topic, topicName }: ResendEvent): string =>
  [conversationId, topicName, topic].find((name) => name !== undefined && groupShape.test(name)) ?? id

// Told of a message, it would be so of every other one.
const limits = /^(?:ThrottlingException|RequestThrottled|OverLimit|KmsThrottled|KMS\.ThrottlingException)$/

/**
 * Sends the envelope as it is, the body of one message each; ten, or 256 KiB, a request. A FIFO queue gets the events of a
 * conversation in one group, one after the other, and drops one that it got within five minutes: its deduplication id is the
 * event's own id. `QueueNotFound` and the errors of AWS come from sending. Source: AWS, SQS API reference, SendMessageBatch.
 */
export const make = Effect.fn("QueueTarget.make")(function* ({ retry = RetryPolicy.defaults, url: { url } }: Options) {
  const sqs = yield* SendClient
  const isFifo = url.endsWith(".fifo")
  const operation = "sqs:SendMessage"

  const entryOf = (event: ResendEvent, at: number): SendMessageBatchRequestEntry => ({
    Id: String(at),
    MessageBody: event.text,
    ...(isFifo ? { MessageGroupId: groupOf(event), MessageDeduplicationId: event.id } : {})
  })

  const request = (events: ReadonlyArray<ResendEvent>) =>
    Effect.map(
      CaptureQueue.once(url, operation, sqs.sendMessageBatch({ QueueUrl: url, Entries: events.map(entryOf) })),
      ({ Failed = [], Successful = [] }) => {
        const taken = new Set(Successful.map(({ Id }) => Id))
        return events.map((_, at): PartialSend.Answer => {
          if (taken.has(String(at))) return ResendTarget.acknowledged
          const entry = Failed.find(({ Id }) => Id === String(at))
          const reason = [entry?.Code, entry?.Message].filter(Predicate.isNotUndefined).join(": ")
          if (entry === undefined) return { _tag: "Again", kind: "passing", reason: "no answer for a message" }
          if (limits.test(entry.Code ?? "")) return { _tag: "Again", kind: "limited", reason }
          return entry.SenderFault === true ? ResendTarget.refused(reason) : { _tag: "Again", kind: "passing", reason }
        })
      }
    )

  return {
    name: `queue ${url}`,
    location: url,
    batch,
    concurrency: 8,
    groupOf: isFifo ? groupOf : undefined,
    measure: ({ text }) => ResendTarget.within(ResendTarget.bytesOf(text), batch.bytes, "a queue"),
    send: (events) => PartialSend.send(events, { policy: retry, operation, request })
  } satisfies ResendTarget.ResendTarget
})
