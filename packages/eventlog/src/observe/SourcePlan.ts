/** How the sources of a log are read: the files that paths stand for, each once, and in which way. */
import type { SequenceReport } from "@genesys-replay/domain"
import { Effect } from "effect"
import * as LogHead from "../source/LogHead.js"
import type * as LogSource from "../source/LogSource.js"
import * as SourcePaths from "../source/SourcePaths.js"
import * as PartPool from "../threads/PartPool.js"

/** See above. */
export interface SourcePlan {
  readonly planned: ReadonlyArray<LogHead.Planned>
  /** Paths that stand for nothing, or that could not be looked at. */
  readonly unreadable: ReadonlyArray<LogSource.Unread>
  readonly leftOut: ReadonlyArray<SequenceReport.LeftOutSource>
}

/** How many of the files that were left out a report names. */
const mostLeftOut = 10

/** Files that were left out, as a report has them. */
export const listed = (leftOut: ReadonlyArray<SequenceReport.LeftOutSource>) => ({
  count: leftOut.length,
  first: leftOut.slice(0, mostLeftOut)
})

/** The plan for `sources`; `all` takes directories whole, whatever the names of the files in them. */
export const make = Effect.fnUntraced(function* (
  sources: ReadonlyArray<LogSource.LogSource>,
  { all }: { readonly all?: boolean | undefined }
) {
  const small = PartPool.smallFile(yield* PartPool.PartPool)
  const seen = new Set<string>()
  const planned: Array<LogHead.Planned> = []
  const unreadable: Array<LogSource.Unread> = []
  const leftOut: Array<SequenceReport.LeftOutSource> = []
  for (const source of sources) {
    if (source._tag !== "File") {
      planned.push(LogHead.streamed(source, null))
      continue
    }
    const found = yield* SourcePaths.expand(source.path, { all })
    unreadable.push(...found.unreadable)
    leftOut.push(...found.leftOut.map(({ path, reason }) => ({ source: path, reason })))
    for (const file of found.files) {
      if (seen.has(file.identity)) continue
      seen.add(file.identity)
      planned.push(LogHead.plan(file, small))
    }
  }
  const plan: SourcePlan = { planned, unreadable, leftOut }
  return plan
})
