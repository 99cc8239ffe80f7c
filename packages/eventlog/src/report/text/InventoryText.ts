/** What is in a capture without indices, for people at a terminal. */
import type { InventoryReport } from "@genesys-replay/domain"
import { DateTime } from "effect"
import * as DisplayText from "../../source/DisplayText.js"
import * as TimeAxis from "../map/TimeAxis.js"
import * as InventoryWords from "../topic/InventoryWords.js"
import * as TopicNames from "../topic/TopicNames.js"
import * as TextNotCounted from "./TextNotCounted.js"
import * as TextStyle from "./TextStyle.js"
import * as TextTable from "./TextTable.js"

const nameOf = (name: string | null, style: TextStyle.TextStyle): string =>
  name === null ? "(no topic)" : name === "" ? '""' : TextStyle.shown(name, style)

interface Row extends Pick<InventoryReport.InventoryGroup, "observed" | "unique" | "duplicates"> {
  readonly name: string
  readonly heading: string | undefined
  readonly from: string
  readonly to: string
}

/** Times of the table, without what they have in common, and what that is. */
const timesOf = (groups: ReadonlyArray<InventoryReport.InventoryGroup>) => {
  const millis = groups.flatMap(({ from, to }) =>
    [from, to].flatMap((time) => (time === null ? [] : [DateTime.toEpochMillis(time)]))
  )
  const stretch = { fromMs: Math.min(...millis), toMs: Math.max(...millis) + 1 }
  return {
    note: millis.length === 0 ? "" : `, ${TimeAxis.days(stretch)}`,
    text: (time: DateTime.Utc | null) =>
      time === null ? "" : TimeAxis.label(Math.floor(DateTime.toEpochMillis(time) / 1_000) * 1_000, stretch, 1_000)
  }
}

const table = (inventory: InventoryReport.InventoryReport, style: TextStyle.TextStyle): ReadonlyArray<string> => {
  const groups = inventory.inventory
  const { note, text } = timesOf(groups)
  const rows = TopicNames.sections(groups, ({ group }) => nameOf(group, style)).flatMap(({ entries, heading }) =>
    entries.map(
      ({ item, name }, at): Row => ({
        ...item,
        name: heading === undefined ? name : `  ${name}`,
        heading: at === 0 ? heading : undefined,
        from: text(item.from),
        to: text(item.to)
      })
    )
  )
  const all: ReadonlyArray<Row> =
    groups.length < 2
      ? []
      : [{ ...InventoryWords.total(groups), name: "all topics", heading: undefined, from: "", to: "" }]
  return [
    ...TextTable.render(
      {
        title: "topic",
        rows: [...rows, ...all],
        name: ({ name }) => name,
        cut: (name, columns) => DisplayText.cutMiddle(name, columns, style.ellipsis),
        columns: [
          { title: "events", cell: ({ observed }) => `${observed}` },
          { title: "distinct", cell: ({ unique }) => `${unique}` },
          { title: "duplicates", cell: ({ duplicates }) => `${duplicates}` },
          { title: "first", cell: ({ from }) => from },
          { title: "last", cell: ({ to }) => to }
        ],
        paint: (row, line) => (all.includes(row) ? style.strong(line) : line),
        above: ({ heading }) =>
          heading === undefined ? [] : [style.faint(DisplayText.cutMiddle(heading, style.width, style.ellipsis))]
      },
      style
    ),
    ...(note === "" ? [] : [style.faint(`event times in UTC${note}`)])
  ]
}

/**
 * The inventory as text, ending in a line feed: that nothing is proven, what is there, and what was not read, rejected, left out. What came
 * from input is escaped, so that a terminal shows it and does not obey it.
 */
export const render = (inventory: InventoryReport.InventoryReport, options: TextStyle.TextOptions = {}): string => {
  const style = TextStyle.of(options)
  return [
    ...TextStyle.paragraph(InventoryWords.verdict(inventory), style, style.bad),
    ...TextStyle.paragraph(InventoryWords.explanation, style, (line) => line),
    "",
    ...table(inventory, style),
    ...TextNotCounted.render(inventory, style),
    ""
  ].join("\n")
}
