import { describe, expect, it } from "@effect/vitest"
import {
  EventStream,
  type PlannedWindow,
  Replay,
  ReplayProvider,
  RetryPolicy,
  SideEffect
} from "@genesys-replay/domain"
import { Archives, ReplayName } from "@genesys-replay/eventbridge"
import { Chunk, DateTime, Duration, Effect, Exit, Fiber, Option, Stream, TestClock } from "effect"

import { bus, prefix, StubEventBridge, type StubReplay } from "./StubEventBridge.js"
import { now, openWindow, topic, windowOf } from "./Windows.js"

const cx = { name: "cx", pattern: { "detail-type": [topic] } }

/** Runs at the instant of planning, over `world`. */
const over = <A, E>(world: StubEventBridge, program: Effect.Effect<A, E, ReplayProvider.ReplayProvider>) =>
  Effect.zipRight(TestClock.setTime(DateTime.toEpochMillis(now)), Effect.provide(program, world.provider))

const submit = (window: PlannedWindow.PlannedWindow) =>
  Effect.flatMap(ReplayProvider.ReplayProvider, (provider) => provider.submit(window))

/** Planned from `fields` and submitted. */
const submitted = (fields: Record<string, unknown> = {}) => Effect.flatMap(windowOf(fields), submit)

/** The outcome after all waits that it needs. */
const afterWaiting = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  wait: `${number} ${"seconds" | "hours"}` = "60 seconds"
) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(program)
    yield* TestClock.adjust(wait)
    return yield* Fiber.join(fiber)
  })

const running = (name: string, changes: Partial<StubReplay> = {}): StubReplay => ({
  name,
  archive: `${prefix}:archive/cx`,
  start: new Date("2024-01-15T08:00:00Z"),
  end: new Date("2024-01-15T11:00:00Z"),
  destination: { Arn: bus },
  state: "RUNNING",
  ...changes
})

const idOf = (name: string) => EventStream.ReplayId.make(`${prefix}:replay/${name}`)

describe("submitting a window to EventBridge", () => {
  it.effect("starts one replay: name, archive, times and bus", () => {
    const world = new StubEventBridge().keep(cx)
    return over(
      world,
      Effect.gen(function* () {
        const { correlationId, outcome, replay } = yield* submitted()
        expect(outcome).toBe("created")
        expect(correlationId).toBe("request-1")
        expect(replay).toMatchObject({
          id: `${prefix}:replay/outage`,
          name: "outage",
          provider: "eventbridge",
          progress: { state: "STARTING" },
          topics: [topic],
          start: "2024-01-15T08:00:00Z",
          end: "2024-01-15T11:00:00Z"
        })
        expect(world.sent("StartReplay")).toEqual([
          {
            ReplayName: "outage",
            Description: "Automated EventBridge replay window configuration",
            EventSourceArn: `${prefix}:archive/cx`,
            EventStartTime: new Date("2024-01-15T08:00:00Z"),
            EventEndTime: new Date("2024-01-15T11:00:00Z"),
            Destination: { Arn: bus }
          }
        ])
      })
    )
  })

  it.effect("sends the service `eventbridge` of an ARN as `events`, and the rules as FilterArns", () => {
    const world = new StubEventBridge().keep(cx)
    const rule = `${prefix}:rule/gen-cx-events/to-queue`
    return over(
      world,
      Effect.gen(function* () {
        yield* submitted({ destination: bus.replace(":events:", ":eventbridge:"), rules: [rule] })
        expect(world.sent("StartReplay")[0]).toMatchObject({ Destination: { Arn: bus, FilterArns: [rule] } })
      })
    )
  })

  it.effect("fills in the region that an ARN leaves out", () => {
    const world = new StubEventBridge().keep(cx)
    return over(
      world,
      Effect.gen(function* () {
        yield* submitted({ destination: bus.replace("us-east-1", ""), region: "us-east-1" })
        expect(world.sent("StartReplay")[0]).toMatchObject({ Destination: { Arn: bus } })
      })
    )
  })

  it.effect("ends at the instant of planning where the spec names no end", () => {
    const world = new StubEventBridge().keep(cx)
    return over(
      world,
      Effect.gen(function* () {
        yield* Effect.flatMap(openWindow(now), submit)
        expect(world.sent("StartReplay")[0]).toMatchObject({ EventEndTime: new Date("2024-01-16T12:00:00Z") })
      })
    )
  })

  it.effect("gives a name that AWS does not take one that it does", () => {
    const world = new StubEventBridge().keep(cx)
    const name = `outage of ${"x".repeat(80)}`
    return over(
      world,
      Effect.gen(function* () {
        yield* submitted({ name })
        expect(world.sent("StartReplay")[0]).toMatchObject({ ReplayName: ReplayName.of(name) })
        expect((yield* submitted({ name })).outcome).toBe("unchanged")
        const provider = yield* ReplayProvider.ReplayProvider
        expect(Option.map(yield* provider.findByName(name), ({ id }) => id)).toEqual(
          Option.some(idOf(ReplayName.of(name)))
        )
      })
    )
  })
})

