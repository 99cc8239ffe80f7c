import { describe, expect, it } from "@effect/vitest"
import { ConversationTopic, EventIdentity, EventTime, ExpectedEvents } from "@genesys-replay/domain"
import { SampleConversation, SampleEvent } from "@genesys-replay/domain/testing"
import { otherEvents, read, voiceEvents } from "./Conversations.js"

const { conversationId, endMs, events, record, startMs } = SampleConversation

type Read = Pick<SampleEvent.SampleEvent, "detail-type" | "detail">

const parsed = (line: string): Read => JSON.parse(line)

/** The keys of an envelope, its detail and its body, in their order but for the body's. */
const shapeOf = (event: Read) => [
  event["detail-type"],
  Object.keys(event),
  Object.keys(event.detail),
  Object.keys(event.detail.eventBody).sort()
]

const topicOf = (event: Read) => event["detail-type"].replace(ConversationTopic.prefix, "")

describe("The sample conversation", () => {
  it("has one event of each topic of conversations, in the order in which they happened", () => {
    expect(events.map(topicOf).sort()).toEqual([...ConversationTopic.names].sort())
    const times = events.map((event) => EventTime.of(event) ?? Number.NaN)
    expect(times).toEqual([...times].sort((one, other) => one - other))
    expect([times[0], times.at(-1)]).toEqual([startMs, endMs])
  })

  it("has the shape of real events, envelope, detail and body", () => {
    const real = [...voiceEvents, ...otherEvents].map(parsed).map(shapeOf)
    const shapes = events.map(shapeOf)
    const both = shapes.filter(([topic]) => real.some(([other]) => other === topic))
    expect(both.length).toBe(11)
    for (const shape of both) expect(real).toContainEqual(shape)
    for (const [, envelope, detail] of shapes) expect([envelope, detail]).toEqual(real[0]?.slice(1, 3))
  })

  it("has the events that its record makes one expect, each at its time", () => {
    const keyOf = (topic: string, participant: unknown, session: unknown) => `${topic} ${participant} ${session}`
    const found = new Map(
      events.map((event) => [
        keyOf(topicOf(event), event.detail.eventBody["participantId"], event.detail.eventBody["sessionId"]),
        EventTime.of(event) ?? Number.NaN
      ])
    )
    const expected = ExpectedEvents.of(read(record)).map(({ atMs, participantId, sessionId, topic }) => {
      const time = found.get(keyOf(topic, participantId, sessionId)) ?? Number.NaN
      return [topic, Math.abs(time - (atMs ?? Number.NaN)) < 1_000]
    })
    expect(expected.length).toBe(ConversationTopic.names.length - ExpectedEvents.notDerivable.length)
    expect(expected.filter(([, isThere]) => isThere !== true)).toEqual([])
  })
})

describe("A sample event", () => {
  const userId = SampleEvent.idOf("user")

  it("is the same for the same content, and another for another", () => {
    expect(SampleEvent.presence(userId, startMs)).toEqual(SampleEvent.presence(userId, startMs))
    const ids = new Set([...events, SampleEvent.presence(userId, startMs)].map(({ id }) => id))
    expect(ids.size).toBe(events.length + 1)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  it("of presence and of audits has the shape of real ones, and all ids in its topicName", () => {
    const real = otherEvents.map(parsed).map(shapeOf)
    const samples = [SampleEvent.presence(userId, startMs), SampleEvent.audit(SampleEvent.idOf("audit"), startMs)]
    for (const sample of samples) {
      expect(real).toContainEqual(shapeOf(sample))
      expect(sample.detail.topicName).not.toContain("{id}")
    }
  })

  it("that is replayed has the name of the replay between region and resources, and is the same event", () => {
    const [first] = events
    if (first === undefined) throw new Error("no events")
    const again = SampleEvent.replayed(first, "outage")
    expect(Object.keys(again).slice(-4)).toEqual(["region", "replay-name", "resources", "detail"])
    expect(EventIdentity.of(again)).toEqual(EventIdentity.of(first))
  })

  it("of Event Streams is numbered from 1 within its replay", () => {
    const numbered = SampleEvent.numbered(events, "outage")
    expect(numbered.map(({ detail }) => detail.sequenceIndex)).toEqual(events.map((_, index) => index + 1))
    expect(
      SampleEvent.toNdjson(numbered)
        .split("\n")
        .map((line) => (line === "" ? null : JSON.parse(line)))
    ).toEqual([...numbered, null])
  })

  it("is of its conversation", () => {
    expect(events.every(({ detail }) => detail.topicName.includes(conversationId))).toBe(true)
  })
})
