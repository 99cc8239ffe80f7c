/** What a tracker must say, computed the slow and obvious way: every event kept, every index asked for. */
import type { SequenceReport, SequenceVerification } from "@genesys-replay/domain"
import { FastCheck } from "effect"

/** One event of a sequence. */
export interface Event {
  readonly index: number
  readonly time?: string | undefined
}

const runsOf = (
  sorted: ReadonlyArray<bigint>,
  start: bigint,
  end: bigint
): ReadonlyArray<readonly [bigint, bigint]> => {
  const gaps: Array<readonly [bigint, bigint]> = []
  let wanted = start
  for (const index of sorted) {
    if (index < start || index > end) continue
    if (index > wanted) gaps.push([wanted, index - 1n])
    wanted = index + 1n
  }
  if (wanted <= end) gaps.push([wanted, end])
  return gaps
}

const outOfOrder = (events: ReadonlyArray<Event>): number => {
  let largest = -1
  let count = 0
  for (const { index } of events) {
    if (index < largest) count++
    largest = Math.max(largest, index)
  }
  return count
}

/** The report of `events`, in whole numbers of any size until the end. */
export const report = (
  events: ReadonlyArray<Event>,
  options: SequenceVerification.ReportOptions = {}
): Record<keyof SequenceReport.GroupReport, unknown> => {
  const distinct = new Set(events.map(({ index }) => index))
  const sorted = [...distinct].sort((left, right) => left - right).map(BigInt)
  const timeOf = (index: bigint): string | null =>
    events.find((event) => BigInt(event.index) === index && event.time !== undefined)?.time ?? null
  const counts = {
    group: options.group ?? null,
    observed: events.length,
    unique: distinct.size,
    duplicates: events.length - distinct.size,
    outOfOrder: outOfOrder(events)
  }
  const given = options.expected ?? {}
  const start = given.start ?? sorted.map(Number).at(0)
  const end = given.end ?? sorted.map(Number).at(-1)
  if (start === undefined || end === undefined || start > end) {
    return {
      ...counts,
      expected: null,
      outOfRange: distinct.size,
      missing: [],
      missingTruncated: false,
      gapCount: 0,
      gapRanges: 0,
      coveragePercentage: 0,
      isContiguous: false
    }
  }
  const gaps = runsOf(sorted, BigInt(start), BigInt(end))
  const missing = gaps.reduce((sum, [low, high]) => sum + high - low + 1n, 0n)
  const size = BigInt(end) - BigInt(start) + 1n
  const most = options.maxMissing ?? 20
  return {
    ...counts,
    expected: { start, end, inferred: given.start === undefined || given.end === undefined },
    outOfRange: sorted.filter((index) => index < start || index > end).length,
    missing: gaps.slice(0, most).map(([low, high]) => ({
      start: Number(low),
      end: Number(high),
      count: Number(high - low + 1n),
      after: timeOf(low - 1n),
      before: timeOf(high + 1n)
    })),
    missingTruncated: gaps.length > most,
    gapCount: Number(missing),
    gapRanges: gaps.length,
    coveragePercentage: Number(((size - missing) * 10_000n) / size) / 100,
    isContiguous: missing === 0n
  }
}

const { MAX_SAFE_INTEGER } = Number

/** Where indices lie that a mistake would show at: small ones, both sides of a chunk's border, and the last ones there are. */
const base = FastCheck.oneof(
  { weight: 4, arbitrary: FastCheck.constant(0) },
  { weight: 3, arbitrary: FastCheck.constantFrom(65_530, 131_060, 65_536 * 7 - 12) },
  { weight: 1, arbitrary: FastCheck.constantFrom(2 ** 31 - 10, 2 ** 32 - 10, 65_536 * 2 ** 36 - 8) },
  { weight: 1, arbitrary: FastCheck.constant(MAX_SAFE_INTEGER - 24) }
)

const offset = FastCheck.integer({ min: 0, max: 24 })
const oneIndex = FastCheck.tuple(base, offset).map(([from, by]) => from + by)

/** A piece of a log: one index, an ascending run, the same index again and again, or a shuffled run. */
const piece: FastCheck.Arbitrary<ReadonlyArray<number>> = FastCheck.oneof(
  oneIndex.map((index) => [index]),
  FastCheck.tuple(oneIndex, FastCheck.integer({ min: 1, max: 30 })).map(([from, length]) =>
    Array.from({ length }, (_, by) => Math.min(from + by, MAX_SAFE_INTEGER))
  ),
  FastCheck.tuple(oneIndex, FastCheck.integer({ min: 2, max: 9 })).map(([index, times]) => Array(times).fill(index)),
  FastCheck.tuple(base, FastCheck.uniqueArray(offset, { minLength: 2, maxLength: 20 })).map(([from, offsets]) =>
    offsets.map((by) => from + by)
  )
)

/** Indices in the order in which they come. */
export const indices: FastCheck.Arbitrary<ReadonlyArray<number>> = FastCheck.array(piece, { maxLength: 8 }).map(
  (pieces) => pieces.flat()
)

/** Events, most of them with a time that tells one event from the other. */
export const events: FastCheck.Arbitrary<ReadonlyArray<Event>> = FastCheck.tuple(
  indices,
  FastCheck.infiniteStream(FastCheck.nat(9))
).map(([all, dice]) => all.map((index, at) => (dice.next().value === 0 ? { index } : { index, time: `t${at}` })))

/** Bounds, one bound, or none. */
export const expected: FastCheck.Arbitrary<SequenceVerification.SequenceRange> = FastCheck.tuple(
  oneIndex,
  oneIndex,
  FastCheck.integer({ min: 0, max: 3 })
).map(([one, other, which]) => {
  const start = Math.min(one, other)
  const end = Math.max(one, other)
  return which === 0 ? {} : which === 1 ? { start } : which === 2 ? { end } : { start, end }
})
