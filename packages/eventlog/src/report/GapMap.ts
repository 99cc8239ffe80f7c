/** Where a sequence lacks something: a range of indices in cells, each counted exactly, and the places worth a closer look. */
import { type SequenceReport, SequenceTracker } from "@genesys-replay/domain"

/** A range of indices, both ends included. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** What a map is drawn from. */
export interface Seen {
  /** Calls `visit` with the first and last index of each run of indices that came, in order. */
  readonly forEachRun: (visit: (low: number, high: number) => void) => void
  /** The event time of an index next to a gap, where it is known. */
  readonly timeOf: (index: number) => string | undefined
}

/** A part of the range. */
export interface Cell {
  readonly first: number
  readonly last: number
  /** Indices of the cell that came. */
  readonly present: number
  /** Indices of the cell that did not come; with `present` its size. */
  readonly missing: number
  /** How many gaps begin in the cell; one that began before the range counts for its first cell. */
  readonly gaps: number
  /** The first and last of the missing indices; null where none is missing. */
  readonly lacks: Range | null
}

/** A range in cells of equal size, give or take one index; together they are the range. */
export interface GapMap {
  readonly range: Range
  readonly cells: ReadonlyArray<Cell>
}

/** A stretch that lacks something at both ends. */
export interface Place extends Range {
  readonly missing: number
  readonly gaps: number
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
const forEachGap = (seen: Seen, range: Range, miss: (low: number, high: number) => void): void => {
  let wanted = range.start
  seen.forEachRun((low, high) => {
    if (high < wanted || wanted > range.end) return
    if (low > wanted) miss(wanted, Math.min(low - 1, range.end))
    wanted = high + 1
  })
  if (wanted <= range.end) miss(wanted, range.end)
}

/** The longest gap in `range`, the first of several; undefined where nothing is missing. */
export const longestGap = (seen: Seen, range: Range): Range | undefined => {
  let longest: Range | undefined
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
    readonly range: Range,
    most: number
  ) {
    const size = range.end - range.start + 1
    const length = Math.max(1, Math.min(Math.floor(most), size))
    this.length = length
    // Dividing before multiplying keeps every step below 2^53, so that it is exact.
    const each = Math.floor(size / length)
    const rest = size % length
    this.starts = Float64Array.from(
      { length: length + 1 },
      (_, cell) => range.start + each * cell + Math.floor((rest * cell) / length)
    )
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

  get map(): GapMap {
    const cells = Array.from({ length: this.length }, (_, cell): Cell => {
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

/**
 * A map of each range in at most `most` cells, exact to the index for ranges up to 2^53 indices. A range with fewer indices
 * has a cell for each. One pass over the runs that came, however many ranges: the time grows with runs and cells, not with
 * indices.
 */
export const maps = (seen: Seen, ranges: ReadonlyArray<Range>, most: number): ReadonlyArray<GapMap> => {
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

/** A map of one range; see {@link maps}. */
export const make = (seen: Seen, range: Range, most: number): GapMap =>
  maps(seen, [range], most)[0] ?? new Count(range, most).map

/** Runs of neighbouring cells that all lack something. */
const clusters = (cells: ReadonlyArray<Cell>): ReadonlyArray<ReadonlyArray<Cell>> => {
  const found: Array<Array<Cell>> = []
  let wasLacking = false
  for (const cell of cells) {
    if (cell.lacks !== null) {
      if (wasLacking) found.at(-1)?.push(cell)
      else found.push([cell])
    }
    wasLacking = cell.lacks !== null
  }
  return found
}

const placeOf = (cells: ReadonlyArray<Cell>): ReadonlyArray<Place> => {
  const lacking = cells.flatMap(({ lacks }) => (lacks === null ? [] : [lacks]))
  const [first] = lacking
  const last = lacking.at(-1)
  if (first === undefined || last === undefined) return []
  return [
    {
      start: first.start,
      end: last.end,
      missing: cells.reduce((sum, cell) => sum + cell.missing, 0),
      gaps: cells.reduce((sum, cell) => sum + cell.gaps, 0)
    }
  ]
}

/** `items` in at most `most` parts, cut where `distance` to the item before is largest. */
const partsOf = <A>(
  items: ReadonlyArray<A>,
  most: number,
  distance: (before: A, item: A) => number
): ReadonlyArray<ReadonlyArray<A>> => {
  const cuts = items
    .map((item, at) => ({ at, distance: at === 0 ? 0 : distance(items[at - 1] ?? item, item) }))
    .slice(1)
    .sort((left, right) => right.distance - left.distance)
    .slice(0, Math.max(0, most - 1))
    .map(({ at }) => at)
    .sort((left, right) => left - right)
  return [0, ...cuts].map((from, at) => items.slice(from, cuts[at] ?? items.length))
}

/**
 * The stretches of a map that lack something, in order and at most `most`. Neighbours are put together where there are more.
 * Where that leaves gaps spread over much of the map as one stretch, it is cut into stretches of equal length instead.
 */
export const places = ({ cells, range }: GapMap, most: number): ReadonlyArray<Place> => {
  const distance = (before: ReadonlyArray<Cell>, next: ReadonlyArray<Cell>): number =>
    (next[0]?.first ?? 0) - (before.at(-1)?.last ?? 0)
  const apart = clusters(cells)
  const found = partsOf(apart, most, distance).flatMap((part) => placeOf(part.flat()))
  const much = (range.end - range.start + 1) / (apart.length > most ? 4 : 2)
  const slices = Math.max(1, Math.min(8, most))
  if (cells.length < 2 * slices || found.every(({ end, gaps, start }) => gaps < 2 || end - start < much)) return found
  return Array.from({ length: slices }, (_, slice) =>
    cells.slice((cells.length * slice) / slices, (cells.length * (slice + 1)) / slices)
  ).flatMap(placeOf)
}

/** `place` with something on either side of it to see it against, within `range`. */
export const around = (place: Range, range: Range): Range => {
  const extent = place.end - place.start + 1
  const margin = Math.max(Math.ceil(extent / 4), Math.ceil((48 - extent) / 2))
  return { start: Math.max(range.start, place.start - margin), end: Math.min(range.end, place.end + margin) }
}
