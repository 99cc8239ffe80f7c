import * as Reactivity from "@effect/experimental/Reactivity"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import * as SqlClient from "@effect/sql/SqlClient"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import { describe, expect, it } from "@effect/vitest"
import { AllowanceWindow, RequestAllowance } from "@genesys-replay/domain"
import * as SqlRequestAllowance from "@genesys-replay/pipeline/SqlRequestAllowance"
import { Arbitrary, Clock, Context, Effect, FastCheck, Layer, Schema, TestClock } from "effect"

/** A client of an SQLite file. */
const clientOf = (file: string) =>
  Layer.scopedContext(
    Effect.map(LibsqlClient.make({ url: `file:${file}`, intMode: "bigint" }), (client) =>
      Context.make(SqlClient.SqlClient, client)
    )
  ).pipe(Layer.provide(Reactivity.layer))

const temporaryFile = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  return `${yield* files.makeTempDirectoryScoped()}/state.db`
})

/** The allowance as one more program would open it. */
const opened = (file: string) =>
  Effect.map(
    Layer.build(Layer.provide(SqlRequestAllowance.layer({ location: file }), clientOf(file))),
    Context.get(RequestAllowance.RequestAllowance)
  )

const Step = Schema.Union(
  Schema.TaggedStruct("Take", { wanted: Schema.Int.pipe(Schema.between(1, 200)) }),
  Schema.TaggedStruct("Wait", { millis: Schema.Int.pipe(Schema.between(1, 50_000)) }),
  Schema.TaggedStruct("Counted", {
    count: Schema.Int.pipe(Schema.between(0, 400)),
    allowed: Schema.Int.pipe(Schema.between(1, 400)),
    from: Schema.Int.pipe(Schema.between(-5_000, 90_000)),
    length: Schema.Int.pipe(Schema.between(0, 2_000))
  }),
  Schema.TaggedStruct("Closed", { millis: Schema.Int.pipe(Schema.between(0, 20_000)) })
)

describe("SqlRequestAllowance", () => {
  it.scoped("does what AllowanceWindow says, whatever happens in whatever order", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* Effect.provide(SqlRequestAllowance.createTable, clientOf(file))
      const allowance = yield* opened(file)
      const steps = FastCheck.sample(FastCheck.array(Arbitrary.make(Step), { minLength: 5, maxLength: 20 }), {
        numRuns: 25,
        seed: 7
      })
      for (const [run, sequence] of steps.entries()) {
        const key = `key ${run}`
        let window = AllowanceWindow.unused
        for (const step of sequence) {
          const now = yield* Clock.currentTimeMillis
          switch (step._tag) {
            case "Take": {
              const [taken, after] = AllowanceWindow.take(window, step.wanted, now)
              expect(yield* allowance.take(key, step.wanted)).toEqual(taken)
              window = after
              break
            }
            case "Wait":
              yield* TestClock.adjust(step.millis)
              break
            case "Counted": {
              const { allowed, count, from, length } = step
              const endsFrom = now + from
              const news = { _tag: "Counted", allowed, count, endsFrom, endsBy: endsFrom + length } as const
              yield* allowance.learn(key, news)
              window = AllowanceWindow.learn(window, news, now)
              break
            }
            case "Closed": {
              const news = { _tag: "Closed", until: now + step.millis } as const
              yield* allowance.learn(key, news)
              window = AllowanceWindow.learn(window, news, now)
            }
          }
        }
      }
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("programs that share a file together take no more than is allowed", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* Effect.provide(SqlRequestAllowance.createTable, clientOf(file))
      const programs = yield* Effect.all([opened(file), opened(file), opened(file)])
      const takers = Array.from({ length: 60 }, (_, index) => programs[index % 3]).filter((one) => one !== undefined)
      const taken = yield* Effect.forEach(takers, ({ take }) => take("key", 7), { concurrency: 12 })
      expect(taken.reduce((sum, { permits }) => sum + permits, 0)).toBe(300)
      yield* TestClock.adjust(AllowanceWindow.assumedLength)
      expect(yield* programs[0].take("key", 7)).toMatchObject({ permits: 7, taken: 7 })
      expect(yield* programs[1].take("another key", 7)).toMatchObject({ permits: 7, taken: 7 })
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("says that it cannot be reached, and why", () =>
    Effect.gen(function* () {
      const allowance = yield* opened(yield* temporaryFile)
      const error = yield* Effect.flip(allowance.take("key", 1))
      expect(error._tag).toBe("AllowanceUnavailable")
      expect(error.reason).toContain("no such table")
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