describe("the archive of a window", () => {
  const chosen = (world: StubEventBridge, fields: Record<string, unknown> = {}) =>
    over(
      world,
      Effect.map(afterWaiting(submitted(fields), "100 seconds"), () => {
        const [request] = world.sent("StartReplay")
        return request
      })
    )
  const from = (name: string) => ({ EventSourceArn: `${prefix}:archive/${name}` })

  it.effect("is the one that the spec names, whatever else there is", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep(cx, { name: "second" })
      expect(yield* chosen(world, { archive: "second" })).toMatchObject(from("second"))
    })
  )

  it.effect("is found by the event bus, over all pages: the one that can serve the window", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep(
        { name: "young", created: "2024-01-16T00:00:00Z" },
        { name: "short", retentionDays: 1 },
        { name: "elsewhere", bus: `${bus}-2` },
        { name: "calls", pattern: { "detail-type": ["genesys.conversations.call"] } },
        { name: "wide" },
        cx
      )
      expect(yield* chosen(world)).toMatchObject(from("cx"))
    })
  )

  it.effect("is refused by name where there is none of it", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(chosen(new StubEventBridge().keep(cx), { archive: "cy" }))
      expect(error).toMatchObject({ _tag: "ReplayRefused", findings: [{ code: "archive-not-found" }] })
    })
  )

  it.effect("of another bus is refused although it is named", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep({ ...cx, bus: `${bus}-2` })
      const error = yield* Effect.flip(chosen(world, { archive: "cx" }))
      expect(error).toMatchObject({ _tag: "ReplayRefused", findings: [{ code: "archive-of-other-bus" }] })
      expect(world.sent("StartReplay")).toEqual([])
    })
  )

  it.effect("that cannot serve the window is refused with everything that speaks against each archive", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep(
        { ...cx, created: "2024-01-15T09:00:00Z" },
        { ...cx, name: "short", retentionDays: 1 }
      )
      const error = yield* Effect.flip(chosen(world))
      expect(error).toMatchObject({
        _tag: "ReplayRefused",
        name: "outage",
        findings: [{ code: "archive-retention" }, { code: "archive-created-after-start" }]
      })
      expect(error.message).toContain("2024-01-15T09:00:00Z")
      expect(world.sent("StartReplay")).toEqual([])
    })
  )

  it.effect("that was created after the start serves a window that is content with a part", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep({ ...cx, created: "2024-01-15T09:00:00Z" })
      expect(yield* chosen(world, { partial: true })).toMatchObject({
        ...from("cx"),
        EventStartTime: new Date("2024-01-15T08:00:00Z")
      })
    })
  )

  it.effect(
    "that was created after the end serves no part of a window: nothing is started, and the name stays free",
    () =>
      Effect.gen(function* () {
        const world = new StubEventBridge().keep({ ...cx, created: "2024-01-15T11:00:00Z" })
        const error = yield* Effect.flip(chosen(world, { partial: true }))
        expect(error).toMatchObject({ _tag: "ReplayRefused", findings: [{ code: "archive-created-after-start" }] })
        expect(world.sent("StartReplay")).toEqual([])
      })
  )

  it.effect("is missed where the bus has none, and the spec does not say create", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(chosen(new StubEventBridge()))
      expect(error).toMatchObject({ _tag: "ReplayRefused", findings: [{ code: "archive-not-found" }] })
      expect(error.message).toContain("archive: create")
    })
  )

  describe("created", () => {
    const name = Archives.nameFor(bus, [topic])

    it.effect("with retention and the topics' pattern; the window before it is refused with the date", () =>
      Effect.gen(function* () {
        const world = new StubEventBridge()
        const fiber = yield* Effect.fork(Effect.flip(over(world, submitted({ archive: "create", retention: 30 }))))
        yield* Effect.yieldNow().pipe(Effect.repeat({ until: () => world.archives.has(name) }))
        yield* TestClock.adjust("4 seconds")
        expect(Option.isNone(yield* Fiber.poll(fiber))).toBe(true)
        const made = world.archives.get(name)
        if (made !== undefined) made.state = "ENABLED"
        yield* TestClock.adjust("2 seconds")
        const error = yield* Fiber.join(fiber)
        expect(error).toMatchObject({ _tag: "ReplayRefused", findings: [{ code: "archive-created-after-start" }] })
        expect(error.message).toContain("2024-01-16T12:00:00Z")
        expect(world.sent("CreateArchive")).toEqual([
          {
            ArchiveName: name,
            EventSourceArn: bus,
            EventPattern: JSON.stringify({ "detail-type": [topic] }),
            RetentionDays: 30,
            Description: "Made by genesys-replay, to replay from"
          }
        ])
      })
    )

    it.effect("is told to whoever keeps the record, with what came of it", () =>
      Effect.gen(function* () {
        const notes: Array<unknown> = []
        const recorder: SideEffect.Recorder = ({ action, detail }, effect) =>
          Effect.zipRight(
            Effect.sync(() => notes.push([action, detail["archive"], detail["bus"]])),
            Effect.tapBoth(effect, {
              onFailure: () => Effect.sync(() => notes.push("failed")),
              onSuccess: (outcome) => Effect.sync(() => notes.push(outcome))
            })
          )
        const kept = Effect.provideService(SideEffect.SideEffects, recorder)
        const denied = new StubEventBridge().fail("CreateArchive", {
          code: "AccessDeniedException",
          message: "no",
          status: 400
        })
        const error = yield* Effect.flip(kept(chosen(denied, { archive: "create" })))
        expect(error._tag).toBe("NotPermitted")
        const lost = new StubEventBridge().fail("CreateArchive", "lost")
        yield* Effect.flip(kept(chosen(lost, { archive: "create" })))
        const begun = ["create_archive", name, bus]
        expect(notes).toEqual([begun, "failed", begun, "exists"])
      })
    )

    it.effect("is not made where one holds the topics already", () =>
      Effect.gen(function* () {
        const served = new StubEventBridge().keep(cx)
        expect(yield* chosen(served, { archive: "create" })).toMatchObject(from("cx"))
        const young = new StubEventBridge().keep({ ...cx, created: "2024-01-16T00:00:00Z" })
        const error = yield* Effect.flip(chosen(young, { archive: "create" }))
        expect(error).toMatchObject({ findings: [{ code: "archive-created-after-start" }] })
        expect([...served.sent("CreateArchive"), ...young.sent("CreateArchive")]).toEqual([])
      })
    )

    it.effect("is made beside archives that hold other topics", () =>
      Effect.gen(function* () {
        const world = new StubEventBridge().keep({ name: "calls", pattern: { "detail-type": ["genesys.x.call"] } })
        yield* Effect.flip(chosen(world, { archive: "create" }))
        expect(world.archives.has(name)).toBe(true)
      })
    )

    it.effect("by somebody else at the same moment, or by a request whose answer was lost, is taken as it is", () =>
      Effect.gen(function* () {
        const world = new StubEventBridge().fail("CreateArchive", "lost")
        yield* Effect.flip(chosen(world, { archive: "create" }))
        expect(world.sent("CreateArchive")).toHaveLength(2)
        expect(world.archives.size).toBe(1)
      })
    )
  })
})

