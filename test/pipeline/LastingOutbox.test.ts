import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import {
  AuditTrail,
  CallbackSink,
  Database,
  SinkAddresses,
  State,
  StateUnavailable,
  SyncOutbox,
  SyncSink
} from "@genesys-replay/pipeline"
import { Duration, Effect, Exit, Layer, Logger, LogLevel, Option, Random, Ref, Schedule } from "effect"
import { documentOf, letter, type Seen, scripted, takenByLane } from "./Outbox.js"
import { isAvailable, Postgres } from "./Postgres.js"

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "genesys-replay-outbox-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const file = Effect.map(directory, (path) => `file:${join(path, "state.db")}`)

/** One process: a connection of its own, and its sinks. */
const process = (url: string, sinks: ReadonlyArray<SyncSink.SyncSink>, options: SyncOutbox.Options = {}) =>
  SyncOutbox.SyncOutbox.layer(options).pipe(
    Layer.provideMerge(SyncSink.SyncSinks.layerOf(...sinks)),
    Layer.provideMerge(Layer.provide(State.layer(url), NodeContext.layer)),
    Layer.orDie
  )

const outbox = SyncOutbox.SyncOutbox

const takes = () => Effect.succeed(true)

const noSeen = Ref.make<ReadonlyArray<Seen>>([])

const pending = Effect.flatMap(outbox, ({ list }) => list({ state: "pending" }))

/** Waits, in real time, until nothing is pending. */
const untilDone = Effect.repeat(pending, {
  until: (messages) => messages.length === 0,
  schedule: Schedule.spaced("10 millis")
}).pipe(Effect.timeout("30 seconds"), Effect.orDie)

/** What holds of dispatchers in several processes on one database. Their sinks fail on purpose: what is logged of it is nobody's to read. */
const several = (url: string) =>
  Effect.gen(function* () {
    const seen = yield* noSeen
    // Connections of one thread leave each other no gap, which those of two processes do: nobody writes all the time here.
    const fate = () =>
      Effect.delay(
        Effect.map(Random.next, (chance) => chance > 0.3),
        "30 millis"
      )
    const sinks = [yield* scripted("one", seen, fate), yield* scripted("two", seen, fate)]
    const options = { tries: 1_000, firstPause: Duration.millis(20), longestPause: Duration.millis(50), concurrency: 2 }
    const processes = yield* Effect.forEach([1, 2], () => Layer.build(process(url, sinks, options)))
    for (const services of processes) {
      yield* Effect.flatMap(outbox, ({ run }) => Effect.forkScoped(run)).pipe(Effect.provide(services))
    }
    yield* Effect.forEach(
      processes,
      (services, index) =>
        Effect.gen(function* () {
          const { enqueue } = yield* outbox
          for (let number = 0; number < 4; number++) {
            for (const window of [`x${index}`, `y${index}`]) {
              yield* Database.atomically(enqueue(letter(window, number, "one", "two")))
            }
          }
        }).pipe(Effect.provide(services)),
      { concurrency: "unbounded" }
    )
    const [first] = processes
    if (first === undefined) return yield* Effect.dieMessage("no process")
    yield* Effect.provide(untilDone, first)
    const lanes = takenByLane(yield* Ref.get(seen))
    expect(lanes.size).toBe(8)
    for (const numbers of lanes.values()) expect(numbers).toEqual([0, 1, 2, 3])
    const trail = yield* Effect.provide(AuditTrail.AuditTrail, first)
    const delivered = (yield* trail.list({ action: "sync_replay" })).filter(
      ({ detail }) => detail["delivered"] === true
    )
    expect(delivered).toHaveLength(32)
  }).pipe(Logger.withMinimumLogLevel(LogLevel.None))

