import { describe, expect, it } from "@effect/vitest"
import {
  AuditTrail,
  CallbackSink,
  Database,
  Redelivery,
  State,
  StateUnavailable,
  SyncOutbox,
  SyncSink
} from "@genesys-replay/pipeline"
import {
  Cause,
  Context,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  FastCheck as fc,
  Layer,
  Logger,
  LogLevel,
  Metric,
  Option,
  Random,
  Ref,
  TestClock
} from "effect"
import * as MessageTable from "../../packages/pipeline/src/sync/MessageTable.js"
import { documentOf, type Kept, letter, process, type Seen, scripted, takenByLane } from "./Outbox.js"

/** What outlives a process, in memory. */
const kept = Effect.gen(function* () {
  const state = yield* Layer.build(State.layerMemory)
  return {
    store: yield* Effect.provide(MessageTable.make, state),
    trail: Context.get(state, AuditTrail.AuditTrail),
    database: Context.get(state, Database.Database)
  }
})

const outbox = SyncOutbox.SyncOutbox

const takes = () => Effect.succeed(true)
const refuses = () => Effect.succeed(false)

const noSeen = Ref.make<ReadonlyArray<Seen>>([])

/** What the trail says of each sink. */
const told = (trail: AuditTrail.Service) =>
  Effect.map(trail.list({ action: "sync_replay" }), (entries) =>
    entries.map(({ detail }) => ({
      sink: detail["sink"],
      delivered: detail["delivered"],
      attempts: detail["attempts"],
      ...("dead" in detail ? { dead: detail["dead"] } : {}),
      ...("revived" in detail ? { revived: detail["revived"] } : {})
    }))
  )

/** Lets time pass, a little at a time, until nothing is pending. */
const passUntilDone = (store: MessageTable.MessageTable, step: Duration.DurationInput = "1 minute", most = 500) =>
  Effect.gen(function* () {
    for (let count = 0; count < most; count++) {
      const { pending } = yield* store.tally
      if (pending === 0) return
      yield* TestClock.adjust(step)
    }
    expect((yield* store.tally).pending).toBe(0)
  })

describe("SyncOutbox.enqueue", () => {
  it.scoped("writes one message for each sink; the same again is nothing", () =>
    Effect.gen(function* () {
      const world = yield* kept
      yield* Effect.gen(function* () {
        const { enqueue, list } = yield* outbox
        yield* enqueue(letter("a", 1, "one", "two", "one"))
        yield* enqueue(letter("a", 1, "one", "two", "three"))
        yield* enqueue(letter("b", 1))
        const messages = yield* list()
        expect(messages.map(({ id, sink, state }) => [id, sink, state])).toEqual(
          ["one", "two", "three"].map((sink) => [SyncSink.idOf(documentOf("a", 1)), sink, "pending"])
        )
      }).pipe(Effect.provide(process(world, [])))
    })
  )
})

