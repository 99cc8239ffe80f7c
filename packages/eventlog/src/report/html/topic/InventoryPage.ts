/** What is in a capture without indices, as one HTML file: that nothing is proven, and what is there. */
import { Instant, type InventoryReport, Plural } from "@genesys-replay/domain"
import { DateTime } from "effect"
import * as DisplayText from "../../../source/DisplayText.js"
import * as InventoryWords from "../../topic/InventoryWords.js"
import * as HtmlNotCounted from "../HtmlNotCounted.js"
import * as HtmlPage from "../HtmlPage.js"
import { html, type Markup } from "../Markup.js"
import { nameOf } from "./TopicsTable.js"

/** What the page says besides the inventory. */
export interface InventoryPageOptions {
  /** The instant the page names as its own. */
  readonly generatedAt: DateTime.Utc
  /** The page's heading; "Completeness report" by default. */
  readonly title?: string | undefined
  readonly sources?: HtmlNotCounted.Sources | undefined
}

const { grouped } = DisplayText

/** More rows than this help no reader. */
const mostRows = 500

const timeCell = (time: DateTime.Utc | null): Markup =>
  time === null
    ? html`<td><span class="muted">none</span></td>`
    : html`<td><time datetime="${Instant.format(time)}">${DateTime.formatIso(time)}</time></td>`

const row = ({ duplicates, from, group, observed, to, unique }: InventoryReport.InventoryGroup): Markup =>
  html`<tr><th scope="row">${nameOf(group, 120)}</th><td class="count">${grouped(observed)}</td><td class="count">${grouped(unique)}</td><td class="count">${grouped(duplicates)}</td>${timeCell(from)}${timeCell(to)}</tr>`

const table = (groups: ReadonlyArray<InventoryReport.InventoryGroup>): Markup => {
  const left = groups.length - mostRows
  return html`<section aria-labelledby="topics"><div class="heading"><h2 id="topics">What is there</h2></div><div class="scroll" tabindex="0" role="region" aria-labelledby="topics"><table><caption>The events of each topic, with their first and their last event time</caption><thead><tr><th scope="col">Topic</th><th scope="col" class="count">Events</th><th scope="col" class="count">Distinct</th><th scope="col" class="count">Duplicates</th><th scope="col">First</th><th scope="col">Last</th></tr></thead><tbody>${groups
    .slice(0, mostRows)
    .map(row)}</tbody></table></div>${
    left > 0
      ? html`<p class="facts">${Plural.counted(left, "more topic", "more topics", grouped)} not listed.</p>`
      : undefined
  }</section>`
}

/** The inventory as a page. It loads nothing and runs no script; every text from input is escaped. */
export const render = (inventory: InventoryReport.InventoryReport, options: InventoryPageOptions): string => {
  const groups = inventory.inventory
  const sources = options.sources ?? []
  return HtmlPage.render({
    title: options.title,
    outcome: "Not proven",
    subject: "captured events",
    generatedAt: options.generatedAt,
    facts: [
      Plural.counted(InventoryWords.total(groups).observed, "event", "events", grouped),
      Plural.counted(groups.length, "topic", "topics", grouped),
      ...HtmlNotCounted.sourceFact(sources)
    ],
    verdict: "not proven",
    sentence: InventoryWords.verdict(inventory, grouped),
    more: InventoryWords.explanation,
    notices: HtmlNotCounted.notices(inventory),
    sections: [
      table(groups),
      HtmlNotCounted.measureSection(
        html`<p>Two records are one event where their topic and their body are equal as JSON values. All counts are exact.</p>`,
        inventory,
        [HtmlNotCounted.sourceList(sources)],
        "None: every record was an event that could be counted."
      )
    ]
  })
}
