import { describe, expect, it } from "@effect/vitest"
import { EventStream, EventStreamPayload, Instant } from "@genesys-replay/domain"
import { Schema } from "effect"

const decode = Schema.decodeUnknownSync(EventStream.EventStream)
const encode = Schema.encodeSync(EventStream.EventStream)

describe("EventStream.isEmpty", () => {
  it("is a replay that completed and of which neither an index nor the time of an event is told", () => {
    const cases = [
      [{ state: "COMPLETED" }, true],
      [{ state: "COMPLETED", sequence: { first: 1, last: 0 } }, true],
      [{ state: "COMPLETED", sequence: { first: 1, last: 1 } }, false],
      [{ state: "COMPLETED", lastReplayedDate: "2024-01-15T09:00:00Z" }, false],
      [{ state: "RUNNING" }, false],
      [{ state: "CANCELLED" }, false]
    ] as const
    const progress = Schema.decodeUnknownSync(EventStream.ReplayProgress)
    expect(cases.map(([one]) => EventStream.isEmpty(progress(one)))).toEqual(cases.map(([, isEmpty]) => isEmpty))
  })
})

describe("EventStream", () => {
  const full = {
    id: "s-1",
    name: "outage",
    selfUri: "/api/v2/eventstreams/s-1",
    dateCreated: "2024-01-15T20:30:00Z",
    filters: { topics: ["genesys.a.b"], more: 1 },
    replay: { state: "RUNNING", lastReplayedDate: "2024-01-15T09:00:00Z", sequence: { first: 1, last: 7 } },
    somethingNew: { deep: [1, 2] }
  }

  it("keeps keys that it does not know, at every level", () => {
    expect(encode(decode(full))).toEqual(full)
  })

  it("is read with nothing but id and name", () => {
    expect(decode({ id: "s-1", name: "outage" })).toEqual({ id: "s-1", name: "outage" })
  })

  it("takes null for absent", () => {
    const nothing = { replay: null, filters: null, retentionDays: null, description: null, dateCreated: null }
    expect(decode({ id: "s-1", name: "outage", ...nothing })).toEqual({ id: "s-1", name: "outage" })
    expect(decode({ ...full, replay: { state: "COMPLETED", stateReason: null, sequence: null } }).replay).toEqual({
      state: "COMPLETED"
    })
  })

  it("takes a state that it does not know for one that has not ended, and says which it was", () => {
    expect(decode({ ...full, replay: { state: "QUEUED" } }).replay).toEqual({
      state: "PENDING",
      stateReason: "the platform says QUEUED"
    })
  })

  it("without an id is none", () => {
    expect(() => decode({ name: "outage" })).toThrow()
    expect(() => decode({ id: "", name: "outage" })).toThrow()
  })
})

describe("EventStreamPayload", () => {
  const payload = Schema.decodeUnknownSync(EventStreamPayload.EventStreamPayload)({
    name: "outage",
    description: "d",
    enabled: true,
    retentionDays: 60,
    destination: {
      type: "eventbridge",
      eventBridgeConfig: { arn: "arn:aws:events:us-east-1:123456789012:event-bus/b", roleArn: "", region: "us-east-1" }
    },
    filters: { topics: ["genesys.a.b", "genesys.c.d"] },
    replayConfig: { enabled: true, startDate: "2024-01-15T08:00:00Z", sequenceIndexTrigger: "automatic" }
  })

  it("is the same as a stream that only adds keys, orders topics anew and writes the instant otherwise", () => {
    const found = {
      ...payload,
      id: "s-1",
      filters: { topics: ["genesys.c.d", "genesys.a.b"] },
      replayConfig: { ...payload.replayConfig, startDate: "2024-01-15T09:00:00.000+01:00" }
    }
    expect(EventStreamPayload.differences(payload, found)).toEqual([])
  })

  it("names every field in which a stream differs", () => {
    const found = { ...payload, retentionDays: 30, destination: null, filters: { topics: ["genesys.a.b"] } }
    expect(EventStreamPayload.differences(payload, found).map(({ path }) => path)).toEqual([
      "retentionDays",
      "destination.type",
      "destination.eventBridgeConfig.arn",
      "destination.eventBridgeConfig.roleArn",
      "destination.eventBridgeConfig.region",
      "filters.topics"
    ])
  })

  it("starts at an instant that exists", () => {
    const is = Schema.is(Instant.UtcText)
    expect(["2024-01-15T08:00:00Z", "2024-01-15T08:00:00.250Z"].every(is)).toBe(true)
    expect(["2024-02-30T08:00:00Z", "2024-01-15T08:00:00+00:00", "2024-01-15"].some(is)).toBe(false)
  })
})