describe("SyncOutbox.deliver", () => {
  it.scoped("tells every sink in order, and answers how all messages of the window stand", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const seen = yield* noSeen
      const sinks = [yield* scripted("good", seen, takes), yield* scripted("bad", seen, refuses)]
      yield* Effect.gen(function* () {
        const { enqueue, deliver } = yield* outbox
        yield* enqueue(letter("a", 1, "good", "bad"))
        yield* enqueue(letter("a", 2, "good", "bad"))
        yield* enqueue(letter("b", 1, "good"))
        const results = yield* deliver(letter("a", 1).key)
        expect(results.map(({ failure, sink }) => [sink, Option.getOrNull(failure)?.reason ?? null])).toEqual([
          ["good", null],
          ["bad", "not now"],
          ["good", null],
          ["bad", "its turn has not come yet"]
        ])
        expect((yield* Ref.get(seen)).map(({ lane, number }) => [lane, number]).sort()).toEqual([
          ["a bad", 1],
          ["a good", 1],
          ["a good", 2]
        ])
        // What was delivered is not delivered again, but still told of.
        const again = yield* deliver(letter("a", 1).key)
        expect(again.map(({ failure }) => Option.isNone(failure))).toEqual([true, false, true, false])
        expect((yield* Ref.get(seen)).filter(({ sink }) => sink === "good")).toHaveLength(2)
      }).pipe(Effect.provide(process(world, sinks)))
    })
  )

  it.scoped("tries what is not due, and what an earlier run of the window left", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const seen = yield* noSeen
      const sink = yield* scripted("moody", seen, (count) => Effect.succeed(count > 0))
      yield* Effect.gen(function* () {
        const { enqueue, deliver } = yield* outbox
        const earlier = { ...letter("a", 1, "moody"), key: "20240101000000-000000/a" }
        yield* enqueue(earlier)
        yield* deliver(earlier.key)
        yield* enqueue(letter("a", 2, "moody"))
        const [result] = yield* deliver(letter("a", 2).key)
        expect(result?.failure).toEqual(Option.none())
        expect(takenByLane(yield* Ref.get(seen)).get("a moody")).toEqual([1, 2])
      }).pipe(Effect.provide(process(world, [sink])))
    })
  )

  it.scoped("waits for what is being delivered already, and does not deliver it twice", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const seen = yield* noSeen
      const open = yield* Deferred.make<boolean>()
      const sink = yield* scripted("slow", seen, () => Deferred.await(open))
      yield* Effect.gen(function* () {
        const { enqueue, deliver, run } = yield* outbox
        yield* Effect.forkScoped(run)
        yield* enqueue(letter("a", 1, "slow"))
        yield* Effect.yieldNow()
        yield* TestClock.adjust("1 second")
        const flushing = yield* Effect.forkScoped(deliver(letter("a", 1).key))
        yield* TestClock.adjust("10 seconds")
        expect(Option.isNone(yield* Fiber.poll(flushing))).toBe(true)
        yield* Deferred.succeed(open, true)
        const [result] = yield* Fiber.join(flushing)
        expect(result?.failure).toEqual(Option.none())
        expect(yield* Ref.get(seen)).toHaveLength(1)
      }).pipe(Effect.provide(process(world, [sink])))
    })
  )

  it.scoped("a sink that hangs, or dies, is a failure in its own result; the time it gets is a minute", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const sinks = [
        CallbackSink.fromEffect("hanging", () => Effect.uninterruptible(Effect.never)),
        CallbackSink.fromEffect("dying", () => Effect.dieMessage("a bug")),
        CallbackSink.fromEffect("good", () => Effect.void)
      ]
      yield* Effect.gen(function* () {
        const { enqueue, deliver } = yield* outbox
        yield* enqueue(letter("a", 1, "hanging", "dying", "good"))
        const flushing = yield* Effect.forkScoped(deliver(letter("a", 1).key))
        yield* TestClock.adjust("59 seconds")
        expect(Option.isNone(yield* Fiber.poll(flushing))).toBe(true)
        yield* TestClock.adjust("1 second")
        const results = yield* Fiber.join(flushing)
        expect(results.map(({ failure }) => Option.getOrNull(failure)?.reason ?? null)).toEqual([
          "it did not answer in time",
          expect.stringContaining("a bug"),
          null
        ])
      }).pipe(Effect.provide(process(world, sinks)))
    })
  )
})