describe("the rules of a window", () => {
  const rule = (name: string) => `${prefix}:rule/gen-cx-events/${name}`

  it.effect("are asked about before the name is taken: one that is not there is refused", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep(cx)
      const error = yield* Effect.flip(over(world, submitted({ rules: [rule("to-queue"), rule("to-queu")] })))
      expect(error).toMatchObject({
        _tag: "ReplayRefused",
        findings: [{ severity: "error", code: "rule-not-found", path: "rules[1]" }]
      })
      expect(error.message).toContain("to-queu on")
      expect(world.sent("StartReplay")).toEqual([])
      expect(world.sent("DescribeRule")).toContainEqual({ Name: "to-queue", EventBusName: "gen-cx-events" })
    })
  )

  it.effect("are of the destination, also where nobody has planned the window", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep(cx)
      const window = yield* windowOf({ rules: [rule("to-queue")] })
      const { destination } = yield* windowOf({ destination: `${bus}-2` })
      const moved = { ...window, destination }
      const error = yield* Effect.flip(over(world, submit(moved)))
      expect(error).toMatchObject({ findings: [{ code: "rule-of-other-bus" }, { code: "archive-not-found" }] })
      expect(world.sent("StartReplay")).toEqual([])
    })
  )

  it.effect("that are disabled send nothing: refused where no other one is named, else a warning", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep(cx)
      world.rules.set("a", "DISABLED")
      const error = yield* Effect.flip(over(world, submitted({ rules: [rule("a")] })))
      expect(error).toMatchObject({ findings: [{ severity: "error", code: "rule-disabled" }] })
      expect((yield* over(world, submitted({ rules: [rule("a"), rule("b")] }))).outcome).toBe("created")
    })
  )

  it.effect("are needed before an archive is made", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge()
      const error = yield* Effect.flip(over(world, submitted({ archive: "create", rules: [rule("gone")] })))
      expect(error).toMatchObject({ findings: [{ code: "rule-not-found" }, { code: "archive-not-found" }] })
      expect(world.sent("CreateArchive")).toEqual([])
    })
  )

  it.effect("that may not be asked about are an error that names the action, before anything is sent", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep(cx).fail("DescribeRule", { code: "AccessDeniedException" })
      const error = yield* Effect.flip(over(world, submitted({ rules: [rule("to-queue")] })))
      expect(error).toMatchObject({ _tag: "NotPermitted", operation: "events:DescribeRule" })
      expect(world.sent("StartReplay")).toEqual([])
    })
  )
})

