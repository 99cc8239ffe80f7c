/** The proof of completeness: a range of indices against what was seen of it. */
import { Effect, Schema, Stream } from "effect"
import { percentage } from "../value/Coverage.js"
import { SequenceIndex } from "../value/SequenceIndex.js"
import type { GroupReport, MissingRange } from "./SequenceReport.js"
import * as SequenceTracker from "./SequenceTracker.js"

/** The indices that are expected, both ends included. A bound that is left out is the smallest or largest index seen. */
export interface SequenceRange {
  readonly start?: number | undefined
  readonly end?: number | undefined
}

/** A range that is none: a bound is no sequence index, or the end comes before the start. */
export class InvalidSequenceRange extends Schema.TaggedError<InvalidSequenceRange>()("InvalidSequenceRange", {
  start: Schema.NullOr(Schema.Number),
  end: Schema.NullOr(Schema.Number)
}) {
  override get message(): string {
    const range = `${this.start ?? "(smallest seen)"} to ${this.end ?? "(largest seen)"}`
    return `not a range of sequence indices: ${range}. Give whole numbers from 0 to 2^53 − 1, the start not after the end`
  }
}

/** Something among the observed indices that is none. Filter what you observe, or observe it with a tracker, which says so one by one. */
export class InvalidSequenceIndex extends Schema.TaggedError<InvalidSequenceIndex>()("InvalidSequenceIndex", {
  /** The value, as text. */
  value: Schema.String,
  /** Which of the observed values it is, from 1. */
  position: Schema.Number
}) {
  override get message(): string {
    return `observed value ${this.position} is no sequence index: ${this.value}. Give whole numbers from 0 to 2^53 − 1`
  }
}

/** What {@link report} is made for. */
export interface ReportOptions {
  /** The `replay-name`; null, and null by default, for live events. */
  readonly group?: string | null | undefined
  /** Has to have passed {@link validate}. */
  readonly expected?: SequenceRange | undefined
  /** How many missing ranges are listed, 20 by default. The counts are exact whatever it is. */
  readonly maxMissing?: number | undefined
}

const isIndex = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

/** The range itself where its bounds are sequence indices and in order. */
export const validate = (range: SequenceRange): Effect.Effect<SequenceRange, InvalidSequenceRange> => {
  const { end, start } = range
  const bounds = [start, end].every((bound) => bound === undefined || isIndex(bound))
  const ordered = start === undefined || end === undefined || start <= end
  return bounds && ordered
    ? Effect.succeed(range)
    : Effect.fail(new InvalidSequenceRange({ start: start ?? null, end: end ?? null }))
}

/** Null where nothing was seen that could stand in for a bound that was not given. */
const expectedRange = (
  given: SequenceRange,
  seen: SequenceTracker.Observed["bounds"]
): { readonly start: number; readonly end: number; readonly inferred: boolean } | null => {
  const start = given.start ?? seen?.first
  const end = given.end ?? seen?.last
  if (start === undefined || end === undefined || start > end) return null
  return { start, end, inferred: given.start === undefined || given.end === undefined }
}

/**
 * What `tracker` has seen against what was expected of it.
 *
 * - without bounds, the range goes from the smallest to the largest index seen and is `inferred`, as it is with one bound only;
 * - nothing seen of a given range: 0 %, everything missing; nothing seen and no range: `expected` null, 0 %, not contiguous;
 * - indices outside the range count in `observed`, `unique`, `duplicates` and `outOfRange`, never in the coverage.
 */
export const report = (tracker: SequenceTracker.SequenceTracker, options: ReportOptions = {}): GroupReport => {
  const seen = SequenceTracker.observed(tracker)
  const unique = seen.indices.size
  const range = expectedRange(options.expected ?? {}, seen.bounds)
  const counts = {
    group: options.group ?? null,
    observed: seen.observed,
    unique,
    duplicates: seen.observed - unique,
    outOfOrder: seen.outOfOrder
  }
  if (range === null) {
    return {
      ...counts,
      expected: null,
      outOfRange: unique,
      missing: [],
      missingTruncated: false,
      gapCount: 0,
      gapRanges: 0,
      coveragePercentage: 0,
      isContiguous: false
    }
  }
  const { end, inferred, start } = range
  const size = end - start + 1
  const inRange = seen.indices.rank(end + 1) - seen.indices.rank(start)
  const gaps = missingRanges(seen, start, end, options.maxMissing ?? 20)
  return {
    ...counts,
    expected: { start: SequenceIndex.make(start), end: SequenceIndex.make(end), inferred },
    outOfRange: unique - inRange,
    missing: gaps.listed,
    missingTruncated: gaps.count > gaps.listed.length,
    gapCount: size - inRange,
    gapRanges: gaps.count,
    coveragePercentage: percentage(inRange, size),
    isContiguous: inRange === size
  }
}

const missingRanges = (
  seen: SequenceTracker.Observed,
  start: number,
  end: number,
  most: number
): { readonly count: number; readonly listed: ReadonlyArray<MissingRange> } => {
  const listed: Array<MissingRange> = []
  let count = 0
  let wanted = start
  const miss = (low: number, high: number): void => {
    count++
    if (listed.length >= most) return
    listed.push({
      start: SequenceIndex.make(low),
      end: SequenceIndex.make(high),
      count: high - low + 1,
      after: seen.timeOf(low - 1) ?? null,
      before: seen.timeOf(high + 1) ?? null
    })
  }
  seen.indices.forEachRun((low, high) => {
    if (high < wanted || wanted > end) return
    if (low > wanted) miss(wanted, Math.min(low - 1, end))
    wanted = high + 1
  })
  if (wanted <= end) miss(wanted, end)
  return { count, listed }
}

const isStream = <E, R>(
  observed: Iterable<number> | Stream.Stream<number, E, R>
): observed is Stream.Stream<number, E, R> => Stream.StreamTypeId in observed

/**
 * Compares a range with the indices that were observed of it, in the order in which they came. Without a bound, or with
 * `{}`, the smallest and largest index seen stand in.
 *
 * Fails with {@link InvalidSequenceRange} before anything is read, with {@link InvalidSequenceIndex} at the first value that
 * is no index, and as the stream fails.
 */
export const verify = Effect.fn("SequenceVerification.verify")(function* <E = never, R = never>(
  range: SequenceRange,
  observed: Iterable<number> | Stream.Stream<number, E, R>,
  options: Omit<ReportOptions, "expected"> = {}
) {
  const expected = yield* validate(range)
  const tracker = SequenceTracker.make()
  let position = 0
  const observeAll = (indices: Iterable<number>): Effect.Effect<void, InvalidSequenceIndex> => {
    for (const index of indices) {
      position++
      if (SequenceTracker.observe(tracker, index)) continue
      return Effect.fail(new InvalidSequenceIndex({ value: String(index), position }))
    }
    return Effect.void
  }
  yield* isStream(observed) ? Stream.runForEachChunk(observed, observeAll) : Effect.suspend(() => observeAll(observed))
  return report(tracker, { ...options, expected })
})
