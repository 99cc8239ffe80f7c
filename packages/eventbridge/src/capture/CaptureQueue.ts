/** A queue of Amazon SQS as a capture sees it: take messages, delete messages, see how many are left. Retries are inside. */
import type {
  DeleteMessageBatchCommandInput,
  DeleteMessageBatchCommandOutput,
  GetQueueAttributesCommandInput,
  GetQueueAttributesCommandOutput,
  MessageAttributeValue,
  ReceiveMessageCommandInput,
  ReceiveMessageCommandOutput,
  SQSClientConfig
} from "@aws-sdk/client-sqs"
import { SQSService } from "@effect-aws/client-sqs"
import { RetryPolicy } from "@genesys-replay/domain"
import { Config, Context, Duration, Effect, Encoding, Layer, Option, Predicate, Record, Ref } from "effect"
import * as AwsFailure from "../aws/AwsFailure.js"
import * as AwsProxy from "../aws/AwsProxy.js"
import { defaultRegion } from "../aws/EventBridgeClients.js"
import { type AwsMisconfigured, endpointOf } from "../aws/EventBridgeConfig.js"
import type { Attributes } from "./CapturedEvent.js"
import { type QueueError, QueueNotFound } from "./CaptureError.js"
import type { CaptureQueueUrl } from "./CaptureQueueUrl.js"

/** What a call of the client fails with: the name of an exception of SQS, or `SdkError` for everything else. */
export interface ClientFailure {
  readonly _tag: string
}

/** What a client of SQS is made with, beside the standard chain of the AWS SDK. */
export type QueueSettings = Pick<SQSClientConfig, "credentials" | "endpoint" | "profile" | "region" | "requestHandler">

/** The client of SQS, as far as a capture uses it: an IAM policy needs no other actions. */
export class QueueClient extends Context.Tag("@genesys-replay/eventbridge/QueueClient")<
  QueueClient,
  {
    readonly receiveMessage: (
      input: ReceiveMessageCommandInput
    ) => Effect.Effect<ReceiveMessageCommandOutput, ClientFailure>
    readonly deleteMessageBatch: (
      input: DeleteMessageBatchCommandInput
    ) => Effect.Effect<DeleteMessageBatchCommandOutput, ClientFailure>
    readonly getQueueAttributes: (
      input: GetQueueAttributesCommandInput
    ) => Effect.Effect<GetQueueAttributesCommandOutput, ClientFailure>
  }
>() {
  /** With given credentials, endpoint and region: for a stand-in of AWS, and for programs that have their own way. */
  static readonly layerOf = (settings: QueueSettings): Layer.Layer<QueueClient> =>
    // Trying again is this package's own business, as everywhere in it.
    Layer.effect(QueueClient, SQSService).pipe(Layer.provide(SQSService.layer({ ...settings, maxAttempts: 1 })))

  /**
   * By the standard chain of the AWS SDK: credentials, profile, endpoint. The endpoint that the environment names wins over
   * the host of the queue's URL, as in AWS's own command line. The region is the one that the URL names, else `AWS_REGION`,
   * else the profile's; us-east-1 for a queue on this machine. The proxy is the environment's. Building it sends nothing; `AwsMisconfigured` for an endpoint
   * that is neither https nor on this machine.
   */
  static readonly layer = (url: CaptureQueueUrl): Layer.Layer<QueueClient, AwsMisconfigured> =>
    Layer.unwrapEffect(Effect.map(settingsOf(url), QueueClient.layerOf))
}

/** Endpoint, region and proxy for the queue at this URL, as {@link QueueClient.layer} has them. */
export const settingsOf = (url: CaptureQueueUrl): Effect.Effect<QueueSettings, AwsMisconfigured> =>
  Effect.gen(function* () {
    const endpoint = yield* endpointOf("SQS")
    const configured = yield* Effect.option(Config.nonEmptyString("AWS_REGION"))
    const local = url.isLocal ? Option.some(defaultRegion) : Option.none()
    const region = Option.firstSomeOf([url.region, configured, local])
    return {
      ...(yield* AwsProxy.settings),
      ...(Option.isSome(endpoint) ? { endpoint: endpoint.value } : {}),
      ...(Option.isSome(region) ? { region: region.value } : {})
    }
  })