describe("checking a window with EventBridge", () => {
  const changing = ["StartReplay", "CancelReplay", "CreateArchive", "PutEvents"]
  const checked = (world: StubEventBridge, fields: Record<string, unknown> = {}) =>
    over(
      world,
      Effect.gen(function* () {
        const { check } = yield* ReplayProvider.ReplayProvider
        return yield* Effect.flatMap(windowOf(fields), check)
      })
    ).pipe(
      Effect.map((findings) => findings.map(({ code, path, severity }) => `${severity} ${code} ${path}`)),
      Effect.tap(() => {
        for (const action of changing) expect(world.sent(action)).toEqual([])
      })
    )

  it.effect("finds nothing where it can be replayed", () =>
    Effect.gen(function* () {
      const rules = [`${prefix}:rule/gen-cx-events/to-queue`]
      expect(yield* checked(new StubEventBridge().keep(cx), { rules })).toEqual([])
    })
  )

  it.effect("finds all that speaks against it at once: archive and rules", () =>
    Effect.gen(function* () {
      const rules = [`${prefix}:rule/gen-cx-events/gone`]
      const archive = { ...cx, created: "2024-01-15T09:00:00Z", pattern: { "detail-type": ["genesys.x.call"] } }
      expect(yield* checked(new StubEventBridge().keep(archive), { rules })).toEqual([
        "error archive-created-after-start start",
        "error archive-excludes-topics topics",
        "error rule-not-found rules[0]"
      ])
      expect(yield* checked(new StubEventBridge().keep(cx), { archive: "cy" })).toEqual([
        "error archive-not-found archive"
      ])
    })
  )

  it.effect("makes no archive, and says that applying would", () =>
    Effect.gen(function* () {
      expect(yield* checked(new StubEventBridge(), { archive: "create" })).toEqual(["error archive-not-found archive"])
    })
  )

  it.effect("finds whether the name is free: taken by another replay, or by the window's own", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge()
      world.replays.set("outage", running("outage", { state: "CANCELLED" }))
      expect(yield* checked(world)).toEqual(["warning replay-exists name"])
      expect(yield* checked(world, { end: "2024-01-15T11:00:01Z" })).toEqual(["error name-taken name"])
    })
  )

  it.effect("finds whether it would have to wait for a place", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep(cx)
      for (const state of ["RUNNING", "STARTING", "CANCELLING", "COMPLETED"] as const) {
        for (const index of [1, 2, 3]) world.replays.set(`${state}-${index}`, running(`${state}-${index}`, { state }))
      }
      expect(yield* checked(world)).toEqual([])
      world.replays.set("tenth", running("tenth"))
      expect(yield* checked(world)).toEqual(["warning replays-at-limit name"])
    })
  )
})

