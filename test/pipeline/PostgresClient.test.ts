import { NodeContext } from "@effect/platform-node"
import { describe, expect } from "@effect/vitest"
import { AuditTrail, Database, ReplayEngine, State, SyncSink } from "@genesys-replay/pipeline"
import * as SqlFailure from "@genesys-replay/pipeline/SqlFailure"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Deferred, Duration, Effect, Fiber, Layer, Logger, LogLevel, Option, Random, Ref, TestServices } from "effect"
import * as PostgresClient from "../../packages/pipeline/src/state/postgres/PostgresClient.js"
import { story } from "./AuditEntries.js"
import { isAvailable, Postgres, withServer } from "./Postgres.js"
import * as SilentServer from "./SilentServer.js"
import { pipelineAt } from "./StateFile.js"
import * as Wire from "./Wire.js"

const state = (url: string) => Layer.provide(State.layer(url), NodeContext.layer)

const pipeline = (url: string, options?: Database.Options) =>
  Layer.fresh(pipelineAt(url, options)).pipe(
    Layer.provide(
      Layer.mergeAll(
        InMemoryProvider.layer({}),
        SyncSink.SyncSinks.layerNone,
        NodeContext.layer,
        Logger.minimumLogLevel(LogLevel.None)
      )
    )
  )

const sleeping = (seconds: number) => Effect.flatMap(Database.Database, ({ sql }) => sql`SELECT pg_sleep(${seconds})`)

// The driver says of a connection that does not answer that it should not be asked again, and an engine that is given up asks it
// once more when its test is over.
process.noDeprecation = true

const inTime = Effect.timeoutFail({ duration: "15 seconds", onTimeout: () => "it has waited for ever" })

