import { describe, expect, it } from "@effect/vitest"
import { Capture } from "@genesys-replay/eventbridge"
import { Clock, Deferred, Duration, Effect, Exit, FastCheck, Fiber, Layer, Logger, Random, Ref } from "effect"
import * as IdleClock from "../genesys/IdleClock.js"
import { type Options, StubWorld } from "./StubQueue.js"

const quiet = Logger.remove(Logger.defaultLogger)

const event = (index: number): string =>
  `{"detail-type":"t","source":"s","replay-name":"r","detail":{"sequenceIndex":${index}}}`

const events = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, at) => event(at + 1))

const world = (options: Options = {}, bodies: ReadonlyArray<string> = []): StubWorld => {
  const made = new StubWorld(options)
  made.send(...bodies)
  return made
}

const capture = <E = never>(stub: StubWorld, options: Partial<Capture.Options<E>> = {}) =>
  Capture.run<E>({ queue: "https://sqs.us-east-1.amazonaws.com/1/q", out: "captured.ndjson", ...options }).pipe(
    Effect.provide(stub.layer)
  )

const sorted = (lines: ReadonlyArray<string>): ReadonlyArray<string> => [...lines].sort()

const distinct = (lines: ReadonlyArray<string>): ReadonlyArray<string> => sorted([...new Set(lines)])

const jumping = <A, E>(effect: Effect.Effect<A, E>) => effect.pipe(Effect.provide(Layer.merge(IdleClock.layer, quiet)))

const patient = { maxRetries: 12, baseDelay: Duration.millis(20) }

const now = Clock.currentTimeMillis

