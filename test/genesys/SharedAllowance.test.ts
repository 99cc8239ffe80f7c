import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { RequestAllowance, type RetryPolicy } from "@genesys-replay/domain"
import { RateLimit, SharedPermits } from "@genesys-replay/genesys"
import { Database } from "@genesys-replay/pipeline"
import * as SharedAllowance from "@genesys-replay/pipeline/SharedAllowance"
import {
  Array as Arrays,
  Clock,
  Context,
  Deferred,
  Duration,
  Effect,
  Fiber,
  Layer,
  Logger,
  Ref,
  TestClock
} from "effect"
import * as CountingServer from "./CountingServer.js"
import * as IdleClock from "./IdleClock.js"

const { minute } = CountingServer

/** A rate limit as a runner of its own has it, over an allowance that it shares. */
const runner = (allowance: RequestAllowance.Service) =>
  Effect.map(
    Layer.build(
      Layer.provide(
        RateLimit.RateLimit.layerOf("https://api.example.test as client-7"),
        Layer.succeed(RequestAllowance.RequestAllowance, allowance)
      )
    ),
    Context.get(RateLimit.RateLimit)
  )

/** An allowance in memory, and what calls it got. */
const inMemory = Effect.gen(function* () {
  const calls = yield* Ref.make(0)
  const shared = Context.get(
    yield* Layer.build(RequestAllowance.RequestAllowance.layerMemory),
    RequestAllowance.RequestAllowance
  )
  const counted = Ref.update(calls, (count) => count + 1)
  const allowance: RequestAllowance.Service = {
    take: (...asked) => Effect.zipRight(counted, shared.take(...asked)),
    learn: (...told) => Effect.zipRight(counted, shared.learn(...told))
  }
  return { allowance, calls: Ref.get(calls) }
})

/** Connections of runners to one SQLite file. */
const inFile = (runners: number) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const file = `${yield* files.makeTempDirectoryScoped()}/state.db`
    const database = Effect.map(Database.Database, ({ write, sql }) => write(sql`PRAGMA synchronous = OFF`))
    // A test loses nothing with the power: no waiting for the disk.
    const careless = Layer.effectDiscard(Effect.flatten(database))
    const allowance = SharedAllowance.layer.pipe(
      Layer.merge(careless),
      Layer.provide(Layer.fresh(Database.Database.layer(`file:${file}`)))
    )
    const built = Effect.map(Layer.build(Layer.fresh(allowance)), Context.get(RequestAllowance.RequestAllowance))
    return yield* Effect.replicateEffect(built, runners)
  })

/** Each runner sends its part of `requests`, 4 at a time, a 429 again. */
const work = (
  allowances: ReadonlyArray<RequestAllowance.Service>,
  server: CountingServer.Server,
  requests: number,
  tokens: "one token" | "a token each" = "one token"
) =>
  Effect.gen(function* () {
    const { log, sendWith } = yield* CountingServer.make(server)
    const part = Math.ceil(requests / allowances.length)
    yield* Effect.forEach(
      allowances,
      (allowance, index) =>
        Effect.gen(function* () {
          const { paced } = yield* runner(allowance)
          const send = sendWith(tokens === "one token" ? "token" : `token of ${index}`)
          const one: Effect.Effect<void, RetryPolicy.TransientFailure> = Effect.flatMap(paced(send), ({ status }) =>
            status === 429 ? one : Effect.void
          )
          yield* Effect.replicateEffect(one, part, { concurrency: 4, discard: true })
        }),
      { concurrency: "unbounded", discard: true }
    )
    const all = yield* log
    return {
      took: yield* Clock.currentTimeMillis,
      sent: all.length,
      refused: CountingServer.refused(all),
      most: Math.max(...CountingServer.perWindow(all, server.windowMs))
    }
  }).pipe(Effect.provide(IdleClock.layer))

const ok = (count: number) => CountingServer.answer({ count, allowed: 300, reset: 60 })

