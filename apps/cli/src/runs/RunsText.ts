/** Runs and their windows, as a person reads them. */
import { ApplyReport, ReplayPipeline, RunWindow, WindowError } from "@genesys-replay/pipeline"
import * as ProofText from "../apply/ProofText.js"
import type { Output } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import * as Table from "../terminal/Table.js"
import type { HealSummary, RunSummary } from "./RunsDocument.js"

type Windows = ReadonlyArray<RunWindow.RunWindow>

const hasFailed = ({ result, state }: RunWindow.RunWindow): boolean =>
  state === "finished" && (result === null || !ApplyReport.wentWell(result))

const byRunOf = (windows: Windows): ReadonlyMap<RunWindow.RunId, Array<RunWindow.RunWindow>> => {
  const byRun = new Map<RunWindow.RunId, Array<RunWindow.RunWindow>>()
  for (const window of windows) {
    const of = byRun.get(window.run)
    if (of === undefined) byRun.set(window.run, [window])
    else of.push(window)
  }
  return byRun
}

/** The runs of these windows, in their order. */
export const summaries = (windows: Windows): ReadonlyArray<RunSummary> => {
  return [...byRunOf(windows)].map(([run, of]) => ({
    run,
    requestedAt: of[0]?.requestedAt ?? "",
    target: of[0]?.target ?? "",
    windows: of.length,
    open: of.filter((window) => !RunWindow.isFinal(window)).length,
    failed: of.filter(hasFailed).length,
    cancelled: of.filter(({ state }) => state === "cancelled").length
  }))
}

/** The table of the runs. */
export const runs = (all: ReadonlyArray<RunSummary>, output: Pick<Output, "colour" | "width">): string => {
  const style = Style.of(output)
  return Table.render(
    [
      { title: "RUN" },
      { title: "ASKED FOR" },
      { title: "WINDOWS", right: true },
      { title: "OPEN", right: true },
      { title: "FAILED", right: true },
      { title: "FOR", shrink: true, optional: true }
    ],
    all.map(({ failed, open, requestedAt, run, target, windows }) => [
      run,
      requestedAt.slice(5, 19).replace("T", " "),
      String(windows),
      open === 0 ? "0" : style("cyan", String(open)),
      failed === 0 ? "0" : style("red", String(failed)),
      target
    ]),
    output.width()
  )
}

/** The table of the heals. */
export const heals = (all: ReadonlyArray<HealSummary>, output: Pick<Output, "colour" | "width">): string => {
  const style = Style.of(output)
  return Table.render(
    [
      { title: "HEAL" },
      { title: "BEGAN" },
      { title: "WINDOW", shrink: true },
      { title: "ROUNDS", right: true },
      { title: "MISSED", right: true },
      { title: "STATE" }
    ],
    all.map(({ beganAt, heal, isComplete, missingBefore, rounds, window }) => [
      heal,
      beganAt.slice(5, 19).replace("T", " "),
      window,
      String(rounds),
      String(missingBefore),
      isComplete === null ? style("cyan", "open") : isComplete ? "complete" : style("red", "incomplete")
    ]),
    output.width()
  )
}

const outcomeOf = (one: RunWindow.RunWindow, style: Style.Style): string => {
  if (one.result === null) return ""
  const { error, outcome } = ReplayPipeline.resultOf(one)
  return error === null ? outcome : style("red", WindowError.summarize(error).tag)
}

/** The windows, below the runs that they are of. */
export const windows = (all: Windows, output: Pick<Output, "colour" | "width">): string => {
  const style = Style.of(output)
  const isProven = ProofText.isWorthTelling(all.map(({ result }) => result))
  const table = Table.renderWithIds(
    [
      { title: "WINDOW", shrink: true },
      { title: "STATE" },
      { title: "OUTCOME", shrink: true, least: 9 },
      { title: "REPLAY" },
      ...(isProven ? [{ title: "PROOF", shrink: true, least: 8 }] : [])
    ],
    all.map((one) => ({
      cells: [
        one.window.name,
        one.state,
        outcomeOf(one, style),
        one.result?.replay?.state ?? "",
        ...(isProven ? [one.result === null ? "" : ProofText.cell(one.result)] : [])
      ],
      id: one.result?.id ?? ""
    })),
    output
  )
  return [...new Set(all.map(({ run }) => `run ${run}`)), "", table].join("\n")
}
