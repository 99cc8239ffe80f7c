/** What of the sources was not counted, for a terminal: not read, rejected, left out; and what was taken out of wrappings. */
import { EventEnvelope, Plural } from "@genesys-replay/domain"
import type { NotCounted } from "../NotCounted.js"
import { section, shown, type TextStyle } from "./TextStyle.js"

/** More lines than this of one kind help no reader. */
const mostLines = 10

const unreadSources = ({ unread }: NotCounted, style: TextStyle): ReadonlyArray<string> => {
  if (unread.length === 0) return []
  const lines = unread
    .slice(0, mostLines)
    .map(({ bytesRead, reason, source }) =>
      [shown(source, style), ...(bytesRead > 0 ? [`behind byte ${bytesRead}`] : []), shown(reason, style)].join("  ")
    )
  const title = `Not read, or not to the end: ${Plural.counted(unread.length, "source")}`
  return section(title, lines, unread.length - lines.length, style)
}

const rejections = ({ rejected }: NotCounted, style: TextStyle): ReadonlyArray<string> => {
  if (rejected.count === 0) return []
  const lines = rejected.first.map(
    ({ line, reason, source }) => `${shown(source, style)}:${line}  ${shown(reason, style)}`
  )
  const title = `Rejected, and not counted: ${Plural.counted(rejected.count, "record")}`
  return section(title, lines, rejected.count - lines.length, style)
}

const leftOut = ({ leftOut: { count, first } }: NotCounted, style: TextStyle): ReadonlyArray<string> =>
  count === 0
    ? []
    : section(
        `Left out: ${Plural.counted(count, "file")}`,
        first.map(({ reason, source }) => `${shown(source, style)}  ${shown(reason, style)}`),
        count - first.length,
        style
      )

const unwrapped = ({ unwrapped = [] }: NotCounted, style: TextStyle): ReadonlyArray<string> => {
  if (unwrapped.length === 0) return []
  const lines = unwrapped.slice(0, mostLines).map(({ events, wrapping }) => {
    const carrier = EventEnvelope.carrierOf(wrapping)
    const place = `${Plural.counted(events, "event")} out of ${shown(wrapping, style)}`
    return carrier === null ? place : `${place}: ${carrier}`
  })
  return section("Taken out of what they were wrapped in", lines, unwrapped.length - lines.length, style)
}

/** A section for each kind of which there is something. */
export const render = (report: NotCounted, style: TextStyle): ReadonlyArray<string> => [
  ...unreadSources(report, style),
  ...rejections(report, style),
  ...leftOut(report, style),
  ...unwrapped(report, style)
]