describe("submitting a window again", () => {
  it.effect("is unchanged: same archive, times and destination", () => {
    const world = new StubEventBridge().keep(cx)
    return over(
      world,
      Effect.gen(function* () {
        const first = yield* submitted()
        const again = yield* submitted()
        expect([first.outcome, again.outcome]).toEqual(["created", "unchanged"])
        expect(again.replay.id).toBe(first.replay.id)
        expect(world.sent("StartReplay")).toHaveLength(1)
      })
    )
  })

  it.effect("is unchanged although its archive would no longer do", () => {
    const world = new StubEventBridge().keep({ ...cx, state: "DISABLED" })
    world.replays.set("outage", running("outage"))
    return over(
      world,
      Effect.map(submitted(), ({ outcome }) => expect(outcome).toBe("unchanged"))
    )
  })

  it.effect("is unchanged where the spec leaves the end open, whenever it is planned", () => {
    const world = new StubEventBridge().keep(cx)
    return over(
      world,
      Effect.gen(function* () {
        yield* Effect.flatMap(openWindow(now), submit)
        const later = yield* Effect.flatMap(openWindow(DateTime.add(now, { hours: 1 })), submit)
        expect(later.outcome).toBe("unchanged")
      })
    )
  })

  it.effect("is a conflict where start, end, archive, rules or bus differ; it names what differs", () =>
    Effect.gen(function* () {
      const rule = `${prefix}:rule/gen-cx-events/to-queue`
      for (const [path, fields] of [
        ["start", { start: "2024-01-15T08:00:01Z" }],
        ["end", { end: "2024-01-15T11:00:01Z" }],
        ["archive", { archive: "another" }],
        ["rules", { rules: [rule] }],
        ["destination", { destination: `${bus}-2` }]
      ] as const) {
        const world = new StubEventBridge().keep(cx)
        world.replays.set("outage", running("outage"))
        const error = yield* Effect.flip(over(world, submitted(fields)))
        expect(error).toMatchObject({ _tag: "ReplayConflict", id: idOf("outage"), differences: [{ path }] })
        expect(error.message).toContain("AWS keeps the name of a replay for 90 days")
        expect(world.sent("StartReplay")).toEqual([])
      }
    })
  )

  it.effect("does not count milliseconds nor the order of rules, which EventBridge does not keep", () => {
    const rules = ["b", "a"].map((rule) => `${prefix}:rule/gen-cx-events/${rule}`)
    const world = new StubEventBridge().keep(cx)
    world.replays.set("outage", running("outage", { destination: { Arn: bus, FilterArns: [...rules].reverse() } }))
    return over(
      world,
      Effect.map(submitted({ start: "2024-01-15T08:00:00.250Z", rules }), ({ outcome }) =>
        expect(outcome).toBe("unchanged")
      )
    )
  })

  it.effect("after it was cancelled is unchanged too: AWS keeps the name for 90 days", () => {
    const world = new StubEventBridge().keep(cx)
    world.replays.set("outage", running("outage", { state: "CANCELLED" }))
    return over(
      world,
      Effect.map(submitted(), ({ outcome, replay }) => {
        expect(outcome).toBe("unchanged")
        expect(replay.progress.state).toBe("CANCELLED")
      })
    )
  })

  it.effect("while another process starts it, is unchanged", () => {
    const world = new StubEventBridge().keep(cx)
    world.replays.set("outage", running("outage"))
    world.fail("DescribeReplay", { code: "ResourceNotFoundException" })
    return over(
      world,
      Effect.map(submitted(), ({ outcome }) => expect(outcome).toBe("unchanged"))
    )
  })
})

