/** What the archive of a window can bring back, for who plans a heal. */
import { BusWindow, type Finding, HealPlan, type PlannedWindow, ProviderError } from "@genesys-replay/domain"
import { DateTime, Duration, Effect, Option } from "effect"
import * as ArchivePattern from "../archive/ArchivePattern.js"
import type * as ArchiveRules from "../archive/ArchiveRules.js"
import * as Archives from "../archive/Archives.js"
import { EventBridgeClients } from "../aws/EventBridgeClients.js"
import { EventBridgeConfig } from "../aws/EventBridgeConfig.js"
import * as ReplayPreparation from "./ReplayPreparation.js"
import * as WantedReplay from "./WantedReplay.js"

/** An archive as a source of replays: since its creation, for as long as it keeps events, what its pattern lets in. */
export const of = ({ created, pattern, retentionDays }: ArchiveRules.Archive): HealPlan.ReplaySource => ({
  ...HealPlan.everything,
  since: Option.fromNullable(created),
  retention: Option.map(Option.fromNullable(retentionDays), Duration.days),
  holds: (topic) => ArchivePattern.excluded(pattern, [topic]).length === 0
})

// What no other time and no other topics would mend.
const isUseless = (findings: ReadonlyArray<Finding.Finding>): boolean =>
  findings.some(
    ({ code, severity }) => severity === "error" && (code === "archive-of-other-bus" || code === "archive-not-ready")
  )

/**
 * The archive that this window would be replayed from. `ReplayRefused` where there is none, or nothing can be replayed from it; what
 * it holds of the window is not asked here.
 */
export const ofWindow = Effect.fn("ArchiveSource.ofWindow")(function* (window: PlannedWindow.PlannedWindow) {
  const clients = yield* EventBridgeClients
  const planned = yield* BusWindow.orRefused(window, WantedReplay.operation)
  const client = yield* clients.of(planned.destination.region)
  const wanted = WantedReplay.of(planned, yield* DateTime.now)
  const { archive, findings } = yield* Archives.make(client, yield* EventBridgeConfig).assess({
    ...ReplayPreparation.archiveFor(wanted),
    partial: true
  })
  if (Option.isNone(archive) || isUseless(findings)) {
    return yield* new ProviderError.ReplayRefused({ operation: WantedReplay.operation, name: window.name, findings })
  }
  return of(archive.value)
})
