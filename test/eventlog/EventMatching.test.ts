import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck } from "effect"
import { EventStore, type Side } from "../../packages/eventlog/src/compare/EventStore.js"
import { Matching } from "../../packages/eventlog/src/compare/Matching.js"
import { SpillFile } from "../../packages/eventlog/src/compare/SpillFile.js"
import * as EventEntries from "../../packages/eventlog/src/threads/EventEntries.js"

interface Event {
  readonly side: Side
  /** Equal for equal events. */
  readonly id: number
  readonly run: number
  readonly group: number
  readonly isOutside: boolean
}

const groups = 3

const event: FastCheck.Arbitrary<Event> = FastCheck.record({
  side: FastCheck.constantFrom<Side>("capture", "baseline"),
  id: FastCheck.nat(30),
  run: FastCheck.nat(3),
  group: FastCheck.nat(groups - 1),
  isOutside: FastCheck.integer({ min: 0, max: 5 }).map((one) => one === 0)
})

/** Few different first words, so that events meet in partitions, and few second ones, so that they meet in the table. */
const hashOf = (id: number): Int32Array => Int32Array.of(((id % 3) << 24) | (id % 7), id % 2, id, 7 * id)

interface Place {
  readonly run: number
  readonly number: number
}

interface Answer {
  readonly counts: ReadonlyArray<ReadonlyArray<number>>
  readonly missing: ReadonlyArray<Place>
  readonly baselineEvents: number
}

const byPlace = (left: Place, right: Place): number => left.run - right.run || left.number - right.number

/** Numbered in each run; runs of the capture come behind those of the baseline. */
const numbered = (events: ReadonlyArray<Event>) => {
  const counts = new Map<number, number>()
  return events.map((one) => {
    const run = one.side === "capture" ? one.run + 10 : one.run
    const number = counts.get(run) ?? 0
    counts.set(run, number + 1)
    return { ...one, run, number }
  })
}

/** The slow and obvious way. */
const reference = (events: ReadonlyArray<Event>): Answer => {
  const all = numbered(events)
  const baseline = all.filter(({ side }) => side === "baseline")
  const capture = all.filter(({ side }) => side === "capture")
  const firsts = new Map<number, (typeof all)[number]>()
  for (const one of [...baseline].filter(({ isOutside }) => !isOutside).sort(byPlace)) {
    if (!firsts.has(one.id)) firsts.set(one.id, one)
  }
  const came = new Set(capture.map(({ id }) => id))
  const known = new Set(baseline.map(({ id }) => id))
  const expected = [...firsts.values()]
  const counts = Array.from({ length: groups }, (_, group) => {
    const own = expected.filter((one) => one.group === group)
    return [own.length, own.filter(({ id }) => came.has(id)).length]
  })
  const inside = capture.filter(({ isOutside }) => !isOutside)
  const unexpected = new Set(inside.map(({ id }) => id).filter((id) => !known.has(id)))
  return {
    counts: [...counts, [inside.length, new Set(inside.map(({ id }) => id)).size, unexpected.size]],
    missing: expected
      .filter(({ id }) => !came.has(id))
      .map(({ number, run }) => ({ run, number }))
      .sort(byPlace),
    baselineEvents: baseline.filter(({ isOutside }) => !isOutside).length
  }
}

/** Kept in pieces of a few events, of which `mostBytes` stay in memory. */
const matched = (events: ReadonlyArray<Event>, pieces: number, mostBytes: number): Effect.Effect<Answer> =>
  Effect.gen(function* () {
    const store = new EventStore(mostBytes, yield* SpillFile.make)
    const all = numbered(events)
    const identity = Int32Array.from({ length: groups }, (_, group) => group)
    for (let from = 0; from < all.length; from += pieces) {
      const piece = all.slice(from, from + pieces)
      for (const run of new Set(piece.map((one) => one.run))) {
        const builder = new EventEntries.Builder()
        const own = piece.filter((one) => one.run === run)
        for (const { group, id, isOutside, number } of own) builder.add(hashOf(id), id, number, group, isOutside)
        store.add(run >= 10 ? "capture" : "baseline", run, builder.take(), identity)
      }
    }
    expect(store.failure).toBeUndefined()
    if (mostBytes === 64) expect(store.spilledBytes).toBe(events.length * EventEntries.entryBytes)
    const missing: Array<Place> = []
    const matching = new Matching(
      store,
      { expected: (_, __, isMissing, run, number) => (isMissing ? missing.push({ run, number }) : undefined) },
      mostBytes
    )
    for (let partition = 0; partition < EventEntries.partitions; partition++) matching.match(partition)
    const tallies = Array.from({ length: groups }, (_, group) => matching.groups[group])
    const sum = (pick: (tally: NonNullable<(typeof tallies)[number]>) => number): number =>
      tallies.reduce((all, tally) => all + (tally === undefined ? 0 : pick(tally)), 0)
    return {
      counts: [
        ...tallies.map((tally) => [tally?.expected ?? 0, tally?.unique ?? 0]),
        [sum(({ observed }) => observed), sum(({ distinct }) => distinct), sum(({ unexpected }) => unexpected)]
      ],
      missing: missing.sort(byPlace),
      baselineEvents: matching.baselineEvents
    }
  }).pipe(Effect.scoped)

describe("Matching events by their hashes", () => {
  it("counts as one would by hand, whether everything is in memory, or everything on disk and in many rounds", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.array(event, { maxLength: 120 }),
        FastCheck.integer({ min: 1, max: 40 }),
        (events, pieces) =>
          Effect.gen(function* () {
            const expected = reference(events)
            expect(yield* matched(events, pieces, 1e9)).toEqual(expected)
            expect(yield* matched(events, pieces, 2_000)).toEqual(expected)
            expect(yield* matched(events, pieces, 64)).toEqual(expected)
          }).pipe(Effect.runPromise)
      ),
      { numRuns: 60 }
    ))

  it("says where events could not be kept", () =>
    Effect.gen(function* () {
      const builder = new EventEntries.Builder()
      builder.add(hashOf(1), 0, 0, 0, false)
      const before = process.env["TMPDIR"]
      process.env["TMPDIR"] = "/nowhere at all"
      const store = new EventStore(0, yield* SpillFile.make)
      store.add("baseline", 0, builder.take(), Int32Array.of(0))
      if (before === undefined) delete process.env["TMPDIR"]
      else process.env["TMPDIR"] = before
      expect(store.failure?.message).toContain("/nowhere at all")
      expect(store.failure?.remedy).toContain("TMPDIR")
    }).pipe(Effect.scoped, Effect.runPromise))
})
