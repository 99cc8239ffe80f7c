/** The map of a sequence: which of its indices came. */
import { type SequenceReport, SequenceTracker } from "@genesys-replay/domain"
import * as GapMap from "./GapMap.js"

/** What a map is drawn from. */
export interface Seen {
  /** Calls `visit` with the first and last index of each run of indices that came, in order. */
  readonly forEachRun: (visit: (low: number, high: number) => void) => void
  /** The event time of an index next to a gap, where it is known. */
  readonly timeOf: (index: number) => string | undefined
}

/** What `tracker` has seen. A view: it is right until the tracker sees more. */
export const seenBy = (tracker: SequenceTracker.SequenceTracker): Seen => {
  const { indices, timeOf } = SequenceTracker.observed(tracker)
  return { forEachRun: (visit) => indices.forEachRun(visit), timeOf }
}

/** What a report tells of the indices that came; undefined where its list of gaps is cut short, or nothing was expected. */
export const seenIn = (group: SequenceReport.GroupReport): Seen | undefined => {
  const { expected, missing, missingTruncated } = group
  if (missingTruncated || expected === null) return undefined
  const times = new Map<number, string>()
  for (const gap of missing) {
    if (gap.after !== null) times.set(gap.start - 1, gap.after)
    if (gap.before !== null) times.set(gap.end + 1, gap.before)
  }
  return {
    timeOf: (index) => times.get(index),
    forEachRun: (visit) => {
      let low: number = expected.start
      for (const gap of missing) {
        if (gap.start > low) visit(low, gap.start - 1)
        low = gap.end + 1
      }
      if (low <= expected.end) visit(low, expected.end)
    }
  }
}

/** Calls `miss` with the first and last index of each gap in `range`, in order. */
const forEachGap = (seen: Seen, range: GapMap.Range, miss: (low: number, high: number) => void): void => {
  let wanted = range.start
  seen.forEachRun((low, high) => {
    if (high < wanted || wanted > range.end) return
    if (low > wanted) miss(wanted, Math.min(low - 1, range.end))
    wanted = high + 1
  })
  if (wanted <= range.end) miss(wanted, range.end)
}

/** The longest gap in `range`, the first of several; undefined where nothing is missing. */
export const longestGap = (seen: Seen, range: GapMap.Range): GapMap.Range | undefined => {
  let longest: GapMap.Range | undefined
  forEachGap(seen, range, (start, end) => {
    if (longest === undefined || end - start > longest.end - longest.start) longest = { start, end }
  })
  return longest
}

/** One range while its missing indices are counted. */
class Count {
  private readonly length: number
  /** The first index of each cell, and one past the last of all. */
  private readonly starts: Float64Array
  private readonly missing: Float64Array
  private readonly gaps: Float64Array
  private readonly firsts: Float64Array
  private readonly lasts: Float64Array
  private at = 0

  constructor(
    readonly range: GapMap.Range,
    most: number
  ) {
    this.starts = GapMap.startsOf(range, most)
    this.length = this.starts.length - 1
    this.missing = new Float64Array(this.length)
    this.gaps = new Float64Array(this.length)
    this.firsts = new Float64Array(this.length)
    this.lasts = new Float64Array(this.length)
  }

  private startOf(cell: number): number {
    return this.starts[cell] ?? this.range.end + 1
  }

  /** Takes note of a gap; gaps come in order. */
  miss(low: number, high: number): void {
    const { end, start } = this.range
    if (high < start || low > end) return
    let from = Math.max(low, start)
    const to = Math.min(high, end)
    while (this.startOf(this.at + 1) <= from) this.at++
    this.gaps[this.at] = (this.gaps[this.at] ?? 0) + 1
    for (let cell = this.at; from <= to; cell++) {
      const until = Math.min(to, this.startOf(cell + 1) - 1)
      if (this.missing[cell] === 0) this.firsts[cell] = from
      this.missing[cell] = (this.missing[cell] ?? 0) + (until - from + 1)
      this.lasts[cell] = until
      from = until + 1
    }
  }

  get map(): GapMap.GapMap {
    const cells = Array.from({ length: this.length }, (_, cell): GapMap.Cell => {
      const first = this.startOf(cell)
      const last = this.startOf(cell + 1) - 1
      const missing = this.missing[cell] ?? 0
      return {
        first,
        last,
        present: last - first + 1 - missing,
        missing,
        gaps: this.gaps[cell] ?? 0,
        lacks: missing === 0 ? null : { start: this.firsts[cell] ?? first, end: this.lasts[cell] ?? last }
      }
    })
    return { range: this.range, cells }
  }
}

const maps = (seen: Seen, ranges: ReadonlyArray<GapMap.Range>, most: number): ReadonlyArray<GapMap.GapMap> => {
  const counts = ranges.map((range) => new Count(range, most))
  const inOrder = [...counts].sort((left, right) => left.range.start - right.range.start)
  const start = Math.min(...ranges.map((range) => range.start))
  const end = Math.max(...ranges.map((range) => range.end))
  let open = 0
  const miss = (low: number, high: number): void => {
    while (open < inOrder.length && (inOrder[open]?.range.end ?? 0) < low) open++
    for (let at = open; at < inOrder.length && (inOrder[at]?.range.start ?? 0) <= high; at++)
      inOrder[at]?.miss(low, high)
  }
  forEachGap(seen, { start, end }, miss)
  return counts.map((count) => count.map)
}

/**
 * The indices of `range`, of which `seen` tells those that came. Maps are exact to the index for ranges up to 2^53 indices, and made in one
 * pass over the runs that came, however many ranges: the time grows with runs and cells, not with indices.
 */
export const positions = (seen: Seen, range: GapMap.Range): GapMap.Positions => ({
  range,
  maps: (ranges, most) => maps(seen, ranges, most)
})
