/** Runs and their windows, as `--json` prints them. */
import { PayloadHash, ReplayWindow } from "@genesys-replay/domain"
import { ApplyReport, RunWindow } from "@genesys-replay/pipeline"
import { Schema } from "effect"

const { window: _, ...recorded } = RunWindow.RunWindow.fields

/** The document of some windows: every record, but for what the spec says of the window anyway. */
export const Windows = Schema.Struct({
  windows: Schema.Array(
    Schema.Struct({
      name: ReplayWindow.WindowName,
      payloadHash: PayloadHash.PayloadHash,
      ...recorded,
      result: Schema.NullOr(ApplyReport.ResultDocument),
      failure: Schema.NullOr(RunWindow.FailureDocument)
    }).annotations({ identifier: "RecordedWindow" })
  )
}).annotations({ identifier: "RecordedWindows" })

/** The document of these windows. */
export const ofWindows = (windows: ReadonlyArray<RunWindow.RunWindow>): typeof Windows.Type => ({
  windows: windows.map(({ window, ...rest }) => ({ name: window.name, payloadHash: window.payloadHash, ...rest }))
})

/** A run and how far its windows are. */
export const RunSummary = Schema.Struct({
  run: RunWindow.RunId,
  requestedAt: Schema.String,
  target: Schema.String,
  windows: Schema.NonNegativeInt,
  open: Schema.NonNegativeInt,
  failed: Schema.NonNegativeInt,
  cancelled: Schema.NonNegativeInt
}).annotations({ identifier: "RunSummary" })

/** See {@link RunSummary}. */
export type RunSummary = typeof RunSummary.Type
