/** How complete a replay came back, as a figure for dashboards. */
import { Option, Schema } from "effect"
import type { GroupReport } from "../sequence/SequenceReport.js"
import { UtcText } from "../value/Instant.js"

/** One measurement. Its keys are fixed by the contract with processors. */
export const ReplayAccuracy = Schema.Struct({
  /** The window's name. */
  window_id: Schema.String,
  /** Percent of the expected indices that came, two decimals, never rounded up to 100. */
  accuracy_rate: Schema.Number,
  /** Missing indices. */
  sequence_gaps: Schema.Number,
  /** `inferred` where nobody told the bounds, so that what lies before the first and behind the last event that came is not counted: no proof. */
  basis: Schema.optional(Schema.Literal("inferred")),
  timestamp: UtcText
}).annotations({ identifier: "ReplayAccuracy" })

/** See {@link ReplayAccuracy}. */
export interface ReplayAccuracy extends Schema.Schema.Type<typeof ReplayAccuracy> {}

/** The accuracy that a group's report shows, at `timestamp`; none where nothing was expected, as nothing was measured then. */
export const fromReport = (window: string, report: GroupReport, timestamp: string): Option.Option<ReplayAccuracy> =>
  Option.map(Option.fromNullable(report.expected), ({ inferred }) => ({
    window_id: window,
    accuracy_rate: report.coveragePercentage,
    sequence_gaps: report.gapCount,
    ...(inferred ? { basis: "inferred" } : {}),
    timestamp
  }))
