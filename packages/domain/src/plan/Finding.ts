/** Something that planning has to say about a window. */
import { Schema } from "effect"

/** What this project's rules and providers find. The codes are fixed. */
const known = Schema.Literal(
  "start-in-future",
  "start-beyond-platform-retention",
  "start-beyond-window-retention",
  "start-too-recent",
  "end-before-start",
  "end-ignored",
  "retention-above-matrix",
  "region-conflict",
  "unknown-region",
  "role-of-other-partition",
  "misspelt-topic",
  "unknown-topic",
  "duplicate-window",
  "overlapping-windows",
  "proof-without-numbers",
  "no-event-bus",
  // Replays from an archive of Amazon EventBridge: what planning finds,
  "end-in-future",
  "end-too-recent",
  "whole-seconds",
  "region-missing",
  "rule-of-other-bus",
  "eventbridge-only",
  // and what the provider finds before it starts one.
  "archive-not-found",
  "archive-not-ready",
  "archive-of-other-bus",
  "archive-created-after-start",
  "archive-retention",
  "archive-excludes-topics",
  "replay-has-other-topics",
  "rule-not-found",
  "rule-disabled",
  // What a provider finds when it is asked about a plan.
  "name-taken",
  "replay-exists",
  "replays-at-limit",
  "provider-refused",
  "provider-unavailable"
)

/**
 * What was found: one of the fixed codes, or one of a provider of somebody else's, which stands behind its name and a slash
 * (`kafka/topic-compacted`).
 */
export const FindingCode = Schema.Union(known, Schema.TemplateLiteral(Schema.String, "/", Schema.String)).annotations({
  identifier: "FindingCode"
})

/** See {@link FindingCode}. */
export type FindingCode = typeof FindingCode.Type

/** A finding. A plan with one of severity `error` submits nothing. */
export const Finding = Schema.Struct({
  severity: Schema.Literal("error", "warning"),
  code: FindingCode,
  /** The window's name. */
  window: Schema.String,
  /** The place in the spec: `windows[0].start`. */
  path: Schema.String,
  /** What was found and what to do about it. */
  message: Schema.String
}).annotations({ identifier: "Finding" })

/** See {@link Finding}. */
export interface Finding extends Schema.Schema.Type<typeof Finding> {}

/** Whether any of `findings` is an error. */
export const anyError = (findings: ReadonlyArray<Finding>): boolean =>
  findings.some((finding) => finding.severity === "error")
