/** A replay that stands under a window's name already. */
import type { Finding } from "../plan/Finding.js"
import type { Difference } from "../value/Difference.js"
import type { ReplayConflict } from "./ProviderError.js"
import type { Replay } from "./Replay.js"

/** The replay, and in what it differs from what the window asks: in nothing where it is the window's own. */
export interface StandingReplay {
  readonly replay: Replay
  readonly differences: ReadonlyArray<Difference>
}

/** What is said of it when the provider is asked about a plan: `replay-exists` where it is the window's own, else `name-taken`. */
export const finding = (window: string, { differences, replay }: StandingReplay, conflict: ReplayConflict): Finding =>
  differences.length > 0
    ? { severity: "error", code: "name-taken", window, path: "name", message: conflict.message }
    : {
        severity: "warning",
        code: "replay-exists",
        window,
        path: "name",
        message: `this window has its replay already (id ${replay.id}, ${replay.progress.state}): it is left as it is, and nothing is replayed anew. To replay it again, give it another name`
      }