describe("SyncOutbox.run", () => {
  it.scoped("delivers at once what is written while it runs", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const arrived = yield* Deferred.make<string>()
      const sink = CallbackSink.fromEffect("quick", (_, id) => Deferred.succeed(arrived, id))
      yield* Effect.gen(function* () {
        const { enqueue, run } = yield* outbox
        yield* Effect.forkScoped(run)
        yield* TestClock.adjust("1 minute")
        yield* enqueue(letter("a", 1, "quick"))
        // Nobody moves the clock: it needs no time.
        expect(yield* Deferred.await(arrived)).toBe(SyncSink.idOf(documentOf("a", 1)))
      }).pipe(Effect.provide(process(world, [sink])))
    })
  )

  it.scoped("tries again after pauses that double, up to the longest; then the message is dead", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const seen = yield* noSeen
      const sink = yield* scripted("bad", seen, refuses)
      yield* Effect.gen(function* () {
        const { enqueue, list, run } = yield* outbox
        yield* enqueue(letter("a", 1, "bad"))
        yield* enqueue(letter("a", 2, "bad"))
        yield* Effect.forkScoped(run)
        yield* TestClock.adjust("0 seconds")
        expect((yield* list())[0]).toMatchObject({ state: "pending", attempts: 1, reason: "not now" })
        // The pauses are 1 + 2 + 4 + 8 seconds at most, and half of that at least.
        yield* TestClock.adjust("7 seconds")
        expect((yield* list())[0]?.attempts).toBeLessThanOrEqual(4)
        for (let second = 0; second < 9; second++) yield* TestClock.adjust("1 second")
        expect((yield* list()).map(({ attempts, state }) => [state, attempts])[0]).toEqual(["dead", 5])
        // What waited behind the dead one has its turn now.
        expect((yield* list())[1]?.attempts).toBeGreaterThan(0)
        yield* passUntilDone(world.store, "1 second")
        expect((yield* list()).map(({ state }) => state)).toEqual(["dead", "dead"])
        expect((yield* Ref.get(seen)).map(({ number }) => number)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
        // Not every try is worth an entry.
        expect(yield* told(world.trail)).toEqual([
          { sink: "bad", delivered: false, attempts: 1 },
          { sink: "bad", delivered: false, attempts: 5, dead: true },
          { sink: "bad", delivered: false, attempts: 1 },
          { sink: "bad", delivered: false, attempts: 5, dead: true }
        ])
      }).pipe(Effect.provide(process(world, [sink], { tries: 5, longestPause: Duration.seconds(8) })))
    })
  )

  it.scoped("does not try again what a sink will never take: the message is dead at once, until it is revived", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const sink: SyncSink.SyncSink = {
        name: "gone",
        deliver: (_, id) =>
          Effect.fail(new SyncSink.SyncFailed({ sink: "gone", id, reason: "gone for good", isFinal: true }))
      }
      yield* Effect.gen(function* () {
        const { enqueue, list, retry, run } = yield* outbox
        yield* enqueue(letter("a", 1, "gone"))
        yield* Effect.forkScoped(run)
        yield* TestClock.adjust("1 hour")
        expect(yield* list()).toMatchObject([{ state: "dead", attempts: 1, reason: "gone for good" }])
        expect(yield* told(world.trail)).toEqual([{ sink: "gone", delivered: false, attempts: 1, dead: true }])
        yield* retry("all")
        yield* TestClock.adjust("1 hour")
        expect(yield* list()).toMatchObject([{ state: "dead", attempts: 1 }])
      }).pipe(Effect.provide(process(world, [sink])))
    })
  )

  it.scoped(
    "warns of a sink that is down once, again when it has been up between, and of each message that it gives up",
    () =>
      Effect.gen(function* () {
        const warnings: Array<string> = []
        const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
          if (logLevel === LogLevel.Warning) warnings.push(String(message))
        })
        const world = yield* kept
        const seen = yield* noSeen
        // Five windows: down for all of them, up for all of them, down for the next one.
        const sink = yield* scripted("ledger", seen, (count) => Effect.succeed(count >= 5 && count < 10))
        yield* Effect.gen(function* () {
          const { enqueue, run } = yield* outbox
          yield* Effect.forkScoped(run)
          for (const window of ["a", "b", "c", "d", "e"]) yield* enqueue(letter(window, 1, "ledger"))
          yield* passUntilDone(world.store)
          expect(warnings).toEqual([
            expect.stringMatching(/^the sink ledger did not take msg_.* It will be tried again$/)
          ])
          yield* enqueue(letter("f", 1, "ledger"))
          yield* passUntilDone(world.store)
          const [, again, dead, ...others] = warnings
          expect([again, dead, others]).toEqual([
            expect.stringContaining("It will be tried again"),
            expect.stringContaining("genesys-replay sync retry revives it"),
            []
          ])
        }).pipe(
          Effect.provide(
            Layer.merge(process(world, [sink], { tries: 3 }), Logger.replace(Logger.defaultLogger, logger))
          )
        )
      })
  )

  it.scoped("a sink that hangs holds up neither another sink nor another window", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const seen = yield* noSeen
      const sinks = [
        yield* scripted("hanging", seen, (count) => (count === 0 ? Effect.never : Effect.succeed(true))),
        yield* scripted("good", seen, takes)
      ]
      yield* Effect.gen(function* () {
        const { enqueue, run } = yield* outbox
        yield* enqueue(letter("a", 1, "hanging", "good"))
        yield* enqueue(letter("a", 2, "hanging", "good"))
        yield* enqueue(letter("b", 1, "hanging", "good"))
        yield* Effect.forkScoped(run)
        yield* TestClock.adjust("1 second")
        expect([...takenByLane(yield* Ref.get(seen))].sort()).toEqual([
          ["a good", [1, 2]],
          ["b good", [1]],
          ["b hanging", [1]]
        ])
      }).pipe(Effect.provide(process(world, sinks, { concurrency: 2 })))
    })
  )

  it.scoped("has no more deliveries to one sink under way than it may", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const now = yield* Ref.make(0)
      const most = yield* Ref.make(0)
      const sink = CallbackSink.fromEffect("narrow", () =>
        Effect.gen(function* () {
          const count = yield* Ref.updateAndGet(now, (before) => before + 1)
          yield* Ref.update(most, (before) => Math.max(before, count))
          yield* Effect.sleep("1 second")
          yield* Ref.update(now, (before) => before - 1)
        })
      )
      yield* Effect.gen(function* () {
        const { enqueue, run } = yield* outbox
        for (let window = 0; window < 10; window++) yield* enqueue(letter(`w${window}`, 1, "narrow"))
        yield* Effect.forkScoped(run)
        yield* passUntilDone(world.store, "1 second", 20)
        expect(yield* Ref.get(most)).toBe(3)
      }).pipe(Effect.provide(process(world, [sink], { concurrency: 3 })))
    })
  )

  it.scoped("a sink that this process does not know leaves its messages pending, untried, with the reason", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const seen = yield* noSeen
      yield* Effect.gen(function* () {
        const { enqueue, deliver, list, run } = yield* outbox
        yield* enqueue(letter("a", 1, "stranger"))
        yield* Effect.forkScoped(run)
        for (let minute = 0; minute < 30; minute++) yield* TestClock.adjust("1 minute")
        const reason = "this process was not told where it is"
        expect(yield* list()).toMatchObject([{ state: "pending", attempts: 0, reason }])
        const [result] = yield* deliver(letter("a", 1).key)
        expect(Option.getOrNull(result?.failure ?? Option.none())?.reason).toBe(reason)
        expect(yield* told(world.trail)).toEqual([])
        // What was said of a message before stays, but a round tells why it does nothing now.
        const until = (yield* TestClock.currentTimeMillis) + 15_000
        const [message] = yield* world.store.list()
        if (message === undefined) return yield* Effect.dieMessage("no message")
        yield* world.store.lease({ window: "a", sink: "stranger" }, until - 15_000, until)
        yield* world.store.settle(message, until, { ...message, reason: "it answered 503" })
        const [again] = yield* deliver(letter("a", 1).key)
        expect(Option.getOrNull(again?.failure ?? Option.none())?.reason).toBe(reason)
        expect((yield* list())[0]?.reason).toBe("it answered 503")
      }).pipe(Effect.provide(process(world, [])), Effect.scoped)
      // A process that knows it.
      const sink = yield* scripted("stranger", seen, takes)
      yield* Effect.gen(function* () {
        const { run } = yield* outbox
        yield* Effect.forkScoped(run)
        yield* TestClock.adjust("1 second")
        expect((yield* Ref.get(seen)).map(({ taken }) => taken)).toEqual([true])
      }).pipe(Effect.provide(process(world, [sink])))
    })
  )

  it.scoped("gives its leases back when it is interrupted, so that the next one need not wait", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const seen = yield* noSeen
      const hanging = yield* scripted("sink", seen, () => Effect.never)
      yield* Effect.gen(function* () {
        const { enqueue, run } = yield* outbox
        yield* enqueue(letter("a", 1, "sink"))
        const running = yield* Effect.fork(run)
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(running)
      }).pipe(Effect.provide(process(world, [hanging])))
      const good = yield* scripted("sink", seen, takes)
      yield* Effect.gen(function* () {
        const { deliver } = yield* outbox
        // Nobody moves the clock.
        yield* deliver(letter("a", 1).key)
        expect(yield* Ref.get(seen)).toHaveLength(1)
      }).pipe(Effect.provide(process(world, [good])))
    })
  )

  it.scoped("takes over from a process that died, when its lease has ended, and not before", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const seen = yield* noSeen
      const sink = yield* scripted("sink", seen, takes)
      yield* Effect.gen(function* () {
        const { enqueue, run } = yield* outbox
        yield* enqueue(letter("a", 1, "sink"))
        // What a process leaves behind that is killed between lease and mark.
        const until = (yield* TestClock.currentTimeMillis) + 15_000
        yield* world.store.lease({ window: "a", sink: "sink" }, until - 15_000, until)
        yield* Effect.forkScoped(run)
        yield* TestClock.adjust("14 seconds")
        expect(yield* Ref.get(seen)).toEqual([])
        yield* TestClock.adjust("1 second")
        expect(yield* Ref.get(seen)).toHaveLength(1)
        // Its own mark, should it come back, counts no more.
        const [message] = yield* world.store.list()
        if (message === undefined) return yield* Effect.dieMessage("no message")
        expect(yield* world.store.settle(message, until, { ...message, state: "dead" })).toBe(false)
        expect((yield* world.store.list())[0]?.state).toBe("delivered")
      }).pipe(Effect.provide(process(world, [sink])))
    })
  )

  it.scoped("renews the lease of a delivery that takes longer than the lease", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const seen = yield* noSeen
      const sink = yield* scripted("slow", seen, () => Effect.delay(Effect.succeed(true), "50 seconds"))
      const running = Effect.gen(function* () {
        const { run } = yield* outbox
        yield* Effect.forkScoped(run)
      })
      const started = yield* Effect.all([1, 2].map(() => Layer.build(process(world, [sink]))))
      const first = started[0]
      if (first === undefined) return yield* Effect.dieMessage("no process")
      yield* Effect.flatMap(outbox, ({ enqueue }) => enqueue(letter("a", 1, "slow"))).pipe(Effect.provide(first))
      for (const services of started) yield* Effect.provide(running, services)
      for (let second = 0; second < 70; second++) yield* TestClock.adjust("1 second")
      expect(yield* Ref.get(seen)).toHaveLength(1)
      expect((yield* world.store.tally).pending).toBe(0)
    })
  )

  it.scoped(
    "ends with StateUnavailable where a delivery cannot be marked; the next start delivers again, with the same id",
    () =>
      Effect.gen(function* () {
        const world = yield* kept
        const seen = yield* noSeen
        const sink = yield* scripted("sink", seen, takes)
        const full = new StateUnavailable.StateUnavailable({
          operation: "written",
          location: "state.db",
          reason: "the disk is full",
          remedy: "Free some space"
        })
        const broken = { ...world, database: { ...world.database, atomically: () => Effect.fail(full) } }
        const exit = yield* Effect.gen(function* () {
          const { enqueue, run } = yield* outbox
          yield* enqueue(letter("a", 1, "sink"))
          return yield* Effect.exit(run)
        }).pipe(Effect.provide(process(broken, [sink])))
        expect(Exit.causeOption(exit).pipe(Option.flatMap(Cause.failureOption))).toEqual(Option.some(full))
        yield* Effect.gen(function* () {
          const { run } = yield* outbox
          yield* Effect.forkScoped(run)
          yield* TestClock.adjust("15 seconds")
        }).pipe(Effect.provide(process(world, [sink])))
        expect((yield* Ref.get(seen)).map(({ id }) => id)).toEqual([1, 2].map(() => SyncSink.idOf(documentOf("a", 1))))
        expect(yield* told(world.trail)).toEqual([{ sink: "sink", delivered: true, attempts: 1 }])
      })
  )

  it.scoped("shows in metrics what is pending, what is dead, and for how long the oldest waits", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const seen = yield* noSeen
      const sink = yield* scripted("bad", seen, refuses)
      yield* Effect.gen(function* () {
        const { enqueue, run } = yield* outbox
        yield* enqueue(letter("a", 1, "bad"))
        yield* TestClock.adjust("15 seconds")
        yield* enqueue(letter("b", 1, "bad"))
        yield* enqueue(letter("c", 1, "stranger"))
        yield* Effect.forkScoped(run)
        for (let second = 0; second < 30; second++) yield* TestClock.adjust("1 second")
        const values = yield* Effect.all(
          [Redelivery.pending, Redelivery.dead, Redelivery.lag].map((gauge) => Metric.value(gauge))
        )
        expect(values.map(({ value }) => value)).toEqual([1, 2, 30])
      }).pipe(Effect.provide(process(world, [sink], { tries: 2 })))
    })
  )
})