describe("Runners that share an allowance", () => {
  it.scoped("three together stay within one limit, and use at least 95 % of it", () =>
    Effect.gen(function* () {
      const { allowance, calls } = yield* inMemory
      const { most, refused, sent, took } = yield* work([allowance, allowance, allowance], minute, 999)
      expect(most).toBeLessThanOrEqual(300)
      expect(refused).toBe(0)
      expect(took).toBeLessThanOrEqual(180_000 / 0.95)
      expect(yield* calls).toBeLessThanOrEqual(sent)
    })
  )

  it.scoped("three whose tokens have limits of their own stay within one limit all the same", () =>
    Effect.gen(function* () {
      const { allowance } = yield* inMemory
      const { refused, took } = yield* work([allowance, allowance, allowance], minute, 999, "a token each")
      expect(refused).toBe(0)
      expect(took).toBeGreaterThan(180_000)
      expect(took).toBeLessThanOrEqual(180_000 / 0.95)
    })
  )

  it.scoped("two with connections of their own to one file stay within one limit, and use at least 95 % of it", () =>
    Effect.gen(function* () {
      const { most, refused, took } = yield* work(yield* inFile(2), minute, 1_000)
      expect(most).toBeLessThanOrEqual(300)
      expect(refused).toBe(0)
      expect(took).toBeLessThanOrEqual(180_000 / 0.95)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("lose at most one request in a hundred where the platform rounds the reset down", () =>
    Effect.gen(function* () {
      const { allowance } = yield* inMemory
      const server = { ...minute, rounding: Math.floor, latencyMs: 130 }
      const { refused, took } = yield* work([allowance, allowance], server, 1_000)
      expect(refused).toBeLessThanOrEqual(10)
      expect(took).toBeLessThanOrEqual(180_000 / 0.95)
    })
  )

  it.scoped("the wall that one saw holds the other back", () =>
    Effect.gen(function* () {
      const { allowance } = yield* inMemory
      const [first, second] = yield* Effect.all([runner(allowance), runner(allowance)])
      yield* first.paced(CountingServer.answer({ status: 429, retryAfter: 20 }))
      const other = yield* Effect.fork(second.paced(ok(1)))
      yield* TestClock.adjust(Duration.millis(19_999))
      expect((yield* Fiber.poll(other))._tag).toBe("None")
      yield* TestClock.adjust(Duration.millis(1))
      expect((yield* Fiber.join(other)).status).toBe(200)
    })
  )

  it.scoped("what others used is known before the first request", () =>
    Effect.gen(function* () {
      const { allowance } = yield* inMemory
      const [first, second] = yield* Effect.all([runner(allowance), runner(allowance)])
      yield* first.paced(ok(300))
      const other = yield* Effect.fork(second.paced(ok(1)))
      yield* TestClock.adjust("59 seconds")
      expect((yield* Fiber.poll(other))._tag).toBe("None")
      yield* TestClock.adjust("2 seconds")
      expect((yield* Fiber.join(other)).status).toBe(200)
    })
  )
})

describe("An allowance that cannot be reached", () => {
  const failing = (calls: Ref.Ref<number>): RequestAllowance.Service => {
    const failure = Effect.zipRight(
      Ref.update(calls, (count) => count + 1),
      Effect.fail(new RequestAllowance.AllowanceUnavailable({ reason: "the server cannot be reached" }))
    )
    return { take: () => failure, learn: () => failure }
  }

  it.scoped("each paces by what it knows itself, asks again from time to time, and says so once", () =>
    Effect.gen(function* () {
      const calls = yield* Ref.make(0)
      const logged: Array<string> = []
      const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
        if (logLevel._tag !== "Debug") logged.push(String(message))
      })
      const { refused, sent, took } = yield* Effect.provide(
        work([failing(calls)], minute, 1_000),
        Logger.replace(Logger.defaultLogger, logger)
      )
      expect({ refused, sent }).toEqual({ refused: 0, sent: 1_000 })
      expect(took).toBeLessThanOrEqual(189_000)
      expect(yield* Ref.get(calls)).toBeLessThanOrEqual(took / Duration.toMillis(SharedPermits.outagePause) + 1)
      expect(logged).toEqual([expect.stringContaining("the server cannot be reached")])
    })
  )

  it.scoped("one that does not answer holds a request back for two seconds, and the next ones not at all", () =>
    Effect.gen(function* () {
      const { paced } = yield* runner({ take: () => Effect.never, learn: () => Effect.never })
      const first = yield* Effect.fork(paced(ok(1)))
      yield* TestClock.adjust(Duration.millis(1_999))
      expect((yield* Fiber.poll(first))._tag).toBe("None")
      yield* TestClock.adjust(Duration.millis(1))
      yield* Fiber.join(first)
      yield* paced(ok(2))
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger)))
  )

  it.scoped("who is interrupted while it is asked leaves the others their turn", () =>
    Effect.gen(function* () {
      const door = yield* Deferred.make<void>()
      const { allowance } = yield* inMemory
      const { paced, pace } = yield* runner({
        ...allowance,
        take: (...asked) => Effect.zipRight(Deferred.await(door), allowance.take(...asked))
      })
      const waiting = yield* Effect.forEach(Arrays.range(1, 5), (index) => Effect.fork(paced(ok(index))))
      yield* TestClock.adjust(Duration.millis(10))
      yield* Effect.forEach(waiting.slice(0, 4), Fiber.interrupt)
      yield* Deferred.succeed(door, undefined)
      for (const last of waiting.slice(4)) yield* Fiber.join(last)
      expect((yield* pace.get).waiting).toBe(0)
    })
  )
})
