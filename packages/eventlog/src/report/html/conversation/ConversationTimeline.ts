/** A conversation as a picture: a lane for each session, over time, with its events as marks. Missing ones differ in shape, colour and label. */
import { Plural, type RecordsReport } from "@genesys-replay/domain"
import { DateTime } from "effect"
import * as DisplayText from "../../../source/DisplayText.js"
import * as TimeSpan from "../../TimeSpan.js"
import * as ConversationStory from "../../topic/ConversationStory.js"
import * as TopicNames from "../../topic/TopicNames.js"
import { html, type Markup } from "../Markup.js"
import { axis, type Label, percent, withRoom } from "../map/MapLabel.js"

type State = RecordsReport.ConversationEvent["state"]

/** More lanes than this are no picture. */
const mostLanes = 12

/** A lane takes this share of a map's width beside its name, so that a character takes so much more of it. */
const laneScale = 1.4

/** The shapes, around the point at which an event stands. */
const shapes: Readonly<Record<State, Markup>> = {
  came: html`<circle class="present" r="4.5"/>`,
  missing: html`<circle class="lack" r="7.5"/><path class="cross" d="M-3.2 -3.2L3.2 3.2M-3.2 3.2L3.2 -3.2"/>`,
  "not judged": html`<circle class="open" r="3.8"/>`
}

/** The sign of an event, to stand in a line of text. */
export const sign = (state: State): Markup =>
  html`<svg class="sign" viewBox="-9 -9 18 18" aria-hidden="true" focusable="false">${shapes[state]}</svg>`

// Towards the middle, where there is room also on a narrow page.
const anchorOf = (share: number): Label["anchor"] => (share < 0.4 ? "start" : share > 0.6 ? "end" : "middle")

const timeText = (ms: number): string => DateTime.formatIso(DateTime.unsafeMake(ms)).slice(11, 19)

const shortOf = (topic: string): string => DisplayText.cut(TopicNames.short(topic), 24, "…")

/** Marks that are nearer to each other than this have one label. */
const near = 0.09
/** More names than this are told by their number. */
const mostNames = 3

interface Cluster {
  readonly state: State
  readonly events: ReadonlyArray<ConversationStory.Placed>
}

/** Events of one state that stand close to each other. */
const clusters = (events: ReadonlyArray<ConversationStory.Placed>): ReadonlyArray<Cluster> => {
  const found: Array<{ readonly state: State; readonly events: Array<ConversationStory.Placed> }> = []
  for (const placed of events) {
    const { state } = placed.event
    const last = found.findLast((cluster) => cluster.state === state)
    const before = last?.events.at(-1)
    if (before !== undefined && placed.share - before.share < near) last?.events.push(placed)
    else found.push({ state, events: [placed] })
  }
  return found
}

const labelOf = ({ events }: Cluster): Label => {
  const names = events.map(({ event }) => shortOf(event.topic))
  const more = names.length - mostNames
  const first = events[0]?.share ?? 0
  const last = events.at(-1)?.share ?? first
  const anchor = anchorOf((first + last) / 2)
  return {
    share: anchor === "start" ? first : anchor === "end" ? last : (first + last) / 2,
    text: more > 0 ? `${names.slice(0, mostNames).join(", ")} and ${more} more` : names.join(", "),
    anchor
  }
}

/** What is missing before anything else: its label stands where there is room for few, and its mark lies above the others. */
const missingFirst = <A>(items: ReadonlyArray<A>, stateOf: (item: A) => State): ReadonlyArray<A> => [
  ...items.filter((item) => stateOf(item) === "missing"),
  ...items.filter((item) => stateOf(item) !== "missing")
]

const middle = 13

const mark = ({ event, share }: ConversationStory.Placed): Markup =>
  html`<svg x="${percent(share)}" y="${middle}" overflow="visible">${shapes[event.state]}</svg>`

