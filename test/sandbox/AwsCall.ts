/** AWS's own clients, pointed at the sandbox of the test. */
import { EventBridge, EventBridgeServiceException } from "@aws-sdk/client-eventbridge"
import { SQS, SQSServiceException } from "@aws-sdk/client-sqs"
import { Sandbox } from "@genesys-replay/sandbox"
import { Data, Effect, Redacted } from "effect"

/** What a client throws. Nothing is tried twice: a test says itself how often it asks. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly name: string
  readonly message: string
  readonly status: number | undefined
  readonly requestId: string | undefined
}> {}

const refused = (cause: unknown): Refused => {
  const name = cause instanceof Error ? cause.name : "unknown"
  const message = cause instanceof Error ? cause.message : String(cause)
  const metadata =
    cause instanceof EventBridgeServiceException || cause instanceof SQSServiceException ? cause.$metadata : undefined
  return new Refused({ name, message, status: metadata?.httpStatusCode, requestId: metadata?.requestId })
}

/** How a client differs from a right one. */
export interface Different {
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
  readonly region?: string
}

const configuration = ({ aws, url }: Sandbox.Service, different: Different) => ({
  endpoint: url,
  region: different.region ?? aws.region,
  maxAttempts: 1,
  credentials: {
    accessKeyId: different.accessKeyId ?? aws.accessKeyId,
    secretAccessKey: different.secretAccessKey ?? Redacted.value(aws.secretAccessKey)
  }
})

/** Calls EventBridge. */
export const events = <A>(call: (client: EventBridge) => Promise<A>, different: Different = {}) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
    Effect.acquireUseRelease(
      Effect.sync(() => new EventBridge(configuration(sandbox, different))),
      (client) => Effect.tryPromise({ try: () => call(client), catch: refused }),
      (client) => Effect.sync(() => client.destroy())
    )
  )

/** Calls SQS. */
export const queues = <A>(call: (client: SQS) => Promise<A>, different: Different = {}) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
    Effect.acquireUseRelease(
      Effect.sync(() => new SQS(configuration(sandbox, different))),
      (client) => Effect.tryPromise({ try: () => call(client), catch: refused }),
      (client) => Effect.sync(() => client.destroy())
    )
  )

export const arn = (resource: string, service = "events") => `arn:aws:${service}:us-east-1:123456789012:${resource}`

export const busArn = arn("event-bus/cx")

/** A bus `cx` whose events of `pattern` go into the queue `captured`. Answers the queue's URL. */
export const busIntoQueue = (pattern: unknown = { source: [{ prefix: "" }] }) =>
  Effect.gen(function* () {
    yield* events((client) => client.createEventBus({ Name: "cx" }))
    const { QueueUrl } = yield* queues((client) => client.createQueue({ QueueName: "captured" }))
    yield* events((client) =>
      client.putRule({ Name: "capture", EventBusName: "cx", EventPattern: JSON.stringify(pattern) })
    )
    yield* events((client) =>
      client.putTargets({
        Rule: "capture",
        EventBusName: "cx",
        Targets: [{ Id: "queue", Arn: arn("captured", "sqs") }]
      })
    )
    return QueueUrl ?? ""
  })

/** Puts events on `cx`, numbered, at the given seconds since 1970. */
export const put = (...seconds: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    for (let start = 0; start < seconds.length; start += 10) {
      const answer = yield* events((client) =>
        client.putEvents({
          Entries: seconds.slice(start, start + 10).map((second, place) => ({
            EventBusName: "cx",
            Source: "test",
            DetailType: "v2.users.{id}.presence",
            Time: new Date(second * 1_000),
            Detail: JSON.stringify({ sequenceIndex: start + place + 1 })
          }))
        })
      )
      if (answer.FailedEntryCount !== 0) return yield* Effect.dieMessage(JSON.stringify(answer))
    }
  })

/** Takes everything out of a queue that waits there, as JSON. */
export const drain = (QueueUrl: string) =>
  Effect.gen(function* () {
    const bodies: Array<unknown> = []
    for (;;) {
      const { Messages = [] } = yield* queues((client) => client.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }))
      if (Messages.length === 0) return bodies
      for (const { Body = "" } of Messages) bodies.push(JSON.parse(Body))
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }))
      yield* queues((client) => client.deleteMessageBatch({ QueueUrl, Entries }))
    }
  })
