import { describe, expect, it } from "@effect/vitest"
import { EventEnvelope, EventSelection } from "@genesys-replay/domain"
import { FastCheck } from "effect"

const envelope = FastCheck.record({
  "detail-type": FastCheck.string(),
  source: FastCheck.string(),
  detail: FastCheck.dictionary(FastCheck.string(), FastCheck.jsonValue())
})

/** JSON with an event in it, and the path to the event. */
interface Wrapped {
  readonly json: string
  readonly path: ReadonlyArray<EventEnvelope.Step>
}

type Wrapping = (inner: Wrapped) => Wrapped

const wrapping: FastCheck.Arbitrary<Wrapping> = FastCheck.oneof(
  FastCheck.constant<Wrapping>(({ json, path }) => ({ json: JSON.stringify(json), path: [null, ...path] })),
  FastCheck.tuple(FastCheck.string(), FastCheck.jsonValue()).map(
    ([key, other]): Wrapping =>
      ({ json, path }) => ({
        json: `{ ${JSON.stringify(`${key}?`)} : ${JSON.stringify(other)},\n${JSON.stringify(key)}: ${json} }`,
        path: [key, ...path]
      })
  ),
  FastCheck.nat(2).map(
    (at): Wrapping =>
      ({ json, path }) => ({
        json: `[${"0 ,\n".repeat(at)} ${json} ]`,
        path: [at, ...path]
      })
  )
)

describe("EventEnvelope", () => {
  const event = { "detail-type": "t", source: "s", detail: { message: "m" } }

  it("is told apart from anything else by what every event has", () => {
    expect(EventEnvelope.isEvent(event)).toBe(true)
    for (const key of Object.keys(event)) expect(EventEnvelope.isEvent({ ...event, [key]: 1 })).toBe(false)
    expect([[event], "detail-type", null].map(EventEnvelope.isEvent)).toEqual([false, false, false])
  })

  it("is found in any wrappings, and its text is the one that was wrapped", () => {
    FastCheck.assert(
      FastCheck.property(envelope, FastCheck.array(wrapping, { minLength: 1, maxLength: 6 }), (value, wrappings) => {
        const json = JSON.stringify(value, null, 1)
        const wrapped = wrappings.reduce<Wrapped>((inner, wrap) => wrap(inner), { json, path: [] })
        const inside = EventEnvelope.inside(JSON.parse(wrapped.json))
        const events = inside.filter(({ _tag }) => _tag === "Event")
        expect(events).toEqual([{ _tag: "Event", path: wrapped.path, event: JSON.parse(json) }])
        expect(EventEnvelope.textAt(wrapped.json, wrapped.path)).toBe(json)
      })
    )
  })

  it("is not looked for inside of an event, nor where several members could stand for it, nor too deep", () => {
    const deep = Array.from({ length: EventEnvelope.deepest + 1 }).reduce<unknown>((inner) => [inner], event)
    expect(EventEnvelope.inside({ ...event, detail: { other: event } })).toEqual([])
    expect(EventEnvelope.inside({ a: event, b: [event] })).toMatchObject([{ _tag: "NoEvent", path: [] }])
    expect(EventEnvelope.inside(deep)).toEqual([])
  })

  it("names the wrapping by its keys, and the services that it is known of", () => {
    const path = ["Records", 3, "body", null, "Message", null]
    expect(EventEnvelope.wrappingOf(path)).toBe("Records[].body.Message")
    expect(EventEnvelope.carrierOf("Records[].body.Message")).toBe("SNS, in SQS, as Lambda is given it")
    expect(EventEnvelope.carrierOf("logEvents[].message")).toBe("CloudWatch Logs")
    expect(EventEnvelope.carrierOf("payload")).toBeNull()
  })
})

describe("EventSelection", () => {
  const event = {
    "detail-type": "v2.conversations.{id}.transcription",
    source: "s",
    detail: { topicName: "v2.conversations.c-1.transcription", eventBody: { eventTime: 1_000 } }
  }
  const wrapped = { Message: JSON.stringify(event) }

  it.each<readonly [EventSelection.EventSelection, boolean]>([
    [{}, true],
    [{ topics: ["v2.conversations.*"] }, true],
    [{ topics: ["v2.users.*", "v2.conversations.c-1.transcription"] }, true],
    [{ topics: ["v2.users.*"] }, false],
    [{ conversations: ["c-1"] }, true],
    [{ conversations: ["c"] }, false],
    [{ startMs: 1_000, endMs: 1_001 }, true],
    [{ startMs: 1_001 }, false],
    [{ endMs: 1_000 }, false]
  ])("%j: %s", (selection, isMeant) => {
    for (const record of [event, wrapped, [wrapped]]) expect(EventSelection.includes(selection, record)).toBe(isMeant)
  })

  it("means what is no event only where everything is meant", () => {
    expect(EventSelection.includes({}, "text")).toBe(true)
    expect(EventSelection.includes({ startMs: 0 }, { ...event, detail: {} })).toBe(false)
    expect(EventSelection.includes({ topics: ["*"] }, "text")).toBe(false)
  })
})
