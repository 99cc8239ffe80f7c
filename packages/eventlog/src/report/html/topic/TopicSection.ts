/** One topic on a page: its verdict in words, figures, and its map over time with closer looks. */
import { Plural } from "@genesys-replay/domain"
import * as DisplayText from "../../../source/DisplayText.js"
import * as TimeAxis from "../../map/TimeAxis.js"
import * as TimeMap from "../../map/TimeMap.js"
import * as TimeSpan from "../../TimeSpan.js"
import * as TopicLosses from "../../topic/TopicLosses.js"
import type { Topic } from "../../topic/TopicReport.js"
import { figure, pill } from "../HtmlVerdict.js"
import { html, type Markup } from "../Markup.js"
import * as HtmlZoom from "../map/HtmlZoom.js"
import * as TimelineAxis from "../map/TimelineAxis.js"
import { coverageText, type Entry, nameOf } from "./TopicsTable.js"

const { grouped } = DisplayText

const whereMissing = (topic: Topic): string => {
  const [worst] = TopicLosses.of([topic], 12)
  if (worst === undefined) return "."
  const share = worst.missing === topic.missing ? "all of them" : `${grouped(worst.missing)} of them`
  return `, ${share} within ${TimeSpan.words(worst.toMs - worst.fromMs)}: ${TimeAxis.text(worst, "–")} UTC.`
}

/** The verdict, in words. */
const words = (topic: Topic): string => {
  const { expected, missing } = topic
  const events = Plural.counted(expected, "expected event", "expected events", grouped)
  if (missing === 0) return expected === 1 ? "The one expected event came." : `All ${events} came.`
  if (missing === expected) return expected === 1 ? "The one expected event is missing." : `None of the ${events} came.`
  return `${grouped(missing)} of ${events} ${missing === 1 ? "is" : "are"} missing${whereMissing(topic)}`
}

const figures = (topic: Topic): Markup => {
  const { came, duplicates, expected, missing, notJudged, unexpected } = topic
  return html`<dl class="figures">${[
    figure("Coverage", coverageText(topic), missing > 0 ? "bad" : ""),
    figure("Missing", grouped(missing), missing > 0 ? "bad" : ""),
    figure("Expected", grouped(expected)),
    figure("Came", grouped(came)),
    ...(notJudged === undefined ? [] : [figure("Not judged", grouped(notJudged))]),
    figure("Unexpected", grouped(unexpected)),
    ...(duplicates === undefined ? [] : [figure("Duplicates", grouped(duplicates))])
  ]}</dl>`
}

/** The topic's section. Without a timeline there is no map. */
export const render = ({ id, topic, verdict }: Entry, limits: HtmlZoom.ZoomLimits): Markup =>
  html`<section id="${id}" aria-labelledby="${id}-name"><div class="heading"><h2 id="${id}-name">${nameOf(topic.name)}</h2>${pill(verdict)}</div><p>${words(topic)}</p>${figures(topic)}${
    topic.timeline === undefined
      ? undefined
      : html`<h3>Over time</h3>${HtmlZoom.render(
          { axis: TimelineAxis.make(topic.timeline), positions: TimeMap.positions(topic.timeline) },
          id,
          limits
        )}`
  }</section>`
