import type { StartReplayCommandInput } from "@aws-sdk/client-eventbridge"
import { describe, expect, it } from "@effect/vitest"
import { type Faults, PlatformEvent, Sandbox, type Settings, TopicFilter, World } from "@genesys-replay/sandbox"
import { Duration, Effect, Schema, TestClock } from "effect"
import { arn, busArn, busIntoQueue, drain, events, put, queues } from "./AwsCall.js"
import { field } from "./Call.js"

const sandbox = (options: Settings.Options = {}) => Sandbox.layer({ seed: "aws", ...options })

const broken = (deliveries: Faults.DeliveryFaults) => sandbox({ faults: { deliveries } })

const day = 86_400

/** The clock in all of these tests: the hundredth day. */
const today = TestClock.setTime(100 * day * 1_000)

/** Seconds since 1970, of the hundredth day's eve. */
const yesterday = (second: number) => 99 * day + second

const at = (seconds: number) => new Date(seconds * 1_000)

const archive = (pattern?: unknown, RetentionDays?: number) =>
  events((client) =>
    client.createArchive({
      ArchiveName: "archive",
      EventSourceArn: busArn,
      EventPattern: pattern === undefined ? undefined : JSON.stringify(pattern),
      RetentionDays
    })
  )

const describeArchive = events((client) => client.describeArchive({ ArchiveName: "archive" }))

/** A replay of all of yesterday, unless told otherwise. */
const start = (ReplayName: string, different: Partial<StartReplayCommandInput> = {}) =>
  events((client) =>
    client.startReplay({
      ReplayName,
      EventSourceArn: arn("archive/archive"),
      EventStartTime: at(99 * day),
      EventEndTime: at(100 * day),
      Destination: { Arn: busArn },
      ...different
    })
  )

const describeReplay = (ReplayName: string) => events((client) => client.describeReplay({ ReplayName }))

const finished = (name: string) =>
  Effect.flatMap(Sandbox.Sandbox, ({ aws }) =>
    Effect.zipRight(TestClock.adjust(Duration.minutes(1)), aws.replayEnded(name))
  )

const Event = Schema.Struct({
  id: Schema.String,
  time: Schema.String,
  "replay-name": Schema.optional(Schema.String),
  detail: Schema.Struct({ sequenceIndex: Schema.Int })
})
const decode = Schema.decodeUnknownSync(Schema.Array(Event))

const received = (queue: string) => Effect.map(drain(queue), (bodies) => decode(bodies))

const indicesOf = (all: ReadonlyArray<typeof Event.Type>) => all.map(({ detail }) => detail.sequenceIndex)

/** A bus, its archive and a queue; the events themselves are no longer in the queue. */
const archived = (...seconds: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    yield* today
    const queue = yield* busIntoQueue()
    yield* archive()
    yield* put(...seconds)
    yield* queues((client) => client.purgeQueue({ QueueUrl: queue }))
    return queue
  })

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)
const sorted = (numbers: ReadonlyArray<number>) => [...numbers].sort((left, right) => left - right)

