/** How complete a window came back: measured once, told to the metrics, the audit trail and the sinks. */
import { Instant, type PlannedWindow, ReplayAccuracy, type SequenceReport } from "@genesys-replay/domain"
import { DateTime, Effect, Metric } from "effect"
import * as AuditTrail from "./AuditTrail.js"

/** Percent of the expected events of a window that came, by its last measurement. Tag: `window`. */
export const coverage = Metric.gauge("genesys_replay_coverage_percent", {
  description: "Percent of the expected events that came, by window"
})

/** Events found missing, over all measurements. Tag: `window`. */
export const missing = Metric.counter("genesys_replay_missing_events", {
  description: "Events found missing, by window",
  incremental: true
})

/** The accuracy that a report shows, at the instant of the Clock; sets {@link coverage} and adds to {@link missing}. */
export const measure = Effect.fn("Accuracy.measure")(function* (window: string, report: SequenceReport.GroupReport) {
  const accuracy = ReplayAccuracy.fromReport(window, report, Instant.format(yield* DateTime.now))
  yield* Metric.set(Metric.tagged(coverage, "window", window), accuracy.accuracy_rate)
  yield* Metric.incrementBy(Metric.tagged(missing, "window", window), accuracy.sequence_gaps)
  return accuracy
})

/** Records a measurement as `verify_replay` in the trail. `StateUnavailable` where it cannot be. */
export const record = Effect.fn("Accuracy.record")(function* (
  window: PlannedWindow.PlannedWindow,
  configId: string,
  report: SequenceReport.GroupReport,
  accuracy: ReplayAccuracy.ReplayAccuracy
) {
  yield* AuditTrail.recordFor(window, "verify_replay", {
    configId,
    detail: {
      group: report.group,
      accuracy_rate: accuracy.accuracy_rate,
      sequence_gaps: accuracy.sequence_gaps,
      gap_ranges: report.gapRanges,
      observed: report.observed,
      duplicates: report.duplicates,
      is_contiguous: report.isContiguous
    }
  })
})
