import { PlannedWindow, SequenceReport } from "@genesys-replay/domain"
import { PayloadDigest, RunWindow } from "@genesys-replay/pipeline"
import { DateTime, Schema } from "effect"

/** The instant at which these tests begin. */
export const now = DateTime.unsafeMake("2024-01-15T20:30:00Z")

const payload = (name: string, start: string) => ({
  name,
  description: "Automated EventBridge replay window configuration",
  enabled: true,
  retentionDays: 60,
  destination: {
    type: "eventbridge",
    eventBridgeConfig: {
      arn: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events",
      roleArn: "",
      region: "us-east-1"
    }
  },
  filters: { topics: ["genesys.conversations.message", "genesys.conversations.call"] },
  replayConfig: { enabled: true, startDate: start, sequenceIndexTrigger: "automatic" }
})

/** A planned window of this name. */
export const windowOf = (name: string, start = "2024-01-15T08:00:00Z"): PlannedWindow.PlannedWindow => {
  const bare = Schema.decodeUnknownSync(PlannedWindow.PlannedWindow)({
    name,
    provider: "genesys",
    retentionDays: 60,
    payloadHash: "0000000000000000",
    payload: payload(name, start)
  })
  return { ...bare, payloadHash: PayloadDigest.hash(PlannedWindow.identity(bare)) }
}

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