/** A message that was taken; nobody else gets it until its visibility time-out is over. */
export interface Message {
  /** The same each time that it is taken. */
  readonly id: string
  readonly body: string
  readonly attributes: Attributes
  /** What it is deleted by. */
  readonly receipt: string
}

/** What became of a deletion. */
export interface Deletion {
  readonly deleted: number
  /** Why the others were not, as SQS says it, one for each. They come again. */
  readonly failures: ReadonlyArray<string>
}

/** How full the queue is, as far as SQS knows at this moment. */
export interface Depth {
  /** Messages that can be taken, now or after their delay. */
  readonly waiting: number
  /** Messages that somebody took and did not delete yet. */
  readonly inFlight: number
  /** How long a message that was taken stays hidden. */
  readonly visibility: Duration.Duration
}

/** The operations. */
export interface CaptureQueue {
  /** Up to `max` messages (at most 10), as soon as there is one; none after `wait` seconds (at most 20). */
  readonly receive: (max: number, wait: number) => Effect.Effect<ReadonlyArray<Message>, QueueError>
  /** Deletes these, at most 10. Those that SQS did not delete are tried again, unless it says that this is of no use. */
  readonly remove: (receipts: ReadonlyArray<string>) => Effect.Effect<Deletion, QueueError>
  /** None where the queue does not tell (`sqs:GetQueueAttributes` is not allowed). */
  readonly depth: Effect.Effect<Option.Option<Depth>, QueueError>
}

/** How many messages one request of SQS can be about. */
export const batchSize = 10

// For the answer to come, after the wait that was asked for.
const answerWithin = Duration.seconds(15)

// Not in the list of all services: too many messages in flight, and a key service that is busy.
const limits = new Set(["OverLimit", "KmsThrottled"])

const limited = (code: string) =>
  new RetryPolicy.TransientFailure({
    kind: "limited",
    lastAnswer: code,
    retryAfter: Option.none(),
    correlationId: undefined
  })

/** What a failed call about this queue means. */
export const meaning = (queue: string, operation: string, error: ClientFailure) => {
  if (error._tag === "QueueDoesNotExist") return new QueueNotFound({ queue })
  if (limits.has(error._tag)) return limited(error._tag)
  const failure = AwsFailure.of(operation, error)
  return failure._tag === "AwsException" ? AwsFailure.rejected(failure) : failure
}

/** One request about this queue, in bounded time: `wait`, and 15 seconds for the answer. */
export const once = <A>(
  queue: string,
  operation: string,
  request: Effect.Effect<A, ClientFailure>,
  wait: Duration.Duration = Duration.zero
) =>
  request.pipe(
    Effect.mapError((error) => meaning(queue, operation, error)),
    Effect.timeoutFail({
      duration: Duration.sum(wait, answerWithin),
      onTimeout: () => AwsFailure.timedOut(Duration.toSeconds(Duration.sum(wait, answerWithin)))
    })
  )

const textOf = ({ BinaryValue, StringValue }: MessageAttributeValue): string =>
  StringValue ?? (BinaryValue === undefined ? "" : Encoding.encodeBase64(BinaryValue))

/** What is left of a deletion after a request. */
interface Remaining {
  /** Receipts to try again. */
  readonly pending: ReadonlyArray<string>
  /** Why the last request did not delete these; none where there was no answer. */
  readonly reasons: ReadonlyArray<string>
  /** Why others will never be deleted by their receipts. */
  readonly never: ReadonlyArray<string>
}

