/** A report about topics as one HTML file that needs nothing else: to attach, to print, to keep. */
import { Instant, Plural } from "@genesys-replay/domain"
import type { DateTime } from "effect"
import * as DisplayText from "../../../source/DisplayText.js"
import * as TopicReport from "../../topic/TopicReport.js"
import * as TopicVerdict from "../../topic/TopicVerdict.js"
import * as ConversationSection from "../conversation/ConversationSection.js"
import * as HtmlNotCounted from "../HtmlNotCounted.js"
import * as HtmlPage from "../HtmlPage.js"
import * as HtmlVerdict from "../HtmlVerdict.js"
import { html, type Markup } from "../Markup.js"
import * as TopicSection from "./TopicSection.js"
import * as TopicsMissing from "./TopicsMissing.js"
import * as TopicsOverTime from "./TopicsOverTime.js"
import * as TopicsTable from "./TopicsTable.js"

/** What was read, under a heading of its own. */
export interface SourceGroup {
  /** `Capture`, `Baseline`. */
  readonly heading: string
  readonly sources: HtmlNotCounted.Sources
}

/** What the page says besides the report. */
export interface TopicPageOptions {
  /** The instant the page names as its own. */
  readonly generatedAt: DateTime.Utc
  /** The page's heading; "Completeness report" by default. */
  readonly title?: string | undefined
  readonly sources?: ReadonlyArray<SourceGroup> | undefined
  /** How it was measured, in whole sentences, a paragraph each. */
  readonly rules?: ReadonlyArray<string> | undefined
}

const { grouped } = DisplayText

/** With more topics than this, those that are complete have their figures in the table only. */
const fewTopics = 6
/** More sections than this help no reader. */
const mostSections = 30

const entriesOf = (report: TopicReport.TopicReport): ReadonlyArray<TopicsTable.Entry> => {
  const topics = TopicReport.worstFirst(TopicReport.withAlignedTimelines(report))
  return topics.map((topic, at) => ({
    topic,
    verdict: topic.missing > 0 ? "incomplete" : report.verdict === "not proven" ? "not proven" : "complete",
    id: `topic-${at + 1}`,
    detailed: topic.expected > 0 && at < mostSections && (topic.missing > 0 || topics.length <= fewTopics)
  }))
}

const windowFact = ({ window }: TopicReport.TopicReport): ReadonlyArray<string> => {
  if (window === null || (window.start === null && window.end === null)) return []
  const text = (instant: DateTime.Utc) => Instant.format(instant).replace("T", " ").replace("Z", "")
  const start = window.start === null ? "" : `from ${text(window.start)} `
  const end = window.end === null ? "" : `until ${text(window.end)} `
  return [`${start}${end}UTC`]
}

const summary = (report: TopicReport.TopicReport): string | undefined => {
  const { came, expected, missing } = TopicReport.total(report.topics)
  return missing === 0 ? undefined : `${grouped(came)} of ${grouped(expected)} came.`
}

const notJudgedNotice = ({ notJudged = [] }: TopicReport.TopicReport): ReadonlyArray<Markup> => {
  const count = notJudged.reduce((sum, one) => sum + one.count, 0)
  return count === 0
    ? []
    : [html`<li>${grouped(count)} cannot be judged, and are not called missing. <a href="#not-judged">Why</a></li>`]
}

/** What the report tells of its own measure: in the words of who filled it in. */
const rules = (report: TopicReport.TopicReport, options: TopicPageOptions): Markup =>
  html`${(options.rules ?? []).map((rule) => html`<p>${rule}</p>`)}<p>All counts are exact. Coverage is the share of the expected events that came, rounded down, so that it reads 100 % only where nothing is missing. Times are those in the events.</p>${(
    report.facts ?? []
  ).map((fact) => html`<p class="facts">${fact.charAt(0).toUpperCase()}${fact.slice(1)}.</p>`)}`

/**
 * The report as a page. It loads nothing and runs no script; every text from input is escaped. Topics that lack most come first.
 *
 *     TopicPage.render(TopicReport.ofBaseline(report), { generatedAt })
 */
export const render = (report: TopicReport.TopicReport, options: TopicPageOptions): string => {
  const entries = entriesOf(report)
  const detailed = entries.filter((entry) => entry.detailed)
  // Maps are most of the page: with many sections each has fewer of them.
  const limits = detailed.length <= 4 ? { outer: 12, inner: 24 } : { outer: 6, inner: 0 }
  const sources = options.sources ?? []
  return HtmlPage.render({
    title: options.title,
    outcome: HtmlVerdict.words[report.verdict],
    subject: "captured events",
    generatedAt: options.generatedAt,
    facts: [
      ...windowFact(report),
      Plural.counted(report.topics.length, "topic", "topics", grouped),
      ...HtmlNotCounted.sourceFact(sources.flatMap((group) => group.sources))
    ],
    verdict: report.verdict,
    sentence: TopicVerdict.of(report, grouped),
    more: summary(report),
    notices: [
      ...HtmlNotCounted.notices(report),
      ...notJudgedNotice(report),
      ...(report.notes ?? []).map((note) => html`<li>${note}</li>`)
    ],
    sections: [
      ...(entries.length > 0 ? [TopicsTable.render(entries)] : []),
      ...TopicsOverTime.render(entries, limits),
      ...ConversationSection.render(report.stories),
      ...(detailed.length < 2 && entries.length < 2 ? [] : detailed.map((entry) => TopicSection.render(entry, limits))),
      ...(report.stories === undefined ? TopicsMissing.conversations(report) : []),
      ...TopicsMissing.events(report),
      HtmlNotCounted.measureSection(
        html`${rules(report, options)}${TopicsMissing.notJudged(report)}`,
        report,
        sources.map((group) => HtmlNotCounted.sourceList(group.sources, group.heading)),
        "None: every record was an event that could be counted."
      )
    ]
  })
}
