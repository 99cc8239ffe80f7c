/** How complete a window came back, in the words of lines and tables. */
import { Instant, Plural, type ReplayAccuracy } from "@genesys-replay/domain"
import { ApplyReport, type RunWindow } from "@genesys-replay/pipeline"

const measured = {
  inferred: "of what was replayed came back",
  baseline: "of the baseline came back",
  records: "of what the platform's records make one expect came"
} as const

/** What is to be known beside the figure: whether it can still change, and what was not measured. */
const beside = ({ not_judged, rejected, topics_not_judged, verdict }: ReplayAccuracy.ReplayAccuracy): string => {
  const found = [
    ...(verdict === undefined ? [] : [verdict]),
    ...(not_judged === undefined || not_judged === 0 ? [] : [`${not_judged} not judged`]),
    ...(topics_not_judged === undefined
      ? []
      : [`${Plural.counted(topics_not_judged.length, "topic")} not judged: ${topics_not_judged.join(", ")}`]),
    ...(rejected === undefined || rejected === 0 ? [] : [`${Plural.counted(rejected, "record")} not read`])
  ]
  return found.length === 0 ? "" : ` (${found.join("; ")})`
}

/** `99.98 % of what the platform's records make one expect came (provisional; 3 not judged)`. */
export const sentence = (accuracy: ReplayAccuracy.ReplayAccuracy): string =>
  `${accuracy.accuracy_rate.toFixed(2)} % ${measured[accuracy.basis ?? "inferred"]}${beside(accuracy)}`

type Result = Pick<ApplyReport.ApplyResult, "accuracy" | "measuredBy" | "unproven">

/** `99.98 % by records, final`, for a table; empty where nothing was measured. */
export const cell = ({ accuracy, measuredBy = "sequence", unproven }: Result): string => {
  if (unproven !== undefined) return "unproven"
  if (accuracy === undefined) return ""
  const finality = accuracy.verdict === undefined ? "" : `, ${accuracy.verdict}`
  return `${accuracy.accuracy_rate.toFixed(2)} % by ${measuredBy}${finality}`
}

/** Whether any of them was measured, so that a table has a column for it. */
export const isWorthTelling = (results: ReadonlyArray<Result | null>): boolean =>
  results.some((result) => result?.measuredBy !== undefined && ApplyReport.isMeasured(result))

/** `waits for records until 2024-01-15T08:00:00Z, has them until …`, of a window that is not measured yet. */
export const awaiting = ({ awaiting, result, window }: RunWindow.RunWindow): string =>
  awaiting === undefined || result === null || ApplyReport.isMeasured(result)
    ? ""
    : `the platform has its records until ${awaiting.availableUntil ?? "it does not say"}; ${window.name} is measured when it has those until ${window.prove === undefined ? "its end" : Instant.format(window.prove.end)}`
