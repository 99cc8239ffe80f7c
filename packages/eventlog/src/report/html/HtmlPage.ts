/** A page that needs nothing else: to attach, to print, to keep. It loads nothing and runs no script. */

import type { SequenceReport } from "@genesys-replay/domain"
import { Instant } from "@genesys-replay/domain"
import type { DateTime } from "effect"
import * as DisplayText from "../../source/DisplayText.js"
import * as HtmlReportStyle from "./HtmlReportStyle.js"
import * as HtmlVerdict from "./HtmlVerdict.js"
import { html, Markup } from "./Markup.js"
import { definitions } from "./map/HtmlMap.js"

/** What stands on it. */
export interface Page {
  /** The heading; "Completeness report" where nobody gave one. */
  readonly title: string | undefined
  /** What the browser's tab and the file's properties say of the outcome. */
  readonly outcome: string
  /** What they say it is the outcome of, where there is no title. */
  readonly subject: string
  /** The instant the page names as its own. */
  readonly generatedAt: DateTime.Utc
  /** What was measured, briefly. */
  readonly facts: ReadonlyArray<string>
  readonly verdict: SequenceReport.Verdict
  /** The verdict in a sentence, and one more where there is more to say. */
  readonly sentence: string
  readonly more: string | undefined
  /** What makes the verdict less than it seems. */
  readonly notices: ReadonlyArray<Markup>
  readonly sections: ReadonlyArray<Markup>
}

/** Nothing is loaded and nothing runs; only the page's own style applies. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

const defaultTitle = "Completeness report"

const factLine = ({ facts, generatedAt }: Page): Markup => {
  const generated = Instant.format(generatedAt)
  return html`<p class="facts"><span>Generated <time datetime="${generated}">${generated.replace("T", " ").replace(/(?:\.\d+)?Z$/, " UTC")}</time></span>${facts.map(
    (fact) => html`<span>${fact}</span>`
  )}</p>`
}

const banner = ({ more, sentence, verdict }: Page): Markup =>
  html`<div class="banner ${HtmlVerdict.classOf(verdict)}">${HtmlVerdict.icon(verdict)}<p class="verdict">${sentence}</p>${
    more === undefined ? undefined : html`<p>${more}</p>`
  }</div>`

/** The page as the text of a file. Every text from input is escaped. */
export const render = (page: Page): string => {
  const { notices, outcome, sections, subject, title } = page
  return html`${new Markup("<!doctype html>")}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="genesys-replay">
<title>${outcome}: ${DisplayText.cut(title ?? subject, 120, "…")}</title>
<style>${new Markup(HtmlReportStyle.css)}</style>
</head>
<body>
${definitions}
<div class="page">
<header><p class="eyebrow">${title === undefined ? "genesys-replay" : defaultTitle}</p><h1>${DisplayText.cut(title ?? defaultTitle, 400, "…")}</h1>${factLine(page)}${banner(page)}${
    notices.length === 0 ? undefined : html`<ul class="notice">${notices}</ul>`
  }</header>
<main>
${sections.map((section) => html`${section}\n`)}</main>
<footer><p>Made by genesys-replay. This page loads nothing and runs no script.</p></footer>
</div>
</body>
</html>
`.text
}
