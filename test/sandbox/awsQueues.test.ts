import { describe, expect, it } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, Exit, Fiber, Scope, TestClock } from "effect"
import { arn, queues } from "./AwsCall.js"

const sandbox = Sandbox.layer({ seed: "aws" })

const created = (Attributes: Record<string, string> = {}) =>
  Effect.map(
    queues((client) => client.createQueue({ QueueName: "q", Attributes })),
    ({ QueueUrl = "" }) => QueueUrl
  )

const send = (QueueUrl: string, ...bodies: ReadonlyArray<string>) =>
  Effect.forEach(bodies, (MessageBody) => queues((client) => client.sendMessage({ QueueUrl, MessageBody })))

const receive = (QueueUrl: string, MaxNumberOfMessages = 10, WaitTimeSeconds = 0) =>
  Effect.map(
    queues((client) => client.receiveMessage({ QueueUrl, MaxNumberOfMessages, WaitTimeSeconds })),
    ({ Messages = [] }) => Messages
  )

const bodies = (QueueUrl: string) => Effect.map(receive(QueueUrl), (all) => all.map(({ Body }) => Body))

/** A turn of the event loop: what is on the network comes in. */
const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

describe("A queue", () => {
  it.scoped("is made, found by its name, listed and deleted", () =>
    Effect.gen(function* () {
      const { url } = yield* Sandbox.Sandbox
      const QueueUrl = yield* created({ VisibilityTimeout: "60" })
      expect(QueueUrl).toBe(`${url}/123456789012/q`)
      expect(yield* created({ VisibilityTimeout: "60" })).toBe(QueueUrl)
      expect(yield* created()).toBe(QueueUrl)
      expect(yield* Effect.flip(created({ VisibilityTimeout: "61" }))).toMatchObject({ name: "QueueNameExists" })
      expect((yield* queues((client) => client.getQueueUrl({ QueueName: "q" }))).QueueUrl).toBe(QueueUrl)
      expect((yield* queues((client) => client.listQueues({}))).QueueUrls).toEqual([QueueUrl])
      yield* queues((client) => client.deleteQueue({ QueueUrl }))
      for (const refused of [
        queues((client) => client.getQueueUrl({ QueueName: "q" })),
        queues((client) => client.receiveMessage({ QueueUrl })),
        queues((client) => client.deleteMessage({ QueueUrl, ReceiptHandle: "x" }))
      ]) {
        expect(yield* Effect.flip(refused)).toMatchObject({
          name: "QueueDoesNotExist",
          status: 400,
          requestId: expect.any(String)
        })
      }
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("tells how many messages it has", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* created({ VisibilityTimeout: "60" })
      yield* send(QueueUrl, "a", "b", "c")
      yield* queues((client) => client.sendMessage({ QueueUrl, MessageBody: "later", DelaySeconds: 30 }))
      yield* receive(QueueUrl, 1)
      const { Attributes } = yield* queues((client) => client.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] }))
      expect(Attributes).toMatchObject({
        QueueArn: arn("q", "sqs"),
        ApproximateNumberOfMessages: "2",
        ApproximateNumberOfMessagesNotVisible: "1",
        ApproximateNumberOfMessagesDelayed: "1",
        VisibilityTimeout: "60"
      })
      const one = yield* queues((client) => client.getQueueAttributes({ QueueUrl, AttributeNames: ["QueueArn"] }))
      expect(one.Attributes).toEqual({ QueueArn: arn("q", "sqs") })
      yield* queues((client) => client.purgeQueue({ QueueUrl }))
      expect(yield* receive(QueueUrl)).toEqual([])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("hands messages out in batches of ten, with the checksums and attributes that clients check", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* created()
      const sent = yield* queues((client) =>
        client.sendMessageBatch({
          QueueUrl,
          Entries: Array.from({ length: 10 }, (_, index) => ({ Id: `e${index}`, MessageBody: `ü${index}` }))
        })
      )
      expect(sent.Successful?.map(({ Id }) => Id)).toHaveLength(10)
      yield* queues((client) =>
        client.sendMessage({
          QueueUrl,
          MessageBody: "last",
          MessageAttributes: { kind: { DataType: "String", StringValue: "k" } }
        })
      )
      expect(yield* receive(QueueUrl)).toHaveLength(10)
      const { Messages } = yield* queues((client) =>
        client.receiveMessage({ QueueUrl, MessageSystemAttributeNames: ["All"], MessageAttributeNames: ["All"] })
      )
      expect(Messages).toEqual([
        {
          MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          ReceiptHandle: expect.any(String),
          MD5OfBody: "98bd1c45684cf587ac2347a92dd7bb51",
          Body: "last",
          Attributes: {
            SenderId: "123456789012",
            SentTimestamp: "0",
            ApproximateReceiveCount: "1",
            ApproximateFirstReceiveTimestamp: "0"
          },
          MessageAttributes: { kind: { DataType: "String", StringValue: "k" } }
        }
      ])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("hides what it handed out for its time, then hands it out again", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* created({ VisibilityTimeout: "10" })
      yield* send(QueueUrl, "a")
      const [first] = yield* receive(QueueUrl)
      expect(yield* receive(QueueUrl)).toEqual([])
      yield* TestClock.adjust(Duration.millis(9_999))
      expect(yield* receive(QueueUrl)).toEqual([])
      yield* TestClock.adjust(Duration.millis(1))
      const [second] = yield* receive(QueueUrl)
      expect(second?.MessageId).toBe(first?.MessageId)
      expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle)
      // The handle of before deletes nothing; the last one does.
      yield* queues((client) => client.deleteMessage({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }))
      yield* TestClock.adjust(Duration.seconds(10))
      const [third] = yield* receive(QueueUrl)
      yield* queues((client) => client.deleteMessage({ QueueUrl, ReceiptHandle: third?.ReceiptHandle }))
      yield* TestClock.adjust(Duration.seconds(10))
      expect(yield* receive(QueueUrl)).toEqual([])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("hides a message longer or no longer, when it is told to", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* created()
      yield* send(QueueUrl, "a")
      const [{ ReceiptHandle } = { ReceiptHandle: "" }] = yield* receive(QueueUrl)
      const hide = (VisibilityTimeout: number) =>
        queues((client) => client.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout }))
      yield* hide(100)
      yield* TestClock.adjust(Duration.seconds(99))
      expect(yield* bodies(QueueUrl)).toEqual([])
      yield* hide(0)
      expect(yield* bodies(QueueUrl)).toEqual(["a"])
      expect(yield* Effect.flip(hide(0))).toMatchObject({ name: "MessageNotInflight" })
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("deletes in batches, each entry for itself", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* created()
      yield* send(QueueUrl, "a", "b", "c")
      const messages = yield* receive(QueueUrl)
      const answer = yield* queues((client) =>
        client.deleteMessageBatch({
          QueueUrl,
          Entries: [
            ...messages.slice(1).map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle })),
            { Id: "wrong", ReceiptHandle: "wrong" }
          ]
        })
      )
      expect(answer.Successful?.map(({ Id }) => Id)).toEqual(["0", "1"])
      expect(answer.Failed).toMatchObject([{ Id: "wrong", Code: "ReceiptHandleIsInvalid", SenderFault: true }])
      yield* TestClock.adjust(Duration.seconds(30))
      expect(yield* bodies(QueueUrl)).toEqual(["a"])
      const batch = (Entries: Array<{ Id: string; ReceiptHandle: string }>) =>
        Effect.map(
          Effect.flip(queues((client) => client.deleteMessageBatch({ QueueUrl, Entries }))),
          ({ name }) => name
        )
      const entry = (Id: string) => ({ Id, ReceiptHandle: "x" })
      expect(yield* batch([])).toBe("EmptyBatchRequest")
      expect(yield* batch([entry("1"), entry("1")])).toBe("BatchEntryIdsNotDistinct")
      expect(yield* batch(Array.from({ length: 11 }, (_, index) => entry(`${index}`)))).toBe(
        "TooManyEntriesInBatchRequest"
      )
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("refuses values out of their ranges", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* created()
      expect(yield* Effect.flip(receive(QueueUrl, 11))).toMatchObject({
        message: "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
      })
      expect(yield* Effect.flip(receive(QueueUrl, 1, 21))).toMatchObject({
        message: expect.stringContaining("WaitTimeSeconds")
      })
      expect(yield* Effect.flip(created({ Colour: "red" }))).toMatchObject({ name: "InvalidAttributeName" })
      expect(yield* Effect.flip(queues((client) => client.createQueue({ QueueName: "a.b" })))).toMatchObject({
        name: "ValidationException"
      })
      expect(yield* Effect.flip(queues((client) => client.sendMessage({ QueueUrl, MessageBody: "" })))).toMatchObject({
        message: expect.stringContaining("Message must be between 1 and")
      })
    }).pipe(Effect.provide(sandbox))
  )
})