describe("SyncOutbox.retry", () => {
  it.scoped("revives dead messages, all or these, with all their tries and the same id", () =>
    Effect.gen(function* () {
      const world = yield* kept
      const seen = yield* noSeen
      const healthy = yield* Ref.make(false)
      const sink = yield* scripted("sink", seen, () => Ref.get(healthy))
      yield* Effect.gen(function* () {
        const { enqueue, deliver, list, retry } = yield* outbox
        yield* enqueue(letter("a", 1, "sink"))
        yield* enqueue(letter("b", 1, "sink"))
        yield* deliver(letter("a", 1).key)
        yield* deliver(letter("b", 1).key)
        expect(yield* list({ state: "dead" })).toHaveLength(2)
        const id = SyncSink.idOf(documentOf("b", 1))
        expect((yield* retry([id, "msg_nobody"])).map((message) => message.id)).toEqual([id])
        expect(yield* list({ state: "pending" })).toMatchObject([{ id, attempts: 0, reason: "not now" }])
        yield* Ref.set(healthy, true)
        expect(yield* retry("all")).toHaveLength(1)
        expect(yield* retry("all")).toEqual([])
        yield* deliver(letter("a", 1).key)
        yield* deliver(letter("b", 1).key)
        expect(new Set((yield* Ref.get(seen)).map((one) => one.id)).size).toBe(2)
        expect(yield* list({ state: "delivered" })).toHaveLength(2)
        expect((yield* told(world.trail)).filter(({ revived }) => revived === true)).toEqual([
          { sink: "sink", delivered: false, attempts: 0, revived: true },
          { sink: "sink", delivered: false, attempts: 0, revived: true }
        ])
      }).pipe(Effect.provide(process(world, [sink], { tries: 1 })))
    })
  )
})

