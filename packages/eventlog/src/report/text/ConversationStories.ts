/** Conversations that lack something, told for a terminal with all they have and lack, in order of time. */
import type { RecordsReport } from "@genesys-replay/domain"
import { DateTime } from "effect"
import * as DisplayText from "../../source/DisplayText.js"
import * as ConversationStory from "../topic/ConversationStory.js"
import * as TopicNames from "../topic/TopicNames.js"
import * as TextStyle from "./TextStyle.js"

/** More conversations than this are told by their number. */
const mostStories = 3
/** A longer conversation is told around what it lacks. */
const mostEvents = 24

const marks = {
  came: { unicode: "✓", ascii: "came" },
  missing: { unicode: "✗ missing", ascii: "MISSING" },
  "not judged": { unicode: "·", ascii: "not judged" }
} as const

type Event = RecordsReport.ConversationEvent

const timeOf = (event: Event): string => {
  const time = ConversationStory.timeOf(event)
  return time === null ? "time not known" : DateTime.formatIso(time).slice(11, 23)
}

const story = (
  { conversationId, events, expected, missing }: RecordsReport.IncompleteConversation,
  style: TextStyle.TextStyle
): ReadonlyArray<string> => {
  const shown = ConversationStory.around(events, mostEvents)
  const [first] = shown
  const day =
    first === undefined ? "" : DateTime.formatIsoDateUtc(ConversationStory.timeOf(first) ?? DateTime.unsafeMake(0))
  const rows = shown.map((event) => ({
    event,
    time: timeOf(event),
    mark: style.unicode ? marks[event.state].unicode : marks[event.state].ascii,
    topic: TopicNames.short(event.topic),
    who: [event.purpose, event.mediaType].filter((word) => word !== "").join(" "),
    session: event.sessionId === null ? "" : `session ${event.sessionId.slice(0, 8)}`
  }))
  const widthOf = (key: "time" | "mark" | "topic" | "who") =>
    Math.max(0, ...rows.map((row) => DisplayText.width(row[key])))
  const widths = { time: widthOf("time"), mark: widthOf("mark"), topic: widthOf("topic"), who: widthOf("who") }
  const lines = rows.map(({ event, ...row }) => {
    const line = [
      DisplayText.padEnd(row.time, widths.time),
      DisplayText.padEnd(row.mark, widths.mark),
      DisplayText.padEnd(row.topic, widths.topic),
      DisplayText.padEnd(TextStyle.shown(row.who, style), widths.who),
      event.reason ?? TextStyle.shown(row.session, style)
    ].join("  ")
    const cut = DisplayText.cut(`  ${line}`.trimEnd(), style.width, style.ellipsis)
    return event.state === "missing" ? style.bad(cut) : event.state === "not judged" ? style.faint(cut) : cut
  })
  const left = events.length - shown.length
  return [
    "",
    style.strong(
      DisplayText.cut(
        `${TextStyle.shown(conversationId, style)}  ${missing} of ${expected} missing, ${day}`,
        style.width,
        style.ellipsis
      )
    ),
    ...lines,
    ...(left > 0 ? [style.faint(`  and ${left} more of it that came, or are missing too`)] : [])
  ]
}

/** The stories, ending in a line feed; empty where no conversation lacks anything. */
export const render = ({ incomplete }: RecordsReport.RecordsReport, options: TextStyle.TextOptions = {}): string => {
  const style = TextStyle.of(options)
  const told = incomplete.first.slice(0, mostStories)
  return told.length === 0
    ? ""
    : `${told
        .flatMap((one) => story(one, style))
        .join("\n")
        .replace(/^\n/, "")}\n`
}
