import { describe, expect, it } from "@effect/vitest"
import { EventStream, RecordsError, ReplayWindow } from "@genesys-replay/domain"
import {
  type ApplyProgress,
  ApplyReport,
  CallbackSink,
  RecordsWait,
  ReplayPipeline,
  Runs,
  SyncSink
} from "@genesys-replay/pipeline"
import { DateTime, Duration, Effect, Fiber, Layer, Logger, Ref } from "effect"
import { Listeners } from "../../packages/pipeline/src/steps/Listeners.js"
import { end, file, noted, only, plan, platform, proven, settled, startAt } from "./RecordsProof.js"
import { apply, calls, engine, pass, states, stop, stopAfter, surroundings, withEngine } from "./Surroundings.js"
import { recordOf } from "./Windows.js"

/** A sink that keeps the figures that it is told. */
const collector = Effect.map(Ref.make<ReadonlyArray<SyncSink.SyncDocument>>([]), (told) => ({
  figures: Effect.map(Ref.get(told), (all) =>
    all.filter((document) => SyncSink.kindOf(document) === "replay_accuracy")
  ),
  layer: SyncSink.SyncSinks.layerOf(
    CallbackSink.fromEffect("dashboard", (document) => Ref.update(told, (all) => [...all, document]))
  )
}))

/** What a window comes to whose replay stands. */
const stands = {
  name: proven("records").name,
  id: EventStream.ReplayId.make("replay-1"),
  outcome: "created",
  payloadHash: proven("records").payloadHash,
  latencyMs: 1,
  error: null
} as const

const quiet = Logger.remove(Logger.defaultLogger)

