import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Database } from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Deferred, Effect, Fiber, Layer, Logger, type Scope } from "effect"
import * as HealLock from "../../packages/pipeline/src/heal/HealLock.js"
import { isAvailable, Postgres } from "./Postgres.js"
import { directory } from "./StateFile.js"

/** Another program on the same database: connections of its own. */
const program =
  (url: string) =>
  <A, E>(work: Effect.Effect<A, E, HealLock.Needs>): Effect.Effect<A, E, Scope.Scope> =>
    Effect.provide(
      work,
      Layer.mergeAll(Database.Database.layer(url), InMemoryProvider.layer()).pipe(
        Layer.provideMerge(NodeContext.layer),
        Layer.provide(Logger.remove(Logger.defaultLogger)),
        Layer.orDie
      )
    )

const excludes = (url: string) =>
  Effect.gen(function* () {
    const [one, other] = [program(url), program(url)]
    const held = yield* Deferred.make<void>()
    const over = yield* Deferred.make<void>()
    const first = yield* Effect.fork(
      one(
        HealLock.acquire("key").pipe(
          Effect.zipRight(Deferred.succeed(held, undefined)),
          Effect.zipRight(Deferred.await(over)),
          Effect.scoped
        )
      )
    )
    yield* Deferred.await(held)
    expect(yield* Effect.scoped(other(HealLock.attempt("key")))).toBeUndefined()
    expect(yield* Effect.scoped(other(HealLock.attempt("another key")))).toBeDefined()
    const second = yield* Effect.fork(Effect.scoped(other(HealLock.acquire("key"))))
    expect(yield* Effect.timeoutOption(Fiber.await(second), "600 millis")).toMatchObject({ _tag: "None" })
    yield* Deferred.succeed(over, undefined)
    yield* Fiber.join(first)
    yield* Fiber.join(second)
    expect(yield* Effect.scoped(other(HealLock.attempt("key")))).toBeDefined()
  })

describe("HealLock", () => {
  it.scopedLive("is one process's at a time, on a file", () =>
    Effect.flatMap(directory, (path) => excludes(`file:${path}/state.db`)).pipe(Effect.provide(NodeContext.layer))
  )

  describe.runIf(isAvailable)("on PostgreSQL", () => {
    it.scopedLive("is one process's at a time, whatever machine it runs on", () =>
      Effect.flatMap(Postgres, ({ database }) => Effect.flatMap(database, excludes)).pipe(
        Effect.provide(Postgres.layer)
      )
    )

    it.scopedLive("says that it is lost when its connection is, and is free for others then", () =>
      Effect.gen(function* () {
        const { database, query } = yield* Postgres
        const url = yield* database
        const { lost } = yield* program(url)(HealLock.acquire("key"))
        const name = new URL(url).pathname.slice(1)
        yield* query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`)
        expect(yield* Effect.flip(lost)).toMatchObject({
          _tag: "StateUnavailable",
          reason: expect.stringContaining("the lock of the heal is lost")
        })
        expect(yield* Effect.scoped(program(url)(HealLock.attempt("key")))).toBeDefined()
      }).pipe(Effect.provide(Postgres.layer))
    )
  })
})
