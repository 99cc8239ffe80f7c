/** Amazon SQS: its operations over the sandbox's queues. */
import { HttpServer } from "@effect/platform"
import { Clock, Effect, Ref } from "effect"
import * as Arn from "../Arn.js"
import type { AwsError } from "../AwsError.js"
import * as AwsJson from "../AwsJson.js"
import { implement } from "../AwsJson.js"
import * as Fifo from "./Fifo.js"
import { MessageQueue, type NewMessage, type Received } from "./MessageQueue.js"
import * as Queues from "./Queues.js"
import * as Api from "./SqsApi.js"
import * as SqsError from "./SqsError.js"

const seconds = (value: string | number | undefined): number => Number(value ?? 0) * 1_000

const largest = 1_048_576

/** A number within bounds, as SQS refuses it. */
const within = (name: string, value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most
    ? Effect.succeed(value)
    : SqsError.invalidParameter(
        `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`
      )

const longestVisibility = 43_200

const bounds: { readonly [name: string]: readonly [number, number] } = {
  DelaySeconds: [0, 900],
  MaximumMessageSize: [1_024, largest],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, longestVisibility]
}

const keptAsTheyAre = [
  "Policy",
  "RedrivePolicy",
  "RedriveAllowPolicy",
  "SqsManagedSseEnabled",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds"
]

/** Attributes that may be set. `Policy` and the like are kept, and mean nothing here. */
const attributesOf = Effect.fnUntraced(function* (attributes: Queues.Attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const [least, most] = bounds[name] ?? []
    if (least !== undefined && most !== undefined) yield* within(name, Number(value), least, most)
    else if (Fifo.attributes[name] !== undefined) {
      if (!Fifo.attributes[name].includes(value)) {
        return yield* SqsError.invalidAttributeValue(`Invalid value for the parameter ${name}.`)
      }
    } else if (!keptAsTheyAre.includes(name)) {
      return yield* SqsError.invalidAttributeName(`Unknown Attribute ${name}.`)
    }
  }
  return attributes
})

const systemAttributes = (message: Received): { readonly [name: string]: string } => ({
  SenderId: Arn.account,
  SentTimestamp: String(message.sentAt),
  ApproximateReceiveCount: String(message.receiveCount),
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  ...(message.fifo === undefined
    ? {}
    : {
        MessageGroupId: message.fifo.groupId,
        MessageDeduplicationId: message.fifo.deduplicationId,
        SequenceNumber: message.sequenceNumber ?? ""
      })
})

/** The entries that were asked for by name; `All` asks for everything, a star at the end for all that begin so. */
const selected = <A>(entries: { readonly [name: string]: A }, names: ReadonlyArray<string>) => {
  const wanted = Object.entries(entries).filter(([name]) =>
    names.some((one) => one === "All" || one === name || (one.endsWith("*") && name.startsWith(one.slice(0, -1))))
  )
  return wanted.length === 0 ? undefined : Object.fromEntries(wanted)
}

interface Entry {
  readonly Id: string
}

const batchOf = <A extends Entry>(entries: ReadonlyArray<A>) => {
  if (entries.length === 0) return SqsError.emptyBatch
  if (entries.length > 10) return SqsError.tooManyEntries(entries.length)
  return new Set(entries.map(({ Id }) => Id)).size < entries.length
    ? SqsError.entryIdsNotDistinct
    : Effect.succeed(entries)
}

const failure = (Id: string, { queryCode = "", reason }: AwsError) => ({
  Id,
  SenderFault: true,
  Code: queryCode.split(".").at(-1) ?? queryCode,
  Message: reason
})

/** Does each entry of a batch on its own. */
const each = <A extends Entry, B>(entries: ReadonlyArray<A>, run: (entry: A) => Effect.Effect<B, AwsError>) =>
  Effect.gen(function* () {
    const [Failed, Successful] = yield* Effect.partition(yield* batchOf(entries), (entry) =>
      Effect.mapBoth(run(entry), {
        onFailure: (error) => failure(entry.Id, error),
        onSuccess: (answer) => ({ Id: entry.Id, ...answer })
      })
    )
    return { Successful, Failed }
  })