/** Letters to write, and how likely each thing is to go wrong. */
const story = fc.record({
  seed: fc.integer(),
  letters: fc.array(
    fc.record({ window: fc.constantFrom("a", "b", "c"), sinks: fc.subarray(["one", "two"], { minLength: 1 }) }),
    { minLength: 1, maxLength: 8 }
  ),
  failing: fc.double({ min: 0, max: 0.7, noNaN: true }),
  crashing: fc.double({ min: 0, max: 0.4, noNaN: true })
})

describe("SyncOutbox, whatever goes wrong", () => {
  const options = { tries: 1_000, longestPause: Duration.seconds(30) }

  const write = (letters: ReadonlyArray<{ readonly window: string; readonly sinks: ReadonlyArray<string> }>) =>
    Effect.flatMap(outbox, ({ enqueue }) =>
      Effect.forEach(letters, ({ sinks, window }, number) => enqueue(letter(window, number, ...sinks)), {
        discard: true
      })
    )

  const expected = (letters: ReadonlyArray<{ readonly window: string; readonly sinks: ReadonlyArray<string> }>) =>
    takenByLane(
      letters.flatMap(({ sinks, window }, number) =>
        sinks.map((sink) => ({ sink, lane: `${window} ${sink}`, number, id: "", taken: true }))
      )
    )

  it.effect.prop(
    "delivers everything once and in order for each window and sink, when only sinks fail",
    [story],
    ([{ failing, letters, seed }]) =>
      Effect.gen(function* () {
        const world = yield* kept
        const seen = yield* noSeen
        const fate = () => Effect.map(Random.next, (chance) => chance >= failing)
        const sinks = [yield* scripted("one", seen, fate), yield* scripted("two", seen, fate)]
        yield* Effect.gen(function* () {
          const { run } = yield* outbox
          yield* Effect.forkScoped(run)
          yield* write(letters)
          yield* passUntilDone(world.store)
        }).pipe(Effect.provide(process(world, sinks, options)))
        const all = yield* Ref.get(seen)
        expect(takenByLane(all)).toEqual(expected(letters))
        // No later message of a lane was even tried before the earlier ones were taken.
        for (const [lane, numbers] of expected(letters)) {
          const tried = all.filter((one) => one.lane === lane).map(({ number }) => number)
          expect(tried).toEqual([...tried].sort((one, other) => one - other))
          expect([...new Set(tried)]).toEqual(numbers)
        }
      }).pipe(Effect.scoped, Effect.withRandom(Random.make(seed))),
    { fastCheck: { numRuns: 20 } }
  )

  it.effect.prop(
    "delivers everything at least once and in order, with stable ids, when processes die between delivery and mark",
    [story],
    ([{ crashing, failing, letters, seed }]) =>
      Effect.gen(function* () {
        const world = yield* kept
        const seen = yield* noSeen
        const fate = () => Effect.map(Random.next, (chance) => chance >= failing)
        const sinks = [yield* scripted("one", seen, fate), yield* scripted("two", seen, fate)]
        const dying: Kept["database"] = {
          ...world.database,
          atomically: (changes) =>
            Effect.flatMap(Random.next, (chance) =>
              chance < crashing ? Effect.dieMessage("kill -9") : world.database.atomically(changes)
            )
        }
        yield* write(letters).pipe(Effect.provide(process(world, sinks, options)))
        yield* Effect.gen(function* () {
          const { run } = yield* outbox
          return yield* run
        }).pipe(
          Effect.provide(process({ ...world, database: dying }, sinks, options)),
          Effect.exit,
          Effect.forever,
          Effect.forkScoped
        )
        yield* passUntilDone(world.store)
        const all = yield* Ref.get(seen)
        for (const [lane, numbers] of expected(letters)) {
          const taken = takenByLane(all).get(lane) ?? []
          expect([...new Set(taken)]).toEqual(numbers)
          expect(taken).toEqual([...taken].sort((one, other) => one - other))
        }
        for (const { id, lane, number } of all) {
          expect(id).toBe(SyncSink.idOf(documentOf(lane.split(" ")[0] ?? "", number)))
        }
        // The trail has every delivery once.
        const delivered = (yield* told(world.trail)).filter((entry) => entry.delivered === true)
        expect(delivered).toHaveLength(letters.reduce((count, { sinks }) => count + sinks.length, 0))
      }).pipe(Effect.scoped, Effect.withRandom(Random.make(seed))),
    { fastCheck: { numRuns: 20 } }
  )
})
