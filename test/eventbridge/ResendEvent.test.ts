import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import { IdentitySet, ResendEvent } from "@genesys-replay/eventbridge"
import { Either, FastCheck } from "effect"
import { envelope, eventOf, line, midnight } from "./StubTarget.js"

const read = (text: string) => ResendEvent.read({ source: "captured.ndjson", line: 7, text })

const event = (text: string) => eventOf(text, 7)

describe("ResendEvent", () => {
  it("is the envelope as it is written, and what is decided by", () => {
    expect(event(line(4))).toEqual({
      source: "captured.ndjson",
      line: 7,
      text: line(4),
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      topic: "v2.detail.events.conversation.{id}.acd.start",
      topicName: "v2.detail.events.conversation.conversation-1.acd.start",
      conversationId: "conversation-1",
      timeMs: midnight + 4_000
    })
  })

  it("has one id however the event was delivered, and another where it is another event", () => {
    const { id } = event(line(4))
    const replayed = { ...envelope(4), id: "another", time: "2024-02-01T00:00:00Z", "replay-name": "outage" }
    const reordered = JSON.stringify(Object.fromEntries(Object.entries(replayed).reverse()), null, 2)
    expect(event(reordered).id).toBe(id)
    expect(event(line(5)).id).not.toBe(id)
    expect(event(line(4, { topic: "acd.end" })).id).not.toBe(id)
  })

  it("is one line, also where it was written over many", () => {
    const { text } = event(JSON.stringify(envelope(1), null, 2))
    expect(text).not.toContain("\n")
    expect(JSON.parse(text)).toEqual(envelope(1))
  })

  it("does not have what was added when it was captured or refused", () => {
    const added = { ...envelope(1), "message-attributes": { ERROR_CODE: "SDK_CLIENT_ERROR" }, "resend-refused": {} }
    expect(event(JSON.stringify(added)).text).toBe(line(1))
  })

  it("keeps numbers as they are written", () => {
    const exact = line(1).replace('"index":1', '"index":1.00,"large":12345678901234567890')
    expect(event(exact.replace(/}$/, ',"message-attributes":{}}')).text).toBe(exact)
  })

  it("is taken out of a notification of SNS", () => {
    expect(event(JSON.stringify({ Type: "Notification", Message: line(1) })).text).toBe(line(1))
  })

  it("is each of those in one record, and what is none among them is told", () => {
    const printed = JSON.stringify({ Messages: [{ Body: line(1) }, { Body: "no event" }, { Body: line(2) }] }, null, 2)
    expect(read(printed).map(Either.map(({ event }) => event.text))).toEqual([
      Either.right(line(1)),
      Either.left({ source: "captured.ndjson", line: 7, reason: "it holds no event" }),
      Either.right(line(2))
    ])
  })

  it("finds its conversation in the topic where the body does not say it", () => {
    const { conversationId } = event(
      JSON.stringify({
        source: "s",
        "detail-type": "t",
        detail: { topicName: "v2.conversations.11aa.transcription", eventBody: {} }
      })
    )
    expect(conversationId).toBe("11aa")
  })

  it("is nothing else", () => {
    for (const text of ["{", "[]", "{}", '"text"', '{"source":"s","detail-type":"t"}', '{"detail":{"eventBody":{}}}']) {
      expect(read(text).map(Either.isLeft), text).toEqual([true])
    }
    expect(ResendEvent.read({ source: "a", line: 2, reason: "not UTF-8" })).toEqual([
      Either.left({ source: "a", line: 2, reason: "not UTF-8" })
    ])
  })
})

describe("IdentitySet", () => {
  it("has what was put into it, and nothing else", () => {
    const digits = FastCheck.stringMatching(/^[0-9a-f]{8}$/)
    const id = FastCheck.oneof(
      FastCheck.tuple(digits, digits, digits, digits).map((parts) => parts.join("")),
      FastCheck.nat(40).map((number) => number.toString(16).padStart(32, "0")),
      FastCheck.nat(40).map((number) => number.toString(16).padEnd(32, "0"))
    )
    FastCheck.assert(
      FastCheck.property(FastCheck.array(id, { maxLength: 3_000 }), FastCheck.array(id), (added, asked) => {
        const set = new IdentitySet.IdentitySet()
        const model = new Set<string>()
        for (const one of added) {
          expect(set.add(one)).toBe(!model.has(one))
          model.add(one)
        }
        expect(set.size).toBe(model.size)
        for (const one of [...asked, ...model]) expect(set.has(one)).toBe(model.has(one))
      }),
      { numRuns: 50 }
    )
  })

  it("grows with a hundred thousand of them", () => {
    const set = new IdentitySet.IdentitySet()
    const ids = Array.from({ length: 100_000 }, (_, at) =>
      createHash("sha256").update(String(at)).digest("hex").slice(0, 32)
    )
    for (const id of ids) set.add(id)
    expect([set.size, ids.every((id) => set.has(id))]).toEqual([100_000, true])
  })
})
