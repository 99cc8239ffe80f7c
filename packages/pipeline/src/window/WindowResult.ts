/** What became of a window. */
import type * as ApplyReport from "./ApplyReport.js"
import { isFailing, type RunWindow } from "./RunWindow.js"
import { WindowCancelled } from "./WindowError.js"

/** What became of a window; of one that does not get on, why. */
export const resultOf = (one: RunWindow): ApplyReport.ApplyResult => {
  const { result, state, window } = one
  const known = result ?? {
    name: window.name,
    id: null,
    outcome: "failed",
    payloadHash: window.payloadHash,
    latencyMs: null,
    error: null
  }
  if (isFailing(one)) return { ...known, error: one.failure.error, unfinished: true }
  return state === "cancelled" ? { ...known, error: known.error ?? new WindowCancelled() } : known
}
