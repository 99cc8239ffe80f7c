/** A completeness report as one HTML file that needs nothing else: to attach, to print, to keep. */
import { Instant, SequenceReport, type SequenceTracker } from "@genesys-replay/domain"
import type { DateTime } from "effect"
import * as DisplayText from "../../source/DisplayText.js"
import * as GapMap from "../GapMap.js"
import * as Verdict from "../Verdict.js"
import * as HtmlReportGroup from "./HtmlReportGroup.js"
import * as HtmlReportMap from "./HtmlReportMap.js"
import * as HtmlReportMeasure from "./HtmlReportMeasure.js"
import * as HtmlReportStyle from "./HtmlReportStyle.js"
import { html, Markup } from "./Markup.js"

/** What the page says besides the report. An observation of `EventLog.observe` has most of it. */
export interface HtmlReportOptions extends HtmlReportMeasure.Measure {
  /** The instant the page names as its own. */
  readonly generatedAt: DateTime.Utc
  /** The page's heading; "Completeness report" by default. */
  readonly title?: string | undefined
  /** What the report was made from. A gap map needs it where the report does not list every gap. */
  readonly trackers?: ReadonlyMap<string | null, SequenceTracker.SequenceTracker> | undefined
}

const { grouped } = DisplayText

const counted = (count: number, one: string, many?: string): string => Verdict.counted(count, one, many, grouped)

/** Nothing is loaded and nothing runs; only the page's own style applies. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

const defaultTitle = "Completeness report"

/** What the browser's tab and the file's properties say. */
const documentTitle = (report: SequenceReport.CompletenessReport, title: string | undefined): string => {
  const outcome =
    report.groups.length === 0
      ? "Nothing to verify"
      : { complete: "Complete", incomplete: "Incomplete", "not proven": "Not proven" }[report.verdict]
  const [first] = report.groups
  const only = report.groups.length === 1 ? (first?.group ?? undefined) : undefined
  return `${outcome}: ${DisplayText.cut(title ?? only ?? "replayed events", 120, "…")}`
}

/** The share of all expected indices, beside the verdict. */
const summary = ({ groups }: SequenceReport.CompletenessReport): string | undefined => {
  const expected = groups.reduce(
    (sum, { expected: range }) => sum + (range === null ? 0 : range.end - range.start + 1),
    0
  )
  const missing = groups.reduce((sum, group) => sum + group.gapCount, 0)
  if (expected === 0 || missing === 0) return undefined
  return `${grouped(expected - missing)} of ${counted(expected, "expected index", "expected indices")} came.`
}

const banner = (report: SequenceReport.CompletenessReport): Markup => {
  const more = summary(report)
  return html`<div class="banner ${HtmlReportGroup.classOf(report.verdict)}">${HtmlReportGroup.icon(report.verdict)}<p class="verdict">${Verdict.of(report, grouped)}</p>${
    more === undefined ? undefined : html`<p>${more}</p>`
  }</div>`
}

/** What makes the verdict less than it seems. */
const notices = (report: SequenceReport.CompletenessReport): Markup => {
  const unread = report.unread.length
  const rejected = report.rejected.count
  const found = [
    ...(unread === 0
      ? []
      : [
          html`<li>${counted(unread, "source")} ${unread === 1 ? "was" : "were"} not read, or not to the end, so this report may say too little. <a href="#measure">How it was measured</a></li>`
        ]),
    ...(rejected === 0
      ? []
      : [
          html`<li>${counted(rejected, "record was", "records were")} rejected and not counted. <a href="#rejected">Which, and why</a></li>`
        ]),
    ...(report.leftOut.count === 0
      ? []
      : [
          html`<li>${counted(report.leftOut.count, "file was", "files were")} left out. <a href="#left-out">Which, and why</a></li>`
        ]),
    ...(report.groups.some(({ expected }) => expected?.inferred === true)
      ? [
          html`<li>Where an expected range is inferred from the indices seen, nothing tells what is missing before the first and behind the last of them.</li>`
        ]
      : [])
  ]
  return found.length === 0 ? html`` : html`<ul class="notice">${found}</ul>`
}

const facts = (report: SequenceReport.CompletenessReport, options: HtmlReportOptions): Markup => {
  const sources = options.sources ?? []
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0)
  const events = report.groups.reduce((sum, group) => sum + group.observed, 0)
  const generated = Instant.format(options.generatedAt)
  return html`<p class="facts"><span>Generated <time datetime="${generated}">${generated.replace("T", " ").replace(/(?:\.\d+)?Z$/, " UTC")}</time></span>${[
    counted(events, "event"),
    ...(report.groups.length > 1 ? [counted(report.groups.length, "group")] : []),
    ...(sources.length > 0 ? [`${counted(sources.length, "source")}, ${HtmlReportMeasure.bytesText(bytes)}`] : [])
  ].map((fact) => html`<span>${fact}</span>`)}</p>`
}

