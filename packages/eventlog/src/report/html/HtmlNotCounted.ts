/** What was read, on a page, and what of it was not counted: not read, rejected, left out; and what was taken out of wrappings. */
import { EventEnvelope, Plural, type SequenceReport } from "@genesys-replay/domain"
import * as DisplayText from "../../source/DisplayText.js"
import type { NotCounted } from "../NotCounted.js"
import { html, type Markup } from "./Markup.js"

/** Sources with the bytes and lines that were read of them. */
export type Sources = ReadonlyArray<{ readonly source: string; readonly bytes: number; readonly lines: number }>

const { cut, grouped } = DisplayText

const counted = (count: number, one: string, many?: string): string => Plural.counted(count, one, many, grouped)

const units = ["kB", "MB", "GB", "TB", "PB"]

/** `1.43 GB`: three digits, powers of a thousand. */
const bytesText = (bytes: number): string => {
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

const sourcesInSight = 20
const mostSources = 1_000

const sourceTable = (sources: Sources, caption: string): Markup =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr><th scope="col">Source</th><th scope="col" class="count">Bytes</th><th scope="col" class="count">Lines</th></tr></thead><tbody>${sources.map(
    ({ bytes, lines, source }) =>
      html`<tr><th scope="row"><span class="name">${named(source)}</span></th><td class="count">${grouped(bytes)}</td><td class="count">${grouped(lines)}</td></tr>`
  )}</tbody></table></div>`

/** A table of sources under a heading. */
export const sourceList = (sources: Sources, heading = "Sources"): Markup => {
  if (sources.length === 0) return html``
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0)
  const lines = sources.reduce((sum, source) => sum + source.lines, 0)
  const caption = `${counted(sources.length, "source")}: ${bytesText(bytes)} in ${counted(lines, "line")}`
  const rest = sources.slice(sourcesInSight, mostSources)
  const left = sources.length - mostSources
  return html`<h3>${heading}</h3>${sourceTable(sources.slice(0, sourcesInSight), caption)}${
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

const unreadList = (unread: NotCounted["unread"]): Markup =>
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

const leftOutList = ({ count, first }: NotCounted["leftOut"]): Markup =>
  count === 0 ? html`` : reasonList(html`<h3 id="left-out">Left out</h3>`, first, count - first.length)

const rejectedList = ({ count, first }: NotCounted["rejected"]): Markup => {
  const caption = `Rejected, and not counted: ${counted(count, "record")}${first.length < count ? `, of which the first ${grouped(first.length)}` : ""}`
  return html`<h3 id="rejected">Rejected records</h3><div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr><th scope="col">Source</th><th scope="col" class="count">Line</th><th scope="col">Reason</th></tr></thead><tbody>${first.map(
    ({ line, reason, source }) =>
      html`<tr><th scope="row"><span class="name">${named(source)}</span></th><td class="count">${grouped(line)}</td><td><span class="name">${cut(reason, longestText, "…")}</span></td></tr>`
  )}</tbody></table></div>`
}

/** Events that were no records of their own. */
const unwrappedList = (unwrapped: SequenceReport.CompletenessReport["unwrapped"]): Markup =>
  unwrapped.length === 0
    ? html``
    : html`<h3>Taken out of what they were wrapped in</h3><ul class="plain">${unwrapped.map(({ events, wrapping }) => {
        const carrier = EventEnvelope.carrierOf(wrapping)
        const place = cut(wrapping, longestText, "…")
        return html`<li class="name">${counted(events, "event")} out of ${place}${carrier === null ? "" : `: ${carrier}`}</li>`
      })}</ul>`

/** What makes a verdict less than it seems, each a line that leads to where more is told. */
export const notices = ({ leftOut, rejected, unread }: NotCounted): ReadonlyArray<Markup> => [
  ...(unread.length === 0
    ? []
    : [
        html`<li>${counted(unread.length, "source")} ${unread.length === 1 ? "was" : "were"} not read, or not to the end, so this report may say too little. <a href="#measure">How it was measured</a></li>`
      ]),
  ...(rejected.count === 0
    ? []
    : [
        html`<li>${counted(rejected.count, "record was", "records were")} rejected and not counted. <a href="#rejected">Which, and why</a></li>`
      ]),
  ...(leftOut.count === 0
    ? []
    : [
        html`<li>${counted(leftOut.count, "file was", "files were")} left out. <a href="#left-out">Which, and why</a></li>`
      ])
]

/** `2 sources, 1.43 GB`; nothing where it is not known. */
export const sourceFact = (sources: Sources): ReadonlyArray<string> =>
  sources.length === 0
    ? []
    : [`${counted(sources.length, "source")}, ${bytesText(sources.reduce((sum, { bytes }) => sum + bytes, 0))}`]

/** The section that says how it was measured: by which rules, from which sources, and what could not be counted. */
export const measureSection = (
  rules: Markup,
  report: NotCounted,
  sources: ReadonlyArray<Markup>,
  noneRejected: string
): Markup =>
  html`<section id="measure" aria-labelledby="measure-name"><div class="heading"><h2 id="measure-name">How this was measured</h2></div>${rules}${unreadList(report.unread)}${sources}${
    report.rejected.count === 0
      ? html`<h3 id="rejected">Rejected records</h3><p>${noneRejected}</p>`
      : rejectedList(report.rejected)
  }${leftOutList(report.leftOut)}${unwrappedList(report.unwrapped ?? [])}</section>`
