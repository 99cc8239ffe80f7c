import { FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { EventStream, HealPlan, ProviderName, ReplaySpec } from "@genesys-replay/domain"
import { AuditTrail, CallbackSink, Heal, ReplayPipeline, Runs, SyncOutbox, SyncSink } from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { DateTime, Effect, Layer, Option, Ref, Schema } from "effect"

const topic = "v2.detail.events.conversation.{id}.acd.start"
const start = DateTime.unsafeMake("2024-01-15T08:00:00Z")
const minute = 60_000
const at = (minutes: number) => DateTime.toEpochMillis(start) + minutes * minute

const spec = ReplaySpec.decode({
  provider: "eventbridge",
  defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/cx" },
  windows: [{ name: "outage", topics: [topic], start: "2024-01-15T08:00:00Z", end: "2024-01-15T11:00:00Z" }]
})

/** Somebody kills the program here. */
class Killed extends Schema.TaggedError<Killed>()("Killed", { step: Schema.Number }) {}

/** An event that happened so many minutes after the start, and the round in which a replay of it comes through. */
interface Lost {
  readonly minutes: number
  readonly comesIn: number
}

/** A queue, a capture and a consumer over a provider in memory; whatever they do fails as its step `kill`. */
const surroundings = (lost: ReadonlyArray<Lost>, kill = Number.POSITIVE_INFINITY) =>
  Effect.gen(function* () {
    const provider = yield* InMemoryProvider.InMemoryProvider
    const captured = yield* Ref.make<ReadonlySet<number>>(new Set())
    const consumer = yield* Ref.make<ReadonlyArray<number>>([])
    const steps = yield* Ref.make(0)
    const step = Effect.flatMap(
      Ref.getAndUpdate(steps, (before) => before + 1),
      (now) => (now === kill ? new Killed({ step: now }) : Effect.void)
    )
    const missing = Effect.map(Ref.get(captured), (came) => lost.filter(({ minutes }) => !came.has(minutes)))
    const runs = yield* Runs.Runs
    const arrived = Effect.map(Effect.orDie(runs.list()), (windows) =>
      lost.filter(({ comesIn, minutes }) =>
        windows.some(
          ({ window: { end, name, start } }) =>
            DateTime.toEpochMillis(start) <= at(minutes) &&
            Option.exists(end, (until) => at(minutes) < DateTime.toEpochMillis(until)) &&
            Number(name.split("-")[2]) >= comesIn
        )
      )
    )
    const options = Heal.options({
      key: "test",
      spec: yield* spec,
      source: () => Effect.succeed({ ...HealPlan.everything, reach: "window" as const }),
      measure: () =>
        Effect.zipRight(
          step,
          Effect.map(missing, (events) => ({
            missing: events.map(({ minutes }) => ({ timeMs: at(minutes), topic })),
            first: [],
            earlierMs: 0,
            laterMs: 0,
            timelines: [],
            notJudged: 0,
            doubts: []
          }))
        ),
      capture: (replaying) =>
        Effect.gen(function* () {
          yield* step
          yield* replaying
          const came = yield* arrived
          yield* Ref.update(captured, (before) => new Set([...before, ...came.map(({ minutes }) => minutes)]))
          yield* step
          return { captured: came.length }
        }),
      resend: () =>
        Effect.gen(function* () {
          const came = yield* Ref.get(captured)
          const sent = yield* Ref.updateAndGet(consumer, (before) => [
            ...before,
            ...[...came].filter((one) => !before.includes(one))
          ])
          yield* step
          return { resent: sent.length, refused: 0 }
        })
    })
    return { options, consumer, steps, provider }
  })

const layer = ReplayPipeline.ReplayPipeline.layerTest({
  provider: {
    provider: ProviderName.eventbridge,
    progress: [{ state: "COMPLETED", sequence: Schema.decodeSync(EventStream.SequenceBounds)({ first: 1, last: 1 }) }]
  }
}).pipe(Layer.merge(SyncSink.SyncSinks.layerNone), Layer.merge(FileSystem.layerNoop({})))

const lost: ReadonlyArray<Lost> = [
  { minutes: 3, comesIn: 1 },
  { minutes: 4, comesIn: 2 },
  { minutes: 90, comesIn: 1 },
  { minutes: 170, comesIn: 1 }
]

describe("Heal.run", () => {
  it.scopedLive("goes round until nothing is missing, and hands each event on once", () =>
    Effect.gen(function* () {
      const { consumer, options, provider } = yield* surroundings(lost)
      const report = yield* Heal.run(options)
      expect(report).toMatchObject({ isComplete: true, missingBefore: 4, recovered: 4, resent: 4 })
      expect(report.rounds.map(({ recovered, replays }) => [replays.length, recovered])).toEqual([
        [3, 3],
        [1, 1]
      ])
      expect([...(yield* Ref.get(consumer))].sort((one, other) => one - other)).toEqual([3, 4, 90, 170])
      expect((yield* provider.replays).length).toBe(4)
      const trail = yield* AuditTrail.AuditTrail
      const actions = (yield* trail.list({ window: "outage" })).map(({ action }) => action)
      expect(actions).toEqual([
        "begin_heal",
        "begin_heal_round",
        "end_heal_round",
        "begin_heal_round",
        "end_heal_round",
        "complete_heal"
      ])
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("ends when a round brings nothing, and tells what never came by its reason", () =>
    Effect.gen(function* () {
      const never = yield* surroundings([...lost, { minutes: 60, comesIn: 99 }])
      const report = yield* Heal.run(never.options)
      expect(report.rounds.map(({ recovered }) => recovered)).toEqual([3, 1, 0])
      expect(report.missing).toMatchObject({ count: 1, byReason: [{ reason: "not-in-archive", count: 1 }] })
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("ends after so many rounds", () =>
    Effect.gen(function* () {
      const { options } = yield* surroundings(lost)
      const short = yield* Heal.run({ ...options, rounds: 1 })
      expect([short.isComplete, short.rounds.length, short.missing.count]).toEqual([false, 1, 1])
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("begins no round that may not be", () =>
    Effect.gen(function* () {
      const { options, provider } = yield* surroundings(lost)
      const timelines = [{ fromMs: at(0), stepMs: minute, expected: Array.from({ length: 180 }, () => 7), missing: [] }]
      const measured = {
        ...options,
        measure: (healed: Heal.Healed) => Effect.map(options.measure(healed), (one) => ({ ...one, timelines }))
      }
      expect((yield* Heal.forecast(measured)).events).toBe(4 * 7)
      const refused = yield* Effect.flip(Heal.run({ ...measured, maxEvents: 27 }))
      expect(refused).toMatchObject({ _tag: "HealTooLarge", events: 28, mostEvents: 27 })
      expect(yield* provider.replays).toEqual([])
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("goes on where it was cut off, whatever the step: nothing is replayed or handed on twice", () =>
    Effect.gen(function* () {
      const steps = yield* Effect.gen(function* () {
        const { options, steps } = yield* surroundings(lost)
        yield* Heal.run(options)
        return yield* Ref.get(steps)
      }).pipe(Effect.provide(layer))
      expect(steps).toBeGreaterThan(6)
      for (let kill = 0; kill < steps; kill++) {
        yield* Effect.gen(function* () {
          const { consumer, options, provider } = yield* surroundings(lost, kill)
          expect(yield* Effect.flip(Heal.run(options))).toMatchObject({ _tag: "Killed", step: kill })
          const report = yield* Heal.run(options)
          expect(report).toMatchObject({ isComplete: true, missingBefore: 4, recovered: 4, resent: 4 })
          expect((yield* provider.replays).length).toBe(4)
          expect([...(yield* Ref.get(consumer))].sort((one, other) => one - other)).toEqual([3, 4, 90, 170])
        }).pipe(Effect.provide(layer))
      }
    })
  )

  it.scopedLive("is gone on with where it was begun and has not ended; nothing is begun so", () =>
    Effect.gen(function* () {
      const { options, provider } = yield* surroundings(lost, 3)
      expect(yield* Heal.goOn(options)).toEqual(Option.none())
      expect(yield* provider.replays).toEqual([])
      yield* Effect.flip(Heal.run(options))
      expect(yield* Heal.goOn(options)).toMatchObject({ _tag: "Some", value: { isComplete: true, recovered: 4 } })
      expect(yield* Heal.goOn(options)).toEqual(Option.none())
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("tells the sinks of the program that began it, whoever ends it", () =>
    Effect.gen(function* () {
      const { options } = yield* surroundings(lost, 3)
      const asked = CallbackSink.fromEffect("asked", () => Effect.void)
      yield* Effect.flip(Effect.provide(Heal.run(options), SyncSink.SyncSinks.layerOf(asked)))
      yield* Heal.run(options)
      const outbox = yield* SyncOutbox.SyncOutbox
      const told = (yield* outbox.list()).filter(({ document }) => "recovered" in document)
      expect(told.map(({ sink }) => sink)).toEqual(["asked"])
    }).pipe(Effect.provide(layer))
  )
})
