/** What became of a plan, as a person reads it. */
import type { ApplyReport } from "@genesys-replay/pipeline"
import type { Output } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import * as Table from "../terminal/Table.js"
import * as ProofText from "./ProofText.js"

const colours = { created: "green", adopted: "green", unchanged: "cyan", failed: "red" } as const

/** The text: a table of the windows, and the counts. */
export const render = (report: ApplyReport.ApplyReport, output: Pick<Output, "colour" | "width">): string => {
  const style = Style.of(output)
  const waited = report.results.some(({ replay }) => replay !== undefined)
  const isProven = ProofText.isWorthTelling(report.results)
  const table = Table.renderWithIds(
    [
      { title: "STREAM", shrink: true },
      { title: "OUTCOME" },
      ...(waited ? [{ title: "REPLAY" }, { title: "EVENTS", right: true }] : []),
      ...(isProven ? [{ title: "PROOF" }] : [])
    ],
    report.results.map(({ accuracy, id, measuredBy, name, outcome, replay, unproven }) => ({
      cells: [
        name,
        style(colours[outcome], outcome),
        ...(waited
          ? [
              replay?.state ?? "",
              replay?.sequence === undefined ? "" : String(replay.sequence.last - replay.sequence.first + 1)
            ]
          : []),
        ...(isProven ? [ProofText.cell({ accuracy, measuredBy, unproven })] : [])
      ],
      id: id ?? ""
    })),
    output
  )
  const { adopted, created, failed, unchanged } = report.summary
  const counts = [
    `${created} created`,
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
    ...(adopted > 0 ? [`${adopted} adopted`] : []),
    ...(failed > 0 ? [style("red", `${failed} failed`)] : [])
  ]
  return `${table}\n\n${counts.join(", ")}`
}
