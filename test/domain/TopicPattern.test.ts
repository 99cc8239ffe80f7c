import { describe, expect, it } from "@effect/vitest"
import { RetentionDays, RetentionMatrix, TopicId, TopicPattern } from "@genesys-replay/domain"
import { FastCheck as fc, Option, Schema } from "effect"

const accepts = Schema.is(TopicId.TopicId)
const pattern = (text: string) => TopicPattern.TopicPattern.make(text)
const topic = (text: string) => TopicId.TopicId.make(text)

describe("TopicId", () => {
  it("is an event type or a notification topic", () => {
    const good = [
      "genesys.conversations.message",
      "genesys.conversations.message.customer-joined",
      "v2.users.{id}.presence",
      "v2.routing.queues.0b3f7d4e-3f0a-4a0f-9d1c-1d8e4f3a2b1c.conversations",
      "v2.detail.events.conversation.*.user.start",
      "v2.audits"
    ]
    const bad = [
      "",
      "genesys",
      "genesys.x",
      "genesys..x",
      "Genesys.a.b",
      "genesys.a.B",
      "genesys.a.b.",
      "v2",
      "v2.",
      "v2..a",
      "v2.{id",
      "v1.a.b",
      "v2.a b",
      "genesys.a.*"
    ]
    expect(good.filter((text) => !accepts(text))).toEqual([])
    expect(bad.filter((text) => accepts(text))).toEqual([])
  })
})

describe("TopicPattern", () => {
  const rows: ReadonlyArray<readonly [pattern: string, topic: string, matches: boolean]> = [
    ["*", "genesys.a.b", true],
    ["*", "v2.a", true],
    ["genesys.*", "genesys.a.b", true],
    ["genesys.*", "v2.a.b", false],
    ["genesys.a.*", "genesys.a.b", true],
    ["genesys.a.*", "genesys.a.b.c", true],
    ["genesys.a.b.*", "genesys.a.b", false],
    ["genesys.*.b", "genesys.a.b", true],
    ["genesys.*.b", "genesys.a.x.b", false],
    ["genesys.a.b", "genesys.a.b", true],
    ["genesys.a.b", "genesys.a.bc", false],
    ["v2.users.{id}.presence", "v2.users.1234.presence", true],
    ["v2.users.{id}.presence", "v2.users.{id}.presence", true],
    ["v2.users.*", "v2.users.*.presence", true]
  ]
  for (const [wanted, given, expected] of rows) {
    it(`${wanted} ${expected ? "matches" : "does not match"} ${given}`, () => {
      expect(TopicPattern.matches(pattern(wanted), topic(given))).toBe(expected)
    })
  }

  it("orders patterns totally, whichever way they are given", () => {
    const patterns = fc.uniqueArray(
      fc
        .array(fc.constantFrom("a", "b", "*"), { minLength: 1, maxLength: 4 })
        .map((segments) => `genesys.${segments.join(".")}`),
      { minLength: 2, maxLength: 8 }
    )
    fc.assert(
      fc.property(patterns, (texts) => {
        const sorted = (list: ReadonlyArray<string>) => [...list].map(pattern).sort(TopicPattern.bySpecificity)
        const shape = (list: ReadonlyArray<string>) => list.map((text) => text.replace(/[ab]/g, "x"))
        expect(shape(sorted(texts))).toEqual(shape(sorted([...texts].reverse())))
      })
    )
  })
})

describe("RetentionMatrix", () => {
  const matrix = RetentionMatrix.compile(
    Schema.decodeUnknownSync(RetentionMatrix.RetentionMatrix)({
      "*": 7,
      "genesys.conversations.*": 60,
      "genesys.*.call": 20,
      "genesys.conversations.call": 30,
      "genesys.*": 10
    })
  )
  const days = (text: string) => Option.map(RetentionMatrix.rowFor(matrix, topic(text)), (row) => row.days)

  it("the most specific pattern wins", () => {
    expect(days("genesys.conversations.message")).toEqual(Option.some(60))
    expect(days("genesys.conversations.call")).toEqual(Option.some(30))
    expect(days("genesys.routing.call")).toEqual(Option.some(20))
    expect(days("genesys.routing.queue")).toEqual(Option.some(10))
    expect(days("v2.users.{id}.presence")).toEqual(Option.some(7))
  })

  it("says nothing of topics that no pattern matches", () => {
    expect(RetentionMatrix.rowFor(RetentionMatrix.compile({}), topic("genesys.a.b"))).toEqual(Option.none())
    expect(RetentionDays.maximum).toBe(90)
  })
})