describe("An archive", () => {
  it.scoped("keeps what matches its pattern from then on, as long as its retention says", () =>
    Effect.gen(function* () {
      yield* today
      yield* busIntoQueue()
      yield* put(yesterday(0))
      yield* archive({ detail: { sequenceIndex: [{ numeric: ["<=", 3] }] } }, 2)
      yield* put(yesterday(1), yesterday(2), yesterday(3), yesterday(4))
      yield* put(97 * day)
      expect(yield* describeArchive).toMatchObject({
        ArchiveArn: arn("archive/archive"),
        EventSourceArn: busArn,
        EventPattern: '{"detail":{"sequenceIndex":[{"numeric":["<=",3]}]}}',
        State: "ENABLED",
        RetentionDays: 2,
        EventCount: 3,
        SizeBytes: expect.any(Number),
        CreationTime: at(100 * day)
      })
      yield* TestClock.setTime((101 * day + 3) * 1_000)
      expect((yield* describeArchive).EventCount).toBe(0)
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("is changed, listed and deleted", () =>
    Effect.gen(function* () {
      yield* today
      yield* busIntoQueue()
      yield* archive()
      const ArchiveName = "archive"
      yield* events((client) => client.updateArchive({ ArchiveName, RetentionDays: 7, Description: "week" }))
      expect(yield* describeArchive).toMatchObject({ RetentionDays: 7, Description: "week" })
      const listed = (filter: { NamePrefix?: string; EventSourceArn?: string; State?: "ENABLED" | "DISABLED" }) =>
        Effect.map(
          events((client) => client.listArchives(filter)),
          ({ Archives = [] }) => Archives.map((one) => one.ArchiveName)
        )
      expect(yield* listed({})).toEqual(["archive"])
      expect(yield* listed({ NamePrefix: "b" })).toEqual([])
      expect(yield* listed({ EventSourceArn: busArn })).toEqual(["archive"])
      expect(yield* listed({ EventSourceArn: arn("event-bus/default") })).toEqual([])
      expect(yield* listed({ State: "DISABLED" })).toEqual([])
      expect(yield* Effect.flip(listed({ NamePrefix: "a", State: "ENABLED" }))).toMatchObject({
        name: "ValidationException"
      })
      yield* events((client) => client.deleteArchive({ ArchiveName }))
      expect(yield* Effect.flip(describeArchive)).toMatchObject({
        name: "ResourceNotFoundException",
        message: "Archive archive does not exist."
      })
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("is refused twice, on a bus that is not there, and with a pattern that is none", () =>
    Effect.gen(function* () {
      const create = (ArchiveName: string, EventSourceArn: string, EventPattern?: string) =>
        Effect.map(
          Effect.flip(events((client) => client.createArchive({ ArchiveName, EventSourceArn, EventPattern }))),
          ({ name }) => name
        )
      yield* busIntoQueue()
      yield* archive()
      expect(yield* create("archive", busArn)).toBe("ResourceAlreadyExistsException")
      expect(yield* create("other", arn("event-bus/nowhere"))).toBe("ResourceNotFoundException")
      expect(yield* create("other", "cx")).toBe("ValidationException")
      expect(yield* create("other", busArn, '{"source":[]}')).toBe("InvalidEventPatternException")
      expect(yield* create("a".repeat(49), busArn)).toBe("ValidationException")
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("A replay of an archive", () => {
  it.scoped("runs from STARTING over RUNNING to COMPLETED on the Clock", () =>
    Effect.gen(function* () {
      yield* archived(...upTo(30).map((index) => yesterday(index * 10)))
      expect(yield* start("r")).toMatchObject({
        ReplayArn: arn("replay/r"),
        State: "STARTING",
        ReplayStartTime: at(100 * day)
      })
      yield* TestClock.adjust(Duration.millis(250))
      expect((yield* describeReplay("r")).State).toBe("RUNNING")
      expect((yield* describeReplay("r")).EventLastReplayedTime).toBe(undefined)
      yield* TestClock.adjust(Duration.seconds(1))
      const half = yield* describeReplay("r")
      expect(half.State).toBe("RUNNING")
      expect(half.EventLastReplayedTime?.getTime()).toBeGreaterThan(99 * day * 1_000)
      expect(half.EventLastReplayedTime?.getTime()).toBeLessThan(yesterday(300) * 1_000)
      yield* finished("r")
      expect(yield* describeReplay("r")).toMatchObject({
        State: "COMPLETED",
        EventSourceArn: arn("archive/archive"),
        Destination: { Arn: busArn, FilterArns: [] },
        EventStartTime: at(99 * day),
        EventEndTime: at(100 * day),
        EventLastReplayedTime: at(yesterday(300)),
        ReplayStartTime: at(100 * day),
        ReplayEndTime: expect.any(Date)
      })
    }).pipe(Effect.provide(sandbox({ pace: { eventsPerSecond: 10 } })))
  )

  it.scoped("sends the archive's events with its name, minute by minute, in any order within one", () =>
    Effect.gen(function* () {
      const seconds = upTo(60).map((index) => yesterday((index * 7) % 180))
      const queue = yield* archived(...seconds)
      yield* start("r")
      yield* finished("r")
      const all = yield* received(queue)
      expect(sorted(indicesOf(all))).toEqual(upTo(60))
      expect(new Set(all.map((event) => event["replay-name"]))).toEqual(new Set(["r"]))
      const minutes = all.map(({ time }) => time.slice(0, 16))
      expect(minutes).toEqual([...minutes].sort())
      const times = all.map(({ time }) => time)
      expect(times).not.toEqual([...times].sort())
      expect((yield* describeArchive).EventCount).toBe(60)
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("takes events from its start on, up to its end", () =>
    Effect.gen(function* () {
      const queue = yield* archived(yesterday(9), yesterday(10), yesterday(19), yesterday(20))
      yield* start("r", { EventStartTime: at(yesterday(10)), EventEndTime: at(yesterday(20)) })
      yield* finished("r")
      expect(sorted(indicesOf(yield* received(queue)))).toEqual([2, 3])
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("goes to the rules that it names only", () =>
    Effect.gen(function* () {
      const queue = yield* archived(yesterday(1))
      const { QueueUrl = "" } = yield* queues((client) => client.createQueue({ QueueName: "other" }))
      const rule = { Name: "other", EventBusName: "cx", EventPattern: '{"replay-name":[{"exists":true}]}' }
      yield* events((client) => client.putRule(rule))
      yield* events((client) =>
        client.putTargets({ Rule: "other", EventBusName: "cx", Targets: [{ Id: "q", Arn: arn("other", "sqs") }] })
      )
      yield* start("r", { Destination: { Arn: busArn, FilterArns: [arn("rule/cx/other")] } })
      yield* finished("r")
      expect(yield* received(queue)).toEqual([])
      expect(yield* received(QueueUrl)).toHaveLength(1)
      yield* start("all")
      yield* finished("all")
      expect(yield* received(queue)).toHaveLength(1)
      expect(yield* received(QueueUrl)).toHaveLength(1)
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("without events completes", () =>
    Effect.gen(function* () {
      yield* archived()
      yield* start("r")
      expect(yield* finished("r")).toMatchObject({ state: "COMPLETED", lastReplayedAt: undefined })
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("is cancelled, over CANCELLING to CANCELLED, and then stays so", () =>
    Effect.gen(function* () {
      const queue = yield* archived(...upTo(50).map(yesterday))
      yield* start("r")
      yield* TestClock.adjust(Duration.seconds(2))
      const cancel = events((client) => client.cancelReplay({ ReplayName: "r" }))
      expect(yield* cancel).toMatchObject({ ReplayArn: arn("replay/r"), State: "CANCELLING" })
      expect(yield* Effect.flip(cancel)).toMatchObject({ name: "IllegalStatusException" })
      yield* finished("r")
      expect(yield* describeReplay("r")).toMatchObject({ State: "CANCELLED", ReplayEndTime: expect.any(Date) })
      const before = (yield* received(queue)).length
      expect(before).toBeGreaterThan(0)
      expect(before).toBeLessThan(50)
      expect(yield* Effect.flip(cancel)).toMatchObject({ name: "IllegalStatusException" })
      expect(yield* Effect.flip(events((client) => client.cancelReplay({ ReplayName: "no" })))).toMatchObject({
        name: "ResourceNotFoundException"
      })
    }).pipe(Effect.provide(sandbox({ pace: { eventsPerSecond: 10 } })))
  )

  it.scoped("fails where its archive is gone, and where AWS says so", () =>
    Effect.gen(function* () {
      const { aws } = yield* Sandbox.Sandbox
      yield* archived(yesterday(1))
      yield* start("told")
      yield* aws.endReplay("told", "FAILED", "internal failure")
      expect(yield* describeReplay("told")).toMatchObject({ State: "FAILED", StateReason: "internal failure" })
      yield* start("gone")
      yield* events((client) => client.deleteArchive({ ArchiveName: "archive" }))
      expect(yield* finished("gone")).toMatchObject({
        state: "FAILED",
        stateReason: expect.stringContaining("Archive archive does not exist")
      })
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("is refused for what AWS refuses", () =>
    Effect.gen(function* () {
      yield* archived(yesterday(1))
      const refusal = (different: Partial<StartReplayCommandInput>) =>
        Effect.map(Effect.flip(start("r", different)), ({ message, name }) => `${name}: ${message}`)
      expect(yield* refusal({ EventSourceArn: arn("archive/none") })).toBe(
        "ResourceNotFoundException: Archive none does not exist."
      )
      expect(yield* refusal({ EventSourceArn: busArn })).toBe(
        "ValidationException: Parameter EventSourceArn is not valid. Reason: Must contain an archive ARN."
      )
      expect(yield* refusal({ Destination: { Arn: "cx" } })).toBe(
        "ValidationException: Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN."
      )
      expect(yield* refusal({ Destination: { Arn: arn("event-bus/none") } })).toBe(
        "ResourceNotFoundException: Event bus none does not exist."
      )
      expect(yield* refusal({ Destination: { Arn: arn("event-bus/default") } })).toBe(
        "ValidationException: Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted."
      )
      expect(yield* refusal({ EventEndTime: at(99 * day) })).toBe(
        "ValidationException: Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime."
      )
      expect(yield* refusal({ EventEndTime: at(100 * day + 1) })).toContain(
        "ValidationException: Parameter EventEndTime"
      )
      expect(yield* refusal({ Destination: { Arn: busArn, FilterArns: [arn("rule/cx/none")] } })).toContain(
        "ValidationException: Parameter Destination.FilterArns"
      )
      expect(yield* refusal({ ReplayName: "a".repeat(65) })).toContain("ValidationException")
      expect((yield* events((client) => client.listReplays({}))).Replays).toEqual([])
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("keeps its name for ninety days", () =>
    Effect.gen(function* () {
      yield* archived(yesterday(1))
      yield* start("r")
      yield* finished("r")
      expect(yield* Effect.flip(start("r"))).toMatchObject({
        name: "ResourceAlreadyExistsException",
        message: "Replay r already exists."
      })
      yield* TestClock.setTime(189 * day * 1_000)
      expect(yield* Effect.flip(start("r"))).toMatchObject({ name: "ResourceAlreadyExistsException" })
      yield* TestClock.setTime(190 * day * 1_000)
      expect((yield* events((client) => client.listReplays({}))).Replays).toEqual([])
      expect(yield* start("r")).toMatchObject({ State: "STARTING" })
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("is one of ten at once", () =>
    Effect.gen(function* () {
      yield* archived(yesterday(1))
      for (const index of upTo(10)) yield* start(`r${index}`)
      expect(yield* Effect.flip(start("r11"))).toMatchObject({ name: "LimitExceededException" })
      const running = yield* events((client) => client.listReplays({ State: "STARTING" }))
      expect(running.Replays).toHaveLength(10)
      yield* finished("r10")
      expect(yield* start("r11")).toMatchObject({ State: "STARTING" })
      const listed = yield* events((client) => client.listReplays({ NamePrefix: "r1" }))
      expect(listed.Replays?.map(({ ReplayName, State }) => [ReplayName, State])).toEqual([
        ["r1", "COMPLETED"],
        ["r10", "COMPLETED"],
        ["r11", "STARTING"]
      ])
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("loses, doubles and reorders what it is told to, and believes that it did not", () =>
    Effect.gen(function* () {
      const queue = yield* archived(...upTo(100).map((index) => yesterday(index * 60)))
      yield* start("r")
      expect(yield* finished("r")).toMatchObject({ state: "COMPLETED" })
      const all = indicesOf(yield* received(queue))
      expect(sorted(all)).toEqual(sorted([...upTo(100).filter((index) => index < 20 || index > 29), 50]))
      expect(all.indexOf(70)).toBeGreaterThan(all.indexOf(71))
    }).pipe(
      Effect.provide(
        broken({
          drop: { indices: [[20, 29]] },
          duplicate: { indices: [50] },
          reorder: { indices: [70] },
          streams: ["r"]
        })
      )
    )
  )

  it.scoped("of one seed is the same every time", () =>
    Effect.gen(function* () {
      const run = (seed: number) =>
        Effect.gen(function* () {
          const queue = yield* archived(...upTo(60).map(yesterday))
          yield* start("r")
          yield* finished("r")
          return indicesOf(yield* received(queue))
        }).pipe(Effect.provide(sandbox({ seed, faults: { deliveries: { drop: { rate: 0.1 } } } })))
      const once = yield* run(1)
      expect(yield* run(1)).toEqual(once)
      expect(yield* run(2)).not.toEqual(once)
    })
  )
})

describe("A history of Genesys events", () => {
  it.scoped("is in the archive of a partner bus as if it had always been there", () =>
    Effect.gen(function* () {
      yield* today
      const { aws } = yield* Sandbox.Sandbox
      const topics = ["v2.users.{id}.presence", "v2.detail.events.conversation.{id}.acd.start"]
      const happened = [
        ...World.events(
          (yield* Sandbox.Sandbox).world,
          { from: 99 * day * 1_000, until: (99 * day + 3_600) * 1_000 },
          { topics: TopicFilter.of(topics) }
        )
      ]
      const written = yield* aws.genesysHistory({
        archive: "genesys",
        topics,
        from: at(99 * day),
        until: at(99 * day + 3_600)
      })
      expect(written).toMatchObject({ count: happened.length, archiveArn: arn("archive/genesys") })
      expect(written.bus).toMatch(/^aws\.partner\/genesys\.com\/cloud\/[0-9a-f-]{36}\/sandbox$/)
      const described = yield* events((client) => client.describeArchive({ ArchiveName: "genesys" }))
      expect(described).toMatchObject({ EventCount: happened.length, EventSourceArn: written.busArn })
      expect(described.CreationTime?.getTime()).toBeLessThanOrEqual(99 * day * 1_000)

      const { QueueUrl = "" } = yield* queues((client) => client.createQueue({ QueueName: "captured" }))
      yield* events((client) =>
        client.putRule({ Name: "capture", EventBusName: written.bus, EventPattern: `{"source":["${written.bus}"]}` })
      )
      yield* events((client) =>
        client.putTargets({
          Rule: "capture",
          EventBusName: written.bus,
          Targets: [{ Id: "queue", Arn: arn("captured", "sqs") }]
        })
      )
      yield* start("r", { EventSourceArn: written.archiveArn, Destination: { Arn: written.busArn } })
      yield* finished("r")
      const bodies = yield* drain(QueueUrl)
      // Every event of the world, as it is: nothing in it is numbered.
      const details = bodies.map((body) => field(body, "detail"))
      expect(new Set(details.map((detail) => JSON.stringify(detail)))).toEqual(
        new Set(happened.map((event) => JSON.stringify(PlatformEvent.detail(event))))
      )
      expect(bodies).toHaveLength(happened.length)
      for (const body of bodies) {
        expect(body).toMatchObject({ source: written.bus, "replay-name": "r", resources: [], version: "0" })
        expect(field(body, "detail", "sequenceIndex")).toBe(undefined)
      }
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("goes on where another one ended, in an archive that is there already", () =>
    Effect.gen(function* () {
      yield* today
      yield* busIntoQueue()
      yield* archive()
      const { aws } = yield* Sandbox.Sandbox
      const history = { archive: "archive", bus: "cx", topics: ["v2.users.{id}.presence"] }
      const hour = (index: number) => at(99 * day + index * 3_600)
      const first = yield* aws.genesysHistory({ ...history, from: hour(0), until: hour(1) })
      const second = yield* aws.genesysHistory({ ...history, from: hour(1), until: hour(2) })
      expect(second).toMatchObject({ busArn, count: 60 })
      expect(yield* describeArchive).toMatchObject({
        EventCount: first.count + second.count,
        CreationTime: at(99 * day - 60)
      })
    }).pipe(Effect.provide(sandbox()))
  )
})
