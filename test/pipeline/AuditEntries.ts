import type { AuditEntry } from "@genesys-replay/domain"

/** An entry that says so. */
export const entryOf = (window: string, action: AuditEntry.AuditAction, timestamp: string): AuditEntry.AuditEntry => ({
  action,
  config_id: null,
  retention_days: 60,
  replay_start: "2024-01-15T08:00:00Z",
  topics: ["genesys.x.y"],
  latency_ms: 12.345,
  timestamp,
  window,
  payload_hash: "0123456789abcdef",
  detail: { figure: 9_007_199_254_740_991, nested: { text: "ä€" } }
})

/** Two windows, one of which is refused. */
export const story: ReadonlyArray<AuditEntry.AuditEntry> = [
  entryOf("a", "submit_replay_config", "2024-01-15T08:00:00Z"),
  // Written without and with milliseconds: as text these two would be in the wrong order.
  entryOf("b", "submit_replay_config", "2024-01-15T08:00:00.250Z"),
  entryOf("a", "create_replay_config", "2024-01-15T08:00:01Z"),
  entryOf("b", "refuse_replay_config", "2024-01-15T08:00:02Z")
]
