import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import {
  Acknowledgements,
  OnlyEvents,
  RefusedEvents,
  Resend,
  type ResendEvent,
  ResendSurvey
} from "@genesys-replay/eventbridge"
import { Cause, Deferred, Duration, Effect, Either, Exit, FastCheck, Fiber, Ref, Stream } from "effect"
import { eventOf, line, midnight, onTestClock, records, StubTarget } from "./StubTarget.js"

const range = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, at) => at)

const lines = (count: number) => range(count).map((index) => line(index))

const run = <E, R>(options: Resend.Options<E, R>) =>
  onTestClock(Effect.provide(Resend.run(options), NodeFileSystem.layer))

const onlyOf = (...texts: ReadonlyArray<string>) => {
  const only = new OnlyEvents.OnlyEvents()
  for (const [at, text] of texts.entries())
    Either.getOrThrow(only.add({ source: "missing.ndjson", line: at + 1, text }))
  return only
}

const inOrder = (numbers: Iterable<number>): ReadonlyArray<number> => [...numbers].sort((one, other) => one - other)

/** What was acknowledged, kept in memory from one run to the next. */
const memory = Effect.map(Ref.make<ReadonlySet<string>>(new Set()), (kept) => ({
  kept: Ref.get(kept),
  open: Effect.map(
    Ref.get(kept),
    (before): Acknowledgements.Acknowledgements => ({
      has: (id) => before.has(id),
      before: before.size,
      add: (ids) => Ref.update(kept, (all) => new Set([...all, ...ids]))
    })
  )
}))

