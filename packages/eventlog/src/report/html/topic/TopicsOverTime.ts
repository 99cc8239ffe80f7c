/** All topics over time on a page: what was expected and what came, and the stretches in which most is missing. */
import { Plural } from "@genesys-replay/domain"
import * as DisplayText from "../../../source/DisplayText.js"
import * as TimeAxis from "../../map/TimeAxis.js"
import * as TimeMap from "../../map/TimeMap.js"
import * as TimeSpan from "../../TimeSpan.js"
import * as TopicLosses from "../../topic/TopicLosses.js"
import * as TopicNames from "../../topic/TopicNames.js"
import { html, type Markup } from "../Markup.js"
import * as HtmlZoom from "../map/HtmlZoom.js"
import * as TimelineAxis from "../map/TimelineAxis.js"
import type { Entry } from "./TopicsTable.js"

const { grouped } = DisplayText

/** More stretches than this help no reader. */
const mostLosses = 40
const namesInSight = 4

const namesOf = ({ topics }: TopicLosses.Loss): string => {
  const names = topics.slice(0, namesInSight).map(({ name }) => (name === null ? "no topic" : TopicNames.short(name)))
  const more = topics.length - names.length
  return DisplayText.cut([...names, ...(more > 0 ? [`${more} more`] : [])].join(", "), 200, "…")
}

const lossRow = (loss: TopicLosses.Loss): Markup =>
  html`<tr><th scope="row"><span class="when">${TimeAxis.text(loss, "–")}</span></th><td>${TimeSpan.words(loss.toMs - loss.fromMs)}</td><td class="count">${grouped(loss.missing)}</td><td class="count">${grouped(loss.expected)}</td><td><span class="name">${namesOf(loss)}</span></td></tr>`

/** A table of the stretches in which most is missing. */
const lossTable = (losses: ReadonlyArray<TopicLosses.Loss>): Markup => {
  const shown = losses.slice(0, mostLosses)
  const more = losses.length - shown.length
  const caption = "Stretches of time in which something is missing, the worst first; times in UTC"
  return html`<h3>The worst stretches</h3><div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr><th scope="col">From – to</th><th scope="col">Lasts</th><th scope="col" class="count">Missing</th><th scope="col" class="count">Of</th><th scope="col">Topics</th></tr></thead><tbody>${shown.map(lossRow)}</tbody></table></div>${
    more > 0
      ? html`<p class="facts">${Plural.counted(more, "more stretch", "more stretches", grouped)} not listed.</p>`
      : undefined
  }`
}

/** The section; none where no topic has a timeline. */
export const render = (entries: ReadonlyArray<Entry>, limits: HtmlZoom.ZoomLimits): ReadonlyArray<Markup> => {
  const topics = entries.map(({ topic }) => topic)
  const all = TimeMap.sum(topics.flatMap(({ timeline }) => (timeline === undefined ? [] : [timeline])))
  if (all === undefined || all.expected.length === 0) return []
  const losses = TopicLosses.of(topics, 12)
  const drawn = { axis: TimelineAxis.make(all), positions: TimeMap.positions(all) }
  const heading = topics.length === 1 ? "Over time" : "All topics over time"
  return [
    html`<section aria-labelledby="over-time"><div class="heading"><h2 id="over-time">${heading}</h2></div>${HtmlZoom.render(drawn, "over-time", limits)}${
      losses.length === 0 ? undefined : lossTable(losses)
    }</section>`
  ]
}