describe("a StartReplay whose outcome is unknown", () => {
  it.effect("is looked up and adopted where it took effect", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep(cx).fail("StartReplay", "lost")
      const { outcome } = yield* over(world, submitted())
      expect(outcome).toBe("adopted")
      expect(world.sent("StartReplay")).toHaveLength(1)
    })
  )

  it.effect("is sent again where it did not", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge()
        .keep(cx)
        .fail("StartReplay", "cut", { code: "InternalException", status: 500 })
      const { outcome } = yield* over(world, afterWaiting(submitted()))
      expect(outcome).toBe("created")
      expect(world.sent("StartReplay")).toHaveLength(3)
      expect(world.replays.size).toBe(1)
    })
  )

  it.effect("is adopted also where it takes effect only after the look-up", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep(cx).fail("StartReplay", "cut")
      const fiber = yield* Effect.fork(over(world, submitted()))
      yield* TestClock.adjust(0)
      while (world.sent("StartReplay").length === 0) yield* Effect.yieldNow()
      world.replays.set("outage", running("outage"))
      yield* TestClock.adjust("60 seconds")
      expect((yield* Fiber.join(fiber)).outcome).toBe("adopted")
    })
  )

  it.effect("gives up after the retries that the policy allows, and says how many", () =>
    Effect.gen(function* () {
      const world = new StubEventBridge().keep(cx).fail("StartReplay", "cut", "cut", "cut", "cut", "cut")
      const error = yield* Effect.flip(over(world, afterWaiting(submitted())))
      expect(error).toMatchObject({ _tag: "ProviderUnavailable", operation: "events:StartReplay", attempts: 4 })
      expect(world.sent("StartReplay")).toHaveLength(4)
    })
  )

  it.effect("is one replay, wherever answers are lost", () =>
    Effect.gen(function* () {
      const actions = ["DescribeReplay", "ListArchives", "DescribeArchive", "StartReplay"]
      for (const action of actions) {
        for (const fault of ["cut", "lost"] as const) {
          const world = new StubEventBridge().keep(cx).fail(action, fault, fault)
          const { replay } = yield* over(world, afterWaiting(submitted()))
          expect(replay.name).toBe("outage")
          expect(world.replays.size).toBe(1)
        }
      }
    })
  )
})

