/** The map of a stretch of time: how many events were expected when, and how many of them did not come. */
import type { Timeline } from "@genesys-replay/domain"
import * as GapMap from "./GapMap.js"

/** From when to when, in milliseconds since 1970: the first of them, and the first behind. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

const mapOf = ({ expected, missing }: Timeline.Timeline, range: GapMap.Range, most: number): GapMap.GapMap => {
  const starts = GapMap.startsOf(range, most)
  // A gap goes on through stretches in which nothing was expected.
  let isOpen = false
  const cellOf = (first: number, last: number): GapMap.Cell => {
    const cell = { present: 0, missing: 0, gaps: 0 }
    let lacks: { readonly start: number; end: number } | null = null
    for (let at = first; at <= last; at++) {
      const lost = missing[at] ?? 0
      const wanted = expected[at] ?? 0
      if (wanted === 0) continue
      cell.present += wanted - lost
      cell.missing += lost
      if (lost > 0) {
        if (!isOpen) cell.gaps++
        if (lacks === null) lacks = { start: at, end: at }
        else lacks.end = at
      }
      isOpen = lost > 0
    }
    return { first, last, ...cell, lacks }
  }
  return {
    range,
    cells: Array.from({ length: starts.length - 1 }, (_, cell) =>
      cellOf(starts[cell] ?? 0, (starts[cell + 1] ?? 0) - 1)
    )
  }
}

/** The stretches of a timeline, numbered from 0. It has one at least. */
export const positions = (timeline: Timeline.Timeline): GapMap.Positions => ({
  range: { start: 0, end: Math.max(0, timeline.expected.length - 1) },
  maps: (ranges, most) => ranges.map((range) => mapOf(timeline, range, most))
})

/** When the stretches of `range` are. */
export const spanOf = ({ fromMs, stepMs }: Timeline.Timeline, { end, start }: GapMap.Range): Stretch => ({
  fromMs: fromMs + start * stepMs,
  toMs: fromMs + (end + 1) * stepMs
})

/** The counts of the stretches of `range`, together. */
export const countIn = (counts: ReadonlyArray<number>, { end, start }: GapMap.Range): number =>
  counts.slice(start, end + 1).reduce((sum, count) => sum + count, 0)

/** Aligned timelines as one; undefined where there is none. */
export const sum = (timelines: ReadonlyArray<Timeline.Timeline>): Timeline.Timeline | undefined => {
  const [first] = timelines
  if (first === undefined) return undefined
  const added = (of: (timeline: Timeline.Timeline) => ReadonlyArray<number>) =>
    of(first).map((_, at) => timelines.reduce((all, timeline) => all + (of(timeline)[at] ?? 0), 0))
  return { ...first, expected: added(({ expected }) => expected), missing: added(({ missing }) => missing) }
}

/** More stretches than this make no picture clearer. */
const mostStretches = 8_192

const endOf = ({ expected, fromMs, stepMs }: Timeline.Timeline): number => fromMs + expected.length * stepMs

const resampled = (timeline: Timeline.Timeline, fromMs: number, stepMs: number, length: number): Timeline.Timeline => {
  const expected = new Array<number>(length).fill(0)
  const missing = new Array<number>(length).fill(0)
  for (let at = 0; at < timeline.expected.length; at++) {
    const to = Math.min(length - 1, Math.max(0, Math.floor((timeline.fromMs + at * timeline.stepMs - fromMs) / stepMs)))
    expected[to] = (expected[to] ?? 0) + (timeline.expected[at] ?? 0)
    missing[to] = (missing[to] ?? 0) + (timeline.missing[at] ?? 0)
  }
  return { fromMs, stepMs, expected, missing }
}

/**
 * The timelines over one and the same time, in the same stretches, so that they can stand below each other: `window`, and whatever of them
 * lies outside. Stretches are as long as the longest of theirs, or longer where the window is. No event is lost; one of a stretch that goes
 * over an edge is counted where its stretch begins.
 */
export const aligned = (
  timelines: ReadonlyArray<Timeline.Timeline>,
  window: { readonly fromMs?: number | undefined; readonly toMs?: number | undefined } = {}
): ReadonlyArray<Timeline.Timeline> => {
  const filled = timelines.filter(({ expected }) => expected.length > 0)
  if (filled.length === 0) return timelines
  const firstMs = Math.min(...filled.map((one) => one.fromMs), window.fromMs ?? Number.POSITIVE_INFINITY)
  const lastMs = Math.max(...filled.map(endOf), window.toMs ?? Number.NEGATIVE_INFINITY)
  const finest = Math.max(...filled.map(({ stepMs }) => stepMs))
  const stepMs = finest * Math.max(1, Math.ceil((lastMs - firstMs) / finest / mostStretches))
  // Stretches begin where they did, so that they need not be taken apart.
  const from = filled.find((one) => one.stepMs === finest) ?? filled[0]
  const fromMs = (from?.fromMs ?? firstMs) - Math.ceil(((from?.fromMs ?? firstMs) - firstMs) / stepMs) * stepMs
  const length = Math.max(1, Math.ceil((lastMs - fromMs) / stepMs))
  return timelines.map((one) => resampled(one, fromMs, stepMs, length))
}
