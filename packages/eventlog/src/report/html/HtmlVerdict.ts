/** Verdicts and figures on a page: the same signs wherever they stand. */
import type { SequenceReport } from "@genesys-replay/domain"
import { html, type Markup } from "./Markup.js"

const complete = html`<svg viewBox="0 0 20 20" aria-hidden="true" focusable="false"><circle cx="10" cy="10" r="9" fill="none" stroke="currentColor" stroke-width="2"/><path d="M5.8 10.4l2.9 2.9 5.6-6.2" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>`

const incomplete = html`<svg viewBox="0 0 20 20" aria-hidden="true" focusable="false"><circle cx="10" cy="10" r="9" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="14 5"/><path d="M10 5.4v5.6M10 14v.2" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round"/></svg>`

/** A sign that stands beside words. */
export const icon = (verdict: SequenceReport.Verdict): Markup => (verdict === "complete" ? complete : incomplete)

/** The class of what shows the verdict. */
export const classOf = (verdict: SequenceReport.Verdict): string => (verdict === "not proven" ? "unproven" : verdict)

/** A verdict in a word or two. */
export const words = { complete: "Complete", incomplete: "Incomplete", "not proven": "Not proven" }

/** The group's verdict in a word. */
export const pill = (verdict: SequenceReport.Verdict): Markup =>
  html`<span class="pill ${classOf(verdict)}">${icon(verdict)}${words[verdict]}</span>`

/** One figure of a row of them; `kind` is a class of the style sheet. */
export const figure = (title: string, value: string, kind = "", note?: string): Markup =>
  html`<div class="${kind}"><dt>${title}</dt><dd>${value}${
    note === undefined ? undefined : html`<small>${note}</small>`
  }</dd></div>`
