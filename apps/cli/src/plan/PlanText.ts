/** A plan as a person reads it: the streams, what was found, the verdict. */
import { ArchiveReplay, type Finding, type PlannedWindow, Plural, type ReplayPlan } from "@genesys-replay/domain"
import type { Output } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import * as Table from "../terminal/Table.js"

const mostWindows = 50
const mostFindings = 20

/** The plans of one provider have all their windows with an archive's side, or none. */
const isArchived = (windows: ReadonlyArray<PlannedWindow.PlannedWindow>): boolean =>
  windows.some(({ eventbridge }) => eventbridge !== undefined)

/** How long a stream is kept; EventBridge, whose archives have their own retention, has an end instead. */
const reach = ({ eventbridge, retentionDays }: PlannedWindow.PlannedWindow): string =>
  eventbridge === undefined ? `${retentionDays} d` : eventbridge.endIsFixed ? eventbridge.end : "now"

const rowOf = (window: PlannedWindow.PlannedWindow): ReadonlyArray<string> => [
  window.name,
  window.payload.replayConfig.startDate,
  reach(window),
  String(window.payload.filters.topics.length),
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
  ...new Set(windows.map(({ payload }) => payload.destination.eventBridgeConfig.arn))
]

/** What the windows are replayed from, where that is an archive. */
const sources = (windows: ReadonlyArray<PlannedWindow.PlannedWindow>): ReadonlyArray<string> => [
  ...new Set(
    windows.flatMap(({ eventbridge }) => {
      if (eventbridge === undefined) return []
      const { archive, partial } = eventbridge
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
          { title: "START" },
          archived ? { title: "END" } : { title: "RETENTION", right: true },
          { title: "TOPICS", right: true },
          // Two instants leave no room for all of it; its beginning still tells payloads apart.
          archived ? { title: "PAYLOAD HASH", shrink: true, least: 10 } : { title: "PAYLOAD HASH" }
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