describe("Resend", () => {
  it.effect("sends every event once, in requests as large as the target takes", () =>
    Effect.gen(function* () {
      const target = new StubTarget({ entries: 10 })
      const summary = yield* run({ events: records(...lines(25), line(3), line(24)), target })
      expect(inOrder(target.taken)).toEqual(range(25))
      expect(target.requests.map(({ indices }) => indices.length)).toEqual([10, 10, 5])
      expect(summary).toMatchObject({ records: 27, chosen: 25, duplicates: 2, acknowledged: 25, refused: { count: 0 } })
      expect(Resend.isComplete(summary)).toBe(true)
    })
  )

  it.effect("a request has no more bytes than the target takes, and an event that is too large is refused", () =>
    Effect.gen(function* () {
      const target = new StubTarget({ bytes: 2_000 })
      const sizes = [100, 900, 900, 5_000, 100]
      const { refused } = yield* run({ events: records(...sizes.map((pad, index) => line(index, { pad }))), target })
      expect(inOrder(target.taken)).toEqual([0, 1, 2, 4])
      for (const { indices } of target.requests) {
        const bytes = indices.reduce((sum, index) => sum + line(index, { pad: sizes[index] ?? 0 }).length, 0)
        expect(bytes).toBeLessThanOrEqual(2_000)
      }
      expect(refused).toMatchObject({ count: 1, first: [{ source: "captured.ndjson", line: 4 }] })
    })
  )

  it.effect("several requests are under way at once, never more than the target takes", () =>
    Effect.gen(function* () {
      const target = new StubTarget({ entries: 1, concurrency: 4, takes: "1 second" })
      yield* run({ events: records(...lines(12)), target })
      expect(target.mostAtOnce).toBe(4)
    })
  )

  describe("order", () => {
    const shuffled = [3, 0, 2, 4, 1].map((index) => line(index))

    it.effect("that of time sends one request after the other", () =>
      Effect.gen(function* () {
        const target = new StubTarget({ entries: 2, takes: "1 second" })
        yield* run({ events: records(...shuffled), target, order: "time" })
        expect([target.taken, target.mostAtOnce]).toEqual([[0, 1, 2, 3, 4], 1])
      })
    )

    it.effect("with a limit sends those that happened first", () =>
      Effect.gen(function* () {
        const target = new StubTarget()
        const summary = yield* run({ events: records(...shuffled), target, order: "time", limit: 2 })
        expect([target.taken, summary.chosen]).toEqual([[0, 1], 2])
      })
    )

    it.effect(
      "is kept within a conversation where the target keeps it, and conversations do not wait for each other",
      () =>
        Effect.gen(function* () {
          const target = new StubTarget({ isGrouped: true, takes: "1 second" })
          yield* run({ events: records(...lines(30)), target, order: "time" })
          for (const conversation of [0, 1, 2]) {
            const own = target.taken.filter((index) => index % 3 === conversation)
            expect(own).toEqual(inOrder(own))
          }
          expect(target.taken).toHaveLength(30)
          for (const { indices } of target.requests) {
            expect(new Set(indices.map((index) => index % 3)).size).toBe(indices.length)
          }
          const separate = new StubTarget({ isGrouped: true, takes: "1 second", entries: 1 })
          yield* run({ events: records(...lines(30)), target: separate })
          expect(separate.mostAtOnce).toBe(3)
        })
    )

    it.effect("an event that does not say when it happened has no place in the order of time", () =>
      Effect.gen(function* () {
        const target = new StubTarget()
        const timeless = JSON.stringify({ source: "s", "detail-type": "t", detail: { n: 1 } })
        const summary = yield* run({ events: records(timeless, line(1)), target, order: "time" })
        expect(summary.rejected).toEqual({
          count: 1,
          first: [{ source: "captured.ndjson", line: 1, reason: "it does not say when it happened" }]
        })
        expect([target.taken, Resend.isComplete(summary)]).toEqual([[1], false])
      })
    )
  })

  describe("speed", () => {
    it.effect("1x keeps the time between events, and 10x a tenth of it", () =>
      Effect.gen(function* () {
        const at = [0, 0, 3_000, 10_000]
        const events = records(...at.map((time, index) => line(index, { at: time })))
        for (const factor of [1, 10]) {
          const target = new StubTarget()
          yield* run({ events, target, order: "time", speed: { _tag: "Multiple", factor } })
          const [first] = target.requests
          expect(target.requests.map((request) => request.at - (first?.at ?? 0))).toEqual(
            [0, 3_000, 10_000].map((time) => Math.ceil(time / factor / 200) * 200)
          )
        }
      })
    )

    it.effect("50 a second fills requests, and is never more", () =>
      Effect.gen(function* () {
        const target = new StubTarget()
        yield* run({ events: records(...lines(100)), target, speed: { _tag: "Rate", perSecond: 50 } })
        const [first] = target.requests
        expect(target.requests.map(({ at }) => at - (first?.at ?? 0))).toEqual(range(10).map((tick) => tick * 200))
      })
    )
  })

  describe("filter", () => {
    const chosen = (filter: Resend.Options<never, never>["filter"], ...given: ReadonlyArray<string>) =>
      Effect.gen(function* () {
        const target = new StubTarget()
        const summary = yield* run({ events: records(...given), target, filter })
        expect(summary.chosen + summary.passedOver).toBe(given.length)
        return inOrder(target.taken)
      })

    it.effect("by topic, with and without the ids in it", () =>
      Effect.gen(function* () {
        const given = [line(0), line(1, { topic: "acd.end" }), line(2, { topic: "user.start" })]
        expect(yield* chosen({ topics: ["v2.detail.events.conversation.{id}.acd.end"] }, ...given)).toEqual([1])
        expect(yield* chosen({ topics: ["v2.detail.events.conversation.conversation-2.*"] }, ...given)).toEqual([2])
        expect(yield* chosen({ topics: ["v2.detail.*"] }, ...given)).toEqual([0, 1, 2])
      })
    )

    it.effect("by event time: the start is in it, the end is not", () =>
      Effect.gen(function* () {
        const at = (seconds: number) => midnight + seconds * 1_000
        expect(yield* chosen({ startMs: at(2), endMs: at(4) }, ...lines(6))).toEqual([2, 3])
      })
    )

    it.effect("by conversation", () =>
      Effect.gen(function* () {
        expect(yield* chosen({ conversations: ["conversation-1", "another"] }, ...lines(6))).toEqual([1, 4])
      })
    )

    it.effect("only certain events, and those of them that are nowhere are told", () =>
      Effect.gen(function* () {
        const only = onlyOf(...[1, 4, 77].map((index) => line(index)))
        const target = new StubTarget()
        const summary = yield* run({ events: records(...lines(6)), target, filter: { only } })
        expect([inOrder(target.taken), summary.notFound, Resend.isComplete(summary)]).toEqual([[1, 4], 1, false])
      })
    )
  })

  it.effect("only events that records make one expect, by whom they are about", () =>
    Effect.gen(function* () {
      const about = (index: number) => ({ conversationId: `conversation-${index % 3}`, sessionId: null })
      const expected = [1, 2].map((index) => ({
        topic: "v2.detail.events.conversation.{id}.acd.start",
        ...about(index)
      }))
      const only = onlyOf(
        ...expected.map((one) => JSON.stringify(one)),
        JSON.stringify({ ...expected[0], sessionId: "s" })
      )
      const target = new StubTarget()
      const given = [line(0), line(1), line(2), line(4, { topic: "acd.end" })]
      const summary = yield* run({ events: records(...given), target, filter: { only } })
      expect([inOrder(target.taken), summary.notFound]).toEqual([[1, 2], 1])
    })
  )

  describe("what was acknowledged", () => {
    it.effect("is not sent again, whatever went wrong in between; what was under way may be", () =>
      Effect.promise(() =>
        FastCheck.assert(
          FastCheck.asyncProperty(
            FastCheck.array(FastCheck.constantFrom("before" as const, "after" as const, undefined, undefined), {
              minLength: 1,
              maxLength: 12
            }),
            FastCheck.boolean(),
            FastCheck.integer({ min: 1, max: 5 }),
            (faults, isGrouped, concurrency) =>
              Effect.runPromise(
                Effect.gen(function* () {
                  const store = yield* memory
                  let requests = 0
                  const target = new StubTarget({
                    entries: 3,
                    isGrouped,
                    concurrency,
                    fails: () => faults[requests++]
                  })
                  const one = Effect.flatMap(store.open, (acknowledgements) =>
                    Resend.run({ events: records(...lines(40)), target, acknowledgements })
                  ).pipe(Effect.provide(NodeFileSystem.layer), Effect.exit)
                  let fails = 0
                  while (Exit.isFailure(yield* one)) fails++
                  expect((yield* store.kept).size).toBe(40)
                  expect(new Set(target.taken).size).toBe(40)
                  const twice = target.taken.length - 40
                  expect(twice).toBeLessThanOrEqual(3 * faults.filter((fault) => fault === "after").length)
                  expect(fails).toBeLessThanOrEqual(faults.length)
                  if (isGrouped) {
                    for (const conversation of [0, 1, 2]) {
                      const own = [...new Set(target.taken.filter((index) => index % 3 === conversation))]
                      expect(own).toEqual(inOrder(own))
                    }
                  }
                })
              )
          ),
          { numRuns: 60 }
        )
      )
    )

    it.effect("counts, and a limit means the next ones", () =>
      Effect.gen(function* () {
        const store = yield* memory
        const target = new StubTarget()
        const ten = Effect.flatMap(store.open, (acknowledgements) =>
          run({ events: records(...lines(25)), target, acknowledgements, limit: 10 })
        )
        expect(yield* ten).toMatchObject({ before: 0, acknowledged: 10 })
        expect(yield* ten).toMatchObject({ before: 10, acknowledged: 10 })
        expect(yield* ten).toMatchObject({ before: 20, acknowledged: 5 })
        expect(yield* ten).toMatchObject({ before: 25, acknowledged: 0 })
        expect(inOrder(target.taken)).toEqual(range(25))
      })
    )

    it.effect("is awaited when the run is interrupted, and written down", () =>
      Effect.gen(function* () {
        const store = yield* memory
        const acknowledgements = yield* store.open
        const begun = yield* Deferred.make<void>()
        const target = new StubTarget({ entries: 1, concurrency: 2, takes: "1 second" })
        const events = Stream.tap(records(...lines(50)), () => Deferred.succeed(begun, undefined))
        const exit = yield* onTestClock(
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              Effect.provide(Resend.run({ events, target, acknowledgements }), NodeFileSystem.layer)
            )
            yield* Deferred.await(begun)
            yield* Effect.sleep("2500 millis")
            return yield* Fiber.interrupt(fiber)
          })
        )
        expect(Exit.isInterrupted(exit)).toBe(true)
        expect(target.taken.length).toBe(target.requests.length)
        expect((yield* store.kept).size).toBe(target.taken.length)
        expect(target.taken.length).toBeLessThan(10)
      })
    )

    it.effect("a target that does not answer is waited for no longer than the grace", () =>
      Effect.gen(function* () {
        const target = new StubTarget({ takes: "1 hour" })
        const begun = yield* Deferred.make<void>()
        const events = Stream.tap(records(...lines(3)), () => Deferred.succeed(begun, undefined))
        const waited = yield* onTestClock(
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              Effect.provide(Resend.run({ events, target, grace: "5 seconds" }), NodeFileSystem.layer)
            )
            yield* Deferred.await(begun)
            yield* Effect.sleep("1 second")
            const [duration] = yield* Effect.timed(Fiber.interrupt(fiber))
            return duration
          })
        )
        expect([Duration.toMillis(waited), target.taken]).toEqual([5_000, []])
      })
    )
  })

  it.effect("refused events are listed and kept with their reason, and the others are sent", () =>
    Effect.gen(function* () {
      const kept: Array<readonly [number, string]> = []
      const refusedEvents: RefusedEvents.RefusedEvents = {
        add: (all) => Effect.sync(() => kept.push(...all.map(([{ line }, reason]) => [line, reason] as const)))
      }
      const target = new StubTarget({ refuses: (index) => (index % 10 === 3 ? "MalformedDetail" : undefined) })
      const summary = yield* run({ events: records(...lines(30)), target, refusedEvents })
      expect(kept).toEqual([4, 14, 24].map((at) => [at, "MalformedDetail"]))
      expect(summary).toMatchObject({ acknowledged: 27, refused: { count: 3 } })
      expect(Resend.isComplete(summary)).toBe(false)
    })
  )

  it.effect("what the events fail with ends it, when what is under way is over", () =>
    Effect.gen(function* () {
      const target = new StubTarget({ entries: 1, takes: "1 second" })
      const events = Stream.concat(records(...lines(3)), Stream.fail("the disk is gone" as const))
      const error = yield* Effect.flip(run({ events, target }))
      expect([error, target.taken.length]).toEqual(["the disk is gone", target.requests.length])
    })
  )

  it.effect("a bug of the target ends it too, and is told", () =>
    Effect.gen(function* () {
      const target = new StubTarget({
        fails: () => {
          throw new Error("a bug")
        }
      })
      const exit = yield* Effect.exit(run({ events: records(...lines(3)), target }))
      expect(Exit.isFailure(exit) && Cause.isDie(exit.cause)).toBe(true)
    })
  )

  it.effect("a dry run says of the same events what the run does", () =>
    Effect.promise(() => {
      const made = FastCheck.record({
        index: FastCheck.nat(30),
        at: FastCheck.constantFrom(0, 1_000, 3_600_000, 9_000_000),
        topic: FastCheck.constantFrom("acd.start", "acd.end"),
        pad: FastCheck.constantFrom(0, 3_000)
      })
      const options = FastCheck.record({
        order: FastCheck.constantFrom("file" as const, "time" as const),
        limit: FastCheck.option(FastCheck.integer({ min: 1, max: 12 }), { nil: undefined }),
        filter: FastCheck.constantFrom({}, { conversations: ["conversation-1"] }, { endMs: midnight + 5_000 })
      })
      return FastCheck.assert(
        FastCheck.asyncProperty(
          FastCheck.array(made, { maxLength: 25 }),
          options,
          FastCheck.nat(10),
          (all, choice, acked) =>
            Effect.runPromise(
              Effect.gen(function* () {
                const given = all.map(({ at, index, pad, topic }) => line(index, { at, topic, pad }))
                const events = records("not JSON", ...given)
                const target = new StubTarget({ bytes: 2_000 })
                const store = yield* memory
                yield* Effect.flatMap(store.open, (acknowledgements) =>
                  Resend.run({ events: records(...given.slice(0, acked)), target, acknowledgements })
                )
                const acknowledgements = yield* store.open
                const table = new ResendSurvey.HourTable()
                const { cells, tooLarge, ...told } = yield* ResendSurvey.survey({
                  events,
                  target,
                  acknowledgements,
                  ...choice
                })
                const measured = {
                  name: "stub",
                  location: "stub",
                  batch: target.batch,
                  concurrency: 4,
                  groupOf: undefined,
                  measure: (event: ResendEvent.ResendEvent) => {
                    table.add(event)
                    return target.measure(event)
                  },
                  send: (batch: ReadonlyArray<ResendEvent.ResendEvent>) => target.send(batch)
                }
                const { acknowledged, refused, ...done } = yield* Resend.run({
                  events,
                  target: measured,
                  acknowledgements,
                  ...choice
                })
                expect(told).toEqual(done)
                expect([cells, tooLarge]).toEqual([table.cells(), refused.count])
                expect(acknowledged + refused.count).toBe(cells.reduce((sum, { count }) => sum + count, 0))
                expect(told.chosen).toBe(acknowledged + refused.count)
              }).pipe(Effect.provide(NodeFileSystem.layer))
            )
        ),
        { numRuns: 100 }
      )
    })
  )
})

