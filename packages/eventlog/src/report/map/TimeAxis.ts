/** Times along the axis of a map: where they stand, and as briefly as can be told. All in UTC. */
import { DateTime } from "effect"
import type { Stretch } from "./TimeMap.js"

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Steps that a clock has. */
const steps: ReadonlyArray<number> = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000].map((count) => count * day)
]

const iso = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))

const isOneDay = ({ fromMs, toMs }: Stretch): boolean =>
  iso(fromMs).slice(0, 10) === iso(Math.max(fromMs, toMs - 1)).slice(0, 10)

/** `10:05`, `10:05:30`, `10:05:30.250`: no more digits than `stepMs` asks for. */
const clock = (millis: number, stepMs: number): string =>
  iso(millis).slice(11, stepMs % minute === 0 ? 16 : stepMs % second === 0 ? 19 : 23)

/** A time of the axis: with its day where that is not the same everywhere. */
export const label = (millis: number, stretch: Stretch, stepMs: number): string => {
  if (isOneDay(stretch)) return clock(millis, stepMs)
  const date = iso(millis).slice(stretch.toMs - stretch.fromMs > 300 * day ? 0 : 5, 10)
  return stepMs % day === 0 && millis % day === 0 ? date : `${date} ${clock(millis, stepMs)}`
}

/** Round times within `stretch`, about `count` of them. */
export const ticks = (
  stretch: Stretch,
  count: number
): ReadonlyArray<{ readonly millis: number; readonly text: string }> => {
  const { fromMs, toMs } = stretch
  const step = steps.find((one) => (toMs - fromMs) / one <= count) ?? Math.ceil((toMs - fromMs) / count / day) * day
  const first = Math.ceil(fromMs / step) * step
  return Array.from({ length: Math.max(0, Math.ceil((toMs - first) / step)) }, (_, at) => {
    const millis = first + at * step
    return { millis, text: label(millis, stretch, step) }
  })
}

/** How precisely the ends of `stretch` are to be told: as round as they are. */
export const precision = ({ fromMs, toMs }: Stretch): number =>
  [minute, second].find((unit) => fromMs % unit === 0 && toMs % unit === 0) ?? 1

/** `2025-11-10 10:00 – 12:00`, with the day twice where there are two. */
export const text = (stretch: Stretch, dash: string): string => {
  const { fromMs, toMs } = stretch
  const unit = precision(stretch)
  const end = isOneDay(stretch) && toMs % day !== 0 ? "" : `${iso(toMs).slice(0, 10)} `
  return `${iso(fromMs).slice(0, 10)} ${clock(fromMs, unit)} ${dash} ${end}${clock(toMs, unit)}`
}

/** The day of `stretch`, `2025-11-10`, or the first and the last one. */
export const days = ({ fromMs, toMs }: Stretch): string => {
  const [first, last] = [iso(fromMs).slice(0, 10), iso(Math.max(fromMs, toMs - 1)).slice(0, 10)]
  return first === last ? first : `${first} to ${last}`
}
