import { describe, expect, it } from "@effect/vitest"
import { type ApplyReport, Runs, RunWindow } from "@genesys-replay/pipeline"
import { Effect, Layer, Schema } from "effect"
import * as Listeners from "../../packages/pipeline/src/steps/Listeners.js"
import * as ReplayEnd from "../../packages/pipeline/src/steps/ReplayEnd.js"
import * as WindowRecord from "../../packages/pipeline/src/steps/WindowRecord.js"
import { actions, surroundings } from "./Surroundings.js"
import { recordOf, windowOf } from "./Windows.js"

const window = windowOf("outage")
const { key } = recordOf("outage", "requested")

const accepted = {
  name: window.name,
  id: "replay-1",
  outcome: "created",
  payloadHash: window.payloadHash,
  latencyMs: 1,
  error: null
} as const

const result = (more: object = {}): ApplyReport.ApplyResult =>
  Schema.decodeUnknownSync(RunWindow.RunWindow.fields.result)({ ...accepted, ...more }) ?? expect.fail("no result")

const accuracy = (rate: number) => ({
  window_id: window.name,
  accuracy_rate: rate,
  sequence_gaps: 100 - rate,
  timestamp: "2024-01-15T20:30:00Z"
})

/** A window that is this far, as a step has seen it. */
const seen = (state: RunWindow.WindowState) => recordOf("outage", state, result())

const written = (state: RunWindow.WindowState) => Effect.flatMap(Runs.Runs, ({ add }) => add([seen(state)]))

describe("a step of a window that another process works on as well", () => {
  it.effect("of two measurements the first one stands, and what belongs to the second is not done", () =>
    Effect.gen(function* () {
      yield* written("ended")
      const measured = (rate: number) =>
        Effect.gen(function* () {
          let along = false
          const after = yield* WindowRecord.commit(
            seen("ended"),
            { result: result({ accuracy: accuracy(rate) }) },
            Effect.sync(() => {
              along = true
            })
          )
          return { along, rate: after.result?.accuracy?.accuracy_rate }
        })
      expect(yield* measured(100)).toEqual({ along: true, rate: 100 })
      expect(yield* measured(99)).toEqual({ along: false, rate: 100 })
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("changes nothing of a window that is further than the step has seen it, or cancelled", () =>
    Effect.gen(function* () {
      for (const state of ["finished", "cancelled"] as const) {
        const after = yield* Effect.zipRight(
          written(state),
          WindowRecord.commit(seen("submitting"), { state: "submitted" }, Effect.dieMessage("too late"))
        ).pipe(Effect.provide(Layer.fresh(surroundings())))
        expect(after.state).toBe(state)
      }
    })
  )

  it.effect("the last step finishes the window also where the other one has seen the replay end meanwhile", () =>
    Effect.gen(function* () {
      yield* written("ended")
      yield* ReplayEnd.sync(seen("submitted"))
      expect((yield* WindowRecord.load(key)).state).toBe("finished")
      expect(yield* actions).toEqual([])
    }).pipe(Effect.provide(Layer.merge(Listeners.Listeners.layer, surroundings())))
  )
})
