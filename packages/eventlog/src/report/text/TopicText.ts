/** A report about topics for people at a terminal. */
import { Instant, Plural } from "@genesys-replay/domain"
import * as DisplayText from "../../source/DisplayText.js"
import * as TimeAxis from "../map/TimeAxis.js"
import * as TimeSpan from "../TimeSpan.js"
import * as TopicLosses from "../topic/TopicLosses.js"
import * as TopicNames from "../topic/TopicNames.js"
import * as TopicReport from "../topic/TopicReport.js"
import * as TopicVerdict from "../topic/TopicVerdict.js"
import * as TextNotCounted from "./TextNotCounted.js"
import * as TextStyle from "./TextStyle.js"
import * as TextTable from "./TextTable.js"
import * as TimeStrips from "./TimeStrips.js"

/** How text says that events have no topic. */
const nameless = "(no topic)"

const nameOf = (name: string | null, style: TextStyle.TextStyle): string =>
  name === null ? nameless : name === "" ? '""' : TextStyle.shown(name, style)

const shortOf = (name: string | null, style: TextStyle.TextStyle): string => TopicNames.short(nameOf(name, style))

/** A row of the table: a topic, or all of them. */
interface Row extends Omit<TopicReport.Topic, "name" | "coveragePercentage"> {
  readonly name: string
  readonly coverage: string
  readonly heading: string | undefined
}

const coverageOf = (
  { coveragePercentage, expected }: Pick<TopicReport.Topic, "coveragePercentage" | "expected">,
  style: TextStyle.TextStyle
): string => (expected === 0 ? style.dash : `${coveragePercentage.toFixed(2)} %`)

const rowsOf = (topics: ReadonlyArray<TopicReport.Topic>, style: TextStyle.TextStyle): ReadonlyArray<Row> =>
  TopicNames.sections(topics, ({ name }) => nameOf(name, style)).flatMap(({ entries, heading }) =>
    entries.map(({ item, name }, at) => ({
      ...item,
      name: heading === undefined ? name : `  ${name}`,
      coverage: coverageOf(item, style),
      heading: at === 0 ? heading : undefined
    }))
  )

/** Columns that are there only where there is something in them. */
const columnsFor = (all: ReturnType<typeof TopicReport.total>, counted: { readonly duplicates: boolean }) => {
  const column = (title: string, of: (row: Row) => number | undefined): TextTable.Column<Row> => ({
    title,
    cell: (row) => `${of(row) ?? 0}`
  })
  return [
    column("expected", ({ expected }) => expected),
    column("came", ({ came }) => came),
    column("missing", ({ missing }) => missing),
    ...((all.notJudged ?? 0) > 0 ? [column("not judged", ({ notJudged }) => notJudged)] : []),
    ...(all.unexpected > 0 ? [column("unexpected", ({ unexpected }) => unexpected)] : []),
    ...(counted.duplicates ? [column("duplicates", ({ duplicates }) => duplicates)] : []),
    { title: "coverage", cell: ({ coverage }: Row) => coverage }
  ]
}

/** A row for each topic, those that lack most first, under what their names begin with. */
const table = (topics: ReadonlyArray<TopicReport.Topic>, style: TextStyle.TextStyle): ReadonlyArray<string> => {
  const all = TopicReport.total(topics)
  const totals: ReadonlyArray<Row> =
    topics.length < 2 ? [] : [{ ...all, name: "all topics", coverage: coverageOf(all, style), heading: undefined }]
  return TextTable.render(
    {
      title: "topic",
      rows: [...rowsOf(topics, style), ...totals],
      name: ({ name }) => name,
      cut: (name, columns) => DisplayText.cutMiddle(name, columns, style.ellipsis),
      columns: columnsFor(all, { duplicates: topics.some(({ duplicates }) => duplicates !== undefined) }),
      paint: (row, line) => (totals.includes(row) ? style.strong(line) : row.missing > 0 ? style.bad(line) : line),
      above: ({ heading }) =>
        heading === undefined ? [] : [style.faint(DisplayText.cutMiddle(heading, style.width, style.ellipsis))]
    },
    style
  )
}

/** So many strips are taken in at a glance. */
const mostStrips = 20
/** More lines than this of one kind help no reader. */
const mostLines = 8
/** More stretches than this are put together with their neighbours. */
const mostLosses = 12

const overTime = (topics: ReadonlyArray<TopicReport.Topic>, style: TextStyle.TextStyle): ReadonlyArray<string> => {
  const rows = topics.flatMap(({ missing, name, timeline }) =>
    missing === 0 || timeline === undefined ? [] : [{ name: shortOf(name, style), timeline }]
  )
  const strips = TimeStrips.render(rows.slice(0, mostStrips), style)
  if (strips.length === 0) return []
  const more = rows.length - mostStrips
  return [
    "",
    style.strong("When it is missing"),
    ...strips,
    ...(more > 0 ? [`  and ${Plural.counted(more, "more topic")}`] : [])
  ]
}

/** As many of `words` as have room, and how many more there are. */
const fitting = (words: ReadonlyArray<string>, columns: number): string => {
  const joined = (count: number) =>
    [...words.slice(0, count), ...(count < words.length ? [`${words.length - count} more`] : [])].join(", ")
  const most = words.findLastIndex((_, at) => DisplayText.width(joined(at + 1)) <= columns) + 1
  return joined(Math.max(1, most))
}