describe("a window that is to be proven by the platform's records", () => {
  it.scoped("waits until the platform has all of them, says so, measures, and tells the sinks its basis", () =>
    Effect.gen(function* () {
      const { figures, layer: sinks } = yield* collector
      const { layer, retrieved } = yield* platform({ lag: "12 minutes" })
      const captured = [yield* file()]
      yield* Effect.gen(function* () {
        yield* startAt("1 minute")
        const waits = yield* Ref.make<ReadonlyArray<ApplyProgress.ApplyProgress>>([])
        const onProgress = (progress: ApplyProgress.ApplyProgress) =>
          progress._tag === "AwaitingRecords" ? Ref.update(waits, (all) => [...all, progress]) : Effect.void
        const applying = yield* Effect.fork(apply(plan("records"), { captured, onProgress }))
        yield* pass("10 minutes")
        expect([yield* states, yield* retrieved]).toEqual([["ended"], 0])
        const [first, ...others] = yield* Ref.get(waits)
        expect(first).toMatchObject({ end })
        expect(others.length).toBeGreaterThan(2)
        expect(yield* noted("await_records")).toMatchObject([
          {
            end: "2025-11-10T11:00:00Z",
            data_available_until: expect.stringMatching(/^2025-11-10T10:49:/),
            until: expect.stringMatching(/^2025-11-17T11:01:/)
          }
        ])
        const [open] = yield* Effect.flatMap(Runs.Runs, (runs) => runs.list())
        expect(open?.awaiting).toMatchObject({ availableUntil: expect.stringMatching(/^2025-11-10T10:5\d:/) })

        const result = only(yield* settled(Fiber.join(applying)))
        const told = { accuracy_rate: 100, sequence_gaps: 0, basis: "records", verdict: "provisional", rejected: 0 }
        expect(result).toMatchObject({ error: null, measuredBy: "records", accuracy: told })
        expect([result.unproven, ApplyReport.wentWell(result)]).toEqual([undefined, true])
        expect(yield* figures).toEqual([result.accuracy])
        expect(yield* noted("verify_replay")).toMatchObject([
          { basis: "records", accuracy_rate: 100, verdict: "provisional", not_judged: 0, conversations: 1 }
        ])
        expect((yield* noted("await_records")).length).toBe(1)
      }).pipe(Effect.provide(Layer.merge(surroundings({}, sinks), layer)))
    })
  )

  for (const killed of [1, 20, 150, 800]) {
    it.scoped(
      `killed ${killed} seconds after it was asked for, and at each step after that, goes on where it was`,
      () =>
        Effect.gen(function* () {
          const { figures, layer: sinks } = yield* collector
          const { layer } = yield* platform({ lag: "12 minutes" })
          const captured = [yield* file()]
          yield* Effect.gen(function* () {
            yield* startAt("1 minute")
            yield* ReplayPipeline.request(plan("records"), { captured })
            for (const seconds of [killed, 30, 200]) yield* stopAfter(Duration.seconds(seconds), engine)
            const { results } = yield* settled(
              Effect.flatMap(ReplayPipeline.unfinished, (open) => withEngine(ReplayPipeline.resume(open)))
            )
            expect(results.filter(({ error }) => error !== null)).toEqual([])
            const windows = yield* Effect.flatMap(Runs.Runs, (runs) => runs.list())
            expect(windows).toMatchObject([
              { state: "finished", result: { measuredBy: "records", accuracy: { accuracy_rate: 100 } } }
            ])
            expect([(yield* noted("await_records")).length, (yield* noted("verify_replay")).length]).toEqual([1, 1])
            expect([(yield* figures).length, yield* calls("submit")]).toEqual([1, 1])
          }).pipe(Effect.provide(Layer.merge(surroundings({}, sinks), layer)))
        })
    )
  }

  it.scoped("finds the platform's records wherever the pipeline is provided with them", () =>
    Effect.gen(function* () {
      const { layer } = yield* platform()
      const captured = [yield* file()]
      yield* startAt("4 days")
      const pipeline = Layer.provide(ReplayPipeline.ReplayPipeline.layerTest(), layer)
      const result = only(yield* settled(Effect.provide(ReplayPipeline.apply(plan("records"), { captured }), pipeline)))
      expect(result.accuracy).toMatchObject({ accuracy_rate: 100, basis: "records", verdict: "final" })
    })
  )

  it.scoped("is final where the records were read more than three days after its end", () =>
    Effect.gen(function* () {
      const { layer } = yield* platform()
      const captured = [yield* file()]
      const applied = Effect.gen(function* () {
        yield* startAt("73 hours")
        const result = only(yield* settled(apply(plan("records"), { captured })))
        expect(result.accuracy).toMatchObject({ accuracy_rate: 100, verdict: "final" })
        expect(yield* noted("await_records")).toEqual([])
      })
      yield* applied.pipe(Effect.provide(Layer.merge(surroundings(), layer)))
    })
  )

  it.scoped("is incomplete where an expected event did not come", () =>
    Effect.gen(function* () {
      const { figures, layer: sinks } = yield* collector
      const { layer } = yield* platform()
      const captured = [yield* file("acd.start")]
      yield* Effect.gen(function* () {
        yield* startAt("4 days")
        const result = only(yield* settled(apply(plan("records"), { captured })))
        expect(result).toMatchObject({ error: null, accuracy: { accuracy_rate: 91.66, sequence_gaps: 1 } })
        expect(ApplyReport.wentWell(result)).toBe(false)
        expect(yield* figures).toEqual([result.accuracy])
      }).pipe(Effect.provide(Layer.merge(surroundings({}, sinks), layer)))
    })
  )

  it.scoped("tells of which of its topics nothing was measured", () =>
    Effect.gen(function* () {
      const { layer } = yield* platform()
      const captured = [yield* file()]
      const presence = "v2.users.{id}.presence"
      const topics = ["v2.detail.events.conversation.{id}.acd.start", presence]
      yield* Effect.gen(function* () {
        yield* startAt("4 days")
        const result = only(yield* settled(apply(plan("records", topics), { captured })))
        expect(result.accuracy).toMatchObject({ accuracy_rate: 100, topics_not_judged: [presence] })
      }).pipe(Effect.provide(Layer.merge(surroundings(), layer)))
    })
  )

  it.scoped("does not judge what did not come and is expected at its edge, where a replay need not bring it", () =>
    Effect.gen(function* () {
      const { layer } = yield* platform()
      const captured = [yield* file("acw")]
      yield* Effect.gen(function* () {
        yield* startAt("4 days")
        const until = (minutes: number) => ({
          windows: [
            {
              ...proven("records"),
              name: ReplayWindow.WindowName.make(`until ${minutes}`),
              prove: {
                by: "records" as const,
                end: DateTime.unsafeMake(`2025-11-10T10:0${minutes}:00Z`),
                endIsFixed: false
              }
            }
          ]
        })
        // The after-call work of the sample ends at 10:04:31.
        const near = only(yield* settled(apply(until(6), { captured })))
        const far = only(yield* settled(apply(until(7), { captured })))
        expect([near.accuracy?.sequence_gaps, near.accuracy?.not_judged]).toEqual([0, 1])
        expect([far.accuracy?.sequence_gaps, far.accuracy?.not_judged]).toEqual([1, 0])
      }).pipe(Effect.provide(Layer.merge(surroundings(), layer)))
    })
  )

  const proofless: ReadonlyArray<readonly [what: string, records: ReadonlyArray<unknown>, said: string]> = [
    ["a record could not be read", ["no record"], "1 conversation record could not be read"],
    ["the records make one expect nothing", [], "make one expect no event of the window"]
  ]
  for (const [what, records, said] of proofless) {
    it.scoped(`is no figure where ${what}: the result says why, and no sink is told`, () =>
      Effect.gen(function* () {
        const { figures, layer: sinks } = yield* collector
        const { layer } = yield* platform({ records })
        const captured = [yield* file()]
        yield* Effect.gen(function* () {
          yield* startAt("4 days")
          const result = only(yield* settled(apply(plan("records"), { captured })))
          expect([result.error, result.accuracy, result.measuredBy]).toEqual([null, undefined, "records"])
          expect(result.unproven).toContain(said)
          expect(ApplyReport.wentWell(result)).toBe(false)
          expect(yield* figures).toEqual([])
          expect(yield* noted("verify_replay")).toMatchObject([{ basis: "records", proven: false }])
        }).pipe(Effect.provide(Layer.merge(surroundings({}, sinks), layer)))
      })
    )
  }

  it.scoped("is given up where the records do not become available in time, and nothing is measured then", () =>
    Effect.gen(function* () {
      const { layer } = yield* platform({ lag: "30 days" })
      yield* Effect.gen(function* () {
        yield* startAt("1 minute")
        const seen = {
          ...recordOf("outage", "ended", stands),
          window: proven("records"),
          verify: ["captured.ndjson"]
        }
        yield* Effect.flatMap(Runs.Runs, (runs) => runs.add([seen]))
        const look = Effect.provide(RecordsWait.look(seen), Listeners.layer)
        expect(yield* look).toBe("not yet")
        yield* startAt(Duration.subtract(RecordsWait.longest, Duration.minutes(1)))
        expect(yield* look).toBe("not yet")
        yield* startAt(Duration.sum(RecordsWait.longest, Duration.minutes(1)))
        expect(yield* look).toBe("given up")
        const [window] = yield* Effect.flatMap(Runs.Runs, (runs) => runs.list())
        expect(window?.result).toMatchObject({ outcome: "created", error: { _tag: "RecordsNotAvailable" } })
        expect([window?.result?.accuracy, window?.result?.unproven]).toEqual([undefined, undefined])
        expect([(yield* noted("await_records")).length, yield* noted("verify_replay")]).toMatchObject([
          1,
          [{ tag: "RecordsNotAvailable" }]
        ])
      }).pipe(Effect.provide(Layer.merge(surroundings(), layer)))
    })
  )

  it.scoped("is asked for once where the same plan comes again with a later open end, and anew with another one", () =>
    Effect.gen(function* () {
      const { layer } = yield* platform({ lag: "1 day" })
      const captured = [yield* file()]
      const ending = (end: string, endIsFixed: boolean) => ({
        windows: [
          { ...proven("records"), prove: { by: "records" as const, end: DateTime.unsafeMake(end), endIsFixed } }
        ]
      })
      yield* Effect.gen(function* () {
        yield* startAt("1 minute")
        const asked = (end: string, endIsFixed: boolean) =>
          ReplayPipeline.request(ending(end, endIsFixed), { captured })
        yield* asked("2025-11-10T11:00:00Z", false)
        yield* stopAfter("10 seconds", engine)
        expect(yield* states).toEqual(["ended"])
        yield* asked("2025-11-10T11:00:10Z", false)
        expect(yield* states).toEqual(["ended"])
        yield* asked("2025-11-10T10:30:00Z", true)
        expect(yield* states).toEqual(["ended", "requested"])
      }).pipe(Effect.provide(Layer.merge(surroundings(), layer)))
    })
  )

  it.scoped("does not get on where the platform cannot be asked, and goes on once it can", () =>
    Effect.gen(function* () {
      const failure = new RecordsError.RecordsApiAbsent({ operation: "GET availability" })
      const { layer } = yield* platform({ failures: [failure] })
      const captured = [yield* file()]
      yield* Effect.gen(function* () {
        yield* startAt("4 days")
        const first = only(yield* settled(apply(plan("records"), { captured })))
        expect(first).toMatchObject({ unfinished: true, error: { _tag: "RecordsApiAbsent" } })
        expect(yield* states).toEqual(["ended"])
        const again = only(yield* settled(apply(plan("records"), { captured })))
        expect(again).toMatchObject({ error: null, accuracy: { accuracy_rate: 100 } })
        expect(yield* calls("submit")).toBe(1)
      }).pipe(Effect.provide(Layer.merge(surroundings(), layer)))
    }).pipe(Effect.provide(quiet))
  )

  it.scoped(
    "is not asked for by a program that has no platform to ask: nothing is written down, and nothing sent",
    () =>
      Effect.gen(function* () {
        const captured = [yield* file()]
        yield* startAt("1 minute")
        const error = yield* Effect.flip(apply(plan("records"), { captured }))
        expect([error._tag, error.message]).toEqual([
          "RecordsNotConfigured",
          expect.stringContaining("Provide the layer of the platform's records")
        ])
        expect([yield* states, yield* calls("submit")]).toEqual([[], 0])
      }).pipe(Effect.provide(surroundings()))
  )

  it.scoped("is refused by an engine that has no platform to ask, where another program has asked for it", () =>
    Effect.gen(function* () {
      const { layer } = yield* platform()
      const captured = [yield* file()]
      yield* startAt("1 minute")
      yield* Effect.provide(ReplayPipeline.request(plan("records"), { captured }), layer)
      const working = yield* Effect.fork(engine)
      yield* pass("1 minute")
      yield* stop("10 seconds", working)
      expect([yield* states, yield* calls("submit")]).toEqual([["finished"], 0])
      expect(yield* noted("refuse_replay_config")).toMatchObject([{ tag: "RecordsNotConfigured" }])
    }).pipe(Effect.provide(surroundings()))
  )
})

