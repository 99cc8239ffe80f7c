import { describe, expect, it } from "@effect/vitest"
import { Finding, SyncSink } from "@genesys-replay/domain"
import { Either, Schema } from "effect"

const isFinding = Schema.is(Finding.FindingCode)
const isKind = Schema.is(SyncSink.SinkKind)

describe("The names that programs of others may add to", () => {
  it("findings have a fixed code, or one of a provider of somebody else's behind its name", () => {
    expect(["start-in-future", "kafka/topic-compacted"].filter(isFinding)).toHaveLength(2)
    expect(["start-in-futur", "topic-compacted", ""].filter(isFinding)).toEqual([])
  })

  it("kinds of sinks are short words, which the state keeps", () => {
    expect(["webhook", "file", "event-bus", "kafka", "k".repeat(20)].filter(isKind)).toHaveLength(5)
    expect(["", "Kafka", "a b", "-x", "k".repeat(21)].filter(isKind)).toEqual([])
    const address = Schema.decodeUnknownEither(SyncSink.SinkAddress)({
      kind: "kafka",
      location: "kafka://broker/topic"
    })
    expect(Either.isRight(address)).toBe(true)
  })
})