describe("as many replays as the account may have at once", () => {
  const full = () => {
    const world = new StubEventBridge().keep(cx)
    for (let index = 1; index <= 10; index++) world.replays.set(`r${index}`, running(`r${index}`))
    return world
  }
  const end = (world: StubEventBridge, name: string) => {
    const replay = world.replays.get(name)
    if (replay !== undefined) replay.state = "COMPLETED"
  }

  it.effect("let the eleventh wait until one has ended", () => {
    const world = full()
    return over(
      world,
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(submitted())
        yield* TestClock.adjust("10 minutes")
        expect(Option.isNone(yield* Fiber.poll(fiber))).toBe(true)
        expect(world.replays.has("outage")).toBe(false)
        end(world, "r4")
        yield* TestClock.adjust("15 seconds")
        expect((yield* Fiber.join(fiber)).outcome).toBe("created")
      })
    )
  })

  it.effect("let those who wait start one by one, first come first served, and one of them ask at a time", () => {
    const world = full()
    return over(
      world,
      Effect.gen(function* () {
        const windows = yield* Effect.forEach(["first", "second", "third"], (name) => windowOf({ name }))
        const fiber = yield* Effect.fork(Effect.forEach(windows, submit, { concurrency: "unbounded" }))
        yield* TestClock.adjust("1 seconds")
        const before = world.sent("StartReplay").length
        const pace = (yield* ReplayProvider.ReplayProvider).pace
        expect(pace === undefined ? 0 : (yield* pace.get).queued).toBe(3)
        yield* TestClock.adjust("150 seconds")
        expect(world.sent("StartReplay").length - before).toBe(10)
        const started: Array<string> = []
        for (const ended of ["r1", "r2", "r3"]) {
          end(world, ended)
          yield* TestClock.adjust("15 seconds")
          started.push(
            ...["first", "second", "third"].filter((name) => world.replays.has(name) && !started.includes(name))
          )
        }
        expect(started).toEqual(["first", "second", "third"])
        yield* Fiber.join(fiber)
        expect(pace === undefined ? 3 : (yield* pace.get).queued).toBe(0)
      })
    )
  })

  it.effect("can be interrupted while waiting", () => {
    const world = full()
    return over(
      world,
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(submitted())
        yield* TestClock.adjust("1 minutes")
        expect(Exit.isInterrupted(yield* Fiber.interrupt(fiber))).toBe(true)
      })
    )
  })

  it.effect("are waited for as long as is configured, and no longer", () => {
    const world = full()
    return over(
      world,
      Effect.gen(function* () {
        const error = yield* Effect.flip(afterWaiting(submitted(), "2 hours"))
        expect(error).toMatchObject({ _tag: "RateLimited", attempts: world.sent("StartReplay").length })
        if (error._tag === "RateLimited") {
          expect(error.elapsedMs).toBeGreaterThanOrEqual(3_600_000)
          expect(error.elapsedMs).toBeLessThanOrEqual(3_630_000)
        }
        expect(error.message).toContain("LimitExceededException")
      })
    )
  })

  it.effect("are waited for no longer than whoever asks may wait", () => {
    const world = full()
    const impatient = { ...RetryPolicy.defaults, maxWait: Duration.minutes(1) }
    return Effect.gen(function* () {
      yield* TestClock.setTime(DateTime.toEpochMillis(now))
      const error = yield* Effect.flip(afterWaiting(submitted(), "120 seconds"))
      expect(error).toMatchObject({ _tag: "RateLimited" })
      if (error._tag === "RateLimited") expect(error.elapsedMs).toBeLessThanOrEqual(90_000)
    }).pipe(Effect.provide(world.providerWith({ retry: impatient })))
  })
})

describe("throttling", () => {
  it.effect("is waited out as the retry policy says", () =>
    Effect.gen(function* () {
      const throttled = { code: "ThrottlingException" }
      const world = new StubEventBridge().keep(cx).fail("StartReplay", throttled, throttled)
      expect((yield* over(world, afterWaiting(submitted()))).outcome).toBe("created")
      expect(world.sent("StartReplay")).toHaveLength(3)
      expect(world.sent("DescribeReplay")).toHaveLength(1)
    })
  )

  it.effect("to the end is RateLimited", () =>
    Effect.gen(function* () {
      const throttled = { code: "ThrottlingException" }
      const world = new StubEventBridge().keep(cx).fail("StartReplay", ...Array.from({ length: 9 }, () => throttled))
      const error = yield* Effect.flip(over(world, afterWaiting(submitted())))
      expect(error).toMatchObject({ _tag: "RateLimited", attempts: 4, lastAnswer: "400 ThrottlingException" })
    })
  )
})

