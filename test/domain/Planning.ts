import { createHash } from "node:crypto"
import { type Finding, PayloadHash, PlannedWindow, ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { DateTime, Effect, Schema } from "effect"

/** A destination that every test may use. */
export const bus = "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events"

/** A hash that tells payloads apart; the canonical one is tested with the pipeline. */
export const hash: PayloadHash.Hash = (payload) =>
  PayloadHash.PayloadHash.make(createHash("sha256").update(JSON.stringify(payload)).digest("hex").slice(0, 16))

/** The instant at which the tests plan. */
export const now = DateTime.unsafeMake("2024-01-16T12:00:00Z")

/** The draft of a spec that is written as a file would be, at {@link now}. */
export const draft = (document: unknown, options?: ReplayPlan.Options) => draftAt(now, document, options)

/** The draft of a spec at another instant. */
export const draftAt = (instant: DateTime.Utc, document: unknown, options?: ReplayPlan.Options) =>
  Effect.map(ReplaySpec.decode(document), (spec) => ReplayPlan.draft(spec, instant, hash, options))

/** The windows of a draft as its document has them. */
export const documentsOf = ({ windows }: Pick<ReplayPlan.PlanDraft, "windows">) =>
  windows.map((window) => Schema.encodeSync(PlannedWindow.PlannedWindow)(window))

/** What was found, one text each: severity, code and place. */
export const codes = (findings: ReadonlyArray<Finding.Finding>): ReadonlyArray<string> =>
  findings.map(({ code, path, severity }) => `${severity} ${code} ${path}`)

/** A document of one window; `window` overrides what it is made of. */
export const oneWindow = (window: Record<string, unknown>, rest: Record<string, unknown> = {}) => ({
  defaults: { destination: bus },
  windows: [{ name: "outage", topics: ["genesys.conversations.message"], start: "2024-01-15T08:00:00Z", ...window }],
  ...rest
})
