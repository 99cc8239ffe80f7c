import { describe, expect, it } from "@effect/vitest"
import { Organization, PlatformEvent, Sandbox, type Settings, TopicFilter, World } from "@genesys-replay/sandbox"
import { Duration, Effect, Layer, TestClock } from "effect"
import { arn, drain, events, queues } from "./AwsCall.js"
import { field } from "./Call.js"

const hour = Duration.toMillis("1 hour")
const noon = Date.UTC(2024, 0, 15, 12)

/** A sandbox that is started at noon. */
const sandbox = (options: Settings.Options = {}) =>
  Sandbox.layer({ seed: "platform", world: { conversationsPerHour: 20 }, ...options }).pipe(
    Layer.provide(Layer.effectDiscard(TestClock.setTime(noon)))
  )

const bus = Organization.eventSource(Organization.make("platform"))
const busArn = arn(`event-bus/${bus}`)

/** The partner bus with a rule into a queue; answers the queue's URL. */
const routed = Effect.gen(function* () {
  yield* events((client) => client.createEventBus({ Name: bus, EventSourceName: bus }))
  const { QueueUrl = "" } = yield* queues((client) => client.createQueue({ QueueName: "captured" }))
  yield* events((client) =>
    client.putRule({ Name: "all", EventBusName: bus, EventPattern: JSON.stringify({ source: [bus] }) })
  )
  yield* events((client) =>
    client.putTargets({ Rule: "all", EventBusName: bus, Targets: [{ Id: "queue", Arn: arn("captured", "sqs") }] })
  )
  return QueueUrl
})

const ids = (bodies: ReadonlyArray<unknown>) => bodies.map((body) => String(field(body, "id"))).sort()

/** What happens in the world after noon, up to so many milliseconds later. */
const happened = (length: number, topics: TopicFilter.TopicFilter = TopicFilter.all) =>
  Effect.map(Sandbox.Sandbox, ({ world }) => [...World.events(world, { from: noon, until: noon + length }, { topics })])

