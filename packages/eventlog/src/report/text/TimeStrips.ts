/** Gap maps over time for a terminal: a strip for each topic, all over the same time, with one axis and one legend. */
import type { Timeline } from "@genesys-replay/domain"
import * as DisplayText from "../../source/DisplayText.js"
import * as GapMap from "../map/GapMap.js"
import * as TimeAxis from "../map/TimeAxis.js"
import * as TimeMap from "../map/TimeMap.js"
import * as TimeSpan from "../TimeSpan.js"
import * as GapStrip from "./GapStrip.js"
import type { TextStyle } from "./TextStyle.js"

/** A strip and what it is of. */
export interface Row {
  readonly name: string
  readonly timeline: Timeline.Timeline
}

/** Longer names are cut in the middle. */
const longestName = 24

const axisOf = (timeline: Timeline.Timeline, range: GapMap.Range, width: number): string => {
  const stretch = TimeMap.spanOf(timeline, range)
  const unit = TimeAxis.precision(stretch)
  const ticks = TimeAxis.ticks(stretch, Math.max(2, Math.floor(width / 14))).map(({ millis, text }) => ({
    column: Math.round((width * (millis - stretch.fromMs)) / (stretch.toMs - stretch.fromMs)),
    text
  }))
  return GapStrip.axis(
    TimeAxis.label(stretch.fromMs, stretch, unit),
    ticks,
    TimeAxis.label(stretch.toMs, stretch, unit),
    width
  )
}

/** The strips of `rows`, whose timelines are aligned. Nothing where there is no room. */
export const render = (rows: ReadonlyArray<Row>, style: TextStyle): ReadonlyArray<string> => {
  const [first] = rows
  if (first === undefined) return []
  const nameWidth = Math.min(longestName, Math.max(...rows.map(({ name }) => DisplayText.width(name))))
  const room = style.width - nameWidth - 6
  if (room < GapStrip.narrowest) return []
  const { range } = TimeMap.positions(first.timeline)
  const maps = rows.map(({ timeline }) => GapMap.make(TimeMap.positions(timeline), range, room))
  const cells = maps.flatMap((map) => map.cells)
  const each = GapStrip.columnsOf(maps[0]?.cells ?? [], room)
  const { most, prefix } = GapStrip.sizeOf(cells)
  const indent = " ".repeat(nameWidth + 4)
  const strips = rows.flatMap(({ name }, at) => {
    const { marks, strip } = GapStrip.lines(maps[at]?.cells ?? [], each, style)
    const shown = DisplayText.cutMiddle(name, nameWidth, style.ellipsis)
    return [`  ${DisplayText.padEnd(shown, nameWidth)} ${strip}`, ...(marks === "" ? [] : [indent + marks])]
  })
  const width = each * (maps[0]?.cells.length ?? 0)
  const size = prefix + TimeSpan.words(most * first.timeline.stepMs)
  return [
    ...strips,
    indent + style.faint(axisOf(first.timeline, range, width)),
    ...GapStrip.legend(cells, each, size, style).map((line) => `  ${style.faint(line)}`)
  ]
}
