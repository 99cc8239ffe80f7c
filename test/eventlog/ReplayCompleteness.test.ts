import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { EventStream, ProviderName, type Replay } from "@genesys-replay/domain"
import { EventLog, LogSource, ReplayCompleteness } from "@genesys-replay/eventlog"
import { Effect, Stream } from "effect"

const replay = (name: string, sequence?: { readonly first: number; readonly last: number }): Replay.Replay => ({
  id: EventStream.ReplayId.make("id"),
  name,
  provider: ProviderName.genesys,
  topics: [],
  progress: {
    state: "COMPLETED",
    ...(sequence === undefined
      ? {}
      : { sequence: EventStream.SequenceBounds.make({ first: index(sequence.first), last: index(sequence.last) }) })
  }
})

const index = EventStream.SequenceBounds.fields.first.make

const log = (events: ReadonlyArray<readonly [name: string | null, index: number]>) =>
  LogSource.bytes(
    "-",
    Stream.make(
      new TextEncoder().encode(
        events
          .map(([name, at]) =>
            JSON.stringify({ ...(name === null ? {} : { "replay-name": name }), detail: { sequenceIndex: at } })
          )
          .join("\n")
      )
    )
  )

const events = log([
  ["a", 2],
  ["a", 3],
  [null, 7],
  ["b", 1]
])

describe("ReplayCompleteness", () => {
  it.effect("misses what is missing at the ends, by the bounds that the provider tells", () =>
    Effect.gen(function* () {
      const report = yield* ReplayCompleteness.measure(replay("a", { first: 1, last: 4 }), [events])
      expect(report.missing.map(({ end, start }) => [start, end])).toEqual([
        [1, 1],
        [4, 4]
      ])
      expect([report.coveragePercentage, report.isContiguous]).toEqual([50, false])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("is 0 % where no event came", () =>
    Effect.gen(function* () {
      const report = yield* ReplayCompleteness.measure(replay("c", { first: 1, last: 4 }), [events])
      expect([report.group, report.gapCount, report.coveragePercentage]).toEqual(["c", 4, 0])
      const untold = yield* ReplayCompleteness.measure(replay("c"), [events])
      expect([untold.expected, untold.coveragePercentage, untold.isContiguous]).toEqual([null, 0, false])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("is no proof over a source that cannot be read", () =>
    Effect.gen(function* () {
      const sources = [events, LogSource.file("/nonexistent.ndjson")]
      const error = yield* Effect.flip(ReplayCompleteness.measure(replay("a", { first: 2, last: 3 }), sources))
      expect(error._tag).toBe("UnreadableSource")
    }).pipe(Effect.provide(NodeContext.layer))
  )
})

describe("the verdict on a replay", () => {
  it.effect(
    "is complete where all its bounds came, and not proven where they are inferred and a record was rejected",
    () =>
      Effect.gen(function* () {
        const broken = LogSource.bytes("-", Stream.make(new TextEncoder().encode("no event\n")))
        const verdictOf = (bounds: { first: number; last: number } | undefined, options = {}) =>
          Effect.map(
            ReplayCompleteness.measure(replay("a", bounds), [events, broken], options),
            ({ verdict }) => verdict
          )
        expect(yield* verdictOf({ first: 2, last: 3 })).toBe("complete")
        expect(yield* verdictOf({ first: 2, last: 4 })).toBe("incomplete")
        expect(yield* verdictOf(undefined)).toBe("not proven")
        expect(yield* verdictOf(undefined, { allowRejected: 1 })).toBe("complete")
        const { rejected } = yield* ReplayCompleteness.measure(replay("a"), [events, broken])
        expect(rejected.count).toBe(1)
      }).pipe(Effect.provide(NodeContext.layer))
  )
})

describe("EventLog.observe with sequences", () => {
  it.effect("bounds the replays that are named, and infers the others", () =>
    Effect.gen(function* () {
      const { report } = yield* EventLog.observe([events], {
        sequences: new Map([
          ["a", { start: 2, end: 3 }],
          ["c", { start: 1, end: 2 }]
        ])
      })
      expect(report.groups.map(({ expected, gapCount, group }) => [group, expected, gapCount])).toEqual([
        [null, { start: 7, end: 7, inferred: true }, 0],
        ["a", { start: 2, end: 3, inferred: false }, 0],
        ["b", { start: 1, end: 1, inferred: true }, 0],
        ["c", { start: 1, end: 2, inferred: false }, 2]
      ])
      expect(report.isContiguous).toBe(false)
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
