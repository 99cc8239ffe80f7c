import { type PlannedWindow, SequenceReport } from "@genesys-replay/domain"
import { SampleWindow } from "@genesys-replay/domain/testing"
import { RunWindow } from "@genesys-replay/pipeline"
import { DateTime, Schema } from "effect"

/** The instant at which these tests begin. */
export const now = DateTime.unsafeMake("2024-01-15T20:30:00Z")

/** A planned window of this name. */
export const windowOf = (name: string, start?: string): PlannedWindow.PlannedWindow =>
  SampleWindow.make(name, { start })

const run = RunWindow.RunId.make("20240115203000-abcdef")

/** The record of a window of this name that is this far. */
export const recordOf = (
  name: string,
  state: RunWindow.WindowState,
  result: RunWindow.RunWindow["result"] = null
): RunWindow.RunWindow => ({
  ...{ key: RunWindow.keyOf(run, name), run, position: 0, target: "here", window: windowOf(name) },
  ...{ wait: true, verify: "caller", sinks: [], state, result, failure: null },
  ...{ requestedAt: "2024-01-15T20:30:00Z", updatedAt: "2024-01-15T20:30:00Z" }
})

/** A report on indices 1 to 100 of which `gaps` are missing. */
export const reportOf = (window: string, gaps: number): SequenceReport.GroupReport =>
  Schema.decodeUnknownSync(SequenceReport.GroupReport)({
    group: window,
    expected: { start: 1, end: 100, inferred: false },
    observed: 100 - gaps,
    unique: 100 - gaps,
    duplicates: 0,
    outOfOrder: 0,
    outOfRange: 0,
    missing: gaps === 0 ? [] : [{ start: 1, end: gaps, count: gaps, after: null, before: null }],
    missingTruncated: false,
    gapCount: gaps,
    gapRanges: gaps === 0 ? 0 : 1,
    coveragePercentage: 100 - gaps,
    isContiguous: gaps === 0
  })
