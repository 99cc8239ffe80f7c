import { describe, expect, it } from "@effect/vitest"
import { EventBridgeService } from "@effect-aws/client-eventbridge"
import { type PlannedWindow, ReplayProvider } from "@genesys-replay/domain"
import { Archives } from "@genesys-replay/eventbridge"
import { Watch } from "@genesys-replay/pipeline"
import { type Faults, Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, Fiber, Layer, Option, Redacted, Schedule, Stream } from "effect"

import { bus, eventbridge, history, planned, quiet, sandbox, topic } from "./Scene.js"

const provider = ReplayProvider.ReplayProvider
const submit = (window: PlannedWindow.PlannedWindow) => Effect.flatMap(provider, (service) => service.submit(window))
const submitted = (name: string, fields?: Record<string, unknown>) =>
  Effect.flatMap(planned("eventbridge", name, fields), submit)

const over = <A, E>(
  program: Effect.Effect<A, E, ReplayProvider.ReplayProvider | Sandbox.Sandbox>,
  options: Parameters<typeof sandbox>[0] = {}
) =>
  program.pipe(Effect.provide(Layer.merge(Layer.provideMerge(eventbridge(), sandbox(options)), quiet)), Effect.scoped)

const next = (...faults: ReadonlyArray<Faults.RequestFault>) =>
  Effect.flatMap(Sandbox.Sandbox, (running) => running.faults.next(...faults))

const requests = (path: string) => Effect.flatMap(Sandbox.Sandbox, (running) => running.requests.count(`POST ${path}`))

describe("EventBridge over HTTP", () => {
  it.live("replays the events of the window out of the archive of a partner bus, and tells how far it is", () =>
    over(
      Effect.gen(function* () {
        yield* history
        const { replay } = yield* submitted("outage")
        const last = yield* Watch.watch(replay.id, { interval: "20 millis" }).pipe(Stream.runLast, Effect.flatten)
        expect(last).toMatchObject({ provider: "eventbridge", progress: { state: "COMPLETED" } })
        const { lastReplayedDate = "" } = last.progress
        expect(Date.parse(lastReplayedDate)).toBeGreaterThanOrEqual(Date.parse(last.start ?? ""))
        expect(Date.parse(lastReplayedDate)).toBeLessThan(Date.parse(last.end ?? ""))
      })
    )
  )

  it.live("lets the eleventh replay wait until one of ten has ended", () =>
    over(
      Effect.gen(function* () {
        yield* history
        const { aws } = yield* Sandbox.Sandbox
        for (let index = 1; index <= 10; index++) yield* submitted(`r${index}`)
        const fiber = yield* Effect.fork(submitted("eleventh"))
        yield* requests("AWSEvents.StartReplay").pipe(
          Effect.repeat({ until: (count) => count >= 13, schedule: Schedule.spaced("20 millis") })
        )
        expect(Option.isNone(yield* Fiber.poll(fiber))).toBe(true)
        yield* aws.endReplay("r7", "CANCELLED")
        expect((yield* Fiber.join(fiber)).outcome).toBe("created")
      }),
      { pace: { pending: Duration.minutes(10) } }
    )
  )

  it.live("refuses a window that begins before its archive, unless a part of it will do", () =>
    over(
      Effect.gen(function* () {
        yield* history
        const error = yield* Effect.flip(submitted("outage", { start: "-9h" }))
        expect(error).toMatchObject({ _tag: "ReplayRefused", findings: [{ code: "archive-created-after-start" }] })
        expect((yield* submitted("outage", { start: "-9h", partial: true })).outcome).toBe("created")
      })
    )
  )

  it.live("asks for the rules that a window names before its name is taken", () =>
    over(
      Effect.gen(function* () {
        yield* history
        const { aws, url } = yield* Sandbox.Sandbox
        const credentials = { accessKeyId: aws.accessKeyId, secretAccessKey: Redacted.value(aws.secretAccessKey) }
        const { putRule } = yield* Effect.provide(
          EventBridgeService,
          EventBridgeService.layer({ endpoint: url, region: aws.region, credentials })
        )
        const rules = [`arn:aws:events:us-east-1:123456789012:rule/${bus}/to-queue`]
        const error = yield* Effect.flip(submitted("outage", { rules }))
        expect(error).toMatchObject({ _tag: "ReplayRefused", findings: [{ code: "rule-not-found", path: "rules[0]" }] })
        expect(yield* requests("AWSEvents.StartReplay")).toBe(0)
        yield* Effect.orDie(
          putRule({ Name: "to-queue", EventBusName: bus, EventPattern: '{"source": [{"prefix": "aws"}]}' })
        )
        expect((yield* submitted("outage", { rules })).outcome).toBe("created")
      })
    )
  )

  it.live("makes the archive of a bus that has none", () =>
    over(
      Effect.gen(function* () {
        const destination = "arn:aws:events:us-east-1:123456789012:event-bus/default"
        const error = yield* Effect.flip(submitted("outage", { destination, archive: "create", retention: 7 }))
        expect(error).toMatchObject({ _tag: "ReplayRefused", findings: [{ code: "archive-created-after-start" }] })
        expect(error.message).toContain(Archives.nameFor(destination, [topic]))
        expect(yield* requests("AWSEvents.CreateArchive")).toBe(1)
      })
    )
  )

  it.live("names the IAM action that is missing", () =>
    over(
      Effect.gen(function* () {
        yield* history
        for (const action of ["ListArchives", "DescribeArchive", "DescribeReplay", "StartReplay"]) {
          yield* next({ kind: "forbidden", path: `AWSEvents.${action}` })
          const error = yield* Effect.flip(submitted(`window-${action}`))
          expect(error).toMatchObject({ _tag: "NotPermitted", operation: `events:${action}` })
          expect(error.message).toContain(`events:${action} to these credentials`)
        }
      })
    )
  )

  it.live("says that the credentials have expired, with AWS's request id", () =>
    over(
      Effect.gen(function* () {
        yield* next({ kind: "expiredTokens", path: "AWSEvents.DescribeReplay" })
        const error = yield* Effect.flip(submitted("outage"))
        expect(error).toMatchObject({ _tag: "NotAuthenticated", code: "ExpiredTokenException" })
        expect("correlationId" in error && error.correlationId).toMatch(/^[0-9a-f-]{36}$/)
      })
    )
  )

  it.live("refuses an archive of another bus before anything is started", () =>
    over(
      Effect.gen(function* () {
        yield* history
        const destination = "arn:aws:events:us-east-1:123456789012:event-bus/default"
        const error = yield* Effect.flip(submitted("outage", { archive: "cx", destination }))
        expect(error).toMatchObject({ _tag: "ReplayRefused", findings: [{ code: "archive-of-other-bus" }, {}] })
        expect(error.message).toContain(bus)
        expect(yield* requests("AWSEvents.StartReplay")).toBe(0)
      })
    )
  )
})
