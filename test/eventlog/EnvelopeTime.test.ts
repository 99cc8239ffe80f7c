import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as EnvelopeTime from "../../packages/eventlog/src/scan/EnvelopeTime.js"

const of = (text: string) => EnvelopeTime.of(Buffer.from(text))

const time = "2024-01-15T08:00:01Z"

const ms = Date.parse(time)

describe("EnvelopeTime.of", () => {
  it("is the time of the envelope, wherever it stands, and no other time in it", () => {
    const other = { time: "1999-01-01T00:00:00Z" }
    expect(of(JSON.stringify({ "detail-type": "v2.{id}.x", account: "1", time, detail: other }))).toBe(ms)
    expect(of(JSON.stringify({ detail: other, time }))).toBe(ms)
    expect(of(JSON.stringify({ first: other, time, detail: {} }))).toBe(ms)
    expect(of(JSON.stringify({ source: '"time":"1999-01-01T00:00:00Z"', time }))).toBe(ms)
    expect(of(`{ "time" : "${time}" }`)).toBe(ms)
    expect(of(JSON.stringify({ resources: ["x".repeat(2_000)], time, detail: {} }))).toBe(ms)
  })

  it("is none where the envelope has none, whatever is inside", () => {
    for (const text of [
      "{}",
      "[]",
      "",
      "{",
      JSON.stringify({ detail: { time } }),
      JSON.stringify({ time: 1 }),
      '{"time":"now"}'
    ]) {
      expect(of(text)).toBeUndefined()
    }
  })

  it("reads what a parser reads, of any envelope", () => {
    const inside = fc.dictionary(
      fc.constantFrom("time", "detail", 'a"b', "{"),
      fc.oneof(fc.constant("1999-01-01T00:00:00Z"), fc.string(), fc.integer())
    )
    const key = fc.constantFrom("version", "source", "detail-type", "detail", "resources")
    const value = fc.oneof(fc.string(), inside, fc.array(fc.string()))
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value)), fc.nat(8), fc.boolean(), (members, at, isThere) => {
        const own = isThere ? [["time", time] as const] : []
        const event = Object.fromEntries([...members.slice(0, at), ...own, ...members.slice(at)])
        expect(of(JSON.stringify(event))).toBe(isThere ? ms : undefined)
      })
    )
  })
})