describe("Acknowledgements", () => {
  it.scoped("are in the file when they count, and are there again when it is opened", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/state/some.acknowledged`
      const ids = range(5).map((at) => String(at).repeat(32))
      yield* Effect.scoped(
        Effect.gen(function* () {
          const store = yield* Acknowledgements.inFile(path)
          yield* Effect.forEach(ids, (id) => store.add([id]), { concurrency: "unbounded" })
          expect((yield* files.readFileString(path)).trim().split("\n").sort()).toEqual(ids)
        })
      )
      // As a crash leaves it behind.
      yield* files.writeFileString(path, `${ids.slice(0, 4).join("\n")}\n44444444`)
      const again = yield* Effect.scoped(Acknowledgements.inFile(path))
      expect([again.before, ...ids.map(again.has)]).toEqual([4, true, true, true, true, false])
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scoped("that cannot be kept end the run", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const directory = yield* files.makeTempDirectoryScoped()
      const error = yield* Effect.flip(Effect.scoped(Acknowledgements.inFile(directory)))
      expect(error).toMatchObject({ _tag: "ResendFileFailed", purpose: "acknowledged", path: directory })
      expect(error.remedy).not.toBe("")
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it("of other sources, or of another target, are others", () => {
    const names = [
      Acknowledgements.fileName(["/a", "/b"], "one"),
      Acknowledgements.fileName(["/a"], "one"),
      Acknowledgements.fileName(["/a", "/b"], "two")
    ]
    expect(new Set(names).size).toBe(3)
    expect(Acknowledgements.fileName(["/b", "/a"], "one")).toBe(names[0])
  })
})

describe("RefusedEvents", () => {
  it.scoped("are events with a reason beside them, and can be sent again", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/refused.ndjson`
      const event = eventOf(line(1), 9)
      const refused = yield* RefusedEvents.inFile(path)
      expect(yield* files.exists(path)).toBe(false)
      yield* refused.add([[event, "InvalidMessageContents"]])
      const text = (yield* files.readFileString(path)).trim()
      expect(JSON.parse(text)["resend-refused"]).toEqual({
        reason: "InvalidMessageContents",
        source: "captured.ndjson",
        line: 9
      })
      const again = eventOf(text)
      expect([again.id, again.text]).toEqual([event.id, event.text])
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
