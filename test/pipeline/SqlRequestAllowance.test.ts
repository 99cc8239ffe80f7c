import * as Reactivity from "@effect/experimental/Reactivity"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as PgClient from "@effect/sql-pg/PgClient"
import { describe, expect, it } from "@effect/vitest"
import { AllowanceWindow, RequestAllowance } from "@genesys-replay/domain"
import * as SqliteClient from "@genesys-replay/pipeline/SqliteClient"
import * as SqlRequestAllowance from "@genesys-replay/pipeline/SqlRequestAllowance"
import { Arbitrary, Clock, Context, Effect, FastCheck, Layer, Redacted, Schema, type Scope, TestClock } from "effect"
import { isAvailable, Postgres, withServer } from "./Postgres.js"

// A test loses nothing with the power: no waiting for the disk.
const connected = (file: string) =>
  SqliteClient.make(file).pipe(Effect.tap((client) => Effect.orDie(client.unsafe("PRAGMA synchronous = OFF"))))

type Client = Layer.Layer<SqlClient.SqlClient, SqlError>

const clientOf = <E>(made: Effect.Effect<SqlClient.SqlClient, E, Scope.Scope | Reactivity.Reactivity>) =>
  Layer.scopedContext(Effect.map(made, (client) => Context.make(SqlClient.SqlClient, client))).pipe(
    Layer.provide(Reactivity.layer)
  )

/** A new database in an SQLite file. */
const inFile = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  return clientOf(connected(`${yield* files.makeTempDirectoryScoped()}/state.db`))
}).pipe(Effect.provide(NodeContext.layer))

/** A new database of a PostgreSQL. */
const inPostgres = Effect.gen(function* () {
  const { database } = yield* Postgres
  return clientOf(PgClient.make({ url: Redacted.make(yield* database), maxConnections: 4 }))
})

/** The allowance as one more program opens it. */
const opened = (client: Client) =>
  Effect.map(
    Layer.build(
      Layer.fresh(Layer.provide(SqlRequestAllowance.layer({ location: "the database" }), Layer.fresh(client)))
    ),
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
const follows = (client: Client) =>
  Effect.gen(function* () {
    yield* Effect.provide(SqlRequestAllowance.createTable, client)
    const allowance = yield* opened(client)
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
const shared = (client: Client) =>
  Effect.gen(function* () {
    yield* Effect.provide(SqlRequestAllowance.createTable, client)
    const programs = yield* Effect.all([opened(client), opened(client), opened(client)])
    const takers = Array.from({ length: 60 }, (_, index) => programs[index % 3]).filter((one) => one !== undefined)
    const taken = yield* Effect.forEach(takers, ({ take }) => take("key", 7), { concurrency: 12 })
    expect(taken.reduce((sum, { permits }) => sum + permits, 0)).toBe(300)
    yield* TestClock.adjust(AllowanceWindow.assumedLength)
    expect(yield* programs[0].take("key", 7)).toMatchObject({ permits: 7, taken: 7 })
    expect(yield* programs[1].take("another key", 7)).toMatchObject({ permits: 7, taken: 7 })
  })

describe("SqlRequestAllowance", () => {
  it.scoped("does what AllowanceWindow says, whatever happens in whatever order", () => Effect.flatMap(inFile, follows))

  it.scoped("programs that share a file together take no more than is allowed", () => Effect.flatMap(inFile, shared))

  it.scoped("says that it cannot be reached, and why", () =>
    Effect.gen(function* () {
      const allowance = yield* opened(yield* inFile)
      const error = yield* Effect.flip(allowance.take("key", 1))
      expect(error._tag).toBe("AllowanceUnavailable")
      expect(error.reason).toContain("no such table")
    })
  )
})

describe.skipIf(!isAvailable)("SqlRequestAllowance in PostgreSQL", () => {
  withServer((it) => {
    it.scoped("does what AllowanceWindow says", () => Effect.flatMap(inPostgres, follows))

    it.scoped("programs that share a server together take no more than is allowed", () =>
      Effect.flatMap(inPostgres, shared)
    )
  })
})
