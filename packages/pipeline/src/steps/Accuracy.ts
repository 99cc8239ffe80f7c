/** How complete a window came back: measured once, told to the metrics, the audit trail and the sinks. */
import { Instant, type PlannedWindow, ReplayAccuracy, type SequenceReport } from "@genesys-replay/domain"
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
  /** None where there was nothing to measure by: no event of the replay with an index, and no bounds. That is no accuracy of 0. */
  readonly accuracy: Option.Option<ReplayAccuracy.ReplayAccuracy>
  /** Why it proves nothing, where it does not. */
  readonly unproven: Option.Option<string>
}

const noBounds = "the provider tells no bounds of the replay"

const unprovenBy = ({ expected }: SequenceReport.GroupReport): Option.Option<string> => {
  if (expected === null) return Option.some(`no event of it with a sequence index was captured, and ${noBounds}`)
  return expected.inferred
    ? Option.some(`${noBounds}: ${expected.start} to ${expected.end} is only what was captured`)
    : Option.none()
}

/** What a report shows, at the instant of the Clock. Where it is proof, it sets {@link coverage} and adds to {@link missing}. */
export const measure = Effect.fn("Accuracy.measure")(function* (window: string, report: SequenceReport.GroupReport) {
  const unproven = unprovenBy(report)
  const accuracy = ReplayAccuracy.fromReport(window, report, Instant.format(yield* DateTime.now))
  if (Option.isNone(unproven)) {
    yield* Metric.set(Metric.tagged(coverage, "window", window), report.coveragePercentage)
    yield* Metric.incrementBy(Metric.tagged(missing, "window", window), report.gapCount)
  }
  return { accuracy, unproven } satisfies Measured
})

/** Records a measurement as `verify_replay` in the trail. `StateUnavailable` where it cannot be. */
export const record = Effect.fn("Accuracy.record")(function* (
  window: PlannedWindow.PlannedWindow,
  configId: string,
  report: SequenceReport.GroupReport,
  { accuracy, unproven }: Measured
) {
  const figures = Option.map(accuracy, ({ accuracy_rate, basis, sequence_gaps }) => ({
    accuracy_rate,
    sequence_gaps,
    ...(basis === undefined ? {} : { basis }),
    gap_ranges: report.gapRanges,
    is_contiguous: report.isContiguous
  }))
  yield* AuditTrail.recordFor(window, "verify_replay", {
    configId,
    detail: {
      group: report.group,
      ...Option.getOrElse(figures, () => ({})),
      observed: report.observed,
      duplicates: report.duplicates,
      ...Option.match(unproven, { onNone: () => ({}), onSome: (reason) => ({ proven: false, reason }) })
    }
  })
})
