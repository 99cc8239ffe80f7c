/** A completeness report for people at a terminal. */
import type { SequenceReport, SequenceTracker } from "@genesys-replay/domain"
import * as DisplayText from "../source/DisplayText.js"
import * as GapMap from "./GapMap.js"
import * as GapStrip from "./GapStrip.js"
import * as TimeSpan from "./TimeSpan.js"
import * as Verdict from "./Verdict.js"

/** How the text is made. */
export interface TextReportOptions {
  /** Columns; 80 by default. No line is longer, from 72 columns on whatever the figures. */
  readonly width?: number | undefined
  /** ANSI colours; none by default. Nothing is said by colour alone. */
  readonly color?: boolean | undefined
  /** Characters beyond ASCII; none by default. */
  readonly unicode?: boolean | undefined
  /** What the report was made from. A gap map needs it where the report does not list every gap. */
  readonly trackers?: ReadonlyMap<string | null, SequenceTracker.SequenceTracker> | undefined
}

interface Style {
  readonly width: number
  readonly unicode: boolean
  readonly ellipsis: string
  readonly dash: string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

const styleOf = (options: TextReportOptions): Style => {
  const unicode = options.unicode ?? false
  const ansi = (on: number, off: number) => (text: string) =>
    options.color === true && text !== "" ? `\u001b[${on}m${text}\u001b[${off}m` : text
  return {
    width: options.width ?? 80,
    unicode,
    ellipsis: unicode ? "…" : "...",
    dash: unicode ? "–" : "-",
    good: ansi(32, 39),
    bad: ansi(31, 39),
    strong: ansi(1, 22),
    faint: ansi(2, 22)
  }
}

const liveEvents = "(live events)"

const shown = (text: string, style: Style): string => DisplayText.safe(text, style.unicode)

const nameOf = (group: SequenceReport.GroupReport, style: Style): string =>
  group.group === null ? liveEvents : shown(group.group === "" ? '""' : group.group, style)

const rangeOf = (start: number, end: number, style: Style): string =>
  start === end ? `${start}` : `${start}${style.dash}${end}`

const coverage = (group: SequenceReport.GroupReport): string => `${group.coveragePercentage.toFixed(2)} %`

interface Column {
  readonly title: string
  readonly cell: (group: SequenceReport.GroupReport, style: Style) => string
}

const expected: Column = {
  title: "expected",
  cell: ({ expected }, style) => (expected === null ? "none" : rangeOf(expected.start, expected.end, style))
}

const figures: ReadonlyArray<Column> = [
  { title: "unique", cell: ({ unique }) => `${unique}` },
  { title: "missing", cell: ({ gapCount }) => `${gapCount}` },
  { title: "duplicates", cell: ({ duplicates }) => `${duplicates}` },
  { title: "reordered", cell: ({ outOfOrder }) => `${outOfOrder}` },
  { title: "coverage", cell: coverage }
]

/** Out-of-range indices are rare: their column is there only when there are some. */
const columnsFor = (groups: ReadonlyArray<SequenceReport.GroupReport>): ReadonlyArray<Column> =>
  groups.some((group) => group.outOfRange > 0)
    ? [expected, ...figures, { title: "outside", cell: ({ outOfRange }) => `${outOfRange}` }]
    : [expected, ...figures]

/** Narrower than this, a name says nothing any more. */
const narrowestName = 12

/** A row for each group; undefined where the figures leave no room for the names. */
const asTable = (
  groups: ReadonlyArray<SequenceReport.GroupReport>,
  style: Style
): ReadonlyArray<string> | undefined => {
  const columns = columnsFor(groups)
  const widths = columns.map(({ cell, title }) =>
    Math.max(title.length, ...groups.map((group) => DisplayText.width(cell(group, style))))
  )
  const room = style.width - widths.reduce((sum, width) => sum + width + 2, 0)
  const names = groups.map((group) => nameOf(group, style))
  const longestName = Math.max("group".length, ...names.map(DisplayText.width))
  if (room < Math.min(narrowestName, longestName)) return undefined
  const nameWidth = Math.min(room, longestName)
  const line = (name: string, cells: ReadonlyArray<string>) =>
    [DisplayText.padEnd(name, nameWidth), ...cells.map((cell, at) => DisplayText.padStart(cell, widths[at] ?? 0))].join(
      "  "
    )
  const title = line(
    "group",
    columns.map((column) => column.title)
  )
  const rows = groups.map((group, at) => {
    const name = DisplayText.cut(names[at] ?? "", nameWidth, style.ellipsis)
    const row = line(
      name,
      columns.map(({ cell }) => cell(group, style))
    )
    return group.isContiguous ? row : style.bad(row)
  })
  return [style.faint(title), ...rows]
}

/** A few lines for each group: what fits where a table doesn't. */
const asLists = (groups: ReadonlyArray<SequenceReport.GroupReport>, style: Style): ReadonlyArray<string> =>
  groups.flatMap((group) => [
    style.strong(DisplayText.cut(nameOf(group, style), style.width, style.ellipsis)),
    ...columnsFor(groups).map(({ cell, title }) => `  ${DisplayText.padEnd(title, 10)}  ${cell(group, style)}`)
  ])

const timesOf = ({ after, before }: SequenceReport.MissingRange, style: Style): string => {
  if (after === null && before === null) return ""
  if (before === null) return `after ${shown(after ?? "", style)}`
  if (after === null) return `before ${shown(before, style)}`
  const long = TimeSpan.between(after, before)
  const times = `${shown(after, style)} ${style.unicode ? "→" : "->"} ${shown(before, style)}`
  return long === undefined ? times : `${times}, ${long}`
}

const gapLines = (group: SequenceReport.GroupReport, style: Style): ReadonlyArray<string> => {
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
  return more > 0 ? [...lines, `  and ${Verdict.counted(more, "more range")}`] : lines
}

/** Where the group lacks something, as a strip; none where neither tracker nor report tell it. */
const gapMap = (
  group: SequenceReport.GroupReport,
  style: Style,
  trackers: TextReportOptions["trackers"]
): ReadonlyArray<string> => {
  const tracker = trackers?.get(group.group)
  const seen = tracker === undefined ? GapMap.seenIn(group) : GapMap.seenBy(tracker)
  return seen === undefined || group.expected === null ? [] : [...GapStrip.render(seen, group.expected, style), ""]
}

const gaps = (
  report: SequenceReport.CompletenessReport,
  style: Style,
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

/** More lines than this of one kind help no reader. */
const mostLines = 10

/** A heading, and what stands below it, of which there may be `more`. */
const section = (title: string, lines: ReadonlyArray<string>, more: number, style: Style): ReadonlyArray<string> => [
  "",
  style.strong(title),
  ...lines.map((line) => DisplayText.cut(`  ${line}`, style.width, style.ellipsis)),
  ...(more > 0 ? [`  and ${more} more`] : [])
]

const unreadSources = ({ unread }: SequenceReport.CompletenessReport, style: Style): ReadonlyArray<string> => {
  if (unread.length === 0) return []
  const lines = unread
    .slice(0, mostLines)
    .map(({ bytesRead, reason, source }) =>
      [shown(source, style), ...(bytesRead > 0 ? [`behind byte ${bytesRead}`] : []), shown(reason, style)].join("  ")
    )
  const title = `Not read, or not to the end: ${Verdict.counted(unread.length, "source")}`
  return section(title, lines, unread.length - lines.length, style)
}

const rejections = ({ rejected }: SequenceReport.CompletenessReport, style: Style): ReadonlyArray<string> => {
  if (rejected.count === 0) return []
  const lines = rejected.first.map(
    ({ line, reason, source }) => `${shown(source, style)}:${line}  ${shown(reason, style)}`
  )
  const title = `Rejected, and not counted: ${Verdict.counted(rejected.count, "record")}`
  return section(title, lines, rejected.count - lines.length, style)
}

const leftOut = (
  { leftOut: { count, first } }: SequenceReport.CompletenessReport,
  style: Style
): ReadonlyArray<string> =>
  count === 0
    ? []
    : section(
        `Left out: ${Verdict.counted(count, "file")}`,
        first.map(({ reason, source }) => `${shown(source, style)}  ${shown(reason, style)}`),
        count - first.length,
        style
      )

const inferredNote =
  "Expected ranges are inferred from the indices seen. Give bounds to find what is missing before and behind them."

/**
 * The report as text, ending in a line feed: the verdict, a table of the groups, and for each that lacks something a map
 * of its range and the gaps with their times and lengths; then what was not read, rejected, left out. What came from input is escaped, so that a terminal shows it and does not obey it.
 */
export const render = (report: SequenceReport.CompletenessReport, options: TextReportOptions = {}): string => {
  const style = styleOf(options)
  const groups =
    report.groups.length === 0 ? [] : ["", ...(asTable(report.groups, style) ?? asLists(report.groups, style))]
  const paragraph = (text: string, paint: (line: string) => string) => DisplayText.wrap(text, style.width).map(paint)
  const inferred = report.groups.some((group) => group.expected?.inferred === true)
  return [
    ...paragraph(Verdict.of(report), report.verdict === "complete" ? style.good : style.bad),
    ...groups,
    ...(inferred ? paragraph(inferredNote, style.faint) : []),
    ...gaps(report, style, options.trackers),
    ...unreadSources(report, style),
    ...rejections(report, style),
    ...leftOut(report, style),
    ""
  ].join("\n")
}
