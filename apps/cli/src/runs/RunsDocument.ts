/** Runs and their windows, as `--json` prints them. */
import { PayloadHash, ReplayWindow } from "@genesys-replay/domain"
import { ApplyReport, HealRecord, RunWindow } from "@genesys-replay/pipeline"
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

/** A heal and how far it is. */
export const HealSummary = Schema.Struct({
  heal: HealRecord.HealId,
  window: ReplayWindow.WindowName,
  beganAt: Schema.String,
  target: Schema.String,
  /** Rounds that were begun. */
  rounds: Schema.NonNegativeInt,
  missingBefore: Schema.NonNegativeInt,
  resent: Schema.NonNegativeInt,
  open: Schema.Boolean,
  /** Null until it has ended. */
  isComplete: Schema.NullOr(Schema.Boolean)
}).annotations({ identifier: "HealSummary" })

/** See {@link HealSummary}. */
export type HealSummary = typeof HealSummary.Type

/** A heal as it is listed. */
export const ofHeal = ({
  beganAt,
  id,
  missingBefore,
  report,
  resent,
  rounds,
  target,
  window
}: HealRecord.HealRecord): HealSummary => ({
  heal: id,
  window: window.name,
  beganAt,
  target,
  rounds: rounds.length,
  missingBefore,
  resent,
  open: report === null,
  isComplete: report?.isComplete ?? null
})