describe("a window that is to be proven by a baseline", () => {
  it.scoped("is measured against the files that are named, and tells the sinks its basis", () =>
    Effect.gen(function* () {
      const { figures, layer: sinks } = yield* collector
      const captured = [yield* file("acd.start")]
      const against = [yield* file()]
      yield* Effect.gen(function* () {
        yield* startAt("1 minute")
        const result = only(yield* settled(apply(plan("baseline"), { captured, against })))
        expect(result).toMatchObject({
          error: null,
          measuredBy: "baseline",
          accuracy: { accuracy_rate: 91.66, sequence_gaps: 1, basis: "baseline", rejected: 0 }
        })
        expect(yield* figures).toEqual([result.accuracy])
        expect(yield* noted("verify_replay")).toMatchObject([{ basis: "baseline", expected: 12, observed: 11 }])
      }).pipe(Effect.provide(surroundings({}, sinks)))
    })
  )
})

describe("a proof that cannot be made", () => {
  const conversation = "v2.detail.events.conversation.{id}.acd.start"
  const cases: ReadonlyArray<
    readonly [lacks: string, windows: ReadonlyArray<ReturnType<typeof proven>>, options: ReplayPipeline.ApplyOptions]
  > = [
    ["captured events", [proven("records")], { wait: true }],
    ["captured events", [proven("baseline")], { against: ["lake.ndjson"] }],
    ["baseline", [proven("baseline")], { captured: ["a.ndjson"] }],
    ["judged topics", [proven("records", ["v2.users.{id}.presence"])], { captured: ["a.ndjson"] }],
    [
      "window for the baseline",
      [proven("records", [conversation])],
      { captured: ["a.ndjson"], against: ["lake.ndjson"] }
    ]
  ]
  for (const [lacks, windows, options] of cases) {
    it.effect(`for lack of ${lacks} is said before anything is written down or sent`, () =>
      Effect.gen(function* () {
        const { layer } = yield* platform()
        const error = yield* Effect.flip(Effect.provide(apply({ windows }, options), layer))
        expect(error).toMatchObject({ _tag: "ProofNotPossible", lacks, windows: ["outage"] })
        expect(error.message).not.toContain("--")
        expect([yield* states, yield* calls("submit")]).toEqual([[], 0])
      }).pipe(Effect.provide(surroundings()))
    )
  }

  it.effect("is no matter for a program that measures by itself", () =>
    Effect.gen(function* () {
      const gone = apply(plan("records"), { verify: () => Effect.die("measured") })
      const result = only(yield* settled(gone))
      expect(result).toMatchObject({ outcome: "created", error: { _tag: "Defect" } })
    }).pipe(Effect.provide(Layer.merge(surroundings(), quiet)))
  )
})
