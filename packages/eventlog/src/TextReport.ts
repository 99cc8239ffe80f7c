/** A completeness report for people at a terminal. */
import { Instant, type SequenceReport } from "@genesys-replay/domain"
import { DateTime, Option } from "effect"
import * as DisplayText from "./DisplayText.js"

/** How the text is made. */
export interface TextReportOptions {
  /** Columns; 80 by default. No line is longer, from 72 columns on whatever the figures. */
  readonly width?: number | undefined
  /** ANSI colours; none by default. Nothing is said by colour alone. */
  readonly color?: boolean | undefined
  /** Characters beyond ASCII; none by default. */
  readonly unicode?: boolean | undefined
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

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

const coverage = (group: SequenceReport.GroupReport): string => `${group.coveragePercentage.toFixed(2)} %`

const verdict = (report: SequenceReport.CompletenessReport): string => {
  const { groups } = report
  const open = groups.filter((group) => !group.isContiguous)
  if (groups.length === 0) return "Nothing to verify: no event with a sequence index was found."
  if (open.length === 0) {
    const unique = groups.reduce((sum, group) => sum + group.unique - group.outOfRange, 0)
    const where = groups.length === 1 ? "" : ` in ${groups.length} groups`
    return `Complete: ${counted(unique, "index", "indices")}${where}, none missing.`
  }
  const gaps = open.reduce((sum, group) => sum + group.gapCount, 0)
  const ranges = open.reduce((sum, group) => sum + group.gapRanges, 0)
  if (gaps === 0) return "Incomplete: nothing of the expected range was found."
  const where = groups.length === 1 ? "" : ` from ${open.length} of ${counted(groups.length, "group")}`
  const are = gaps === 1 ? "is" : "are"
  return `Incomplete: ${counted(gaps, "index", "indices")} ${are} missing${where}, in ${counted(ranges, "range")}.`
}

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

/** `1 h 12 min` between two event times; nothing where one of them is no instant. */
const between = (after: string, before: string): string | undefined =>
  Option.zipWith(Instant.parse(after), Instant.parse(before), (from, to) => {
    const millis = DateTime.toEpochMillis(to) - DateTime.toEpochMillis(from)
    if (millis < 0) return undefined
    if (millis < 1_000) return `${millis} ms`
    const seconds = Math.round(millis / 1_000)
    if (seconds < 60) return `${seconds} s`
    const minutes = Math.floor(seconds / 60)
    if (minutes < 60) return `${minutes} min ${seconds % 60} s`
    const hours = Math.floor(minutes / 60)
    return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
  }).pipe(Option.getOrUndefined)

const timesOf = ({ after, before }: SequenceReport.MissingRange, style: Style): string => {
  if (after === null && before === null) return ""
  if (before === null) return `after ${shown(after ?? "", style)}`
  if (after === null) return `before ${shown(before, style)}`
  const long = between(after, before)
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
  return more > 0 ? [...lines, `  and ${counted(more, "more range")}`] : lines
}

const gaps = (report: SequenceReport.CompletenessReport, style: Style): ReadonlyArray<string> =>
  report.groups
    .filter((group) => group.gapRanges > 0)
    .flatMap((group) => {
      const title = `Missing from ${nameOf(group, style)}`
      return ["", style.strong(DisplayText.cut(title, style.width, style.ellipsis)), ...gapLines(group, style)]
    })

const rejections = ({ rejected }: SequenceReport.CompletenessReport, style: Style): ReadonlyArray<string> => {
  if (rejected.count === 0) return []
  const lines = rejected.first.map(({ line, reason, source }) =>
    DisplayText.cut(`  ${shown(source, style)}:${line}  ${shown(reason, style)}`, style.width, style.ellipsis)
  )
  const more = rejected.count - rejected.first.length
  return [
    "",
    style.strong(`Rejected, and not counted: ${counted(rejected.count, "record")}`),
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : [])
  ]
}

const inferredNote =
  "Expected ranges are inferred from the indices seen. Give bounds to find what is missing before and behind them."

/**
 * The report as text, ending in a line feed: the verdict, a table of the groups, the gaps with their times and lengths, and what
 * was rejected. What came from input is escaped, so that a terminal shows it and does not obey it.
 */
export const render = (report: SequenceReport.CompletenessReport, options: TextReportOptions = {}): string => {
  const style = styleOf(options)
  const groups =
    report.groups.length === 0 ? [] : ["", ...(asTable(report.groups, style) ?? asLists(report.groups, style))]
  const paragraph = (text: string, paint: (line: string) => string) => DisplayText.wrap(text, style.width).map(paint)
  const inferred = report.groups.some((group) => group.expected?.inferred === true)
  return [
    ...paragraph(verdict(report), report.isContiguous ? style.good : style.bad),
    ...groups,
    ...(inferred ? paragraph(inferredNote, style.faint) : []),
    ...gaps(report, style),
    ...rejections(report, style),
    ""
  ].join("\n")
}
