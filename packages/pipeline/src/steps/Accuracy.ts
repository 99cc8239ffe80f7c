/** How complete a window came back: measured once, told to the metrics, the audit trail and the sinks. */
import {
  type BaselineReport,
  Instant,
  type PlannedWindow,
  Plural,
  type RecordsReport,
  ReplayAccuracy,
  type SequenceReport
} from "@genesys-replay/domain"
import { DateTime, Effect, Metric, Option } from "effect"
import * as AuditTrail from "../audit/AuditTrail.js"

/** Percent of the expected events of a window that came, by its last measurement that proves something. Tag: `window`. */
export const coverage = Metric.gauge("genesys_replay_coverage_percent", {
  description: "Percent of the expected events that came, by window"
})

/** Events found missing, over all measurements that prove something. Tag: `window`. */
export const missing = Metric.counter("genesys_replay_missing_events", {
  description: "Events found missing, by window",
  incremental: true
})

/** What a measurement came to. */
export interface Measured {
  /** None where there was nothing to measure by: no event of the replay with an index and no bounds, or nothing that was expected. That is no accuracy of 0. */
  readonly accuracy: Option.Option<ReplayAccuracy.ReplayAccuracy>
  /** Why it proves nothing, where it does not. */
  readonly unproven: Option.Option<string>
  /** What the audit trail keeps beside these. */
  readonly detail: Readonly<Record<string, unknown>>
}

// Where it is proof, the metrics have it.
const counted = Effect.fnUntraced(function* (window: string, measured: Measured) {
  if (Option.isSome(measured.accuracy) && Option.isNone(measured.unproven)) {
    const { accuracy_rate, sequence_gaps } = measured.accuracy.value
    yield* Metric.set(Metric.tagged(coverage, "window", window), accuracy_rate)
    yield* Metric.incrementBy(Metric.tagged(missing, "window", window), sequence_gaps)
  }
  return measured
})

const now = Effect.map(DateTime.now, Instant.format)

const noBounds = "the provider tells no bounds of the replay"

const sequenceUnproven = ({ expected }: SequenceReport.GroupReport): Option.Option<string> => {
  if (expected === null) return Option.some(`no event of it with a sequence index was captured, and ${noBounds}`)
  return expected.inferred
    ? Option.some(`${noBounds}: ${expected.start} to ${expected.end} is only what was captured`)
    : Option.none()
}

/** What a report of a sequence shows, at the instant of the Clock. Where it is proof, it sets {@link coverage} and adds to {@link missing}. */
export const ofSequence = Effect.fn("Accuracy.ofSequence")(function* (
  window: string,
  report: SequenceReport.GroupReport
) {
  const accuracy = ReplayAccuracy.fromReport(window, report, yield* now)
  return yield* counted(window, {
    accuracy,
    unproven: sequenceUnproven(report),
    detail: {
      group: report.group,
      ...(Option.isSome(accuracy) ? { gap_ranges: report.gapRanges, is_contiguous: report.isContiguous } : {}),
      observed: report.observed,
      duplicates: report.duplicates
    }
  })
})

const unread = (
  { count, first: [first] }: BaselineReport.BaselineReport["rejected"],
  noun: string
): Option.Option<string> =>
  count === 0
    ? Option.none()
    : Option.some(
        `${Plural.counted(count, noun)} could not be read, so that it is not known what they would change${first === undefined ? "" : ` (the first: ${first.reason})`}`
      )

// Nothing that was judged is missing, and it is not known whether more should have come.
const isDoubtful = (accuracy: Measured["accuracy"]): boolean =>
  Option.exists(accuracy, ({ rejected = 0, sequence_gaps }) => sequence_gaps === 0 && rejected > 0)

/** What a comparison with a baseline shows; see {@link ofSequence}. `atEdge` of the missing events are at the edge of the window. */
export const ofBaseline = Effect.fn("Accuracy.ofBaseline")(function* (
  window: string,
  report: BaselineReport.BaselineReport,
  atEdge: number
) {
  const { baseline, groups, rejected } = report
  const accuracy = ReplayAccuracy.fromBaseline(window, report, { atEdge, timestamp: yield* now })
  const sum = (of: (group: BaselineReport.GroupReport) => number) => groups.reduce((all, one) => all + of(one), 0)
  return yield* counted(window, {
    accuracy,
    unproven: isDoubtful(accuracy)
      ? unread(rejected, "record")
      : Option.isNone(accuracy)
        ? Option.some("nothing of the baseline is judged")
        : Option.none(),
    detail: {
      basis: "baseline",
      not_judged_at_edge: atEdge,
      expected: baseline.unique,
      observed: sum(({ observed }) => observed),
      duplicates: sum(({ duplicates }) => duplicates),
      unexpected: sum(({ unexpected }) => unexpected)
    }
  })
})

/** What a measurement by the platform's records shows; see {@link ofSequence}. `topicsNotJudged` are those of which no record tells. */
export const ofRecords = Effect.fn("Accuracy.ofRecords")(function* (
  window: string,
  report: RecordsReport.RecordsReport,
  beside: { readonly topicsNotJudged: ReadonlyArray<string>; readonly atEdge: number }
) {
  const accuracy = ReplayAccuracy.fromRecords(window, report, { ...beside, timestamp: yield* now })
  const { conversations, dataAvailableUntil, finalFrom, incomplete, rejectedRecords } = report
  return yield* counted(window, {
    accuracy,
    unproven: isDoubtful(accuracy)
      ? unread(rejectedRecords, "conversation record")
      : Option.isSome(accuracy)
        ? Option.none()
        : Option.orElse(unread(rejectedRecords, "conversation record"), () =>
            Option.some("the platform's records make one expect no event of the window that can be judged")
          ),
    detail: {
      basis: "records",
      conversations,
      incomplete_conversations: incomplete.count,
      not_judged_at_edge: beside.atEdge,
      rejected_in_capture: report.rejected.count,
      data_available_until: dataAvailableUntil === null ? null : Instant.format(dataAvailableUntil),
      final_from: Instant.format(finalFrom)
    }
  })
})

/** Records a measurement as `verify_replay` in the trail. `StateUnavailable` where it cannot be. */
export const record = Effect.fn("Accuracy.record")(function* (
  window: PlannedWindow.PlannedWindow,
  configId: string,
  { accuracy, detail, unproven }: Measured
) {
  const {
    timestamp: _,
    window_id: __,
    ...figures
  } = Option.getOrElse(accuracy, () => ({
    timestamp: null,
    window_id: null
  }))
  yield* AuditTrail.recordFor(window, "verify_replay", {
    configId,
    detail: {
      ...detail,
      ...figures,
      ...Option.match(unproven, { onNone: () => ({}), onSome: (reason) => ({ proven: false, reason }) })
    }
  })
})
