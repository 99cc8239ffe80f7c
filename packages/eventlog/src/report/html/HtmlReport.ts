/** A completeness report as one HTML file that needs nothing else: to attach, to print, to keep. */
import { Plural, SequenceReport, type SequenceTracker } from "@genesys-replay/domain"
import type { DateTime } from "effect"
import * as DisplayText from "../../source/DisplayText.js"
import * as GapMap from "../map/GapMap.js"
import * as SequenceMap from "../map/SequenceMap.js"
import * as Verdict from "../Verdict.js"
import * as HtmlNotCounted from "./HtmlNotCounted.js"
import * as HtmlPage from "./HtmlPage.js"
import * as HtmlReportGroup from "./HtmlReportGroup.js"
import * as HtmlReportMeasure from "./HtmlReportMeasure.js"
import * as HtmlVerdict from "./HtmlVerdict.js"
import { html, type Markup } from "./Markup.js"
import * as HtmlMap from "./map/HtmlMap.js"
import { rangeText } from "./map/SequenceAxis.js"

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

const counted = (count: number, one: string, many?: string): string => Plural.counted(count, one, many, grouped)

/** What the browser's tab and the file's properties say. */
const outcomeOf = (report: SequenceReport.CompletenessReport): string =>
  report.groups.length === 0 ? "Nothing to verify" : HtmlVerdict.words[report.verdict]

const subjectOf = ({ groups }: SequenceReport.CompletenessReport): string => {
  const [first] = groups
  return (groups.length === 1 ? first?.group : undefined) ?? "replayed events"
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

const inferredNotice = html`<li>Where an expected range is inferred from the indices seen, nothing tells what is missing before the first and behind the last of them.</li>`

const notices = (report: SequenceReport.CompletenessReport): ReadonlyArray<Markup> => [
  ...HtmlNotCounted.notices(report),
  ...(report.groups.some(({ expected }) => expected?.inferred === true) ? [inferredNotice] : [])
]

const facts = ({ groups }: SequenceReport.CompletenessReport, options: HtmlReportOptions): ReadonlyArray<string> => [
  counted(
    groups.reduce((sum, group) => sum + group.observed, 0),
    "event"
  ),
  ...(groups.length > 1 ? [counted(groups.length, "group")] : []),
  ...HtmlNotCounted.sourceFact(options.sources ?? [])
]

interface Entry {
  readonly group: SequenceReport.GroupReport
  readonly verdict: SequenceReport.Verdict
  readonly seen: SequenceMap.Seen | undefined
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
        seen: tracker === undefined ? SequenceMap.seenIn(group) : SequenceMap.seenBy(tracker),
        id: `group-${at + 1}`,
        detailed: report.groups.length <= fewGroups || (!group.isContiguous && at < mostSections)
      }
    })

const groupRow = ({ detailed, group, id, seen, verdict }: Entry): Markup => {
  const { expected } = group
  const name = HtmlReportGroup.nameOf(group, 80)
  const strip =
    seen === undefined || expected === null
      ? undefined
      : HtmlMap.thumbnail(GapMap.make(SequenceMap.positions(seen, expected), expected, 60))
  return html`<tr><th scope="row">${detailed ? html`<a href="#${id}">${name}</a>` : name}${strip}</th><td>${HtmlVerdict.pill(verdict)}</td><td class="count">${
    expected === null ? "none" : rangeText(expected)
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
  const entries = entriesOf(report, options)
  const detailed = entries.filter((entry) => entry.detailed)
  // Maps are most of the page: with many sections each has fewer of them.
  const limits = detailed.length <= 4 ? { outer: 12, inner: 24 } : { outer: 6, inner: 0 }
  return HtmlPage.render({
    title: options.title,
    outcome: outcomeOf(report),
    subject: subjectOf(report),
    generatedAt: options.generatedAt,
    facts: facts(report, options),
    verdict: report.verdict,
    sentence: Verdict.of(report, grouped),
    more: summary(report),
    notices: notices(report),
    sections: [
      ...(entries.length > 1 ? [overview(entries)] : []),
      ...detailed.map(({ group, id, seen, verdict }) => HtmlReportGroup.render(group, verdict, seen, id, limits)),
      HtmlReportMeasure.render(report, options)
    ]
  })
}