describe("SyncOutbox in SQLite", () => {
  it.scoped("keeps what is pending, and its id, when the process ends", () =>
    Effect.gen(function* () {
      const url = yield* file
      const seen = yield* noSeen
      const bad = yield* scripted("sink", seen, () => Effect.succeed(false))
      yield* Effect.gen(function* () {
        const { enqueue, deliver } = yield* outbox
        yield* enqueue(letter("a", 1, "sink"))
        yield* deliver(letter("a", 1).key)
      }).pipe(Effect.provide(process(url, [bad])))
      const good = yield* scripted("sink", seen, takes)
      yield* Effect.gen(function* () {
        const { enqueue, deliver, list } = yield* outbox
        expect(yield* list()).toMatchObject([{ attempts: 1, reason: "not now", state: "pending" }])
        yield* enqueue(letter("a", 1, "sink"))
        expect((yield* deliver(letter("a", 1).key)).map(({ failure }) => Option.isNone(failure))).toEqual([true])
      }).pipe(Effect.provide(process(url, [good])))
      expect((yield* Ref.get(seen)).map(({ id, taken }) => [id, taken])).toEqual([
        [SyncSink.idOf(documentOf("a", 1)), false],
        [SyncSink.idOf(documentOf("a", 1)), true]
      ])
    })
  )

  it.scoped("writes nothing where the transaction around it fails", () =>
    Effect.gen(function* () {
      const url = yield* file
      yield* Effect.gen(function* () {
        const { enqueue, list } = yield* outbox
        const trail = yield* AuditTrail.AuditTrail
        const exit = yield* Effect.exit(
          Database.atomically(Effect.zipRight(enqueue(letter("a", 1, "sink")), Effect.fail("no")))
        )
        expect(exit).toEqual(Exit.fail("no"))
        expect(yield* list()).toEqual([])
        expect(yield* trail.list()).toEqual([])
      }).pipe(Effect.provide(process(url, [])))
    })
  )

  it.scoped("marks a delivery together with its entry in the trail, or not at all", () =>
    Effect.gen(function* () {
      const url = yield* file
      const full = new StateUnavailable.StateUnavailable({
        operation: "written",
        location: "state.db",
        reason: "the disk is full",
        remedy: "Free some space"
      })
      const broken = Layer.effect(
        AuditTrail.AuditTrail,
        Effect.map(AuditTrail.AuditTrail, (trail) => ({ ...trail, record: () => Effect.fail(full) }))
      )
      const sink = CallbackSink.fromEffect("sink", () => Effect.void)
      const state = Layer.orDie(Layer.provide(State.layer(url), NodeContext.layer))
      yield* Effect.gen(function* () {
        const { enqueue, deliver, list } = yield* outbox
        yield* enqueue(letter("a", 1, "sink"))
        expect(yield* Effect.flip(deliver(letter("a", 1).key))).toEqual(full)
        expect(yield* list()).toMatchObject([{ state: "pending", attempts: 0 }])
      }).pipe(
        Effect.provide(
          SyncOutbox.SyncOutbox.layer().pipe(
            Layer.provide(Layer.merge(broken, SyncSink.SyncSinks.layerOf(sink))),
            Layer.provideMerge(state)
          )
        )
      )
    })
  )

  it.scopedLive("processes on one file deliver everything, once and in order", () => Effect.flatMap(file, several))

  it.scoped("knows sinks that another process named, and keeps no secret of them", () =>
    Effect.gen(function* () {
      const url = yield* file
      const one: SyncSink.SyncSink = {
        name: "webhook https://hooks.example.com #abc",
        address: { kind: "webhook", location: "https://hooks.example.com/path" },
        deliver: () => Effect.void
      }
      const other = CallbackSink.fromEffect("callback", () => Effect.void)
      const made = yield* Ref.make<ReadonlyArray<unknown>>([])
      const sinks = (own: ReadonlyArray<SyncSink.SyncSink>) =>
        SyncSink.SyncSinks.layerOf(...own).pipe(
          SyncSink.SyncSinks.remembered((address, name) =>
            Effect.as(
              Ref.update(made, (all) => [...all, [name, address]]),
              { ...one, name }
            )
          ),
          Layer.provideMerge(Layer.orDie(Layer.provide(State.layer(url), NodeContext.layer)))
        )
      yield* Effect.gen(function* () {
        const { register } = yield* SyncSink.SyncSinks
        yield* register
        yield* register
      }).pipe(Effect.provide(sinks([one, other])))
      yield* Effect.gen(function* () {
        const { find, sinks } = yield* SyncSink.SyncSinks
        expect(sinks).toEqual([])
        expect((yield* find(one.name)).name).toBe(one.name)
        expect((yield* find(one.name)).name).toBe(one.name)
        expect((yield* Effect.flip(find("callback")))._tag).toBe("SinkUnknown")
        const addresses = yield* SinkAddresses.SinkAddresses
        expect(yield* addresses.find("nobody")).toEqual(Option.none())
      }).pipe(Effect.provide(sinks([])))
      expect(yield* Ref.get(made)).toEqual([[one.name, one.address]])
    })
  )

  it.scoped("a message in the file has no secret, and what a later release adds to a document is delivered", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const got = yield* Ref.make<unknown>(undefined)
      const sink = CallbackSink.fromEffect("sink", (document) => Ref.set(got, document))
      yield* Effect.gen(function* () {
        const { enqueue, deliver } = yield* outbox
        const plain = letter("a", 1, "sink")
        const document = { ...plain.document, brand_new: { nested: [1, "two"] } }
        yield* enqueue({ ...plain, document })
        yield* deliver(plain.key)
        expect(yield* Ref.get(got)).toEqual(document)
      }).pipe(Effect.provide(process(`file:${join(path, "state.db")}`, [sink])))
      const kept = readdirSync(path).map((name) => readFileSync(join(path, name)))
      expect(kept.some((bytes) => bytes.includes("brand_new"))).toBe(true)
    })
  )
})

describe.skipIf(!isAvailable)("SyncOutbox in PostgreSQL", () => {
  it.scopedLive("processes on one database deliver everything, once and in order", () =>
    Effect.flatMap(Postgres, ({ database }) => Effect.flatMap(database, several)).pipe(Effect.provide(Postgres.layer))
  )
})
