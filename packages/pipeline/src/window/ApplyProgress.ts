/** What happens while windows are applied, for progress bars and the like. */
import type { EventStream, PlannedWindow, Replay, ReplayAccuracy, ReplayProvider } from "@genesys-replay/domain"
import { Data, type DateTime } from "effect"
import type { SyncResult } from "../sync/SyncSink.js"
import type { ApplyResult } from "./ApplyReport.js"
import type { WindowError } from "./WindowError.js"

/**
 * One step of one window. Always in this order: `Submitting`, `Submitted`, `Watching` at every look, `AwaitingRecords` at every look that
 * finds too little, `Verified`, `Synced`
 * for every document and sink, `Finished`; `Stalled` at any look or verification. `Finished` comes for every window, the others
 * as far as the window gets.
 */
export type ApplyProgress = Data.TaggedEnum<{
  /** The request is about to be sent. */
  Submitting: { readonly window: PlannedWindow.PlannedWindow }
  /** The replay stands. `latencyMs` in milliseconds. */
  Submitted: {
    readonly window: PlannedWindow.PlannedWindow
    readonly id: EventStream.ReplayId
    readonly outcome: ReplayProvider.SubmissionOutcome
    readonly latencyMs: number
  }
  /** How far the replay is. */
  Watching: { readonly window: PlannedWindow.PlannedWindow; readonly replay: Replay.Replay }
  /** The window does not get on: the replay stands, and the work on it is tried again. */
  Stalled: { readonly window: PlannedWindow.PlannedWindow; readonly error: WindowError }
  /** The platform does not have all conversation records of the window yet, which ends at `end`: they are waited for, not longer than `until`. */
  AwaitingRecords: {
    readonly window: PlannedWindow.PlannedWindow
    readonly end: DateTime.Utc
    /** Up to when it has them; null where it does not say. */
    readonly dataAvailableUntil: DateTime.Utc | null
    readonly until: DateTime.Utc
  }
  /** How complete it came back, and why that is no proof where it is none. */
  Verified: {
    readonly window: PlannedWindow.PlannedWindow
    readonly accuracy: ReplayAccuracy.ReplayAccuracy | undefined
    readonly unproven: string | undefined
  }
  /** A sink was told, or could not be. */
  Synced: { readonly window: PlannedWindow.PlannedWindow; readonly result: SyncResult }
  /** Nothing more is waited for: the window is done, or it does not get on, which is its result's error. */
  Finished: { readonly window: PlannedWindow.PlannedWindow; readonly result: ApplyResult }
}>

/** Makes and matches {@link ApplyProgress}. */
export const { $is, $match, AwaitingRecords, Finished, Stalled, Submitted, Submitting, Synced, Verified, Watching } =
  Data.taggedEnum<ApplyProgress>()