/** The queue at this URL. */
export const make = Effect.fn("CaptureQueue.make")(function* (
  queue: string,
  policy: RetryPolicy.RetryPolicy = RetryPolicy.defaults
) {
  const sqs = yield* QueueClient

  const retrying = <A, E>(operation: string, attempt: Effect.Effect<A, E | RetryPolicy.TransientFailure>) =>
    RetryPolicy.retrying({ policy, operation, repeatable: true }, () => attempt)

  const receive: CaptureQueue["receive"] = Effect.fn("CaptureQueue.receive")(function* (max: number, wait: number) {
    const operation = "sqs:ReceiveMessage"
    const request = sqs.receiveMessage({
      QueueUrl: queue,
      MaxNumberOfMessages: max,
      WaitTimeSeconds: wait,
      MessageAttributeNames: ["All"]
    })
    const { Messages = [] } = yield* retrying(operation, once(queue, operation, request, Duration.seconds(wait)))
    return Messages.flatMap(({ Body, MessageAttributes = {}, MessageId = "", ReceiptHandle }) =>
      Body === undefined || ReceiptHandle === undefined
        ? []
        : [{ id: MessageId, body: Body, attributes: Record.map(MessageAttributes, textOf), receipt: ReceiptHandle }]
    )
  })

  const removeOnce = Effect.fn("CaptureQueue.removeOnce")(function* (remaining: Ref.Ref<Remaining>) {
    const { never, pending } = yield* Ref.get(remaining)
    yield* Ref.set(remaining, { never, pending, reasons: [] })
    const Entries = pending.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle }))
    const answer = yield* once(queue, "sqs:DeleteMessage", sqs.deleteMessageBatch({ QueueUrl: queue, Entries }))
    const deleted = new Set((answer.Successful ?? []).map(({ Id }) => Id))
    const left = Entries.filter(({ Id }) => !deleted.has(Id)).map(({ Id, ReceiptHandle }) => {
      const entry = (answer.Failed ?? []).find((failed) => failed.Id === Id)
      const reason = [entry?.Code, entry?.Message].filter(Predicate.isNotUndefined).join(" ")
      return { ReceiptHandle, reason: reason || "no answer for this message", final: entry?.SenderFault === true }
    })
    const again = left.filter(({ final }) => !final)
    yield* Ref.set(remaining, {
      pending: again.map(({ ReceiptHandle }) => ReceiptHandle),
      reasons: again.map(({ reason }) => reason),
      never: [...never, ...left.filter(({ final }) => final).map(({ reason }) => reason)]
    })
    const [first] = again
    if (first !== undefined) return yield* limited(first.reason)
  })

  const remove: CaptureQueue["remove"] = Effect.fn("CaptureQueue.remove")(function* (receipts: ReadonlyArray<string>) {
    const remaining = yield* Ref.make<Remaining>({ pending: receipts, reasons: [], never: [] })
    yield* retrying("sqs:DeleteMessage", removeOnce(remaining)).pipe(
      // Single messages that cannot be deleted are no reason to end; no answer to the request is.
      Effect.catchTag("RateLimited", (error) =>
        Effect.flatMap(Ref.get(remaining), ({ reasons }) => (reasons.length > 0 ? Effect.void : Effect.fail(error)))
      )
    )
    const { never, reasons } = yield* Ref.get(remaining)
    const failures = [...never, ...reasons]
    return { deleted: receipts.length - failures.length, failures }
  })

  const depth: CaptureQueue["depth"] = Effect.gen(function* () {
    const operation = "sqs:GetQueueAttributes"
    const request = sqs.getQueueAttributes({
      QueueUrl: queue,
      AttributeNames: [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
        "VisibilityTimeout"
      ]
    })
    const { Attributes = {} } = yield* retrying(operation, once(queue, operation, request))
    const figure = (text: string | undefined) => Number(text ?? 0)
    return Option.some({
      waiting: figure(Attributes.ApproximateNumberOfMessages) + figure(Attributes.ApproximateNumberOfMessagesDelayed),
      inFlight: figure(Attributes.ApproximateNumberOfMessagesNotVisible),
      visibility: Duration.seconds(figure(Attributes.VisibilityTimeout))
    })
  }).pipe(
    Effect.catchTag("NotPermitted", () => Effect.succeedNone),
    Effect.withSpan("CaptureQueue.depth")
  )

  return { receive, remove, depth } satisfies CaptureQueue
})
