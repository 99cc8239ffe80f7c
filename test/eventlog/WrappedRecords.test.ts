import { gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Comparison, EventLog, HtmlReport, LogSource, TextReport } from "@genesys-replay/eventlog"
import { DateTime, Effect, Stream } from "effect"

/** An event in its envelope. Its own body has what wrappings have: a `message`, a `Body`, even an event. */
const event = (index: number): string => {
  const envelope = {
    version: "0",
    id: `id-${index}`,
    "detail-type": "v2.conversations.{id}.transcription",
    source: "aws.partner/genesys.com/cloud/org/suffix",
    time: "2024-01-15T08:00:00Z",
    "replay-name": "outage"
  }
  const other = JSON.stringify({ ...envelope, detail: { sequenceIndex: 1_000_000 } })
  const eventBody = { conversationId: `c-${index}`, message: other, Body: other, Records: [{ body: other }] }
  const topicName = `v2.conversations.c-${index}.transcription`
  const timestamp = `2024-01-15T08:00:0${index}.000Z`
  return JSON.stringify({ ...envelope, detail: { topicName, sequenceIndex: index, eventBody, timestamp } })
}
const indices = [1, 2, 3, 4, 5]
const events = indices.map(event)

const lines = (records: ReadonlyArray<unknown>): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join("")
const sns = (message: string) => ({ Type: "Notification", MessageId: "m", TopicArn: "arn", Message: message })
const logEvents = events.map((message, at) => ({ id: `${at}`, timestamp: 1_705_305_600_000 + at, message }))
const messages = (bodies: ReadonlyArray<string>) =>
  bodies.map((Body, at) => ({ MessageId: `${at}`, ReceiptHandle: "r", MD5OfBody: "0", Body }))

const forms: ReadonlyArray<readonly [what: string, log: string, wrapping: string]> = [
  ["records of CloudWatch Logs", lines(logEvents), "message"],
  [
    "rows of CloudWatch Logs Insights",
    lines(events.map((message) => ({ "@message": message, "@ptr": "p" }))),
    "@message"
  ],
  [
    "what a subscription of CloudWatch Logs delivers, without lines",
    [logEvents.slice(0, 2), logEvents.slice(2)]
      .map((some) => JSON.stringify({ messageType: "DATA_MESSAGE", logGroup: "g", logEvents: some }))
      .join(""),
    "logEvents[].message"
  ],
  [
    "what aws logs filter-log-events prints",
    JSON.stringify({ events: logEvents, searchedLogStreams: [] }, null, 4),
    "events[].message"
  ],
  [
    "what CloudWatch Logs exports: a time before each message",
    events.map((message) => `2024-01-15T08:00:00.123Z ${message}\n`).join(""),
    "<time>"
  ],
  ["what aws sqs receive-message prints", JSON.stringify({ Messages: messages(events) }, null, 4), "Messages[].Body"],
  ["messages of SQS", lines(messages(events)), "Body"],
  ["an array of them", JSON.stringify(messages(events), null, 2), "Body"],
  ["notifications of SNS", lines(events.map(sns)), "Message"],
  [
    "SNS in SQS, as Lambda is given it",
    JSON.stringify({ Records: events.map((one) => ({ messageId: "m", body: JSON.stringify(sns(one)) })) }),
    "Records[].body.Message"
  ],
  [
    "the output of an input transformer",
    lines(events.map((one) => ({ at: "now", payload: { original: JSON.parse(one) } }))),
    "payload.original"
  ],
  ["texts in an array a line", lines([events.slice(0, 2), events.slice(2)]), "[]"]
]

const source = (text: string, name = "log") => LogSource.bytes(name, Stream.make(Buffer.from(text)))

