/** What of the sources was not counted, for a terminal: not read, rejected, left out. */
import { Plural, type SequenceReport } from "@genesys-replay/domain"
import { section, shown, type TextStyle } from "./TextStyle.js"

/** What every report tells of it. */
export type NotCounted = Pick<SequenceReport.CompletenessReport, "unread" | "rejected" | "leftOut">

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

/** A section for each kind of which there is something. */
export const render = (report: NotCounted, style: TextStyle): ReadonlyArray<string> => [
  ...unreadSources(report, style),
  ...rejections(report, style),
  ...leftOut(report, style)
]
