/** Events of one group over time, counted in cells of one length: what came and what is missing. Memory is bounded, whatever the span. */
import type { Timeline } from "@genesys-replay/domain"

/**
 * How long a cell may be, in milliseconds. Each divides the next, so that cells can be put together; beyond the last, it doubles. With
 * times in years of four digits that is enough.
 */
const steps: ReadonlyArray<number> = [
  1, 10, 100, 1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 10_800_000, 43_200_000, 86_400_000
]

const stepAfter = (step: number): number => steps.find((longer) => longer > step) ?? 2 * step

const cellsOf = (firstMs: number, lastMs: number, step: number): number =>
  Math.floor(lastMs / step) - Math.floor(firstMs / step) + 1

/** The shortest step by which a span has no more than `most` cells. */
const stepFor = (firstMs: number, lastMs: number, most: number): number => {
  let step = steps[0] ?? 1
  while (cellsOf(firstMs, lastMs, step) > most) step = stepAfter(step)
  return step
}

/** A stretch of missing events; see {@link TimeCells.missingRanges}. */
export interface MissingStretch {
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
}

/** So many cells, at the most, have counts of what came: enough for any picture. The others only know whether anything did. */
const mostCounted = 2_048

/** See above. */
export class TimeCells {
  /** How long a cell is, in milliseconds. */
  readonly stepMs: number
  private readonly first: number
  /** A bit for each cell: whether anything came in it. Events come in no order of time, so that what is written for each is to be small. */
  private readonly hasCome: Uint8Array
  private readonly missing: Uint32Array
  /** The first and the last missing event of each cell. */
  private readonly missingFrom: Float64Array
  private readonly missingTo: Float64Array
  /** Longer cells, each of several of the others, with counts. */
  private readonly countedMs: number
  private readonly firstCounted: number
  private readonly cameIn: Uint32Array
  private readonly missingIn: Uint32Array

  /** Cells for times from `firstMs` to `lastMs`, both included, no more than `most`. */
  constructor(
    private readonly firstMs: number,
    private readonly lastMs: number,
    most: number
  ) {
    this.stepMs = stepFor(firstMs, lastMs, most)
    this.first = Math.floor(firstMs / this.stepMs)
    const count = cellsOf(firstMs, lastMs, this.stepMs)
    this.hasCome = new Uint8Array(Math.ceil(count / 8))
    this.missing = new Uint32Array(count)
    this.missingFrom = new Float64Array(count)
    this.missingTo = new Float64Array(count)
    this.countedMs = stepFor(firstMs, lastMs, Math.min(most, mostCounted))
    this.firstCounted = Math.floor(firstMs / this.countedMs)
    const counted = cellsOf(firstMs, lastMs, this.countedMs)
    this.cameIn = new Uint32Array(counted)
    this.missingIn = new Uint32Array(counted)
  }

  /** Counts an event that was expected at `timeMs`, which is within the span. */
  count(timeMs: number, isMissing: boolean): void {
    const cell = Math.floor(timeMs / this.stepMs) - this.first
    const counted = Math.floor(timeMs / this.countedMs) - this.firstCounted
    if (!isMissing) {
      this.hasCome[cell >> 3] = (this.hasCome[cell >> 3] ?? 0) | (1 << (cell & 7))
      this.cameIn[counted] = (this.cameIn[counted] ?? 0) + 1
      return
    }
    this.missingIn[counted] = (this.missingIn[counted] ?? 0) + 1
    const before = this.missing[cell] ?? 0
    this.missing[cell] = before + 1
    if (before === 0 || timeMs < (this.missingFrom[cell] ?? 0)) this.missingFrom[cell] = timeMs
    if (before === 0 || timeMs > (this.missingTo[cell] ?? 0)) this.missingTo[cell] = timeMs
  }

  /** What was expected and what is missing in stretches of one length, no more than `most` of them, nor than 2,048. */
  timeline(most: number): Timeline.Timeline {
    let stepMs = this.countedMs
    while (cellsOf(this.firstMs, this.lastMs, stepMs) > most) stepMs = stepAfter(stepMs)
    const first = Math.floor(this.firstMs / stepMs)
    const count = cellsOf(this.firstMs, this.lastMs, stepMs)
    const expected = new Array<number>(count).fill(0)
    const missing = new Array<number>(count).fill(0)
    for (let cell = 0; cell < this.cameIn.length; cell++) {
      const at = Math.floor(((this.firstCounted + cell) * this.countedMs) / stepMs) - first
      const lacks = this.missingIn[cell] ?? 0
      expected[at] = (expected[at] ?? 0) + (this.cameIn[cell] ?? 0) + lacks
      missing[at] = (missing[at] ?? 0) + lacks
    }
    return { fromMs: first * stepMs, stepMs, expected, missing }
  }

  /**
   * The stretches in which nothing came although something was expected, the `most` with the most missing events, those first. A cell in
   * which something came ends a stretch; what is missing in it is a stretch by itself.
   */
  missingRanges(most: number): ReadonlyArray<MissingStretch> {
    const found: Array<MissingStretch> = []
    const note = (stretch: MissingStretch): void => {
      found.push(stretch)
      if (found.length > 4 * most + 1_000) {
        found.sort(bySize)
        found.length = most
      }
    }
    let open: MissingStretch | undefined
    const close = (): void => {
      if (open !== undefined) note(open)
      open = undefined
    }
    for (let cell = 0; cell < this.missing.length; cell++) {
      const count = this.missing[cell] ?? 0
      const isEmpty = ((this.hasCome[cell >> 3] ?? 0) & (1 << (cell & 7))) === 0
      if (!isEmpty) close()
      if (count === 0) continue
      const stretch = { fromMs: this.missingFrom[cell] ?? 0, toMs: this.missingTo[cell] ?? 0, count }
      if (!isEmpty) note(stretch)
      else open = open === undefined ? stretch : { ...open, toMs: stretch.toMs, count: open.count + count }
    }
    close()
    return found.sort(bySize).slice(0, most)
  }
}

const bySize = (left: MissingStretch, right: MissingStretch): number =>
  right.count - left.count || right.toMs - right.fromMs - (left.toMs - left.fromMs) || left.fromMs - right.fromMs