describe.skipIf(!isAvailable)("the state on PostgreSQL", () => {
  withServer((it) => {
    it.effect("is prepared once, tables of the engine included, however many runners start on it together", () =>
      Effect.gen(function* () {
        const { database } = yield* Postgres
        for (let round = 0; round < 3; round++) {
          const url = yield* database
          const runners = Array.from({ length: 5 }, () => Effect.scoped(Layer.build(pipeline(url))))
          yield* Effect.all(runners, { concurrency: "unbounded", discard: true })
        }
      }).pipe(TestServices.provideLive)
    )

    it.effect("lets no statement fail because another fiber was interrupted in the middle of its own", () =>
      Effect.gen(function* () {
        const { database } = yield* Postgres
        yield* Effect.gen(function* () {
          const { sql } = yield* Database.Database
          yield* sql`CREATE TABLE word (word TEXT PRIMARY KEY, count BIGINT NOT NULL)`
          const finished = yield* Deferred.make<void>()
          const words = ["a", "b", "c", "d"]
          const worker = (word: string) =>
            Effect.gen(function* () {
              yield* sql`INSERT INTO word VALUES (${word}, 0)`
              let count = 0
              while (!(yield* Deferred.isDone(finished))) {
                const increment = Effect.zipRight(
                  sql`SELECT count FROM word WHERE word = ${word} FOR UPDATE`,
                  sql`UPDATE word SET count = count + 1 WHERE word = ${word}`
                )
                yield* Database.atomically(increment)
                count += 1
              }
              return { word, count: String(count) }
            })
          const workers = yield* Effect.fork(Effect.all(words.map(worker), { concurrency: "unbounded" }))
          const interrupted = Effect.gen(function* () {
            const fiber = yield* Effect.fork(Effect.ignore(sleeping(0.002)))
            yield* Effect.sleep(Duration.micros(BigInt(yield* Random.nextIntBetween(0, 6_000))))
            yield* Fiber.interrupt(fiber)
          })
          yield* Effect.all(
            Array.from({ length: 1_000 }, () => interrupted),
            { concurrency: 6, discard: true }
          )
          yield* Deferred.succeed(finished, undefined)
          const counts = yield* Fiber.join(workers)
          expect(yield* sql`SELECT word, count FROM word ORDER BY word`).toEqual(counts)
        }).pipe(Effect.provide(state(yield* database)))
      }).pipe(Effect.withRandom(Random.make("interruptions")), TestServices.provideLive)
    )

    it.effect("carries a statement that has begun to its end, though its fiber is interrupted", () =>
      Effect.gen(function* () {
        const { database } = yield* Postgres
        yield* Effect.gen(function* () {
          const { sql } = yield* Database.Database
          yield* sql`CREATE TABLE word (word TEXT)`
          const fiber = yield* Effect.fork(sql`INSERT INTO word SELECT 'begun' FROM pg_sleep(0.3)`)
          yield* Effect.sleep("100 millis")
          yield* Fiber.interrupt(fiber)
          expect(yield* sql`SELECT word FROM word`).toEqual([{ word: "begun" }])
        }).pipe(Effect.provide(state(yield* database)))
      }).pipe(TestServices.provideLive)
    )

    it.effect("gives up waiting for a connection when it is interrupted, and every connection comes back", () =>
      Effect.gen(function* () {
        const { database } = yield* Postgres
        yield* Effect.gen(function* () {
          const many = Array.from({ length: 3 * PostgresClient.connections }, () => Effect.fork(sleeping(0.3)))
          const fibers = yield* Effect.all(many)
          yield* Effect.sleep("100 millis")
          yield* Fiber.interruptAll(fibers)
          const all = Array.from({ length: PostgresClient.connections }, () => sleeping(0.01))
          yield* Effect.all(all, { concurrency: "unbounded", discard: true })
        }).pipe(Effect.provide(state(yield* database)), inTime)
      }).pipe(TestServices.provideLive)
    )

    it.effect("ends a statement that takes longer than it may, and says so", () =>
      Effect.gen(function* () {
        const { database } = yield* Postgres
        const error = yield* Effect.flip(sleeping(20)).pipe(
          Effect.map(SqlFailure.explainAt("here")("written")),
          Effect.provide(state(`${yield* database}?statement_timeout=200`)),
          inTime
        )
        expect(error).toMatchObject({ isTransient: true, reason: expect.stringContaining("longer than it may") })
      }).pipe(TestServices.provideLive)
    )

    it.effect("keeps no lock for a program that stands still in the middle of a transaction", () =>
      Effect.gen(function* () {
        const { database } = yield* Postgres
        const url = yield* database
        const locked = Effect.flatMap(
          Database.Database,
          ({ sql }) => sql`LOCK TABLE genesys_replay_audit_entry IN EXCLUSIVE MODE`
        )
        const still = yield* Effect.fork(
          Effect.flip(Database.atomically(Effect.zipRight(locked, Effect.sleep("3 seconds")))).pipe(
            Effect.provide(state(`${url}?idle_in_transaction_session_timeout=200`))
          )
        )
        yield* Effect.sleep("1 seconds")
        yield* Database.atomically(locked).pipe(Effect.provide(state(url)), inTime)
        expect(yield* Fiber.join(still)).toMatchObject({ _tag: "StateUnavailable", isTransient: true })
      }).pipe(TestServices.provideLive)
    )

    it.effect("waits for a server that is away, and goes on; what a transaction had begun is made again, once", () =>
      Effect.gen(function* () {
        const { database, port, query } = yield* Postgres
        const url = new URL(yield* database)
        const wire = yield* Wire.to(port)
        url.port = String(wire.port)
        const name = url.pathname.slice(1)
        yield* Effect.gen(function* () {
          const trail = yield* AuditTrail.AuditTrail
          const [first, second, third] = story
          if (first === undefined || second === undefined || third === undefined) return expect.fail("no story")
          yield* trail.record(first)

          yield* wire.cut
          const written = yield* Effect.fork(trail.record(second))
          const read = yield* Effect.fork(trail.list())
          yield* Effect.sleep("600 millis")
          expect([Option.isNone(yield* written.poll), Option.isNone(yield* read.poll)]).toEqual([true, true])
          yield* wire.mend
          yield* Fiber.join(written)
          expect((yield* Fiber.join(read)).length).toBeGreaterThan(0)

          // The server ends every connection in the middle of a transaction. Asked from outside of it: clients of Effect find the
          // connection of a transaction in their context, whosever it is.
          const times = yield* Ref.make(0)
          const midway = yield* Deferred.make<void>()
          const ended = yield* Effect.fork(
            Effect.zipRight(
              Deferred.await(midway),
              query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`)
            )
          )
          yield* Database.atomically(
            Effect.gen(function* () {
              yield* trail.record(third)
              if ((yield* Ref.getAndUpdate(times, (count) => count + 1)) > 0) return
              yield* Deferred.succeed(midway, undefined)
              yield* Fiber.join(ended)
              yield* trail.list()
            })
          )
          expect([yield* Ref.get(times), yield* trail.list()]).toEqual([2, [first, second, third]])
          expect((yield* trail.verify)._tag).toBe("Intact")
        }).pipe(Effect.provide(state(url.href)))
      }).pipe(Effect.scoped, inTime, TestServices.provideLive)
    )

    it.effect("waits no longer than it may: then it says that the same command goes on from there", () =>
      Effect.gen(function* () {
        const { database, port } = yield* Postgres
        const url = new URL(yield* database)
        const wire = yield* Wire.to(port)
        url.port = String(wire.port)
        const logged: Array<string> = []
        const log = Logger.replace(
          Logger.defaultLogger,
          Logger.make(({ message }) => void logged.push(String(message)))
        )
        const brief = Layer.provide(
          Layer.merge(State.layer(url.href, { reconnect: "500 millis" }), log),
          NodeContext.layer
        )
        yield* Effect.gen(function* () {
          const trail = yield* AuditTrail.AuditTrail
          yield* wire.cut
          const [took, error] = yield* Effect.timed(Effect.flip(trail.list()))
          expect(error).toMatchObject({ _tag: "StateUnavailable", isTransient: true })
          expect(error.message).toContain("run the same command again")
          expect(Duration.toMillis(took)).toBeGreaterThan(400)
          expect(logged).toEqual(["the database is away: it is waited for, for 500ms at most"])
          // Nobody after it waits again.
          const [again] = yield* Effect.timed(Effect.flip(trail.list()))
          expect(Duration.toMillis(again)).toBeLessThan(400)
        }).pipe(Effect.provide(brief))
      }).pipe(Effect.scoped, inTime, TestServices.provideLive)
    )

    it.effect("ends the work of an engine whose server does not come back, in bounded time", () =>
      Effect.gen(function* () {
        const { database, port } = yield* Postgres
        const url = new URL(yield* database)
        const wire = yield* Wire.to(port)
        url.port = String(wire.port)
        const error = yield* Effect.gen(function* () {
          const { halted } = yield* ReplayEngine.ReplayEngine
          yield* wire.cut
          return yield* Effect.flip(halted)
          // What ends the engine is a part of it: it would give back what it holds for ever.
        }).pipe(Effect.provide(pipeline(url.href, { reconnect: "500 millis" })), inTime)
        expect(error).toMatchObject({ _tag: "StateUnavailable", isTransient: true })
        expect(error.message).toContain("run the same command again")
      }).pipe(Effect.scoped, TestServices.provideLive)
    )

    it.effect("ends the work of an engine whose server has fallen silent", () =>
      Effect.gen(function* () {
        const { database, port } = yield* Postgres
        const url = yield* database
        const way = yield* SilentServer.make(port)
        const through = url.replace(`:${port}/`, `:${way.port}/`)
        const error = yield* Effect.gen(function* () {
          const engine = yield* ReplayEngine.ReplayEngine
          yield* way.silence
          return yield* Effect.flip(engine.halted)
        }).pipe(Effect.provide(pipeline(`${through}?query_timeout=500`, { connectTimeout: "500 millis" })), inTime)
        expect(error).toMatchObject({ _tag: "StateUnavailable", isTransient: true })
        expect(error.message).toContain("the server does not answer")
      }).pipe(Effect.scoped, TestServices.provideLive)
    )
  })
})
