/** What happened in a run, line by line. Two runs of one seed have the same trace, or something real leaked in. */
import { createHash } from "node:crypto"

/** See the module. */
export interface Trace {
  /** Adds a line, behind the instant. */
  readonly note: (line: string) => void
  /** Counts that a fault was made or a crash point was hit, for the summary of many runs. */
  readonly count: (what: string) => void
  readonly lines: () => ReadonlyArray<string>
  readonly counts: () => ReadonlyMap<string, number>
  /** Over all lines. */
  readonly digest: () => string
}

/** A trace without lines; instants are shown from `now()` at this moment on. */
export const make = (now: () => number): Trace => {
  const start = now()
  const lines: Array<string> = []
  const counts = new Map<string, number>()
  return {
    note: (line) => {
      lines.push(`${((now() - start) / 1_000).toFixed(3).padStart(10)} ${line}`)
    },
    count: (what) => {
      counts.set(what, (counts.get(what) ?? 0) + 1)
    },
    lines: () => lines,
    counts: () => counts,
    digest: () => createHash("sha256").update(lines.join("\n")).digest("hex")
  }
}
