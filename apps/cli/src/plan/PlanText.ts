/** A plan as a person reads it: the streams, what was found, the verdict. */
import {
  ArchiveReplay,
  Destination,
  type Finding,
  Instant,
  type PlannedWindow,
  Plural,
  type ReplayPlan
} from "@genesys-replay/domain"
import { Option } from "effect"
import type { Output } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import * as Table from "../terminal/Table.js"

const mostWindows = 50
const mostFindings = 20

/** The plans of one provider have all their windows with an end, or none. */
const isArchived = (windows: ReadonlyArray<PlannedWindow.PlannedWindow>): boolean =>
  windows.some(({ end }) => Option.isSome(end))

/** How long a stream is kept; EventBridge, whose archives have their own retention, has an end instead. */
const reach = ({ end, endIsFixed, retentionDays }: PlannedWindow.PlannedWindow): string =>
  Option.match(end, {
    onNone: () => `${retentionDays} d`,
    onSome: (until) => (endIsFixed ? Instant.format(until) : "now")
  })

const rowOf = (window: PlannedWindow.PlannedWindow): ReadonlyArray<string> => [
  window.name,
  Instant.format(window.start),
  reach(window),
  String(window.topics.length),
  window.payloadHash
]

const findingLine = ({ code, message, path, severity, window }: Finding.Finding, style: Style.Style): string =>
  `  ${severity === "error" ? style("red", "error  ") : style("yellow", "warning")}  ${path} (${window}): ${message} ${style("dim", `[${code}]`)}`

/** Findings, one a line; of many the first, and how many more there are. */
export const findingLines = (findings: ReadonlyArray<Finding.Finding>, style: Style.Style): string => {
  const more = findings.length - mostFindings
  return [
    ...findings.slice(0, mostFindings).map((finding) => findingLine(finding, style)),
    ...(more > 0 ? [`  … and ${more} more (genesys-replay plan --json shows all)`] : [])
  ].join("\n")
}

const destinations = (windows: ReadonlyArray<PlannedWindow.PlannedWindow>): ReadonlyArray<string> => [
  ...new Set(windows.map(({ destination }) => Destination.format(destination)))
]

/** What the windows are replayed from, where that is an archive. */
const sources = (windows: ReadonlyArray<PlannedWindow.PlannedWindow>): ReadonlyArray<string> => [
  ...new Set(
    windows.flatMap((window) => {
      if (Option.isNone(window.archive)) return []
      const { archive, partial } = window.archive.value
      const which =
        archive === undefined
          ? "an archive of the bus"
          : archive === ArchiveReplay.create
            ? "an archive of the bus, created where none holds the topics"
            : `archive ${archive}`
      return [`from ${which}${partial ? ", what there is" : ""}`]
    })
  )
]

/** By what the windows are to be proven, where they say so. */
const proofs = (windows: ReadonlyArray<PlannedWindow.PlannedWindow>): ReadonlyArray<string> => [
  ...new Set(windows.flatMap(({ prove }) => (prove === undefined ? [] : [`proven by ${prove.by}`])))
]

/** The text. Long plans show the first windows and findings, and how many more there are; errors come before warnings. */
export const render = (draft: ReplayPlan.PlanDraft, output: Pick<Output, "colour" | "width">): string => {
  const style = Style.of(output)
  const { windows } = draft
  const errors = draft.findings.filter(({ severity }) => severity === "error")
  const warnings = draft.findings.filter(({ severity }) => severity === "warning")
  const findings = [...errors, ...warnings]
  const archived = isArchived(windows)
  const lines: Array<string> = []
  if (windows.length > 0) {
    lines.push(
      Table.render(
        [
          { title: archived ? "REPLAY" : "STREAM", shrink: true },
          // To the second: beyond it is what a start relative to now has.
          { title: "START", shrink: true, least: 20 },
          archived ? { title: "END", shrink: true, least: 20 } : { title: "RETENTION", right: true },
          { title: "TOPICS", right: true, optional: true },
          // Where there is no room for all of it, its beginning still tells payloads apart.
          { title: "PAYLOAD HASH", shrink: true, least: 10, optional: true }
        ],
        windows.slice(0, mostWindows).map(rowOf),
        output.width()
      )
    )
    if (windows.length > mostWindows) lines.push(`… and ${windows.length - mostWindows} more`)
    lines.push(
      "",
      ...destinations(windows)
        .slice(0, 5)
        .map((arn) => `into ${arn}`),
      ...sources(windows).slice(0, 5),
      ...proofs(windows)
    )
  }
  if (draft.checkedWith !== undefined) lines.push("", `checked with ${draft.checkedWith}: nothing was submitted`)
  if (findings.length > 0) lines.push("", findingLines(findings, style))
  const verdict =
    errors.length > 0
      ? style("red", `${Plural.counted(errors.length, "error")}: nothing of this plan can be submitted`)
      : style(
          "green",
          `${Plural.counted(windows.length, archived ? "replay" : "stream")} ready, submitted by genesys-replay apply`
        )
  return [...lines, "", warnings.length > 0 ? `${verdict}; ${Plural.counted(warnings.length, "warning")}` : verdict]
    .join("\n")
    .replace(/^\n+/, "")
}