describe("A FIFO queue", () => {
  const fifo = (Attributes: Record<string, string> = {}) =>
    Effect.map(
      queues((client) => client.createQueue({ QueueName: "q.fifo", Attributes: { FifoQueue: "true", ...Attributes } })),
      ({ QueueUrl = "" }) => QueueUrl
    )
  const put = (QueueUrl: string, MessageGroupId: string, MessageBody: string, MessageDeduplicationId = MessageBody) =>
    queues((client) => client.sendMessage({ QueueUrl, MessageGroupId, MessageBody, MessageDeduplicationId }))
  const take = (QueueUrl: string, MaxNumberOfMessages = 10) =>
    Effect.map(
      queues((client) =>
        client.receiveMessage({ QueueUrl, MaxNumberOfMessages, MessageSystemAttributeNames: ["All"] })
      ),
      ({ Messages = [] }) => Messages
    )

  it.scoped("keeps the order of a group: nothing of it comes while a message of it is handed out", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* fifo({ VisibilityTimeout: "30" })
      for (const [group, body] of [
        ["a", "a1"],
        ["a", "a2"],
        ["b", "b1"],
        ["a", "a3"],
        ["b", "b2"]
      ] as const) {
        yield* put(QueueUrl, group, body)
      }
      const [first, ...others] = yield* take(QueueUrl, 2)
      expect([first?.Body, others.map(({ Body }) => Body)]).toEqual(["a1", ["a2"]])
      expect(first?.Attributes).toMatchObject({ MessageGroupId: "a", MessageDeduplicationId: "a1" })
      expect((yield* take(QueueUrl)).map(({ Body }) => Body)).toEqual(["b1", "b2"])
      yield* queues((client) => client.deleteMessage({ QueueUrl, ReceiptHandle: first?.ReceiptHandle ?? "" }))
      expect(yield* take(QueueUrl)).toEqual([])
      yield* TestClock.adjust("30 seconds")
      expect((yield* take(QueueUrl)).map(({ Body }) => Body)).toEqual(["a2", "b1", "a3", "b2"])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped(
    "takes one message of a deduplication id in five minutes, also where it was deleted, and answers as it did",
    () =>
      Effect.gen(function* () {
        const QueueUrl = yield* fifo()
        const first = yield* put(QueueUrl, "a", "one", "id")
        const [taken] = yield* take(QueueUrl)
        yield* queues((client) => client.deleteMessage({ QueueUrl, ReceiptHandle: taken?.ReceiptHandle ?? "" }))
        yield* TestClock.adjust("4 minutes")
        const second = yield* put(QueueUrl, "a", "one", "id")
        expect([second.MessageId, second.SequenceNumber]).toEqual([first.MessageId, first.SequenceNumber])
        expect(yield* take(QueueUrl)).toEqual([])
        yield* TestClock.adjust("1 minute")
        const third = yield* put(QueueUrl, "a", "one", "id")
        expect(BigInt(third.SequenceNumber ?? "0")).toBeGreaterThan(BigInt(first.SequenceNumber ?? "0"))
        expect((yield* take(QueueUrl)).map(({ Body }) => Body)).toEqual(["one"])
      }).pipe(Effect.provide(sandbox))
  )

  it.scoped("tells messages apart by their content where it was made so", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* fifo({ ContentBasedDeduplication: "true" })
      for (const MessageBody of ["one", "two", "one"]) {
        yield* queues((client) => client.sendMessage({ QueueUrl, MessageGroupId: "a", MessageBody }))
      }
      expect((yield* take(QueueUrl)).map(({ Body }) => Body)).toEqual(["one", "two"])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("refuses what AWS refuses", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* fifo()
      const standard = yield* created()
      const refusals = [
        [queues((client) => client.createQueue({ QueueName: "other.fifo" })), "InvalidParameterValue"],
        [
          queues((client) => client.createQueue({ QueueName: "other", Attributes: { FifoQueue: "true" } })),
          "InvalidParameterValue"
        ],
        [queues((client) => client.sendMessage({ QueueUrl, MessageBody: "x" })), "MissingParameter"],
        [
          queues((client) => client.sendMessage({ QueueUrl, MessageBody: "x", MessageGroupId: "a" })),
          "InvalidParameterValue"
        ],
        [put(QueueUrl, "a b", "x"), "InvalidParameterValue"],
        [
          queues((client) =>
            client.sendMessage({
              QueueUrl,
              MessageBody: "x",
              MessageGroupId: "a",
              MessageDeduplicationId: "x",
              DelaySeconds: 1
            })
          ),
          "InvalidParameterValue"
        ],
        [put(standard, "a", "x"), "InvalidParameterValue"],
        [
          queues((client) => client.setQueueAttributes({ QueueUrl, Attributes: { FifoQueue: "true" } })),
          "InvalidAttributeName"
        ]
      ] as const
      for (const [refused, name] of refusals) expect(yield* Effect.flip(refused)).toMatchObject({ name })
    }).pipe(Effect.provide(sandbox))
  )
})