/** The worst stretches of all topics, with their lengths and what is missing of which. */
const losses = (topics: ReadonlyArray<TopicReport.Topic>, style: TextStyle.TextStyle): ReadonlyArray<string> => {
  const found = TopicLosses.of(topics, mostLosses)
  if (found.length === 0) return []
  const shown = found.slice(0, mostLines)
  const rows = shown.map((loss) => ({
    span: TimeAxis.text(loss, style.dash),
    lasts: TimeSpan.words(loss.toMs - loss.fromMs),
    missing: `${loss.missing}`,
    of: `${loss.expected}`,
    names: loss.topics.map(({ name }) => shortOf(name, style))
  }))
  const titles = { span: `from ${style.dash} to, in UTC`, lasts: "lasts", missing: "missing", of: "of" }
  const widthOf = (key: keyof typeof titles) => Math.max(...[titles, ...rows].map((row) => DisplayText.width(row[key])))
  const line = (row: typeof titles, names: string) =>
    [
      DisplayText.padEnd(row.span, widthOf("span")),
      DisplayText.padEnd(row.lasts, widthOf("lasts")),
      DisplayText.padStart(row.missing, widthOf("missing")),
      DisplayText.padStart(row.of, widthOf("of")),
      names
    ].join("  ")
  const room = style.width - 2 - DisplayText.width(line(titles, ""))
  const lines = rows.map((row) => line(row, fitting(row.names, room)))
  return [
    "",
    style.strong("The worst stretches"),
    style.faint(`  ${line(titles, "topics")}`),
    ...TextStyle.items(lines, found.length - shown.length, style)
  ]
}

const conversations = (report: TopicReport.TopicReport, style: TextStyle.TextStyle): ReadonlyArray<string> => {
  const { count, first, isTruncated = false } = report.conversations ?? { count: 0, first: [] }
  if (count === 0) return []
  const shown = first.slice(0, mostLines)
  const counts = shown.map(({ missing }) => `${missing} missing`)
  const width = Math.max(...counts.map(({ length }) => length))
  return TextStyle.section(
    `Conversations that lack something: ${isTruncated ? "at least " : ""}${count}`,
    shown.map(({ conversationId, topics }, at) => {
      const head = `${TextStyle.shown(conversationId, style)}  ${(counts[at] ?? "").padStart(width)}  `
      const names = topics.map((name) => shortOf(name, style))
      return head + fitting(names, style.width - 2 - DisplayText.width(head))
    }),
    count - shown.length,
    style
  )
}

const missingEvents = (report: TopicReport.TopicReport, style: TextStyle.TextStyle): ReadonlyArray<string> => {
  const { count, first } = report.missing
  const shown = first.slice(0, mostLines)
  if (shown.length === 0) return []
  const names = shown.map(({ topic }) => shortOf(topic, style))
  const width = Math.min(24, Math.max(...names.map(DisplayText.width)))
  return TextStyle.section(
    "Missing events",
    shown.map(({ place, time }, at) => {
      const when = time === null ? "no time" : Instant.format(time)
      const name = DisplayText.cutMiddle(names[at] ?? "", width, style.ellipsis)
      const head = `${when.padEnd(24)}  ${DisplayText.padEnd(name, width)}`
      const where = TextStyle.shown(place ?? "", style)
      return `${head}  ${DisplayText.cutMiddle(where, style.width - DisplayText.width(head) - 4, style.ellipsis)}`.trimEnd()
    }),
    count - shown.length,
    style
  )
}

const notJudged = (report: TopicReport.TopicReport, style: TextStyle.TextStyle): ReadonlyArray<string> => {
  const reasons = report.notJudged ?? []
  if (reasons.length === 0) return []
  const width = Math.max(...reasons.map(({ count }) => `${count}`.length))
  return TextStyle.section(
    "Not judged",
    reasons.map(({ count, reason }) => `${`${count}`.padStart(width)}  ${TextStyle.shown(reason, style)}`),
    0,
    style
  )
}

const windowFact = ({ window }: TopicReport.TopicReport): ReadonlyArray<string> => {
  if (window === null || (window.start === null && window.end === null)) return []
  const start = window.start === null ? "" : ` from ${Instant.format(window.start)}`
  const end = window.end === null ? "" : ` until ${Instant.format(window.end)}`
  return [`events${start}${end}`]
}

/**
 * The report as text, ending in a line feed: the verdict and what was not counted, a table of the topics, when it is missing, the worst
 * stretches, conversations and events that are missing; then what was not judged, not read, rejected, left out. What came from input is
 * escaped, so that a terminal shows it and does not obey it.
 */
export const render = (report: TopicReport.TopicReport, options: TextStyle.TextOptions = {}): string => {
  const style = TextStyle.of(options)
  const topics = TopicReport.worstFirst(TopicReport.withAlignedTimelines(report))
  const paragraph = (text: string, paint: (line: string) => string) => TextStyle.paragraph(text, style, paint)
  const notCounted = TopicVerdict.notCounted(report)
  const facts = [...windowFact(report), ...(report.facts ?? [])]
  return [
    ...paragraph(TopicVerdict.of(report), report.verdict === "complete" ? style.good : style.bad),
    ...(notCounted === undefined ? [] : paragraph(notCounted, style.bad)),
    ...(report.notes ?? []).flatMap((note) => paragraph(TextStyle.shown(note, style), (line) => line)),
    ...(facts.length === 0 ? [] : paragraph(`Measured: ${facts.join("; ")}.`, style.faint)),
    ...(topics.length === 0 ? [] : ["", ...table(topics, style)]),
    ...overTime(topics, style),
    ...losses(topics, style),
    ...conversations(report, style),
    ...missingEvents(report, style),
    ...notJudged(report, style),
    ...TextNotCounted.render(report, style),
    ""
  ].join("\n")
}
