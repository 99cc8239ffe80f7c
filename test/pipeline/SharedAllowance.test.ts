import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { AllowanceWindow, RequestAllowance } from "@genesys-replay/domain"
import { Database } from "@genesys-replay/pipeline"
import * as SharedAllowance from "@genesys-replay/pipeline/SharedAllowance"
import { Arbitrary, Clock, Context, Effect, FastCheck, Layer, Schema, TestClock } from "effect"
import { isAvailable, Postgres, withServer } from "./Postgres.js"
import { directory } from "./StateFile.js"

type Opened = Layer.Layer<Database.Database, unknown>

/** A new database in an SQLite file. */
const inFile = Effect.map(
  directory,
  (path): Opened => Layer.provide(Database.Database.layer(`file:${path}/state.db`), NodeContext.layer)
)

/** A new database of a PostgreSQL. */
const inPostgres = Effect.gen(function* () {
  const { database } = yield* Postgres
  const opened: Opened = Layer.provide(Database.Database.layer(yield* database), NodeContext.layer)
  return opened
})

/** The allowance as one more program opens it. */
const opened = (database: Opened) =>
  Effect.map(
    Layer.build(Layer.fresh(Layer.provide(SharedAllowance.layer, Layer.fresh(database)))),
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

/** Does the same in the database and by the rules, and compares. */
const follows = (database: Opened) =>
  Effect.gen(function* () {
    const allowance = yield* opened(database)
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
  })

/** Three programs take at the same time. */
const shared = (database: Opened) =>
  Effect.gen(function* () {
    const programs = yield* Effect.all([opened(database), opened(database), opened(database)])
    const takers = Array.from({ length: 60 }, (_, index) => programs[index % 3]).filter((one) => one !== undefined)
    const taken = yield* Effect.forEach(takers, ({ take }) => take("key", 7), { concurrency: 12 })
    expect(taken.reduce((sum, { permits }) => sum + permits, 0)).toBe(300)
    yield* TestClock.adjust(AllowanceWindow.assumedLength)
    expect(yield* programs[0].take("key", 7)).toMatchObject({ permits: 7, taken: 7 })
    expect(yield* programs[1].take("another key", 7)).toMatchObject({ permits: 7, taken: 7 })
  })

describe("SharedAllowance", () => {
  it.scoped("does what AllowanceWindow says, whatever happens in whatever order", () => Effect.flatMap(inFile, follows))

  it.scoped("programs that share a file together take no more than is allowed", () => Effect.flatMap(inFile, shared))

  it.scoped("says that it cannot be reached, and why", () =>
    Effect.gen(function* () {
      const database = yield* inFile
      const allowance = yield* opened(database)
      yield* Effect.flatMap(Database.Database, ({ sql }) => sql`DROP TABLE genesys_replay_request_allowance`).pipe(
        Effect.provide(Layer.fresh(database))
      )
      const error = yield* Effect.flip(allowance.take("key", 1))
      expect(error._tag).toBe("AllowanceUnavailable")
      expect(error.reason).toContain("no such table")
    })
  )
})

describe.skipIf(!isAvailable)("SharedAllowance in PostgreSQL", () => {
  withServer((it) => {
    it.scoped("does what AllowanceWindow says", () => Effect.flatMap(inPostgres, follows))

    it.scoped("programs that share a server together take no more than is allowed", () =>
      Effect.flatMap(inPostgres, shared)
    )
  })
})
