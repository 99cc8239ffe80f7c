import { describe, expect, it } from "@effect/vitest"
import type { SequenceReport } from "@genesys-replay/domain"
import { ApplyReport, AuditTrail, CallbackSink, SyncSink } from "@genesys-replay/pipeline"
import { Effect, Ref } from "effect"
import { apply, during, plan, states, surroundings } from "./Surroundings.js"
import { reportOf } from "./Windows.js"

const told = reportOf("outage", 0)
const inferred: SequenceReport.GroupReport = {
  ...told,
  expected: told.expected === null ? null : { ...told.expected, inferred: true }
}
/** What an empty capture shows, one of another replay, or one of events that are not numbered. */
const nothing: SequenceReport.GroupReport = {
  ...told,
  expected: null,
  observed: 0,
  unique: 0,
  coveragePercentage: 0,
  isContiguous: false
}

/** What a window comes to of which this was measured: its result, the entry of the trail, and what a sink was told. */
const measuredAs = (report: SequenceReport.GroupReport) =>
  Effect.gen(function* () {
    const sunk = yield* Ref.make<ReadonlyArray<SyncSink.SyncDocument>>([])
    const sink = CallbackSink.fromEffect("dashboard", (document) => Ref.update(sunk, (all) => [...all, document]))
    return yield* Effect.gen(function* () {
      const { results } = yield* during("1 minute", apply(plan("outage"), { verify: () => Effect.succeed(report) }))
      const trail = yield* AuditTrail.AuditTrail
      const [entry] = yield* trail.list({ action: "verify_replay" })
      expect(yield* states).toEqual(["finished"])
      const [result] = results
      return {
        result: result ?? expect.fail("no result"),
        detail: entry?.detail ?? expect.fail("no entry"),
        kinds: (yield* Ref.get(sunk)).map(SyncSink.kindOf)
      }
    }).pipe(Effect.provide(surroundings({}, SyncSink.SyncSinks.layerOf(sink))))
  })

describe("Accuracy", () => {
  it.effect("is proof where the provider has told the bounds", () =>
    Effect.gen(function* () {
      const { detail, kinds, result } = yield* measuredAs(told)
      expect(result).toMatchObject({ error: null, accuracy: { accuracy_rate: 100 } })
      expect([result.unproven, result.accuracy?.basis, detail["basis"]]).toEqual([undefined, undefined, undefined])
      expect(ApplyReport.wentWell(result)).toBe(true)
      expect(kinds).toEqual(["replay_config_complete", "replay_accuracy"])
    })
  )

  it.effect(
    "is none where the bounds are only what was captured: every document says so, and no sink gets the figure",
    () =>
      Effect.gen(function* () {
        const { detail, kinds, result } = yield* measuredAs(inferred)
        expect(result.accuracy).toMatchObject({ accuracy_rate: 100, sequence_gaps: 0, basis: "inferred" })
        expect(result.unproven).toBe("the provider tells no bounds of the replay: 1 to 100 is only what was captured")
        expect(ApplyReport.wentWell(result)).toBe(false)
        expect(detail).toMatchObject({ accuracy_rate: 100, basis: "inferred", proven: false })
        expect(kinds).toEqual(["replay_config_complete"])
      })
  )

  it.effect("is no figure at all where nothing could be measured", () =>
    Effect.gen(function* () {
      const { detail, kinds, result } = yield* measuredAs(nothing)
      expect([result.accuracy, result.error]).toEqual([undefined, null])
      expect(result.unproven).toContain("no event of it with a sequence index was captured")
      expect(ApplyReport.wentWell(result)).toBe(false)
      expect(detail).toMatchObject({ observed: 0, proven: false })
      expect(Object.keys(detail)).not.toContain("accuracy_rate")
      expect(kinds).toEqual(["replay_config_complete"])
    })
  )

  it.effect("of 0 % is a figure where the provider says what should have come", () =>
    Effect.gen(function* () {
      const { kinds, result } = yield* measuredAs(reportOf("outage", 100))
      expect(result).toMatchObject({ accuracy: { accuracy_rate: 0, sequence_gaps: 100 } })
      expect([result.unproven, ApplyReport.wentWell(result)]).toEqual([undefined, false])
      expect(kinds).toEqual(["replay_config_complete", "replay_accuracy"])
    })
  )
})
