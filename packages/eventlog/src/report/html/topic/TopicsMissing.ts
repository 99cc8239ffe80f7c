/** What is missing, on a page: by conversation, and event by event; and what cannot be judged. */
import { Instant, Plural } from "@genesys-replay/domain"
import * as DisplayText from "../../../source/DisplayText.js"
import * as TopicNames from "../../topic/TopicNames.js"
import type { TopicReport } from "../../topic/TopicReport.js"
import { html, type Markup } from "../Markup.js"

const { cut, grouped } = DisplayText

const longestText = 300
/** More rows than this help no reader. */
const mostRows = 500

const shortOf = (name: string | null): string => (name === null ? "no topic" : TopicNames.short(name))

const more = (left: number, one: string, many: string): Markup | undefined =>
  left > 0
    ? html`<p class="facts">${Plural.counted(left, one, many, grouped)} not listed; all are counted.</p>`
    : undefined

/** The conversations that lack something. */
export const conversations = ({ conversations }: TopicReport): ReadonlyArray<Markup> => {
  const { count, first, isTruncated = false } = conversations ?? { count: 0, first: [] }
  if (count === 0) return []
  const shown = first.slice(0, mostRows)
  const caption = `${isTruncated ? "At least " : ""}${Plural.counted(count, "conversation lacks", "conversations lack", grouped)} something; those that lack most come first`
  return [
    html`<section aria-labelledby="conversations"><div class="heading"><h2 id="conversations">Conversations</h2></div><div class="scroll" tabindex="0" role="region" aria-labelledby="conversations"><table><caption>${caption}</caption><thead><tr><th scope="col">Conversation</th><th scope="col" class="count">Missing</th><th scope="col">Topics of what is missing</th></tr></thead><tbody>${shown.map(
      ({ conversationId, missing, topics }) =>
        html`<tr><th scope="row"><span class="name">${cut(conversationId, longestText, "…")}</span></th><td class="count">${grouped(missing)}</td><td><span class="name">${cut(topics.map(shortOf).join(", "), longestText, "…")}</span></td></tr>`
    )}</tbody></table></div>${more(count - shown.length, "more conversation", "more conversations")}</section>`
  ]
}

/** The first missing events. */
export const events = ({ missing }: TopicReport): ReadonlyArray<Markup> => {
  const shown = missing.first.slice(0, mostRows)
  if (shown.length === 0) return []
  return [
    html`<section aria-labelledby="missing"><div class="heading"><h2 id="missing">Missing events</h2></div><div class="scroll" tabindex="0" role="region" aria-labelledby="missing"><table><caption>${
      shown.length < missing.count
        ? `The first ${grouped(shown.length)} of ${grouped(missing.count)}`
        : Plural.counted(missing.count, "event", "events", grouped)
    }</caption><thead><tr><th scope="col">Event time</th><th scope="col">Topic</th><th scope="col">Conversation</th><th scope="col">Told by</th></tr></thead><tbody>${shown.map(
      ({ conversationId, place, time, topic }) =>
        html`<tr><th scope="row">${time === null ? html`<span class="muted">none</span>` : html`<time datetime="${Instant.format(time)}">${Instant.format(time)}</time>`}</th><td><span class="name">${cut(shortOf(topic), 80, "…")}</span></td><td><span class="name">${cut(conversationId ?? "", 80, "…")}</span></td><td><span class="name">${cut(place ?? "", 120, "…")}</span></td></tr>`
    )}</tbody></table></div>${more(missing.count - shown.length, "more event is", "more events are")}</section>`
  ]
}

/** Why what was not judged was not. */
export const notJudged = ({ notJudged = [] }: TopicReport): Markup =>
  notJudged.length === 0
    ? html``
    : html`<h3 id="not-judged">Not judged</h3><ul class="plain">${notJudged.map(
        ({ count, reason }) => html`<li>${grouped(count)}: ${cut(reason, longestText, "…")}</li>`
      )}</ul>`
