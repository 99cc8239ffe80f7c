import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import type * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import { Database } from "@genesys-replay/pipeline"
import * as SqlFailure from "@genesys-replay/pipeline/SqlFailure"
import { Cause, Context, Effect, Exit, Fiber, Layer, Random, Scope } from "effect"
import * as OtherProgram from "./OtherProgram.js"
import { directory } from "./StateFile.js"

const lockTimeout = 200

/** A file with a table, a client of it in a scope of its own, and another program that can hold the file. */
const scene = Effect.gen(function* () {
  const path = join(yield* directory, "state.db")
  const scope = yield* Effect.acquireRelease(Scope.make(), (one) => Scope.close(one, Exit.void))
  const context = yield* Layer.build(
    Layer.provide(Database.Database.layer(`file:${path}`, { lockTimeout }), NodeContext.layer)
  ).pipe(Scope.extend(scope))
  const { sql } = Context.get(context, Database.Database)
  yield* sql`CREATE TABLE word (word TEXT PRIMARY KEY)`
  return {
    sql,
    ...(yield* OtherProgram.on(path)),
    close: Scope.close(scope, Exit.void)
  }
})

const inTime = <A, E, R>(work: Effect.Effect<A, E, R>) => OtherProgram.inTime(lockTimeout, work)

const isRefused = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && SqlFailure.isBusy(Cause.squash(exit.cause))

const write = (sql: SqlClient.SqlClient, word: string) => sql`INSERT INTO word ${sql.insert({ word })}`

describe("a file that another program holds", () => {
  it.scopedLive("nobody waits behind one who asks again as soon as it is refused", () =>
    Effect.gen(function* () {
      const { hold, sql } = yield* scene
      yield* hold
      yield* Effect.forkScoped(Effect.forever(Effect.ignore(sql.withTransaction(write(sql, "again")))))
      yield* Effect.sleep(lockTimeout / 4)
      const transaction = yield* inTime(sql.withTransaction(write(sql, "a")))
      const statement = yield* inTime(write(sql, "b"))
      const uninterruptible = yield* inTime(Effect.uninterruptible(sql.withTransaction(write(sql, "c"))))
      expect([transaction, statement, uninterruptible].map(({ exit }) => isRefused(exit))).toEqual([true, true, true])
      const read = yield* inTime(sql`SELECT word FROM word`)
      expect(read.exit).toEqual(Exit.succeed([]))
    })
  )

  it.scopedLive("of many who wait at the same time each waits once, not once for everybody before it", () =>
    Effect.gen(function* () {
      const { hold, letGo, sql } = yield* scene
      yield* hold
      const all = yield* Effect.forEach(
        Array.from({ length: 30 }, (_, index) => `${index}`),
        (word) => inTime(sql.withTransaction(write(sql, word))),
        { concurrency: "unbounded" }
      )
      expect(all.every(({ exit }) => isRefused(exit))).toBe(true)
      expect(Math.min(...all.map(({ after }) => after))).toBeGreaterThanOrEqual(lockTimeout)
      yield* letGo
      yield* sql.withTransaction(write(sql, "after"))
      expect(yield* sql`SELECT word FROM word`).toEqual([{ word: "after" }])
    })
  )

  it.scopedLive("who only reads is answered, however long those before it have waited", () =>
    Effect.gen(function* () {
      const { hold, sql } = yield* scene
      yield* hold
      const before = yield* Effect.fork(inTime(sql.withTransaction(write(sql, "before"))))
      yield* Effect.sleep(lockTimeout / 4)
      const read = yield* inTime(sql`SELECT word FROM word`)
      expect(read.exit).toEqual(Exit.succeed([]))
      expect(isRefused((yield* Fiber.join(before)).exit)).toBe(true)
    })
  )

  it.scopedLive("who waits longer than the lockTimeout for its own program is not refused", () =>
    Effect.gen(function* () {
      const { sql } = yield* scene
      const long = yield* Effect.fork(sql.withTransaction(Effect.sleep(2 * lockTimeout)))
      yield* Effect.sleep(lockTimeout / 4)
      yield* write(sql, "patient")
      yield* Fiber.join(long)
      expect(yield* sql`SELECT word FROM word`).toEqual([{ word: "patient" }])
    })
  )

  it.scopedLive("the end of the connection comes at once, and is the end of the waiting", () =>
    Effect.gen(function* () {
      const { close, hold, sql } = yield* scene
      yield* hold
      const waiting = yield* Effect.forEach(
        [
          sql.withTransaction(write(sql, "a")),
          Effect.uninterruptible(sql.withTransaction(write(sql, "b"))),
          write(sql, "c")
        ],
        (work) => Effect.fork(inTime(work))
      )
      yield* Effect.sleep(lockTimeout / 4)
      const { after } = yield* inTime(close)
      expect(after).toBeLessThan(lockTimeout)
      const ends = yield* Effect.forEach(waiting, Fiber.join)
      expect(ends.map(({ exit }) => Exit.isFailure(exit))).toEqual([true, true, true])
    })
  )

  it.scopedLive("whatever is interrupted or refused meanwhile, what was acknowledged is there and work goes on", () =>
    Effect.gen(function* () {
      const { hold, letGo, sql } = yield* scene
      const worked = yield* Effect.fork(
        Effect.forEach(
          Array.from({ length: 1_000 }, (_, index) => `${index}`),
          (word) =>
            Effect.gen(function* () {
              const alone = yield* Random.nextBoolean
              const work = alone
                ? write(sql, word)
                : sql.withTransaction(Effect.zipRight(Effect.yieldNow(), write(sql, word)))
              const fiber = yield* Effect.fork(work)
              if (yield* Random.nextBoolean) {
                yield* Effect.sleep(yield* Random.nextIntBetween(0, lockTimeout))
                yield* Fiber.interruptFork(fiber)
              }
              return { word, alone, ...(yield* inTime(Fiber.join(fiber))) }
            }),
          { concurrency: 50 }
        )
      )
      const disturbed = Effect.gen(function* () {
        yield* hold
        yield* Effect.sleep(yield* Random.nextIntBetween(0, 2 * lockTimeout))
        yield* letGo
        yield* Effect.sleep(yield* Random.nextIntBetween(0, lockTimeout / 2))
      })
      yield* Effect.raceFirst(Effect.forever(disturbed), Fiber.await(worked))
      yield* letGo
      const all = yield* Fiber.join(worked)
      const kept = (yield* sql`SELECT word FROM word`).map(({ word }) => word)
      expect(
        new Set(all.map(({ exit }) => (Exit.isSuccess(exit) ? "done" : isRefused(exit) ? "refused" : "interrupted")))
      ).toEqual(new Set(["done", "refused", "interrupted"]))
      expect(kept).toEqual(
        expect.arrayContaining(all.filter(({ exit }) => Exit.isSuccess(exit)).map(({ word }) => word))
      )
      const refused = new Set<unknown>(all.filter(({ exit }) => isRefused(exit)).map(({ word }) => word))
      expect(kept.filter((word) => refused.has(word))).toEqual([])
      yield* sql.withTransaction(write(sql, "after"))
    }).pipe(Effect.withRandom(Random.make("a file that another program holds")))
  )
})