const lane = (
  { events, mediaType, purpose, sessionId }: ConversationStory.Lane,
  lines: ReadonlyArray<number>
): Markup => {
  const labelled = missingFirst(clusters(events), ({ state }) => state).map((cluster) => ({
    label: labelOf(cluster),
    isMissing: cluster.state === "missing"
  }))
  const missing = new Set(labelled.flatMap(({ isMissing, label }) => (isMissing ? [label.share] : [])))
  const [first, last] = [events[0]?.share ?? 0, events.at(-1)?.share ?? 0]
  const who = [purpose === "" ? "no purpose" : purpose, mediaType].filter((word) => word !== "").join(" ")
  return html`<div class="lane"><p class="who">${DisplayText.cut(who, 40, "…")}${
    sessionId === null ? undefined : html`<span class="name">${sessionId.slice(0, 8)}</span>`
  }</p><svg class="map" height="42" aria-hidden="true" focusable="false">${lines.map(
    (share) => html`<line class="when-missing" x1="${percent(share)}" x2="${percent(share)}" y1="0" y2="42"/>`
  )}<line class="span" x1="${percent(first)}" x2="${percent(last)}" y1="${middle}" y2="${middle}"/>${[...missingFirst(events, ({ event }) => event.state)].reverse().map(mark)}${withRoom(
    labelled.map(({ label }) => label),
    laneScale
  ).map(
    ({ anchor, share, text, tier }) =>
      html`<text class="${missing.has(share) ? "number " : ""}${tier}" x="${percent(share)}" y="36" text-anchor="${anchor}">${text}</text>`
  )}</svg></div>`
}

const axisOf = ({ fromMs, toMs }: ConversationStory.Lanes, lines: ReadonlyArray<number>): Markup => {
  const msAt = (share: number) => Math.round(fromMs + share * (toMs - fromMs))
  const shares = toMs === fromMs ? [0.5] : [0, 1, ...lines]
  const labels = shares.map((share): Label => ({ share, text: timeText(msAt(share)), anchor: anchorOf(share) }))
  return html`<div class="lane"><p class="who muted">UTC</p><svg class="map" height="24" aria-hidden="true" focusable="false">${axis(withRoom(labels, laneScale), 0)}</svg></div>`
}

/** What the picture shows, for those who do not see it. */
const description = ({ fromMs, lanes, toMs }: ConversationStory.Lanes): string => {
  const told = lanes.map(({ events, mediaType, purpose }) => {
    const missing = events.filter(({ event }) => event.state === "missing").map(({ event }) => shortOf(event.topic))
    const lacks = missing.length === 0 ? "nothing is missing" : `${missing.join(", ")} missing`
    return `${purpose} ${mediaType}: ${Plural.counted(events.length, "event")}, ${lacks}`
  })
  return `${TimeSpan.words(toMs - fromMs)}. ${told.join("; ")}.`
}

/** The picture; nothing where no event has a time. */
export const render = ({ events }: Pick<RecordsReport.IncompleteConversation, "events">): Markup | undefined => {
  const found = ConversationStory.lanes(events, mostLanes)
  if (found === null) return undefined
  const { left } = found
  const lines = [
    ...new Set(
      found.lanes.flatMap((one) => one.events.flatMap(({ event, share }) => (event.state === "missing" ? [share] : [])))
    )
  ]
  const more =
    left.sessions === 0
      ? undefined
      : html`<p class="facts">${Plural.counted(left.sessions, "more session")} not shown, ${left.missing === 0 ? "of which nothing is missing" : `${left.missing} of whose events are missing`}.</p>`
  return html`<div class="lanes" role="img" aria-label="${description(found)}">${found.lanes.map((one) => lane(one, lines))}${axisOf(found, lines)}</div>${more}`
}

/** What the marks mean. */
export const legend: Markup = html`<ul class="legend"><li>${sign("came")}came</li><li>${sign("missing")}missing</li><li>${sign("not judged")}not judged</li></ul>`
