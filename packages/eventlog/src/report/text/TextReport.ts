/** A completeness report for people at a terminal. */
import { Plural, type SequenceReport, type SequenceTracker } from "@genesys-replay/domain"
import * as DisplayText from "../../source/DisplayText.js"
import * as SequenceMap from "../map/SequenceMap.js"
import * as TimeSpan from "../TimeSpan.js"
import * as Verdict from "../Verdict.js"
import * as GapStrip from "./GapStrip.js"
import * as TextNotCounted from "./TextNotCounted.js"
import * as TextStyle from "./TextStyle.js"
import * as TextTable from "./TextTable.js"

/** How the text is made. */
export interface TextReportOptions extends TextStyle.TextOptions {
  /** What the report was made from. A gap map needs it where the report does not list every gap. */
  readonly trackers?: ReadonlyMap<string | null, SequenceTracker.SequenceTracker> | undefined
}

const liveEvents = "(live events)"

const nameOf = (group: SequenceReport.GroupReport, style: TextStyle.TextStyle): string =>
  group.group === null ? liveEvents : TextStyle.shown(group.group === "" ? '""' : group.group, style)

const rangeOf = (start: number, end: number, style: TextStyle.TextStyle): string =>
  start === end ? `${start}` : `${start}${style.dash}${end}`

const coverage = (group: SequenceReport.GroupReport): string => `${group.coveragePercentage.toFixed(2)} %`

const figures = (style: TextStyle.TextStyle): ReadonlyArray<TextTable.Column<SequenceReport.GroupReport>> => [
  {
    title: "expected",
    cell: ({ expected }) => (expected === null ? "none" : rangeOf(expected.start, expected.end, style))
  },
  { title: "unique", cell: ({ unique }) => `${unique}` },
  { title: "missing", cell: ({ gapCount }) => `${gapCount}` },
  { title: "duplicates", cell: ({ duplicates }) => `${duplicates}` },
  { title: "reordered", cell: ({ outOfOrder }) => `${outOfOrder}` },
  { title: "coverage", cell: coverage }
]

/** Out-of-range indices are rare: their column is there only when there are some. */
const table = (groups: ReadonlyArray<SequenceReport.GroupReport>, style: TextStyle.TextStyle): ReadonlyArray<string> =>
  TextTable.render(
    {
      title: "group",
      rows: groups,
      name: (group) => nameOf(group, style),
      cut: (name, columns) => DisplayText.cut(name, columns, style.ellipsis),
      columns: groups.some((group) => group.outOfRange > 0)
        ? [...figures(style), { title: "outside", cell: ({ outOfRange }) => `${outOfRange}` }]
        : figures(style),
      paint: (group, line) => (group.isContiguous ? line : style.bad(line))
    },
    style
  )

const timesOf = ({ after, before }: SequenceReport.MissingRange, style: TextStyle.TextStyle): string => {
  if (after === null && before === null) return ""
  if (before === null) return `after ${TextStyle.shown(after ?? "", style)}`
  if (after === null) return `before ${TextStyle.shown(before, style)}`
  const long = TimeSpan.between(after, before)
  const times = `${TextStyle.shown(after, style)} ${style.unicode ? "→" : "->"} ${TextStyle.shown(before, style)}`
  return long === undefined ? times : `${times}, ${long}`
}

const gapLines = (group: SequenceReport.GroupReport, style: TextStyle.TextStyle): ReadonlyArray<string> => {
  const ranges = group.missing.map((gap) => rangeOf(gap.start, gap.end, style))
  const rangeWidth = Math.max(0, ...ranges.map(DisplayText.width))
  const countWidth = Math.max(0, ...group.missing.map(({ count }) => `${count}`.length))
  const lines = group.missing.flatMap((gap, at) => {
    const range = DisplayText.padStart(ranges[at] ?? "", rangeWidth)
    const head = `  ${range}  ${DisplayText.padStart(`${gap.count}`, countWidth)} missing`
    const times = timesOf(gap, style)
    if (times === "") return [head]
    if (DisplayText.width(head) + 2 + DisplayText.width(times) <= style.width) return [`${head}  ${style.faint(times)}`]
    return [head, `    ${style.faint(DisplayText.cut(times, style.width - 4, style.ellipsis))}`]
  })
  const more = group.gapRanges - group.missing.length
  return more > 0 ? [...lines, `  and ${Plural.counted(more, "more range")}`] : lines
}

/** Where the group lacks something, as a strip; none where neither tracker nor report tell it. */
const gapMap = (
  group: SequenceReport.GroupReport,
  style: TextStyle.TextStyle,
  trackers: TextReportOptions["trackers"]
): ReadonlyArray<string> => {
  const tracker = trackers?.get(group.group)
  const seen = tracker === undefined ? SequenceMap.seenIn(group) : SequenceMap.seenBy(tracker)
  if (seen === undefined || group.expected === null) return []
  return [...GapStrip.render(SequenceMap.positions(seen, group.expected), style), ""]
}

const gaps = (
  report: SequenceReport.CompletenessReport,
  style: TextStyle.TextStyle,
  trackers: TextReportOptions["trackers"]
): ReadonlyArray<string> =>
  report.groups
    .filter((group) => group.gapRanges > 0)
    .flatMap((group) => {
      const title = `Missing from ${nameOf(group, style)}`
      return [
        "",
        style.strong(DisplayText.cut(title, style.width, style.ellipsis)),
        ...gapMap(group, style, trackers),
        ...gapLines(group, style)
      ]
    })

const inferredNote =
  "Expected ranges are inferred from the indices seen. Give bounds to find what is missing before and behind them."

/**
 * The report as text, ending in a line feed: the verdict, a table of the groups, and for each that lacks something a map
 * of its range and the gaps with their times and lengths; then what was not read, rejected, left out. What came from input is escaped, so that a terminal shows it and does not obey it.
 */
export const render = (report: SequenceReport.CompletenessReport, options: TextReportOptions = {}): string => {
  const style = TextStyle.of(options)
  const inferred = report.groups.some((group) => group.expected?.inferred === true)
  return [
    ...TextStyle.paragraph(Verdict.of(report), style, report.verdict === "complete" ? style.good : style.bad),
    ...(report.groups.length === 0 ? [] : ["", ...table(report.groups, style)]),
    ...(inferred ? TextStyle.paragraph(inferredNote, style, style.faint) : []),
    ...gaps(report, style, options.trackers),
    ...TextNotCounted.render(report, style),
    ""
  ].join("\n")
}
