/** Where something is missing along a line: a range of positions in cells, each counted exactly, and the places worth a closer look. */

/** A range of positions, both ends included. A position is a sequence index, or a stretch of time. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** A part of the range. */
export interface Cell {
  readonly first: number
  readonly last: number
  /** How much of what was expected in the cell came: indices, or events. */
  readonly present: number
  /** How much of it did not come; with `present` what was expected, which is nothing in a quiet stretch of time. */
  readonly missing: number
  /** How many gaps begin in the cell; one that began before the range counts for its first cell. */
  readonly gaps: number
  /** The first and last position of the cell that lack something; null where nothing is missing. */
  readonly lacks: Range | null
}

/** A range in cells of equal size, give or take one position; together they are the range. */
export interface GapMap {
  readonly range: Range
  readonly cells: ReadonlyArray<Cell>
}

/** A stretch that lacks something at both ends. */
export interface Place extends Range {
  readonly missing: number
  readonly gaps: number
}

/** What maps are made of. `SequenceMap` and `TimeMap` make one. */
export interface Positions {
  readonly range: Range
  /** A map of each of `ranges` in at most `most` cells; with fewer positions, a cell for each. */
  readonly maps: (ranges: ReadonlyArray<Range>, most: number) => ReadonlyArray<GapMap>
}

/** The cells of `range`, at most `most`: the first position of each, and one past the last of all. Exact up to 2^53 positions. */
export const startsOf = ({ end, start }: Range, most: number): Float64Array => {
  const size = end - start + 1
  const length = Math.max(1, Math.min(Math.floor(most), size))
  // Dividing before multiplying keeps every step below 2^53, so that it is exact.
  const each = Math.floor(size / length)
  const rest = size % length
  return Float64Array.from(
    { length: length + 1 },
    (_, cell) => start + each * cell + Math.floor((rest * cell) / length)
  )
}

/** A map of one range; see {@link Positions}. */
export const make = (positions: Positions, range: Range, most: number): GapMap =>
  positions.maps([range], most)[0] ?? { range, cells: [] }

/** Runs of neighbouring cells that all lack something. A cell of which nothing was expected does not part its neighbours. */
const clusters = (cells: ReadonlyArray<Cell>): ReadonlyArray<ReadonlyArray<Cell>> => {
  const found: Array<Array<Cell>> = []
  let wasLacking = false
  for (const cell of cells) {
    if (cell.lacks !== null) {
      if (wasLacking) found.at(-1)?.push(cell)
      else found.push([cell])
    }
    if (cell.present + cell.missing > 0) wasLacking = cell.lacks !== null
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