describe("watching", () => {
  const provider = ReplayProvider.ReplayProvider

  it.effect("shows how far a replay is: the time of the last event over the window", () => {
    const world = new StubEventBridge()
    world.replays.set("outage", running("outage", { last: new Date("2024-01-15T09:30:00Z") }))
    return over(
      world,
      Effect.gen(function* () {
        const replay = yield* Effect.flatMap(provider, ({ describe }) => describe(idOf("outage")))
        expect(replay.progress).toEqual({ state: "RUNNING", lastReplayedDate: "2024-01-15T09:30:00Z" })
        expect(Replay.fractionDone(replay, now)).toBe(0.5)
      })
    )
  })

  it.effect("knows every state, with its reason", () =>
    Effect.gen(function* () {
      for (const state of ["STARTING", "RUNNING", "CANCELLING", "COMPLETED", "CANCELLED", "FAILED"] as const) {
        const world = new StubEventBridge()
        world.replays.set("outage", running("outage", { state, reason: "because" }))
        const replay = yield* over(
          world,
          Effect.flatMap(provider, ({ describe }) => describe(idOf("outage")))
        )
        expect(replay.progress).toEqual({ state, stateReason: "because" })
      }
    })
  )

  it.effect("takes the ARN or the name of a replay as its id", () => {
    const world = new StubEventBridge()
    world.replays.set("outage", running("outage"))
    return over(
      world,
      Effect.gen(function* () {
        const { describe } = yield* provider
        expect((yield* describe(EventStream.ReplayId.make("outage"))).id).toBe(idOf("outage"))
      })
    )
  })

  it.effect("of an unknown replay is ReplayNotFound, also for an id that none can have", () => {
    const world = new StubEventBridge()
    return over(
      world,
      Effect.gen(function* () {
        const { cancel, describe } = yield* provider
        for (const id of ["unknown", "no such id", `${prefix}:replay/unknown`]) {
          for (const call of [describe, cancel]) {
            const error = yield* Effect.flip(call(EventStream.ReplayId.make(id)))
            expect(error).toMatchObject({ _tag: "ReplayNotFound", id })
          }
        }
      })
    )
  })

  it.effect("lists every page, and by exact name; ids of the list are those that describe takes", () => {
    const world = new StubEventBridge()
    for (const name of ["outage", "outage-2", "calls", "more", "last"]) world.replays.set(name, running(name))
    return over(
      world,
      Effect.gen(function* () {
        const { describe, list } = yield* provider
        const all = Chunk.toReadonlyArray(yield* Stream.runCollect(list()))
        expect(all.map(({ name }) => name)).toEqual(["outage", "outage-2", "calls", "more", "last"])
        const named = Chunk.toReadonlyArray(yield* Stream.runCollect(list({ name: "outage" })))
        expect(named.map(({ id }) => id)).toEqual([idOf("outage")])
        for (const { id, name } of all) expect((yield* describe(id)).name).toBe(name)
      })
    )
  })

  it.effect("cancels; cancelling what is cancelled already is as good, what has ended is rejected", () => {
    const world = new StubEventBridge()
    world.replays.set("outage", running("outage"))
    world.replays.set("done", running("done", { state: "COMPLETED" }))
    world.fail("CancelReplay", "lost")
    return over(
      world,
      Effect.gen(function* () {
        const { cancel } = yield* provider
        yield* afterWaiting(cancel(idOf("outage")))
        expect(world.sent("CancelReplay")).toHaveLength(2)
        expect(world.replays.get("outage")?.state).toBe("CANCELLING")
        const error = yield* Effect.flip(cancel(idOf("done")))
        expect(error).toMatchObject({ _tag: "RequestRejected", code: "IllegalStatusException" })
        expect(error.message).toContain("COMPLETED")
      })
    )
  })
})