describe("A long poll", () => {
  /** Lets time pass in small steps until a fiber has ended, and answers how much it was in milliseconds. */
  const passing = (fiber: Fiber.RuntimeFiber<unknown, unknown>) =>
    Effect.iterate(0, {
      while: () => !Exit.isExit(fiber.unsafePoll()),
      body: (passed) => Effect.as(Effect.zipRight(turn, TestClock.adjust(Duration.millis(1))), passed + 1)
    })

  it.scoped("ends with the first message", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* created()
      const polls = yield* Effect.forEach([1, 2], () => Effect.fork(receive(QueueUrl, 10, 20)))
      for (let index = 0; index < 20; index++) yield* turn
      yield* send(QueueUrl, "a", "b")
      const got = yield* Effect.forEach(polls, Fiber.join)
      expect(
        got
          .flat()
          .map(({ Body }) => Body)
          .sort()
      ).toEqual(["a", "b"])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("ends with a message that comes into sight again", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* created({ VisibilityTimeout: "1" })
      yield* send(QueueUrl, "a")
      yield* receive(QueueUrl)
      const poll = yield* Effect.fork(receive(QueueUrl, 10, 20))
      yield* passing(poll)
      expect(yield* Fiber.join(poll)).toMatchObject([{ Body: "a" }])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("ends empty after its time", () =>
    Effect.gen(function* () {
      const QueueUrl = yield* created()
      const poll = yield* Effect.fork(receive(QueueUrl, 10, 1))
      expect(yield* passing(poll)).toBeGreaterThanOrEqual(1_000)
      expect(yield* Fiber.join(poll)).toEqual([])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("does not keep a sandbox from closing", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const service = yield* Scope.extend(Sandbox.make({ seed: "aws" }), scope)
      const poll = yield* Effect.gen(function* () {
        const QueueUrl = yield* created()
        return yield* Effect.fork(Effect.exit(receive(QueueUrl, 10, 20)))
      }).pipe(Effect.provideService(Sandbox.Sandbox, service))
      for (let index = 0; index < 20; index++) yield* turn
      yield* Scope.close(scope, Exit.void)
      expect(Exit.isFailure(yield* Fiber.join(poll))).toBe(true)
    })
  )
})
