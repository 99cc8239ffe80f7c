/** The table of topics on a page: figures, and a small map of each over the same time. */
import { Plural, type SequenceReport } from "@genesys-replay/domain"
import * as DisplayText from "../../../source/DisplayText.js"
import * as GapMap from "../../map/GapMap.js"
import * as TimeMap from "../../map/TimeMap.js"
import * as TopicNames from "../../topic/TopicNames.js"
import * as TopicReport from "../../topic/TopicReport.js"
import * as HtmlVerdict from "../HtmlVerdict.js"
import { html, type Markup } from "../Markup.js"
import * as HtmlMap from "../map/HtmlMap.js"

/** A topic on the page. */
export interface Entry {
  readonly topic: TopicReport.Topic
  readonly verdict: SequenceReport.Verdict
  readonly id: string
  /** Whether the topic has a section of its own. */
  readonly detailed: boolean
}

const { grouped } = DisplayText

/** A topic's name in at most so many columns; of what has none, that. */
export const nameOf = (name: string | null, columns = 400): Markup =>
  name === null
    ? html`No topic`
    : html`<span class="name">${DisplayText.cut(name === "" ? '""' : name, columns, "…")}</span>`

/** The share that came; nothing where nothing was expected. */
export const coverageText = ({
  coveragePercentage,
  expected
}: Pick<TopicReport.Topic, "coveragePercentage" | "expected">): string =>
  expected === 0 ? "–" : `${coveragePercentage.toFixed(2)} %`

interface Column {
  readonly title: string
  readonly count: (topic: Omit<TopicReport.Topic, "name" | "coveragePercentage">) => number
}

/** Columns that are there only where there is something in them. */
const columnsFor = (topics: ReadonlyArray<TopicReport.Topic>): ReadonlyArray<Column> => {
  const all = TopicReport.total(topics)
  return [
    { title: "Expected", count: ({ expected }) => expected },
    { title: "Came", count: ({ came }) => came },
    { title: "Missing", count: ({ missing }) => missing },
    ...((all.notJudged ?? 0) > 0
      ? [{ title: "Not judged", count: ({ notJudged }: { notJudged?: number | undefined }) => notJudged ?? 0 }]
      : []),
    ...(all.unexpected > 0
      ? [{ title: "Unexpected", count: ({ unexpected }: { unexpected: number }) => unexpected }]
      : []),
    ...((all.duplicates ?? 0) > 0
      ? [{ title: "Duplicates", count: ({ duplicates }: { duplicates?: number | undefined }) => duplicates ?? 0 }]
      : [])
  ]
}

const stripOf = ({ timeline }: TopicReport.Topic): Markup | undefined => {
  if (timeline === undefined) return undefined
  const positions = TimeMap.positions(timeline)
  return HtmlMap.thumbnail(GapMap.make(positions, positions.range, 120))
}

const row = ({ detailed, id, topic, verdict }: Entry, name: string, columns: ReadonlyArray<Column>): Markup => {
  const shown = nameOf(topic.name === null ? null : name, 80)
  return html`<tr><th scope="row">${detailed ? html`<a href="#${id}">${shown}</a>` : shown}${stripOf(topic)}</th><td>${
    topic.expected === 0 ? undefined : HtmlVerdict.pill(verdict)
  }</td>${columns.map(({ count }) => html`<td class="count">${grouped(count(topic))}</td>`)}<td class="count">${coverageText(topic)}</td></tr>`
}

/** More rows than this help no reader. */
const mostRows = 500

/** The section with the table. */
export const render = (entries: ReadonlyArray<Entry>): Markup => {
  const topics = entries.map(({ topic }) => topic)
  const columns = columnsFor(topics)
  const bodies = TopicNames.sections(entries.slice(0, mostRows), ({ topic }) => topic.name ?? undefined).map(
    ({ entries: members, heading }) =>
      html`<tbody>${
        heading === undefined
          ? undefined
          : html`<tr class="beginning"><th scope="rowgroup" colspan="${columns.length + 3}"><span class="name">${DisplayText.cut(heading, 200, "…")}</span></th></tr>`
      }${members.map(({ item, name }) => row(item, name, columns))}</tbody>`
  )
  const all = TopicReport.total(topics)
  const totals =
    topics.length < 2
      ? undefined
      : html`<tfoot><tr><th scope="row">All topics</th><td></td>${columns.map(({ count }) => html`<td class="count">${grouped(count(all))}</td>`)}<td class="count">${coverageText(all)}</td></tr></tfoot>`
  const left = entries.length - mostRows
  return html`<section aria-labelledby="topics"><div class="heading"><h2 id="topics">Topics</h2></div><div class="scroll" tabindex="0" role="region" aria-labelledby="topics"><table class="groups"><caption>What lacks most comes first. The strips are all over the same time; what is blank was not expected then.</caption><thead><tr><th scope="col">Topic</th><th scope="col">Verdict</th>${columns.map(
    ({ title }) => html`<th scope="col" class="count">${title}</th>`
  )}<th scope="col" class="count">Coverage</th></tr></thead>${bodies}${totals}</table></div>${
    left > 0
      ? html`<p class="facts">${Plural.counted(left, "more topic", "more topics", grouped)} ${left === 1 ? "has" : "have"} no row here.</p>`
      : undefined
  }</section>`
}
