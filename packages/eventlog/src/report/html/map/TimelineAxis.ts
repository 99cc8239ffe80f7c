/** The axis of a timeline: round times in UTC. */
import { Plural, type Timeline } from "@genesys-replay/domain"
import * as DisplayText from "../../../source/DisplayText.js"
import type * as GapMap from "../../map/GapMap.js"
import * as TimeAxis from "../../map/TimeAxis.js"
import * as TimeMap from "../../map/TimeMap.js"
import * as TimeSpan from "../../TimeSpan.js"
import type { MapAxis } from "./MapAxis.js"
import { type Label, type Placed, withRoom } from "./MapLabel.js"

const counted = (count: number): string => Plural.counted(count, "event", "events", DisplayText.grouped)

/** The labels of a stretch of time: its ends, and round times between them. */
export const labels = (stretch: TimeMap.Stretch): ReadonlyArray<Placed> => {
  const { fromMs, toMs } = stretch
  const unit = TimeAxis.precision(stretch)
  const ends: ReadonlyArray<Label> = [
    { share: 0, text: TimeAxis.label(fromMs, stretch, unit), anchor: "start" },
    { share: 1, text: TimeAxis.label(toMs, stretch, unit), anchor: "end" }
  ]
  const between = TimeAxis.ticks(stretch, 8).map(
    ({ millis, text }): Label => ({ share: (millis - fromMs) / (toMs - fromMs), text, anchor: "middle" })
  )
  return withRoom([...ends, ...between.filter(({ share }) => share > 0 && share < 1)])
}

/** The axis of `timeline`, whose maps are as high as events were expected. */
export const make = (timeline: Timeline.Timeline): MapAxis => {
  const rangeText = (range: GapMap.Range): string => TimeAxis.text(TimeMap.spanOf(timeline, range), "–")
  return {
    title: (range) => `Events over time, ${rangeText(range)}`,
    caption: ({ cells, range }) => {
      const most = Math.max(...cells.map(({ first, last }) => last - first + 1))
      const tallest = Math.max(...cells.map(({ missing, present }) => missing + present))
      return `${rangeText(range)} UTC. Each step is ${TimeSpan.words(most * timeline.stepMs)}; the highest has ${counted(tallest)}.`
    },
    rangeText,
    counted,
    one: "event",
    labels: (range) => ({ rows: [labels(TimeMap.spanOf(timeline, range))], note: undefined }),
    height: "volume"
  }
}
