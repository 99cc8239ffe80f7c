/** The conversations that lack something, each with what it has and lacks in order of time: as a picture, and event by event. */
import { Instant, Plural, type RecordsReport } from "@genesys-replay/domain"
import { DateTime } from "effect"
import * as DisplayText from "../../../source/DisplayText.js"
import * as TimeSpan from "../../TimeSpan.js"
import * as ConversationStory from "../../topic/ConversationStory.js"
import * as TopicNames from "../../topic/TopicNames.js"
import { html, type Markup } from "../Markup.js"
import * as ConversationTimeline from "./ConversationTimeline.js"

const { cut, grouped } = DisplayText

/** More conversations than this are told by their number. */
const mostStories = 25
/** A longer conversation is told around what it lacks. */
const mostEvents = 60

const words = { came: "came", missing: "missing", "not judged": "not judged" } as const

const row = (event: RecordsReport.ConversationEvent): Markup => {
  const time = ConversationStory.timeOf(event)
  const who = [event.purpose, event.mediaType].filter((word) => word !== "").join(" ")
  return html`<tr${event.state === "missing" ? html` class="lacks"` : undefined}><th scope="row">${
    time === null
      ? html`<span class="muted">not known</span>`
      : html`<time datetime="${Instant.format(time)}">${DateTime.formatIso(time).slice(11, 23)}</time>`
  }</th><td class="state">${ConversationTimeline.sign(event.state)}${words[event.state]}</td><td><span class="name">${cut(TopicNames.short(event.topic), 80, "…")}</span></td><td>${cut(who, 60, "…")}</td><td>${
    event.reason ?? html`<span class="name">${cut(event.sessionId ?? "", 40, "…")}</span>`
  }</td></tr>`
}

const table = ({ conversationId, events }: RecordsReport.IncompleteConversation, isOpen: boolean): Markup => {
  const shown = ConversationStory.around(events, mostEvents)
  const left = events.length - shown.length
  const title = Plural.counted(events.length, "event", "events", grouped)
  return html`<details class="rest"${isOpen ? html` open` : undefined}><summary>${left > 0 ? `What is missing of ${title}, and what is around it` : `${title} in order of time`}</summary><div class="scroll" tabindex="0" role="region" aria-label="Events of ${cut(conversationId, 80, "…")}"><table><thead><tr><th scope="col">Time, UTC</th><th scope="col">State</th><th scope="col">Topic</th><th scope="col">Who</th><th scope="col">Session</th></tr></thead><tbody>${shown.map(row)}</tbody></table></div>${
    left > 0
      ? html`<p class="facts">${Plural.counted(left, "more event", "more events", grouped)} not listed.</p>`
      : undefined
  }</details>`
}

/** `2024-01-15, 8 min 51 s`. */
const whenOf = ({ events }: RecordsReport.IncompleteConversation): string => {
  const times = events.flatMap((event) => ConversationStory.timeOf(event) ?? [])
  const [first, ...others] = times
  if (first === undefined) return ""
  const from = others.reduce(DateTime.min, first)
  const lasts = DateTime.distance(from, others.reduce(DateTime.max, first))
  return ` · ${DateTime.formatIsoDateUtc(from)}, ${TimeSpan.words(lasts)}`
}

const story = (conversation: RecordsReport.IncompleteConversation, at: number): Markup => {
  const { conversationId, expected, missing } = conversation
  return html`<article class="story" aria-labelledby="story-${at + 1}"><div class="heading"><h3 id="story-${at + 1}"><span class="name">${cut(conversationId, 200, "…")}</span></h3><p class="lacking"><b>${grouped(missing)} of ${grouped(expected)}</b> missing${whenOf(conversation)}</p></div>${ConversationTimeline.render(conversation)}${table(conversation, at === 0)}</article>`
}

/** The section, where there is such a conversation. Those that lack most come first. */
export const render = (stories: RecordsReport.RecordsReport["incomplete"] | undefined): ReadonlyArray<Markup> => {
  const { count, first } = stories ?? { count: 0, first: [] }
  const shown = first.slice(0, mostStories)
  if (shown.length === 0) return []
  const left = count - shown.length
  return [
    html`<section aria-labelledby="stories"><div class="heading"><h2 id="stories">What is missing of each conversation</h2></div><p>A lane is a session, from the first of its events to the last; what lacks most comes first. The dashed lines are at the times of what is missing.</p>${ConversationTimeline.legend}${shown.map(story)}${
      left > 0
        ? html`<p class="facts">${Plural.counted(left, "more conversation lacks", "more conversations lack", grouped)} something and ${left === 1 ? "is" : "are"} not shown; all are counted.</p>`
        : undefined
    }</section>`
  ]
}