describe("Capture", () => {
  it.live("writes every message once and deletes it", () =>
    Effect.gen(function* () {
      const stub = world({}, events(137))
      const summary = yield* capture(stub)
      expect(sorted(stub.lines)).toEqual(sorted(events(137)))
      expect(stub.size).toBe(0)
      expect(summary).toEqual({
        captured: 137,
        deleted: 137,
        kept: 0,
        passedOver: 0,
        unwrapped: 0,
        reopened: 0,
        deadLetters: [],
        undeleted: 0,
        out: "captured.ndjson",
        ended: "idle",
        left: 0
      })
    }).pipe(jumping)
  )

  it.live("deletes only what is on the disk, and syncs once for what several pollers took", () =>
    Effect.gen(function* () {
      const stub = world({ syncTime: 200 }, events(400))
      yield* capture(stub, { pollers: 8 })
      expect(stub.deletedTooEarly).toEqual([])
      const happened = stub.happened.map(([what]) => what)
      expect(happened.indexOf("delete")).toBeGreaterThan(happened.indexOf("sync"))
      const times = (what: string) => happened.filter((other) => other === what).length
      expect(times("take")).toBe(40)
      expect(times("sync")).toBeLessThanOrEqual(10)
    }).pipe(jumping)
  )

  it.live("takes no more messages than it can write", () =>
    Effect.gen(function* () {
      const stub = world({ syncTime: 1_000 }, events(2_000))
      yield* capture(stub, { pollers: 2 })
      expect(stub.mostInFlight).toBeLessThan(300)
      expect(distinct(stub.lines)).toEqual(distinct(events(2_000)))
    }).pipe(jumping)
  )

  it.live("takes events out of their wrappers and counts them; what it does not know is written as it is", () =>
    Effect.gen(function* () {
      const wrapped = JSON.stringify({ Type: "Notification", Message: event(1) })
      const stub = world({}, [wrapped, event(2), "no JSON"])
      expect(yield* capture(stub)).toMatchObject({ captured: 3, unwrapped: 1 })
      expect(sorted(stub.lines)).toEqual(sorted([event(1), event(2), '"no JSON"']))
    }).pipe(jumping)
  )

  it.live("of some events takes these, wrapped or not, and leaves the messages of all others in the queue", () =>
    Effect.gen(function* () {
      const of = (topic: string, conversationId: string, minute: number): string =>
        JSON.stringify({
          "detail-type": topic,
          source: "s",
          time: `2024-01-15T08:0${minute}:00Z`,
          detail: { eventBody: { conversationId } }
        })
      const acd = "v2.detail.events.conversation.{id}.acd.start"
      const wanted = [of(acd, "c-1", 1), of(acd, "c-1", 2)]
      const wrapped = JSON.stringify({ Type: "Notification", Message: wanted[1] })
      const others = [
        of(acd, "c-2", 1),
        of(acd, "c-1", 0),
        of(acd, "c-1", 3),
        of("v2.users.{id}.presence", "c-1", 1),
        JSON.stringify({ "detail-type": acd, source: "s", detail: { eventBody: { conversationId: "c-1" } } }),
        "no JSON"
      ]
      const minute = (at: number) => Date.UTC(2024, 0, 15, 8, at)
      const only = {
        topics: ["v2.detail.events.*"],
        conversations: ["c-1"],
        startMs: minute(1),
        endMs: minute(3)
      }
      for (const keep of [false, true]) {
        const stub = world({}, [wanted[0] ?? "", wrapped, ...others])
        const summary = yield* capture(stub, { only, keep })
        expect(sorted(stub.lines)).toEqual(sorted(wanted))
        expect(stub.size).toBe(keep ? 8 : 6)
        expect(summary).toMatchObject({
          captured: 2,
          deleted: keep ? 0 : 2,
          kept: keep ? 2 : 0,
          passedOver: 6,
          left: 0
        })
      }
      const fifo = { queue: "https://sqs.us-east-1.amazonaws.com/1/q.fifo" }
      const refused = yield* Effect.flip(capture(world(), { only, ...fifo }))
      expect(refused).toMatchObject({ _tag: "MessagesNotKept" })
      expect(yield* capture(world({}, events(1)), { only: {}, ...fifo })).toMatchObject({ captured: 1 })
    }).pipe(jumping)
  )

  it.live("goes on to look while there are messages that were not looked at, however few are taken", () =>
    Effect.gen(function* () {
      const stub = world({ visibility: 3_600_000 }, events(300))
      const only = { conversations: ["nobody"] }
      const summary = yield* capture(stub, { only, idle: "5 seconds" })
      expect(summary).toMatchObject({ captured: 0, passedOver: 300, ended: "idle", left: 0 })
      expect(stub.size).toBe(300)
    }).pipe(jumping)
  )

  describe("ends", () => {
    it.live("when no message came for the idle time, and not before", () =>
      Effect.gen(function* () {
        const stub = world()
        const start = yield* now
        const fiber = yield* Effect.fork(capture(stub, { idle: "30 seconds" }))
        yield* Effect.sleep("25 seconds")
        stub.send(event(1))
        yield* Effect.sleep("29 seconds")
        stub.send(event(2))
        expect(yield* Fiber.join(fiber)).toMatchObject({ captured: 2, ended: "idle" })
        const took = (yield* now) - start
        expect(took).toBeGreaterThanOrEqual(84_000)
        expect(took).toBeLessThan(86_000)
      }).pipe(jumping)
    )

    it("after exactly as many messages as were asked for, leaving the others in the queue", () =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          FastCheck.integer({ min: 1, max: 60 }),
          FastCheck.integer({ min: 1, max: 8 }),
          async (count, pollers) => {
            const stub = world({}, events(60))
            const summary = await Effect.runPromise(jumping(capture(stub, { count, pollers })))
            expect(summary).toMatchObject({ captured: count, deleted: count, ended: "count" })
            expect(stub.lines.length).toBe(count)
            expect(stub.size).toBe(60 - count)
            expect(stub.mostInFlight).toBeLessThanOrEqual(count)
          }
        ),
        { numRuns: 40 }
      ))

    it.live("and then leaves the queue alone", () =>
      Effect.gen(function* () {
        const stub = world({}, events(60))
        yield* capture(stub, { count: 7 })
        const happened = stub.happened.length
        yield* Effect.sleep("10 minutes")
        expect(stub.happened.length).toBe(happened)
        expect(stub.size).toBe(53)
      }).pipe(jumping)
    )

    it.live("on idle when there are fewer than were asked for", () =>
      Effect.gen(function* () {
        const stub = world({}, events(3))
        expect(yield* capture(stub, { count: 12 })).toMatchObject({ captured: 3, ended: "idle" })
      }).pipe(jumping)
    )

    it.live("not before the replay has ended, however long the queue is empty", () =>
      Effect.gen(function* () {
        const stub = world({}, events(1))
        const replay = yield* Deferred.make<void>()
        const start = yield* now
        const fiber = yield* Effect.fork(capture(stub, { idle: "2 seconds", until: Deferred.await(replay) }))
        yield* Effect.sleep("1 minute")
        stub.send(event(2))
        yield* Effect.sleep("1 minute")
        yield* Deferred.succeed(replay, undefined)
        yield* Effect.sleep("1 second")
        stub.send(event(3))
        expect(yield* Fiber.join(fiber)).toMatchObject({ captured: 3, ended: "replay" })
        expect((yield* now) - start).toBeLessThan(2 * 60_000 + 6_000)
      }).pipe(jumping)
    )

    it.live("with the error of what was waited for, when it has written and deleted what it had", () =>
      Effect.gen(function* () {
        const stub = world({}, events(25))
        const ended = yield* Effect.either(
          capture(stub, { until: Effect.zipRight(Effect.sleep("100 millis"), Effect.fail("no such replay")) })
        )
        expect(ended).toMatchObject({ left: "no such replay" })
        expect(sorted(stub.lines)).toEqual(sorted(events(25)))
        expect(stub.size).toBe(0)
      }).pipe(jumping)
    )

    it.live("only after messages that a killed capture had taken have come back", () =>
      Effect.gen(function* () {
        const stub = world({ visibility: 120_000 }, events(10))
        const killed = yield* Effect.fork(capture(stub))
        yield* Effect.sleep("4 millis")
        stub.crash(0)
        yield* Fiber.interruptFork(killed)
        expect(yield* capture(stub, { idle: "5 seconds" })).toMatchObject({ captured: 10, deleted: 10, left: 0 })
      }).pipe(jumping)
    )

    it.live("on idle where the queue does not tell how full it is", () =>
      Effect.gen(function* () {
        const stub = world({ hidesDepth: true }, events(4))
        expect(yield* capture(stub)).toMatchObject({ captured: 4, left: null })
      }).pipe(jumping)
    )
  })

  describe("interrupted", () => {
    it.live("writes and deletes what it has taken, and takes no more", () =>
      Effect.gen(function* () {
        const stub = world({ syncTime: 50 }, events(1_000))
        const progress = yield* Ref.make<Capture.Progress | undefined>(undefined)
        const fiber = yield* Effect.fork(capture(stub, { onProgress: (at) => Ref.set(progress, at) }))
        yield* Effect.sleep("240 millis")
        const exit = yield* Fiber.interrupt(fiber)
        expect(Exit.isInterrupted(exit)).toBe(true)
        const { captured, deleted } = (yield* Ref.get(progress)) ?? { captured: 0, deleted: -1 }
        expect(captured).toBeGreaterThan(0)
        expect(captured).toBeLessThan(1_000)
        expect(deleted).toBe(captured)
        expect(stub.lines.length).toBe(captured)
        expect(stub.size).toBe(1_000 - captured)
        expect(stub.deletedTooEarly).toEqual([])
      }).pipe(jumping)
    )

    it.live("gives up after its grace", () =>
      Effect.gen(function* () {
        const stub = world({ syncTime: 3_600_000 }, events(10))
        const fiber = yield* Effect.fork(capture(stub, { grace: "10 seconds" }))
        yield* Effect.sleep("1 second")
        const start = yield* now
        yield* Fiber.interrupt(fiber)
        expect((yield* now) - start).toBe(10_000)
        expect(stub.size).toBe(10)
      }).pipe(jumping)
    )

    it.live("ends a long poll at once", () =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(capture(world()))
        yield* Effect.sleep("1 second")
        const start = yield* now
        yield* Fiber.interrupt(fiber)
        expect((yield* now) - start).toBeLessThan(100)
      }).pipe(jumping)
    )
  })

  describe("in trouble", () => {
    it.live("tries again what SQS did not delete", () =>
      Effect.gen(function* () {
        const stub = world({ undeletable: 0.3 }, events(200))
        const { captured, deleted, undeleted } = yield* capture(stub, { retry: patient })
        expect({ captured, deleted, undeleted }).toEqual({ captured: 200, deleted: 200, undeleted: 0 })
        expect(stub.size).toBe(0)
      }).pipe(Effect.withRandom(Random.make("undeletable")), jumping)
    )

    it.live("counts what can never be deleted, and goes on", () =>
      Effect.gen(function* () {
        const stub = world({ visibility: 3_600_000, rejectReceipt: (body) => body === event(7) }, events(30))
        const summary = yield* capture(stub)
        expect(summary).toMatchObject({ captured: 30, deleted: 29, undeleted: 1, left: 1 })
      }).pipe(jumping)
    )

    it.live("tries requests again that time out, and loses nothing by answers that are lost", () =>
      Effect.gen(function* () {
        const stub = world({ timeouts: 0.2, visibility: 20_000 }, events(300))
        const { deleted } = yield* capture(stub, { retry: patient })
        expect(distinct(stub.lines)).toEqual(distinct(events(300)))
        expect(stub.size).toBe(0)
        expect(deleted).toBeGreaterThanOrEqual(300)
        expect(stub.deletedTooEarly).toEqual([])
      }).pipe(Effect.withRandom(Random.make("timeouts")), jumping)
    )

    it.live("gives up a request after its retries, and says so", () =>
      Effect.gen(function* () {
        const start = yield* now
        const failed = yield* Effect.flip(capture(world({ timeouts: 1 })))
        expect(failed).toMatchObject({ _tag: "ProviderUnavailable", operation: "sqs:ReceiveMessage", attempts: 4 })
        expect((yield* now) - start).toBeGreaterThanOrEqual(7_000)
      }).pipe(jumping)
    )

    it.live("names the action that is not allowed, and asks once", () =>
      Effect.gen(function* () {
        const stub = world({ allows: (action) => action !== "sqs:ReceiveMessage" }, events(1))
        const failed = yield* Effect.flip(capture(stub))
        expect(failed).toMatchObject({ _tag: "NotPermitted", operation: "sqs:ReceiveMessage", status: 403 })
        expect(failed).toHaveProperty("remedy", expect.stringContaining("sqs:ReceiveMessage"))
      }).pipe(jumping)
    )

    it.live("ends when it may not delete: what is taken would come again for ever", () =>
      Effect.gen(function* () {
        const stub = world({ allows: (action) => action !== "sqs:DeleteMessage" }, events(500))
        expect(yield* Effect.flip(capture(stub))).toMatchObject({
          _tag: "NotPermitted",
          operation: "sqs:DeleteMessage"
        })
        expect(stub.size).toBe(500)
      }).pipe(jumping)
    )

    it.live("deletes nothing that did not fit on the disk", () =>
      Effect.gen(function* () {
        const stub = world({ diskSize: 3_000 }, events(500))
        const failed = yield* Effect.flip(capture(stub, { pollers: 1 }))
        expect(failed).toMatchObject({
          _tag: "CaptureFileFailed",
          step: "write",
          reason: expect.stringContaining("ENOSPC")
        })
        expect(stub.deletedTooEarly).toEqual([])
        const onDisk = new Set(stub.lines)
        expect(500 - stub.size).toBeLessThanOrEqual(events(500).filter((line) => onDisk.has(line)).length)
      }).pipe(jumping)
    )
  })

  describe("that keeps the messages", () => {
    it.live("captures each once, deletes none, and ends when nothing new came", () =>
      Effect.gen(function* () {
        const stub = world({ visibility: 2_000 }, events(137))
        const fiber = yield* Effect.fork(capture(stub, { keep: true, idle: "10 seconds" }))
        yield* Effect.sleep("5 seconds")
        stub.send(event(138))
        expect(yield* Fiber.join(fiber)).toMatchObject({
          captured: 138,
          deleted: 0,
          kept: 138,
          undeleted: 0,
          ended: "idle",
          left: 0
        })
        expect(sorted(stub.lines)).toEqual(sorted(events(138)))
        expect(stub.size).toBe(138)
        // They came into sight again meanwhile, and were looked at again.
        expect(
          stub.happened.filter(([what]) => what === "take").reduce((sum, [, some]) => sum + some, 0)
        ).toBeGreaterThan(2 * 138)
      }).pipe(jumping)
    )

    it.live("waits for those that another consumer has taken, and says how many it did not see", () =>
      Effect.gen(function* () {
        const stub = world({ visibility: 120_000 }, events(30))
        const killed = yield* Effect.fork(capture(stub, { pollers: 1, count: 10 }))
        yield* Effect.sleep("4 millis")
        stub.crash(0)
        yield* Fiber.interruptFork(killed)
        expect(yield* capture(stub, { keep: true, idle: "5 seconds" })).toMatchObject({ captured: 30, left: 0 })
      }).pipe(jumping)
    )

    it.live("counts what is new alone", () =>
      Effect.gen(function* () {
        const stub = world({ visibility: 500, syncTime: 50 }, events(60))
        expect(yield* capture(stub, { keep: true, count: 37 })).toMatchObject({
          captured: 37,
          kept: 37,
          ended: "count"
        })
        expect(distinct(stub.lines).length).toBe(37)
      }).pipe(jumping)
    )

    it.live("is refused on a FIFO queue, which would show only the first messages of each group", () =>
      Effect.gen(function* () {
        const stub = world({}, events(3))
        const refused = yield* Effect.flip(
          capture(stub, { keep: true, queue: "https://sqs.us-east-1.amazonaws.com/1/q.fifo" })
        )
        expect(refused).toMatchObject({ _tag: "MessagesNotKept", remedy: expect.stringContaining("without keeping") })
        expect(stub.happened).toEqual([])
      }).pipe(jumping)
    )
  })

  describe("whose file another program rotates", () => {
    it("loses nothing when it is moved away or deleted at any moments: what is not deleted is in the file of that name", () =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          FastCheck.array(FastCheck.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 4 }),
          FastCheck.integer({ min: 1, max: 40 }),
          FastCheck.string(),
          async (moves, syncTime, seed) => {
            const stub = world({ visibility: 5_000, syncTime }, events(200))
            const moving = Effect.forEach(moves, (after) =>
              Effect.zipRight(
                Effect.sleep(after),
                Effect.sync(() => stub.moveFile())
              )
            )
            const program = Effect.zip(capture(stub, { pollers: 2, idle: "5 seconds" }), moving, { concurrent: true })
            await Effect.runPromise(program.pipe(Effect.withRandom(Random.make(seed)), jumping))
            expect(stub.deletedTooEarly).toEqual([])
            expect(distinct(stub.lines)).toEqual(distinct(events(200)))
            expect(stub.size).toBe(0)
          }
        ),
        { numRuns: 40 }
      ))

    it.live("says how often the file became another one", () =>
      Effect.gen(function* () {
        const stub = world({ syncTime: 100 }, events(10))
        const fiber = yield* Effect.fork(capture(stub))
        yield* Effect.sleep("50 millis")
        stub.moveFile()
        expect(yield* Fiber.join(fiber)).toMatchObject({ captured: 10, deleted: 10, reopened: 1 })
        expect(sorted(stub.lines)).toEqual(sorted(events(10)))
      }).pipe(jumping)
    )

    it.live("ends when it is cut short: what was written while it was copied may be in neither file", () =>
      Effect.gen(function* () {
        const stub = world({ syncTime: 100 }, events(500))
        const fiber = yield* Effect.fork(capture(stub, { pollers: 1 }))
        yield* Effect.sleep("150 millis")
        stub.emptyFile()
        const failed = yield* Effect.flip(Fiber.join(fiber))
        expect(failed).toMatchObject({
          _tag: "CaptureFileFailed",
          step: "check",
          reason: expect.stringContaining("another program has cut it short"),
          remedy: expect.stringContaining("renaming")
        })
        expect(stub.deletedTooEarly).toEqual([])
        expect(stub.size).toBeGreaterThan(0)
      }).pipe(jumping)
    )
  })

  it("loses nothing and tears no line, killed at any moments with any share of the last write on the disk", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.array(
          FastCheck.tuple(FastCheck.integer({ min: 0, max: 120 }), FastCheck.double({ min: 0, max: 1, noNaN: true })),
          {
            minLength: 1,
            maxLength: 4
          }
        ),
        FastCheck.integer({ min: 1, max: 5 }),
        FastCheck.integer({ min: 1, max: 40 }),
        FastCheck.string(),
        async (kills, pollers, syncTime, seed) => {
          const stub = world({ visibility: 5_000, syncTime, timeouts: 0.05, undeletable: 0.1 }, events(120))
          const program = Effect.gen(function* () {
            for (const [after, share] of kills) {
              const killed = yield* Effect.forkDaemon(capture(stub, { pollers, idle: "5 seconds" }))
              yield* Effect.sleep(after)
              stub.crash(share)
              yield* Fiber.interruptFork(killed)
            }
            yield* capture(stub, { pollers, idle: "5 seconds", retry: patient })
          })
          await Effect.runPromise(program.pipe(Effect.timeout("1 hour"), Effect.withRandom(Random.make(seed)), jumping))
          expect(distinct(stub.lines)).toEqual(distinct(events(120)))
          expect(stub.size).toBe(0)
          expect(stub.deletedTooEarly).toEqual([])
        }
      ),
      { numRuns: 25 }
    ))
})
