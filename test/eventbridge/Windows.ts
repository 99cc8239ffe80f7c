import { PayloadHash, ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { DateTime, Effect } from "effect"

import { bus } from "./StubEventBridge.js"

/** The instant at which these tests plan and submit. */
export const now = DateTime.unsafeMake("2024-01-16T12:00:00Z")

/** The topic of {@link windowOf}. */
export const topic = "genesys.conversations.message"

const planned = (window: Record<string, unknown>, at: DateTime.Utc) =>
  ReplaySpec.decode({ provider: "eventbridge", windows: [window] }).pipe(
    Effect.map((spec) => ReplayPlan.draft(spec, at, PayloadHash.hash)),
    Effect.flatMap(({ findings, windows: [first] }) =>
      first === undefined ? Effect.dieMessage(JSON.stringify(findings)) : Effect.succeed(first)
    ),
    Effect.orDie
  )

const open = { name: "outage", topics: [topic], start: "2024-01-15T08:00:00Z", destination: bus }

/** A window of EventBridge, planned at {@link now}: 2024-01-15, 08:00 to 11:00, unless `fields` say otherwise. */
export const windowOf = (fields: Record<string, unknown> = {}) =>
  planned({ ...open, end: "2024-01-15T11:00:00Z", ...fields }, now)

/** The same window without an end, planned at `at`. */
export const openWindow = (at: DateTime.Utc) => planned(open, at)