interface Entry {
  readonly group: SequenceReport.GroupReport
  readonly verdict: SequenceReport.Verdict
  readonly seen: GapMap.Seen | undefined
  readonly id: string
  /** Whether the group has a section of its own. */
  readonly detailed: boolean
}

/** With more groups than this, those that are complete have their figures in the table only. */
const fewGroups = 10
/** More sections or rows than this help no reader. */
const mostSections = 50
const mostRows = 500

/** Those that lack something first, otherwise as the report has them. */
const entriesOf = (report: SequenceReport.CompletenessReport, options: HtmlReportOptions): ReadonlyArray<Entry> =>
  [...report.groups]
    .sort((left, right) => Number(left.isContiguous) - Number(right.isContiguous))
    .map((group, at) => {
      const tracker = options.trackers?.get(group.group)
      return {
        group,
        verdict: SequenceReport.verdictOf(group, report),
        seen: tracker === undefined ? GapMap.seenIn(group) : GapMap.seenBy(tracker),
        id: `group-${at + 1}`,
        detailed: report.groups.length <= fewGroups || (!group.isContiguous && at < mostSections)
      }
    })

const groupRow = ({ detailed, group, id, seen, verdict }: Entry): Markup => {
  const { expected } = group
  const name = HtmlReportGroup.nameOf(group, 80)
  const strip =
    seen === undefined || expected === null ? undefined : HtmlReportMap.thumbnail(GapMap.make(seen, expected, 60))
  return html`<tr><th scope="row">${detailed ? html`<a href="#${id}">${name}</a>` : name}${strip}</th><td>${HtmlReportGroup.pill(verdict)}</td><td class="count">${
    expected === null ? "none" : HtmlReportMap.rangeText(expected)
  }</td><td class="count">${grouped(group.gapCount)}</td><td class="count">${grouped(group.duplicates)}</td><td class="count">${grouped(group.outOfOrder)}</td><td class="count">${group.coveragePercentage.toFixed(2)} %</td></tr>`
}

const overview = (entries: ReadonlyArray<Entry>): Markup => {
  const left = entries.length - mostRows
  const untold = entries.filter(({ detailed }) => !detailed).length
  return html`<section aria-labelledby="groups"><div class="heading"><h2 id="groups">Groups</h2></div><div class="scroll" tabindex="0" role="region" aria-labelledby="groups"><table class="groups"><caption>Each group is one sequence: the events of one replay, or the live ones.</caption><thead><tr><th scope="col">Group</th><th scope="col">Verdict</th><th scope="col" class="count">Expected</th><th scope="col" class="count">Missing</th><th scope="col" class="count">Duplicates</th><th scope="col" class="count">Out of order</th><th scope="col" class="count">Coverage</th></tr></thead><tbody>${entries
    .slice(0, mostRows)
    .map(groupRow)}</tbody></table></div>${
    left > 0
      ? html`<p class="facts">${counted(left, "more group")} ${left === 1 ? "has" : "have"} no row here.</p>`
      : undefined
  }${
    untold > 0
      ? html`<p class="facts">${counted(untold, "group")} of these ${untold === 1 ? "has" : "have"} no section below: complete ones, and what is beyond the first ${mostSections}.</p>`
      : undefined
  }</section>`
}

/**
 * The report as a page. It loads nothing and runs no script; every text from input is escaped. Groups that lack something
 * come first. A group's gaps are listed as far as the report lists them, at most 2,000; the counts are exact whatever is
 * listed.
 *
 *     HtmlReport.render(observation.report, { ...observation, generatedAt })
 */
export const render = (report: SequenceReport.CompletenessReport, options: HtmlReportOptions): string => {
  const title = options.title ?? defaultTitle
  const entries = entriesOf(report, options)
  const detailed = entries.filter((entry) => entry.detailed)
  // Maps are most of the page: with many sections each has fewer of them.
  const limits = detailed.length <= 4 ? { outer: 12, inner: 24 } : { outer: 6, inner: 0 }
  return html`${new Markup("<!doctype html>")}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="genesys-replay">
<title>${documentTitle(report, options.title)}</title>
<style>${new Markup(HtmlReportStyle.css)}</style>
</head>
<body>
${HtmlReportMap.definitions}
<div class="page">
<header><p class="eyebrow">${options.title === undefined ? "genesys-replay" : defaultTitle}</p><h1>${DisplayText.cut(title, 400, "…")}</h1>${facts(report, options)}${banner(report)}${notices(report)}</header>
<main>
${entries.length > 1 ? overview(entries) : undefined}
${detailed.map(({ group, id, seen, verdict }) => HtmlReportGroup.render(group, verdict, seen, id, limits))}
${HtmlReportMeasure.render(report, options)}
</main>
<footer><p>Made by genesys-replay. This page loads nothing and runs no script.</p></footer>
</div>
</body>
</html>
`.text
}
