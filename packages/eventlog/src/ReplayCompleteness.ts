/** How complete one replay came back: captured events against the bounds that the provider tells. */
import type { FileSystem } from "@effect/platform"
import { type Replay, type SequenceReport, SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import { Effect } from "effect"
import * as EventLog from "./EventLog.js"
import type { InvalidFieldPath } from "./FieldPath.js"
import type { LogSource, UnreadableSource } from "./LogSource.js"

/**
 * The report of the events that carry the replay's name, among whatever else the sources hold. The expected range is the
 * replay's `sequence`, so that events missing at its ends are missed; where the provider tells none it is inferred. No event
 * at all is 0 %.
 *
 * Fails with `UnreadableSource`: a proof over half of the events is none.
 */
export const measure = Effect.fn("ReplayCompleteness.measure")(function* (
  replay: Replay.Replay,
  sources: ReadonlyArray<LogSource>,
  options: EventLog.LayoutOptions & { readonly maxMissing?: number | undefined } = {}
): Effect.fn.Return<
  SequenceReport.GroupReport,
  UnreadableSource | InvalidFieldPath | SequenceVerification.InvalidSequenceRange,
  FileSystem.FileSystem
> {
  const { sequence } = replay.progress
  const sequences = new Map(
    sequence === undefined ? [] : [[replay.name, { start: sequence.first, end: sequence.last }]]
  )
  const { report, unreadable } = yield* EventLog.observe(sources, { ...options, sequences })
  const [first] = unreadable
  if (first !== undefined) return yield* first
  return (
    report.groups.find(({ group }) => group === replay.name) ??
    SequenceVerification.report(SequenceTracker.make(), { group: replay.name })
  )
})
