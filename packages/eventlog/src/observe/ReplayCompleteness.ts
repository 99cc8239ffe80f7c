/** How complete one replay came back: captured events against the bounds that the provider tells. */
import { type Replay, SequenceReport, SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import { Effect } from "effect"
import type { InvalidFieldPath } from "../scan/FieldPath.js"
import type { LogSource, Unread } from "../source/LogSource.js"
import * as EventLog from "./EventLog.js"

/** How complete a replay came back, and what that is worth. */
export interface Measured extends SequenceReport.GroupReport {
  /** Never `complete` where the bounds are inferred and a record was rejected. */
  readonly verdict: SequenceReport.Verdict
  /** Records of all sources that could not be counted. */
  readonly rejected: SequenceReport.CompletenessReport["rejected"]
}

/**
 * The report of the events that carry the replay's name, among whatever else the sources hold. The expected range is the
 * replay's `sequence`, so that events missing at its ends are missed; where the provider tells none it is inferred. No event
 * at all is 0 %.
 *
 * Fails with `UnreadableSource` or `UnsupportedFormat`: a proof over half of the events is none.
 */
export const measure = Effect.fn("ReplayCompleteness.measure")(function* (
  replay: Replay.Replay,
  sources: ReadonlyArray<LogSource>,
  options: EventLog.LayoutOptions & {
    readonly maxMissing?: number | undefined
    readonly allowRejected?: number | undefined
  } = {}
): Effect.fn.Return<Measured, Unread | InvalidFieldPath | SequenceVerification.InvalidSequenceRange> {
  const { sequence } = replay.progress
  const sequences = new Map(
    sequence === undefined ? [] : [[replay.name, { start: sequence.first, end: sequence.last }]]
  )
  const { report, unreadable } = yield* EventLog.observe(sources, { ...options, sequences })
  const [first] = unreadable
  if (first !== undefined) return yield* first
  const group =
    report.groups.find(({ group }) => group === replay.name) ??
    SequenceVerification.report(SequenceTracker.make(), { group: replay.name })
  return { ...group, verdict: SequenceReport.verdictOf(group, report), rejected: report.rejected }
})
