/** What a provider says, when it is asked about a plan, of a window under whose name a replay stands already. */
import type { Finding } from "../plan/Finding.js"
import type { ReplayConflict } from "./ProviderError.js"
import type { Replay } from "./Replay.js"

/** `name-taken`: another replay has the name. */
export const taken = (window: string, conflict: ReplayConflict): Finding => ({
  severity: "error",
  code: "name-taken",
  window,
  path: "name",
  message: conflict.message
})

/** `replay-exists`: it is the window's own, and will be left as it is. */
export const own = (window: string, { id, progress }: Replay): Finding => ({
  severity: "warning",
  code: "replay-exists",
  window,
  path: "name",
  message: `this window has its replay already (id ${id}, ${progress.state}): it is left as it is, and nothing is replayed anew. To replay it again, give it another name`
})
