/** How complete a replay came back, as a figure for dashboards. */
import { Option, Schema } from "effect"
import { Finality } from "../conversation/Finality.js"
import type { RecordsReport } from "../conversation/RecordsReport.js"
import type { BaselineReport } from "../identity/BaselineReport.js"
import type { GroupReport } from "../sequence/SequenceReport.js"
import { Count } from "../value/Count.js"
import { percentage } from "../value/Coverage.js"
import { UtcText } from "../value/Instant.js"

/** One measurement. Its first keys are fixed by the contract with processors; the rest may grow. */
export const ReplayAccuracy = Schema.Struct({
  /** The window's name. */
  window_id: Schema.String,
  /** Percent of the expected indices or events that came, two decimals, never rounded up to 100. */
  accuracy_rate: Schema.Number,
  /** Missing indices, or missing events where there are no indices. */
  sequence_gaps: Schema.Number,
  /**
   * What it was measured by: absent for the sequence of a replay whose bounds the provider tells. `inferred` where nobody told the bounds, so
   * that what lies before the first and behind the last event that came is not counted: no proof.
   */
  basis: Schema.optional(Schema.Literal("inferred", "baseline", "records")),
  /** By records: whether the platform's records can still change. */
  verdict: Schema.optional(Finality),
  /**
   * By a baseline or records: what was expected and proves nothing either way. Events are among it that did not come and are expected at the
   * edge of the window, as a replay need not bring these.
   */
  not_judged: Schema.optional(Count),
  /** By records: topics of the window of which no record tells, so that nothing was measured. Absent where there are none. */
  topics_not_judged: Schema.optional(Schema.Array(Schema.String)),
  /** By a baseline or records: what of these could not be read. */
  rejected: Schema.optional(Count),
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

/** The events of all topics. */
const totalOf = (groups: ReadonlyArray<{ readonly expected: number; readonly unique: number }>) => ({
  expected: groups.reduce((sum, one) => sum + one.expected, 0),
  came: groups.reduce((sum, one) => sum + one.unique, 0)
})

const figures = (window: string, groups: Parameters<typeof totalOf>[0], atEdge: number) => {
  const { came, expected } = totalOf(groups)
  const judged = expected - atEdge
  return judged === 0
    ? Option.none()
    : Option.some({ window_id: window, accuracy_rate: percentage(came, judged), sequence_gaps: judged - came })
}

/**
 * The accuracy that a comparison with a baseline shows, at `timestamp`; none where the baseline has nothing of the window. `atEdge` of the
 * missing events are at the edge of the window.
 */
export const fromBaseline = (
  window: string,
  { groups, rejected }: BaselineReport,
  { atEdge, timestamp }: { readonly atEdge: number; readonly timestamp: string }
): Option.Option<ReplayAccuracy> =>
  Option.map(figures(window, groups, atEdge), (found) => ({
    ...found,
    basis: "baseline",
    not_judged: atEdge,
    rejected: rejected.count,
    timestamp
  }))

/**
 * The accuracy that a measurement by the platform's records shows, at `timestamp`; none where they make one expect nothing.
 * `topicsNotJudged` are the topics of the window of which no record tells; `atEdge` of the missing events are at the edge of the window.
 */
export const fromRecords = (
  window: string,
  { groups, notJudged, rejectedRecords, verdict }: RecordsReport,
  {
    atEdge,
    timestamp,
    topicsNotJudged
  }: { readonly topicsNotJudged: ReadonlyArray<string>; readonly atEdge: number; readonly timestamp: string }
): Option.Option<ReplayAccuracy> =>
  Option.map(figures(window, groups, atEdge), (found) => ({
    ...found,
    basis: "records",
    verdict,
    not_judged: notJudged.reduce((sum, { count }) => sum + count, atEdge),
    ...(topicsNotJudged.length === 0 ? {} : { topics_not_judged: topicsNotJudged }),
    rejected: rejectedRecords.count,
    timestamp
  }))
