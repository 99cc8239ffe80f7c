/** How a report came about: what was read, by which rules, and what could not be counted. */
import type { SequenceReport } from "@genesys-replay/domain"
import * as DisplayText from "../../source/DisplayText.js"
import * as Verdict from "../Verdict.js"
import { html, type Markup } from "./Markup.js"

/** What was read, and how. */
export interface Measure {
  /** Every source with the bytes and lines that were read of it. */
  readonly sources?:
    | ReadonlyArray<{ readonly source: string; readonly bytes: number; readonly lines: number }>
    | undefined
  /** Where the index stands in a record; `detail.sequenceIndex` by default. */
  readonly indexPath?: string | undefined
  /** Where the group stands in a record, `replay-name` by default; null where all events are one group. */
  readonly groupBy?: string | null | undefined
}

const { cut, grouped } = DisplayText

const counted = (count: number, one: string, many?: string): string => Verdict.counted(count, one, many, grouped)

const units = ["kB", "MB", "GB", "TB", "PB"]

/** `1.43 GB`: three digits, powers of a thousand. */
export const bytesText = (bytes: number): string => {
  if (bytes < 1_000) return counted(bytes, "byte")
  let amount = bytes
  let unit = -1
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1_000
    unit++
  }
  return `${amount.toFixed(amount < 9.995 ? 2 : amount < 99.95 ? 1 : 0)} ${units[unit] ?? ""}`
}

const longestText = 300

const rules = ({ groupBy, indexPath }: Measure): Markup =>
  html`<p>Every record was read as JSON. Its sequence index stands at <code>${cut(
    indexPath ?? "detail.sequenceIndex",
    longestText,
    "…"
  )}</code>; ${
    groupBy === null
      ? "all events are one group."
      : html`events are grouped by <code>${cut(groupBy ?? "replay-name", longestText, "…")}</code>, and those without it are the live events.`
  } The distinct indices of a group were compared with its expected range, one by one. All counts are exact; nothing is sampled or estimated.</p><p>Coverage is the share of the expected indices that came, rounded down, so that it reads 100 % only where nothing is missing. Event times are those in the events; a gap is described by the events on either side of it.</p>`

const sourcesInSight = 20
const mostSources = 1_000

const sourceTable = (sources: NonNullable<Measure["sources"]>, caption: string): Markup =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr><th scope="col">Source</th><th scope="col" class="count">Bytes</th><th scope="col" class="count">Lines</th></tr></thead><tbody>${sources.map(
    ({ bytes, lines, source }) =>
      html`<tr><th scope="row"><span class="name">${named(source)}</span></th><td class="count">${grouped(bytes)}</td><td class="count">${grouped(lines)}</td></tr>`
  )}</tbody></table></div>`

const sourceList = (sources: NonNullable<Measure["sources"]>): Markup => {
  if (sources.length === 0) return html``
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0)
  const lines = sources.reduce((sum, source) => sum + source.lines, 0)
  const caption = `${counted(sources.length, "source")}: ${bytesText(bytes)} in ${counted(lines, "line")}`
  const rest = sources.slice(sourcesInSight, mostSources)
  const left = sources.length - mostSources
  return html`<h3>Sources</h3>${sourceTable(sources.slice(0, sourcesInSight), caption)}${
    rest.length === 0
      ? undefined
      : html`<details class="rest"><summary>The next ${counted(rest.length, "source")}</summary>${sourceTable(rest, "Sources, continued")}</details>`
  }${left > 0 ? html`<p class="facts">${counted(left, "more source")} not listed.</p>` : undefined}`
}

const named = (source: string): string => (source === "-" ? "standard input" : cut(source, longestText, "…"))

const reasonList = (title: Markup, sources: ReadonlyArray<SequenceReport.LeftOutSource>, more: number): Markup =>
  html`${title}<ul class="plain">${sources.map(
    ({ reason, source }) => html`<li class="name">${named(source)}: ${cut(reason, longestText, "…")}</li>`
  )}</ul>${more > 0 ? html`<p class="facts">${`${grouped(more)} more`} not listed.</p>` : undefined}`

const unreadList = (unread: SequenceReport.CompletenessReport["unread"]): Markup =>
  unread.length === 0
    ? html``
    : reasonList(
        html`<h3>Not read, or not to the end</h3>`,
        unread.slice(0, mostSources).map(({ bytesRead, reason, source }) => ({
          source,
          reason: bytesRead === 0 ? reason : `not read behind byte ${grouped(bytesRead)}: ${reason}`
        })),
        unread.length - mostSources
      )

const leftOutList = ({ count, first }: SequenceReport.CompletenessReport["leftOut"]): Markup =>
  count === 0 ? html`` : reasonList(html`<h3 id="left-out">Left out</h3>`, first, count - first.length)

const rejectedList = ({ count, first }: SequenceReport.CompletenessReport["rejected"]): Markup => {
  if (count === 0) return html`<h3 id="rejected">Rejected records</h3><p>None: every record had a sequence index.</p>`
  const caption = `Rejected, and not counted: ${counted(count, "record")}${first.length < count ? `, of which the first ${grouped(first.length)}` : ""}`
  return html`<h3 id="rejected">Rejected records</h3><div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr><th scope="col">Source</th><th scope="col" class="count">Line</th><th scope="col">Reason</th></tr></thead><tbody>${first.map(
    ({ line, reason, source }) =>
      html`<tr><th scope="row"><span class="name">${named(source)}</span></th><td class="count">${grouped(line)}</td><td><span class="name">${cut(reason, longestText, "…")}</span></td></tr>`
  )}</tbody></table></div>`
}

/** The section that says it. */
export const render = (report: SequenceReport.CompletenessReport, measure: Measure): Markup =>
  html`<section id="measure" aria-labelledby="measure-name"><div class="heading"><h2 id="measure-name">How this was measured</h2></div>${rules(measure)}${unreadList(report.unread)}${sourceList(measure.sources ?? [])}${rejectedList(report.rejected)}${leftOutList(report.leftOut)}</section>`
