import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import {
  Deliveries,
  type Faults,
  Organization,
  Sandbox,
  type Settings,
  TopicFilter,
  World
} from "@genesys-replay/sandbox"
import { Duration, Effect, Option, Schema, TestClock } from "effect"
import { call, field, login, payload, streams } from "./Call.js"

const Delivered = Schema.parseJson(
  Schema.Struct({
    version: Schema.Literal("0"),
    id: Schema.UUID,
    "detail-type": Schema.String,
    source: Schema.String,
    account: Schema.String,
    time: Schema.String,
    region: Schema.String,
    resources: Schema.Tuple(),
    "replay-name": Schema.String,
    detail: Schema.Struct({
      topicName: Schema.String,
      version: Schema.Literal("2"),
      timestamp: Schema.String,
      sequenceIndex: Schema.Int,
      eventBody: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
      metadata: Schema.Struct({ CorrelationId: Schema.String.pipe(Schema.pattern(/^[0-9a-f-]{36}(?:-archival)?$/)) })
    })
  })
)
const decodeLine = Schema.decodeUnknown(Delivered, { onExcessProperty: "error" })

const bus = "gen-cx-events"

/** The lines of a bus, each of them complete. */
const lines = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { deliveries } = yield* Sandbox.Sandbox
  const text = yield* fs.readFileString(deliveries(bus))
  expect(text.endsWith("\n")).toBe(true)
  return text.slice(0, -1).split("\n")
}).pipe(Effect.provide(NodeFileSystem.layer))

const delivered = Effect.flatMap(lines, (texts) => Effect.all(texts.map((text) => decodeLine(text))))

/** Submits a window of two hours and lets its replay run to the end. */
const replay = (name: string, body: unknown = payload(name)) =>
  Effect.gen(function* () {
    const { replayEnded } = yield* Sandbox.Sandbox
    const token = yield* login
    const created = yield* call("POST", streams, token, body)
    yield* TestClock.adjust(Duration.minutes(1))
    yield* replayEnded(name)
    return (yield* call("GET", `${streams}/${field(created.json, "id")}`, token)).json
  })

const sandbox = (options: Settings.Options = {}) =>
  Sandbox.layer({ seed: "replay", world: { conversationsPerHour: 12 }, ...options })

const world: World.World = {
  organization: Organization.make("replay"),
  rates: { conversationsPerHour: 12, presencesPerHour: 60, auditsPerHour: 12 }
}

/** What happens in the world of {@link sandbox} under the topics of {@link payload}. */
const happened = (from: number, until: number) => [
  ...World.events(world, { from, until }, { topics: TopicFilter.of(payload("window").filters.topics) })
]

/** How many events there are in the window of {@link payload}. */
const total = happened(-Duration.toMillis("2 hours"), 0).length

const broken = (deliveries: Faults.DeliveryFaults) => sandbox({ faults: { deliveries } })

