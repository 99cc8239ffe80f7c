import { describe, expect, it } from "@effect/vitest"
import { Comparison } from "@genesys-replay/eventlog"
import { Chunk, DateTime, Effect, Stream } from "effect"
import { dayMs, event, source } from "./RealEvents.js"

const at = (ms: number) => DateTime.unsafeMake(dayMs + ms)

describe("A capture measured against a baseline", () => {
  it.effect("has every event of the baseline, or lacks those that it has not", () =>
    Effect.gen(function* () {
      const [first, second, third] = [0, 1_000, 2_000].map((ms) => event({ eventTime: dayMs + ms }))
      const { conversations, missingEvents, report, timelines } = yield* Comparison.compare({
        baseline: [source("baseline", [first, second, second, third])],
        capture: [source("capture", [third, third, event({ eventTime: dayMs + 5_000 })])]
      })
      expect(report).toMatchObject({
        verdict: "incomplete",
        isComplete: false,
        groups: [
          {
            expected: 3,
            observed: 3,
            unique: 1,
            missing: 2,
            unexpected: 1,
            duplicates: 1,
            coveragePercentage: 33.33,
            missingRanges: [{ from: at(0), to: at(1_000), count: 2 }]
          }
        ],
        missing: {
          count: 2,
          first: [
            { time: at(0), conversationId: "c-1", source: "baseline", line: 1 },
            { time: at(1_000), conversationId: "c-1", source: "baseline", line: 2 }
          ]
        },
        baseline: { events: 4, unique: 3 }
      })
      expect(conversations).toMatchObject({ count: 1, first: [{ conversationId: "c-1", missing: 2 }] })
      expect([...timelines.values()].map(({ missing }) => missing.reduce((sum, one) => sum + one))).toEqual([2])
      const lines = Chunk.toReadonlyArray(yield* Stream.runCollect(missingEvents))
      expect(lines.map(({ line }) => Buffer.from(line).toString())).toEqual(
        [first, second].map((one) => JSON.stringify(one))
      )
    }).pipe(Effect.scoped)
  )
})