interface Sending extends Fifo.Sending {
  readonly MessageAttributes?: NewMessage["attributes"]
}

/** The service. */
export const make = Effect.gen(function* () {
  const queues = yield* Queues.Queues
  const { address } = yield* HttpServer.HttpServer
  const port = address._tag === "TcpAddress" ? address.port : 0
  const urlOf = ({ name }: Queues.Queue) => `http://127.0.0.1:${port}/${Arn.account}/${name}`

  /** The queue of a URL: the last segment names it, whatever the host is called. */
  const at = ({ QueueUrl }: { readonly QueueUrl: string }) => queues.get(QueueUrl.split("/").at(-1) ?? QueueUrl)

  const send = Effect.fnUntraced(function* (queue: Queues.Queue, sending: Sending) {
    if (sending.MessageBody === "" || new TextEncoder().encode(sending.MessageBody).length > largest) {
      return yield* SqsError.invalidParameter(
        `One or more parameters are invalid. Reason: Message must be between 1 and ${largest} bytes.`
      )
    }
    const attributes = yield* Ref.get(queue.attributes)
    const delay = sending.DelaySeconds ?? Number(attributes["DelaySeconds"] ?? 0)
    yield* within("DelaySeconds", delay, 0, 900)
    const fifo = yield* Fifo.of(queue.name, attributes, sending)
    const message = Queues.message(sending.MessageBody, sending.MessageAttributes, fifo)
    const [MessageId = ""] = yield* queues.send(queue, [message], seconds(delay))
    const now = yield* Clock.currentTimeMillis
    const accepted = fifo === undefined ? undefined : queue.messages.acceptedAs(fifo.deduplicationId, now)
    return {
      MessageId,
      MD5OfMessageBody: message.md5,
      ...(accepted === undefined ? {} : { SequenceNumber: accepted.sequenceNumber })
    }
  })

  const receive = Effect.fnUntraced(function* (input: typeof Api.ReceiveMessage.input.Type) {
    const queue = yield* at(input)
    const attributes = yield* Ref.get(queue.attributes)
    const most = yield* within("MaxNumberOfMessages", input.MaxNumberOfMessages ?? 1, 1, 10)
    const wait = input.WaitTimeSeconds ?? Number(attributes["ReceiveMessageWaitTimeSeconds"] ?? 0)
    const visibility = input.VisibilityTimeout ?? Number(attributes["VisibilityTimeout"] ?? 30)
    yield* within("WaitTimeSeconds", wait, 0, 20)
    yield* within("VisibilityTimeout", visibility, 0, longestVisibility)
    const messages = yield* queues.receive(queue, { most, wait: seconds(wait), visibility: seconds(visibility) })
    if (messages.length === 0) return {}
    const names = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])]
    return {
      Messages: messages.map((message) => ({
        MessageId: message.id,
        ReceiptHandle: message.receiptHandle,
        MD5OfBody: message.md5,
        Body: message.body,
        Attributes: selected(systemAttributes(message), names),
        MessageAttributes: selected(message.attributes ?? {}, input.MessageAttributeNames ?? [])
      }))
    }
  })

  const remove = (queue: Queues.Queue, handle: string) =>
    MessageQueue.isHandle(handle)
      ? Effect.as(
          Effect.sync(() => queue.messages.remove(handle)),
          {}
        )
      : SqsError.receiptHandleInvalid(handle)

  const hide = Effect.fnUntraced(function* (queue: Queues.Queue, handle: string, timeout: number) {
    if (!MessageQueue.isHandle(handle)) return yield* SqsError.receiptHandleInvalid(handle)
    yield* within("VisibilityTimeout", timeout, 0, longestVisibility)
    const now = yield* Clock.currentTimeMillis
    if (!queue.messages.hide(handle, now + seconds(timeout))) return yield* SqsError.messageNotInFlight
    yield* queues.changed(queue)
    return {}
  })

  const describe = Effect.fnUntraced(function* (queue: Queues.Queue, names: ReadonlyArray<string>) {
    const { delayed, inFlight, waiting } = queue.messages.depth(yield* Clock.currentTimeMillis)
    const createdAt = String(Math.floor(queue.createdAt / 1_000))
    return selected(
      {
        QueueArn: Arn.queue(queue.name),
        ApproximateNumberOfMessages: String(waiting),
        ApproximateNumberOfMessagesNotVisible: String(inFlight),
        ApproximateNumberOfMessagesDelayed: String(delayed),
        CreatedTimestamp: createdAt,
        LastModifiedTimestamp: createdAt,
        ...(yield* Ref.get(queue.attributes))
      },
      names
    )
  })

  const operations = AwsJson.operations(
    implement(Api.CreateQueue, ({ Attributes = {}, QueueName }) =>
      Effect.gen(function* () {
        yield* Fifo.checkQueue(QueueName, Attributes)
        return { QueueUrl: urlOf(yield* queues.create(QueueName, yield* attributesOf(Attributes))) }
      })
    ),
    implement(Api.GetQueueUrl, ({ QueueName }) =>
      Effect.map(queues.get(QueueName), (queue) => ({ QueueUrl: urlOf(queue) }))
    ),
    implement(Api.ListQueues, ({ QueueNamePrefix = "" }) =>
      Effect.map(queues.all, (all) => {
        const found = all.filter(({ name }) => name.startsWith(QueueNamePrefix))
        return found.length === 0 ? {} : { QueueUrls: found.map(urlOf) }
      })
    ),
    implement(Api.DeleteQueue, (input) =>
      Effect.as(
        Effect.flatMap(at(input), ({ name }) => queues.remove(name)),
        {}
      )
    ),
    implement(Api.PurgeQueue, (input) =>
      Effect.map(at(input), ({ messages }) => {
        messages.purge()
        return {}
      })
    ),
    implement(Api.GetQueueAttributes, ({ AttributeNames = [], ...input }) =>
      Effect.gen(function* () {
        return { Attributes: yield* describe(yield* at(input), AttributeNames) }
      })
    ),
    implement(Api.SetQueueAttributes, ({ Attributes, ...input }) =>
      Effect.gen(function* () {
        const { attributes, name } = yield* at(input)
        const wanted = yield* attributesOf(Attributes)
        if (
          wanted["FifoQueue"] !== undefined ||
          (wanted["ContentBasedDeduplication"] !== undefined && !Fifo.isFifo(name))
        ) {
          return yield* SqsError.invalidAttributeName("Unknown Attribute FifoQueue or ContentBasedDeduplication.")
        }
        yield* Ref.update(attributes, (before) => ({ ...before, ...wanted }))
        return {}
      })
    ),
    implement(Api.SendMessage, (input) => Effect.flatMap(at(input), (queue) => send(queue, input))),
    implement(Api.SendMessageBatch, (input) =>
      Effect.flatMap(at(input), (queue) => each(input.Entries, (entry) => send(queue, entry)))
    ),
    implement(Api.ReceiveMessage, receive),
    implement(Api.DeleteMessage, (input) => Effect.flatMap(at(input), (queue) => remove(queue, input.ReceiptHandle))),
    implement(Api.DeleteMessageBatch, (input) =>
      Effect.flatMap(at(input), (queue) => each(input.Entries, (entry) => remove(queue, entry.ReceiptHandle)))
    ),
    implement(Api.ChangeMessageVisibility, (input) =>
      Effect.flatMap(at(input), (queue) => hide(queue, input.ReceiptHandle, input.VisibilityTimeout))
    ),
    implement(Api.ChangeMessageVisibilityBatch, (input) =>
      Effect.flatMap(at(input), (queue) =>
        each(input.Entries, (entry) => hide(queue, entry.ReceiptHandle, entry.VisibilityTimeout))
      )
    )
  )

  return {
    prefix: "AmazonSQS",
    signingName: "sqs",
    mediaType: "application/x-amz-json-1.0",
    operations
  } satisfies AwsJson.Service
})