describe("The partner event source", () => {
  const state = (Name: string) =>
    Effect.map(
      events((client) => client.describeEventSource({ Name })),
      ({ State }) => State
    )

  it.scoped("is PENDING until a bus is associated with it, and then ACTIVE", () =>
    Effect.gen(function* () {
      expect(yield* state(bus)).toBe("PENDING")
      yield* routed
      expect(yield* state(bus)).toBe("ACTIVE")
      expect(yield* Effect.flip(state(`${bus}-other`))).toMatchObject({ name: "ResourceNotFoundException" })
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("Live events", () => {
  it.scoped("reach the targets and the archive of the partner bus as they happen, each once, none numbered", () =>
    Effect.gen(function* () {
      const queue = yield* routed
      yield* events((client) => client.createArchive({ ArchiveName: "all", EventSourceArn: busArn }))
      yield* TestClock.adjust(Duration.minutes(20))
      const expected = yield* happened(hour / 3)
      const bodies = yield* drain(queue)
      expect(ids(bodies)).toEqual(expected.map(({ id }) => id).sort())
      const details = new Set(expected.map((event) => JSON.stringify(PlatformEvent.detail(event))))
      expect(bodies.filter((body) => !details.has(JSON.stringify(field(body, "detail"))))).toEqual([])
      const { EventCount } = yield* events((client) => client.describeArchive({ ArchiveName: "all" }))
      expect(EventCount).toBe(expected.length)
    }).pipe(Effect.provide(sandbox({ live: true })))
  )

  it.scoped("are those of the integration's filter, and none without a bus", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust(Duration.minutes(20))
      const queue = yield* routed
      yield* TestClock.adjust(Duration.minutes(20))
      const topics = new Set((yield* drain(queue)).map((body) => field(body, "detail-type")))
      expect(topics).toEqual(new Set(["v2.users.{id}.presence"]))
    }).pipe(Effect.provide(sandbox({ live: true, integration: { eventFilter: ["v2.users.{id}.presence"] } })))
  )
})

describe("What goes wrong on the way of live events", () => {
  const drop = "v2.detail.events.conversation.{id}.user.end"

  it.scoped("before AWS is in no archive, and in the fault log: exactly what is told there is missing or doubled", () =>
    Effect.gen(function* () {
      const queue = yield* routed
      const { faultLog } = yield* Sandbox.Sandbox
      yield* TestClock.adjust(Duration.minutes(20))
      const expected = yield* happened(hour / 3)
      const told = yield* faultLog
      const of = (fault: string) => told.filter((entry) => entry.fault === fault)
      expect(of("lost before AWS").length).toBeGreaterThan(1)
      expect(of("lost before AWS").every(({ path, topic }) => path === bus && topic === drop)).toBe(true)
      expect(of("lost before AWS").length).toBeLessThan(expected.filter(({ topic }) => topic === drop).length)
      expect(of("doubled before AWS").length).toBeGreaterThan(1)
      const lost = new Set(of("lost before AWS").map(({ id }) => id))
      const contents = (yield* drain(queue)).map((body) => JSON.stringify(field(body, "detail"))).sort()
      const doubled = new Set(of("doubled before AWS").map(({ id }) => id))
      expect(contents).toEqual(
        expected
          .filter(({ id }) => !lost.has(id))
          .flatMap((event) => {
            const detail = JSON.stringify(PlatformEvent.detail(event))
            return doubled.has(event.id) ? [detail, detail] : [detail]
          })
          .sort()
      )
    }).pipe(
      Effect.provide(
        sandbox({
          live: true,
          faults: { platform: { lost: { rate: 0.5, topics: [drop] }, doubled: { rate: 0.2 } } }
        })
      )
    )
  )

  it.scoped("between the bus and a target is in the archive, and what comes late comes later", () =>
    Effect.gen(function* () {
      const queue = yield* routed
      const { faults, faultLog } = yield* Sandbox.Sandbox
      yield* events((client) => client.createArchive({ ArchiveName: "all", EventSourceArn: busArn }))
      yield* TestClock.adjust(Duration.minutes(20))
      const expected = yield* happened(hour / 3)
      const told = yield* faultLog
      const idsOf = (fault: string) => told.flatMap((entry) => (entry.fault === fault ? [entry.id] : []))
      const late = idsOf("late")
      const dropped = idsOf("dropped")
      expect(Math.min(late.length, dropped.length)).toBeGreaterThan(3)
      const without = (...gone: ReadonlyArray<string>) =>
        expected.flatMap(({ id }) => (gone.includes(id) ? [] : [id])).sort()
      expect(ids(yield* drain(queue))).toEqual(without(...late, ...dropped))
      const count = Effect.map(
        events((client) => client.describeArchive({ ArchiveName: "all" })),
        ({ EventCount }) => EventCount
      )
      expect(yield* count).toBe(expected.length - late.length)
      // From now on nothing goes wrong; what is on its way still comes.
      yield* faults.clear
      yield* TestClock.adjust(Duration.minutes(25))
      const came = new Set(ids(yield* drain(queue)))
      expect(late.filter((id) => !came.has(id))).toEqual([])
    }).pipe(
      Effect.provide(
        sandbox({
          live: true,
          faults: {
            platform: { late: { rate: 0.2 }, lateBy: Duration.minutes(20) },
            deliveries: { drop: { rate: 0.2 } }
          }
        })
      )
    )
  )
})

describe("A history with losses", () => {
  it.scoped("is without them in the archive, the same ones each time, and the fault log tells which", () =>
    Effect.gen(function* () {
      const { aws, faultLog, world } = yield* Sandbox.Sandbox
      const span = { from: noon - 2 * hour, until: noon - hour }
      const written = yield* aws.genesysHistory({ archive: "a", ...span })
      const other = yield* aws.genesysHistory({ archive: "b", ...span })
      const all = [...World.events(world, span)].length
      const told = (yield* faultLog).map(({ id }) => id)
      expect(told.length).toBe(2 * (all - written.count))
      expect(told.slice(0, told.length / 2)).toEqual(told.slice(told.length / 2))
      expect(other.count).toBe(written.count)
      expect(written.count).toBeLessThan(all)
    }).pipe(
      Effect.provide(
        sandbox({
          // An outage of ten minutes.
          faults: { platform: { lost: { from: noon - 1.5 * hour, until: noon - 1.5 * hour + 600_000 } } }
        })
      )
    )
  )
})

describe("What the checks of targets and queues need", () => {
  it.scoped("is kept: dead-letter queues of targets, redrive and encryption of queues", () =>
    Effect.gen(function* () {
      yield* routed
      const target = {
        Id: "queue",
        Arn: arn("captured", "sqs"),
        DeadLetterConfig: { Arn: arn("dead", "sqs") },
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 600 }
      }
      yield* events((client) => client.putTargets({ Rule: "all", EventBusName: bus, Targets: [target] }))
      const { Targets } = yield* events((client) => client.listTargetsByRule({ Rule: "all", EventBusName: bus }))
      expect(Targets).toEqual([target])
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn("dead", "sqs"), maxReceiveCount: "5" })
      const { QueueUrl } = yield* queues((client) =>
        client.createQueue({ QueueName: "safe", Attributes: { RedrivePolicy, KmsMasterKeyId: "alias/aws/sqs" } })
      )
      const { Attributes } = yield* queues((client) =>
        client.getQueueAttributes({ QueueUrl, AttributeNames: ["RedrivePolicy", "KmsMasterKeyId", "QueueArn"] })
      )
      expect(Attributes).toEqual({ RedrivePolicy, KmsMasterKeyId: "alias/aws/sqs", QueueArn: arn("safe", "sqs") })
    }).pipe(Effect.provide(sandbox()))
  )
})