const indices = Effect.map(delivered, (events) => events.map(({ detail }) => detail.sequenceIndex))
const sorted = (numbers: ReadonlyArray<number>) => [...numbers].sort((left, right) => left - right)
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe("A replay", () => {
  it.scoped("runs from PENDING over RUNNING to COMPLETED on the Clock", () =>
    Effect.gen(function* () {
      const { replayEnded } = yield* Sandbox.Sandbox
      const token = yield* login
      const created = yield* call("POST", streams, token, payload("window"))
      const progress = Effect.map(call("GET", `${streams}/${field(created.json, "id")}`, token), ({ json }) =>
        field(json, "replay")
      )
      yield* TestClock.adjust(Duration.millis(249))
      expect(yield* progress).toEqual({ state: "PENDING" })
      yield* TestClock.adjust(Duration.millis(1))
      expect(yield* progress).toEqual({ state: "RUNNING" })
      yield* TestClock.adjust(Duration.minutes(1))
      yield* replayEnded("window")
      expect(yield* progress).toEqual({
        state: "COMPLETED",
        lastReplayedDate: expect.stringMatching(/^1969-12-31T23:59:\d\d\.\d{3}Z$/),
        sequence: { first: 1, last: total }
      })
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("numbers its events from 1 without a gap, in the order of event time across the topics", () =>
    Effect.gen(function* () {
      yield* replay("window")
      const events = yield* delivered
      expect(events.map(({ detail }) => detail.sequenceIndex)).toEqual(upTo(total))
      const times = events.map(({ detail }) => detail.timestamp)
      expect(times).toEqual([...times].sort())
      expect(new Set(events.map((event) => event["detail-type"]))).toEqual(new Set(payload("window").filters.topics))
      expect(events.map(({ detail }) => detail.eventBody)).toEqual(
        happened(-Duration.toMillis("2 hours"), 0).map(({ eventBody }) => eventBody)
      )
      expect(new Set(events.map(({ id }) => id)).size).toBe(total)
      for (const { detail, time } of events) {
        expect(detail.timestamp >= "1969-12-31T22:00:00.000Z" && detail.timestamp < "1970-01-01T00:00:00.000Z").toBe(
          true
        )
        expect(time).toBe(`${detail.timestamp.slice(0, 19)}Z`)
      }
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("puts its events into the envelope of the bus, ids filled in", () =>
    Effect.gen(function* () {
      const arn = "arn:aws:events:eu-central-1:210987654321:event-bus/gen-cx-events"
      const window = payload("window")
      yield* replay("window", {
        ...window,
        destination: { type: "eventbridge", eventBridgeConfig: { arn, roleArn: "", region: "eu-central-1" } },
        filters: {
          topics: ["v2.users.{id}.presence", "v2.detail.events.conversation.*.acd.start", "genesys.conversations.call"]
        }
      })
      const events = yield* delivered
      const presence = events.find((event) => event["detail-type"] === "v2.users.{id}.presence")
      expect(presence).toMatchObject({ account: "210987654321", region: "eu-central-1", "replay-name": "window" })
      expect(presence?.source).toMatch(/^aws\.partner\/genesys\.com\/cloud\/[0-9a-f-]{36}\/sandbox$/)
      expect(presence?.detail.topicName).toMatch(/^v2\.users\.[0-9a-f-]{36}\.presence$/)
      const acd = events.find((event) => event["detail-type"] === "v2.detail.events.conversation.{id}.acd.start")
      expect(acd?.detail.topicName).toBe(
        `v2.detail.events.conversation.${acd?.detail.eventBody["conversationId"]}.acd.start`
      )
      // A topic of the Event Streams API is the name that its events come under; what they are stands in topicName.
      const call = events.find((event) => event["detail-type"] === "genesys.conversations.call")
      expect(call?.detail).toMatchObject({
        topicName: expect.stringMatching(/^v2\.detail\.events\.conversation\./),
        eventBody: { mediaType: "VOICE" }
      })
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("finds nothing that its retention no longer keeps, and nothing in the future", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Duration.toMillis(Duration.days(400)))
      const old = yield* replay("old", { ...payload("old", "1970-01-01T00:00:00Z"), retentionDays: 1 })
      const kept = happened(Duration.toMillis("399 days"), Duration.toMillis("400 days"))
      expect(field(old, "replay", "sequence")).toEqual({ first: 1, last: kept.length })
      expect((yield* delivered).every(({ detail }) => detail.timestamp >= "1971-02-04")).toBe(true)
      const future = yield* replay("future", payload("future", "1999-01-01T00:00:00Z"))
      expect(field(future, "replay")).toEqual({ state: "COMPLETED" })
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("thins a long window out instead of flooding the disk", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Duration.toMillis(Duration.days(30)))
      yield* replay("month", payload("month", "1970-01-01T00:00:00Z"))
      const all = yield* indices
      expect(all).toEqual(upTo(all.length))
      expect(all.length).toBeGreaterThan(150)
      expect(all.length).toBeLessThan(750)
    }).pipe(Effect.provide(sandbox({ world: { conversationsPerHour: 12, maximumEvents: 500 } })))
  )

  it.scoped("does not run where the payload does not ask for it", () =>
    Effect.gen(function* () {
      const window = payload("window")
      const stream = yield* replay("window", { ...window, replayConfig: { ...window.replayConfig, enabled: false } })
      expect(field(stream, "replay")).toBe(undefined)
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("ends where the platform ends it, with its reason", () =>
    Effect.gen(function* () {
      const { endReplay } = yield* Sandbox.Sandbox
      const token = yield* login
      const created = yield* call("POST", streams, token, payload("window"))
      const [record] = yield* (yield* Sandbox.Sandbox).streams
      yield* endReplay(record?.id ?? "", "FAILED", "the bus is gone")
      const stream = yield* call("GET", `${streams}/${field(created.json, "id")}`, token)
      expect(field(stream.json, "replay")).toEqual({ state: "FAILED", stateReason: "the bus is gone" })
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("fails, and says why, when deliveries cannot be written", () =>
    Effect.gen(function* () {
      const { deliveries, replayEnded } = yield* Sandbox.Sandbox
      const fs = yield* FileSystem.FileSystem
      yield* fs.makeDirectory(deliveries(bus))
      yield* call("POST", streams, yield* login, payload("window"))
      yield* TestClock.adjust(Duration.minutes(1))
      const { replay: ended } = yield* replayEnded("window")
      expect(Option.getOrThrow(ended)).toMatchObject({
        state: "FAILED",
        stateReason: expect.stringContaining("could not deliver")
      })
    }).pipe(Effect.provide([sandbox(), NodeFileSystem.layer]))
  )
})

describe("Two replays", () => {
  it.scoped("of one window deliver the same events under their own names and numbers", () =>
    Effect.gen(function* () {
      const token = yield* login
      yield* call("POST", streams, token, payload("first"))
      yield* call("POST", streams, token, payload("second"))
      yield* TestClock.adjust(Duration.minutes(1))
      const { replayEnded } = yield* Sandbox.Sandbox
      yield* replayEnded("first")
      yield* replayEnded("second")
      const events = yield* delivered
      const of = (name: string) =>
        events.filter((event) => event["replay-name"] === name).map(({ detail, id }) => [id, detail])
      expect(of("first")).toEqual(of("second"))
      expect(of("first")).toHaveLength(total)
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("of one seed are equal to the byte, faults included, whatever the pace; of another seed they are not", () =>
    Effect.gen(function* () {
      const faults: Faults.Faults = {
        deliveries: { drop: { rate: 0.1 }, duplicate: { rate: 0.1 }, reorder: { rate: 0.1 } }
      }
      const run = (seed: number, eventsPerSecond: number) =>
        TestClock.setTime(0).pipe(
          Effect.zipRight(replay("window")),
          Effect.zipRight(lines),
          Effect.provide(sandbox({ seed, faults, pace: { eventsPerSecond } }))
        )
      const once = yield* run(1, 2_000)
      expect(once.length).toBeGreaterThan(100)
      expect(yield* run(1, 2_000)).toEqual(once)
      expect(yield* run(1, 37)).toEqual(once)
      expect(yield* run(2, 2_000)).not.toEqual(once)
    })
  )
})

describe("Deliveries that go wrong", () => {
  it.scoped("drop exactly the indices they are told to, while the platform believes in all of them", () =>
    Effect.gen(function* () {
      const stream = yield* replay("window")
      expect(field(stream, "replay", "sequence")).toEqual({ first: 1, last: total })
      expect(yield* indices).toEqual(upTo(total).filter((index) => index !== 7 && (index < 120 || index > 140)))
      const all = happened(-Duration.toMillis("2 hours"), 0)
      const told = yield* (yield* Sandbox.Sandbox).faultLog
      expect(told.map(({ fault, id, path }) => [fault, path, id])).toEqual(
        [7, ...upTo(140).slice(119)].map((index) => ["dropped", "window", all[index - 1]?.id])
      )
    }).pipe(Effect.provide(broken({ drop: { indices: [[120, 140], 7] } })))
  )

  it.scoped("duplicate: the second copy is the first one, a little later", () =>
    Effect.gen(function* () {
      yield* replay("window")
      const all = yield* indices
      expect(sorted(all)).toEqual(sorted([...upTo(total), 10, 20, total]))
      const texts = yield* lines
      expect(new Set(texts).size).toBe(total)
    }).pipe(Effect.provide(broken({ duplicate: { indices: [10, 20, total] } })))
  )

  it.scoped("reorder: nothing is lost, and what was asked for is overtaken", () =>
    Effect.gen(function* () {
      yield* replay("window")
      const all = yield* indices
      expect(sorted(all)).toEqual(upTo(total))
      expect(all.indexOf(50)).toBeGreaterThan(all.indexOf(51))
    }).pipe(Effect.provide(broken({ reorder: { indices: [50] } })))
  )

  it.scoped("by rate hit about as many as the rate says", () =>
    Effect.gen(function* () {
      yield* replay("window")
      const lost = total - (yield* indices).length
      expect(lost).toBeGreaterThan(total * 0.15)
      expect(lost).toBeLessThan(total * 0.35)
    }).pipe(Effect.provide(broken({ drop: { rate: 0.25 } })))
  )

  it.scoped("only for the streams that are named, and only until the faults are cleared", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      yield* faults.set({ deliveries: { drop: { rate: 1 }, streams: ["lost"] } })
      yield* replay("found", payload("found", "1969-12-31T23:59:00Z"))
      yield* replay("lost", payload("lost", "1969-12-31T23:59:00Z"))
      yield* faults.clear
      yield* replay("found again", payload("found again", "1969-12-31T23:59:00Z"))
      expect(new Set((yield* delivered).map((event) => event["replay-name"]))).toEqual(
        new Set(["found", "found again"])
      )
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("The file of a bus", () => {
  it("is named after the bus and stays in its directory", () => {
    expect(Deliveries.fileName("gen-cx-events")).toBe("gen-cx-events.ndjson")
    expect(Deliveries.fileName("aws.partner/genesys.com/cloud/o/s")).toBe("aws.partner+genesys.com+cloud+o+s.ndjson")
    for (const bus of ["..", "../../etc/passwd", "/etc/passwd", ".", "a\\b", "a\0b", "a".repeat(256), "a b"]) {
      expect(Deliveries.fileName(bus)).toMatch(/^[A-Za-z0-9+%_-][A-Za-z0-9._+%~-]{0,220}\.ndjson$/)
    }
    expect(Deliveries.fileName("a".repeat(255))).not.toBe(Deliveries.fileName("a".repeat(256)))
  })

  it.scoped("is its owner's alone", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const parent = yield* fs.makeTempDirectoryScoped()
      const dataDirectory = `${parent}/not/there`
      yield* Effect.gen(function* () {
        yield* replay("window")
        const { deliveries } = yield* Sandbox.Sandbox
        expect((yield* fs.stat(deliveries(bus))).mode & 0o777).toBe(0o600)
      }).pipe(Effect.provide(sandbox({ dataDirectory })))
      expect((yield* fs.stat(dataDirectory)).mode & 0o777).toBe(0o700)
      expect(yield* fs.readDirectory(dataDirectory)).toEqual(["gen-cx-events.ndjson"])
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scoped("goes with a sandbox that was told no directory", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* Effect.map(Sandbox.Sandbox, ({ dataDirectory }) => dataDirectory).pipe(
        Effect.provide(sandbox())
      )
      expect(yield* fs.exists(directory)).toBe(false)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