describe("events in wrappings", () => {
  for (const [what, log, wrapping] of forms) {
    it.effect(`are read: ${what}`, () =>
      Effect.gen(function* () {
        for (const bytes of [Buffer.from(log), gzipSync(log)]) {
          const { report } = yield* EventLog.observe([LogSource.bytes("log", Stream.make(bytes))])
          expect(report.groups).toMatchObject([{ group: "outage", observed: 5, unique: 5, isContiguous: true }])
          expect(report).toMatchObject({
            verdict: "complete",
            rejected: { count: 0 },
            unwrapped: [{ wrapping, events: 5 }]
          })
        }
      })
    )

    it.effect(`are the events that they are without: ${what}`, () =>
      Effect.gen(function* () {
        const baseline = [source(events.map((one) => `${one}\n`).join(""), "baseline")]
        const compared = yield* Comparison.compare({ capture: [source(log)], baseline })
        expect(compared.report).toMatchObject({
          isComplete: true,
          rejected: { count: 0 },
          unwrapped: [{ wrapping, events: 5 }]
        })
        expect(compared.report.groups).toMatchObject([{ expected: 5, unique: 5, unexpected: 0, duplicates: 0 }])
      }).pipe(Effect.scoped)
    )
  }

  it.effect("are told of in the text: how many, out of what, and what that is known of", () =>
    Effect.gen(function* () {
      const bodies = JSON.stringify({ Messages: messages(events.map((one) => JSON.stringify(sns(one)))) })
      const { report } = yield* EventLog.observe([source(bodies + lines([{ "\u001b[2Jodd": JSON.parse(event(1)) }]))])
      expect(TextReport.render(report)).toContain(
        "Taken out of what they were wrapped in\n  5 events out of Messages[].Body.Message: SNS, in SQS\n  1 event out of "
      )
      expect(TextReport.render(report)).not.toContain("\u001b[2J")
      const page = HtmlReport.render(report, { generatedAt: DateTime.unsafeMake(0) })
      expect(page).toContain("5 events out of Messages[].Body.Message: SNS, in SQS")
    })
  )

  it.effect("that are missing are given as the baseline has them, without what they are wrapped in", () =>
    Effect.gen(function* () {
      const digits = event(3).replace('"version":"0"', '"version":"0","n":12345678901234567890.10')
      const wrapped = [
        ...messages(events.slice(0, 2)),
        { Records: [{ body: digits }, { body: JSON.stringify(sns(event(4))) }] }
      ]
      const { missingEvents } = yield* Comparison.compare({
        capture: [source(`${event(1)}\n${event(2)}\n`)],
        baseline: [source(lines(wrapped), "baseline")]
      })
      const missing = yield* Stream.runCollect(missingEvents)
      expect([...missing].map(({ line, lineNumber }) => [lineNumber, Buffer.from(line).toString()])).toEqual([
        [3, digits],
        [3, event(4)]
      ])
    }).pipe(Effect.scoped)
  )

  it.effect("are told apart from what stands among them and is none, which is rejected where it stands", () =>
    Effect.gen(function* () {
      const log = lines([
        { logEvents: [{ message: event(1) }, { message: "START RequestId: 1" }, { message: event(2) }] },
        { logEvents: [{ message: "END RequestId: 1" }] },
        { one: event(3), another: event(4) },
        { message: event(3).replace('"sequenceIndex":3', '"sequenceIndex":"3"') },
        { message: event(3).slice(0, -1) },
        { message: "detail-type" }
      ])
      const { report } = yield* EventLog.observe([source(log)])
      expect(report).toMatchObject({
        verdict: "not proven",
        unwrapped: [{ wrapping: "logEvents[].message", events: 2 }]
      })
      expect(report.rejected.first.map(({ line, reason }) => [line, reason])).toEqual([
        [1, "logEvents[]: it holds no event"],
        [2, "nothing at detail.sequenceIndex"],
        [3, "several of its members hold events: which of them it stands for is not known"],
        [4, 'message: detail.sequenceIndex is no number but a string: "3"'],
        [5, "nothing at detail.sequenceIndex"],
        [6, "nothing at detail.sequenceIndex"]
      ])
    })
  )

  it.effect("are never looked for inside of an event, whatever its body says", () =>
    Effect.gen(function* () {
      const unnumbered = JSON.stringify({ ...JSON.parse(event(1)), detail: { eventBody: { message: event(2) } } })
      const { report } = yield* EventLog.observe([source(`${unnumbered}\n`)])
      expect(report.groups).toEqual([])
      expect(report.rejected.first.map(({ reason }) => reason)).toEqual(["nothing at detail.sequenceIndex"])
      expect(report.unwrapped).toEqual([])
    })
  )
})
