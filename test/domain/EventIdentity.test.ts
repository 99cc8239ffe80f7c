import { describe, expect, it } from "@effect/vitest"
import { EventIdentity, EventTime } from "@genesys-replay/domain"
import canonicalize from "canonicalize"
import { FastCheck } from "effect"
import * as SpelledJson from "../eventlog/SpelledJson.js"

const envelope = (topicName: unknown, eventBody: unknown, around: Record<string, unknown> = {}) => ({
  id: "1",
  "detail-type": "v2.detail.events.conversation.{id}.acw",
  source: "aws.partner/genesys.com/x",
  detail: {
    topicName,
    version: "2",
    eventBody,
    timestamp: "2025-11-10T10:00:00.300Z",
    metadata: { CorrelationId: "a" }
  },
  ...around
})

const textOf = (record: unknown, key?: ReadonlyArray<EventIdentity.Path>): string => {
  const identity = EventIdentity.of(record, key)
  return identity._tag === "Identified" ? EventIdentity.textOf(identity) : identity.reason
}

/** Without what RFC 8785 has no text for: half of a surrogate pair, and what is no finite number. */
const hasCanonicalText = (value: unknown): boolean => {
  const text = JSON.stringify(value)
  return !/\\ud[89a-f]/.test(text) && !SpelledJson.spell(value, { roll: () => 0 }, true).includes("e999")
}

describe("What makes two envelopes one event", () => {
  it("is what RFC 8785 calls equal: a value in another spelling is the same, another value is another", () => {
    FastCheck.assert(
      FastCheck.property(SpelledJson.value, SpelledJson.value, SpelledJson.dice, (one, other, dice) => {
        const spelled: unknown = JSON.parse(SpelledJson.spell(one, dice))
        expect(textOf(envelope("t", spelled))).toBe(textOf(envelope("t", one)))
        FastCheck.pre(hasCanonicalText(one) && hasCanonicalText(other))
        expect(EventIdentity.canonical(one)).toBe(canonicalize(one))
        expect(textOf(envelope("t", one)) === textOf(envelope("t", other))).toBe(
          canonicalize(one) === canonicalize(other)
        )
      }),
      { numRuns: 500 }
    )
  })

  it("is topicName and eventBody; all else is transport", () => {
    const one = envelope("t", { a: 1 })
    const other = {
      ...envelope("t", { a: 1 }, { id: "2", time: "2030-01-01T00:00:00Z", "replay-name": "r", source: "elsewhere" })
    }
    other.detail = { ...other.detail, version: "3", timestamp: "x", metadata: { CorrelationId: "b" } }
    expect(textOf(other)).toBe(textOf(one))
    expect(textOf(envelope("u", { a: 1 }))).not.toBe(textOf(one))
    expect(textOf(envelope("t", null))).not.toBe(textOf(envelope("t", {})))
  })

  it("is source, detail-type and detail where one of those is not there", () => {
    const one = { source: "s", "detail-type": "d", detail: { a: 1 }, id: "1" }
    expect(textOf({ ...one, id: "2", time: "x" })).toBe(textOf(one))
    for (const other of [{ source: "t" }, { "detail-type": "e" }, { detail: { a: 1, topicName: "t" } }]) {
      expect(textOf({ ...one, ...other })).not.toBe(textOf(one))
    }
    expect(textOf({ source: "s", "detail-type": "d" })).toBe("nothing at detail")
    expect(textOf([])).toBe("no JSON object")
  })

  it("is the values at the paths of a key, all of which must be there", () => {
    const key: ReadonlyArray<EventIdentity.Path> = [["detail", "eventBody", "id"], ["detail-type"]]
    expect(textOf(envelope("t", { id: 1, b: 2 }), key)).toBe(textOf(envelope("u", { id: 1.0, b: 3 }), key))
    expect(textOf(envelope("t", { id: "1" }), key)).not.toBe(textOf(envelope("t", { id: 1 }), key))
    expect(textOf(envelope("t", { id: null }), key)).not.toContain("nothing")
    expect(textOf(envelope("t", {}), key)).toBe("nothing at detail.eventBody.id")
    // What lies within another path of the key says nothing more.
    expect(textOf(envelope("t", { id: 1 }), [["detail"], ["detail", "eventBody", "id"], ["detail"]])).toBe(
      textOf(envelope("t", { id: 1 }), [["detail"]])
    )
  })

  it("counts only keys that stand in the record", () => {
    expect(textOf({ detail: Object.create({ topicName: "t", eventBody: {} }) })).toBe("nothing at source")
    const evil: unknown = JSON.parse('{"detail":{"topicName":"t","eventBody":{"__proto__":{"a":1}}}}')
    expect(textOf(evil)).not.toBe(textOf({ detail: { topicName: "t", eventBody: {} } }))
  })
})

describe("The time of an event", () => {
  const at = (eventTime: unknown, timestamp: unknown, time: unknown) =>
    EventTime.of({ time, detail: { timestamp, eventBody: { eventTime } } })

  it("is that of its body, as milliseconds or ISO 8601, else that of the detail, else that of the envelope", () => {
    expect(at(1762768866010, "2025-01-01T00:00:00Z", null)).toBe(1762768866010)
    expect(at("2025-11-10T10:01:06.010Z", null, null)).toBe(1762768866010)
    expect(at("no time", "2025-11-10T10:01:06.010+00:00", null)).toBe(1762768866010)
    expect(at(undefined, undefined, "2025-11-10T10:01:06Z")).toBe(1762768866000)
    expect(at(1.5, 1762768866010, null)).toBeUndefined()
    expect(at(253402300800000, null, "9999-12-31T23:59:59.999Z")).toBe(253402300799999)
  })
})
