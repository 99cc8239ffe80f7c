import { describe, expect, it } from "@effect/vitest"
import { ArchivePattern } from "@genesys-replay/eventbridge"
import { FastCheck as fc } from "effect"

const excluded = (matcher: unknown, ...topics: ReadonlyArray<string>) =>
  ArchivePattern.excluded(JSON.stringify({ "detail-type": [matcher] }), topics)

describe("the event pattern of topics", () => {
  it("has exact topics as they are, an open end as prefix, another * as wildcard", () => {
    expect(
      JSON.parse(
        ArchivePattern.ofTopics([
          "genesys.conversations.message",
          "v2.users.{id}.presence",
          "v2.users.*",
          "v2.*.presence"
        ])
      )
    ).toEqual({
      "detail-type": [
        "genesys.conversations.message",
        "v2.users.{id}.presence",
        { prefix: "v2.users." },
        { wildcard: "v2.*.presence" }
      ]
    })
  })
})

describe("a topic is excluded by an archive's pattern", () => {
  it("only where no event of the topic can match", () => {
    expect(excluded("a.b.c", "a.b.c")).toEqual([])
    expect(excluded("a.b.c", "a.b.d")).toEqual(["a.b.d"])
    expect(excluded({ prefix: "a.b" }, "a.b.c", "a.c.b")).toEqual(["a.c.b"])
    expect(excluded({ suffix: ".c" }, "a.b.c", "a.b.d")).toEqual(["a.b.d"])
    expect(excluded({ wildcard: "a.*.c" }, "a.b.c", "a.b.d")).toEqual(["a.b.d"])
    expect(excluded({ "equals-ignore-case": "A.B.C" }, "a.b.c", "a.b.d")).toEqual(["a.b.d"])
    expect(excluded({ "anything-but": ["a.b.c"] }, "a.b.c", "a.b.d")).toEqual(["a.b.c"])
    expect(excluded({ "anything-but": "a.b.c" }, "a.b.c", "a.b.d")).toEqual(["a.b.c"])
    expect(excluded({ exists: false }, "a.b.c")).toEqual(["a.b.c"])
    expect(excluded({ exists: true }, "a.b.c")).toEqual([])
  })

  it("not where the topic is open and part of it may match", () => {
    expect(excluded("v2.users.1.presence", "v2.users.*")).toEqual([])
    expect(excluded("v2.queues.1", "v2.users.*")).toEqual(["v2.users.*"])
    expect(excluded({ prefix: "v2.users.1" }, "v2.users.*")).toEqual([])
    expect(excluded({ prefix: "v2" }, "v2.users.*")).toEqual([])
    expect(excluded({ prefix: "v3" }, "v2.users.*")).toEqual(["v2.users.*"])
    expect(excluded({ suffix: ".presence" }, "v2.*.presence")).toEqual([])
    expect(excluded({ suffix: ".status" }, "v2.*.presence")).toEqual(["v2.*.presence"])
  })

  it("not where the pattern says nothing of detail-type, or says what is not understood", () => {
    const topics = ["a.b.c"]
    for (const pattern of [
      undefined,
      "",
      "no json",
      "[]",
      '{"source":["x"]}',
      '{"detail-type":"a"}',
      '{"detail-type":[{"new-operator":1}]}',
      '{"detail-type":[{"anything-but":{"prefix":"a"}}]}',
      '{"$or":[{"detail-type":["x"]},{"source":["y"]}]}'
    ]) {
      expect(ArchivePattern.excluded(pattern, topics)).toEqual([])
    }
  })

  it("never by the pattern that is made for it", () => {
    const segment = fc.constantFrom("a", "bc", "x-1", "{id}", "*", "$", "(.+)", "é")
    const topic = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => `v2.${segments.join(".")}`)
    fc.assert(
      fc.property(fc.uniqueArray(topic, { minLength: 1, maxLength: 4 }), (topics) => {
        const pattern = ArchivePattern.ofTopics(topics)
        expect(ArchivePattern.excluded(pattern, topics)).toEqual([])
        expect(ArchivePattern.holdsOnly(pattern, topics)).toBe(true)
      })
    )
  })
})

describe("an archive holds nothing but the topics", () => {
  it("only where its pattern proves it", () => {
    const only = (matcher: unknown, ...topics: ReadonlyArray<string>) =>
      ArchivePattern.holdsOnly(JSON.stringify({ "detail-type": [matcher] }), topics)
    expect(only("a.b", "a.b", "a.c")).toBe(true)
    expect(only("a.b", "a.*")).toBe(true)
    expect(only({ prefix: "a.b." }, "a.*")).toBe(true)
    expect(only({ prefix: "a" }, "a.*")).toBe(false)
    expect(only({ prefix: "a.b" }, "a.b")).toBe(false)
    expect(only("a.c", "a.b")).toBe(false)
    expect(only({ exists: true }, "a.*")).toBe(false)
    expect(ArchivePattern.holdsOnly(undefined, ["a.b"])).toBe(false)
  })
})
