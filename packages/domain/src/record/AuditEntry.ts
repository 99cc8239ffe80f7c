/** One line of the audit trail: what was done, to which window, with which outcome. */
import { Schema } from "effect"
import { UtcText } from "../value/Instant.js"

/**
 * What was done.
 *
 * - `plan_replay_config`: a window was planned and taken on, nothing is sent yet;
 * - `submit_replay_config`: a window is about to be submitted; written before the request, so that an interruption leaves a trace;
 * - `create_replay_config`, `confirm_replay_config`, `adopt_replay_config`: it stands, outcome `created`, `unchanged`, `adopted`;
 * - `refuse_replay_config`: it was not submitted, for the reason in `detail`;
 * - `create_archive`: an archive is made to replay from: `outcome` in `detail` is `requested` before that, then `created`, `exists` or `failed`;
 * - `interrupt_replay_config`: the submission was interrupted, its outcome is unknown;
 * - `watch_replay`: how far the replay is could not be found out, for the reason in `detail`: it is asked again, unless it is gone;
 * - `complete_replay`: the replay ended, with the state in `detail`;
 * - `await_records`: the platform does not have all conversation records of the window yet; measuring waits for them;
 * - `verify_replay`: completeness was measured, figures in `detail`; or it could not be, and the reason is there;
 * - `sync_replay`: the sinks were told, or could not be, as `detail` says;
 * - `cancel_replay`: somebody stopped it;
 * - `begin_heal`: so many events are missing, and are to be brought back;
 * - `begin_heal_round`: these replays are to bring back what is missing; written before the first of them is submitted;
 * - `end_heal_round`: they have ended, and what they brought is in `detail`;
 * - `complete_heal`: nothing more is done: what came back, and what stays missing for which reason.
 */
export const AuditAction = Schema.Literal(
  "plan_replay_config",
  "submit_replay_config",
  "create_replay_config",
  "confirm_replay_config",
  "adopt_replay_config",
  "refuse_replay_config",
  "create_archive",
  "interrupt_replay_config",
  "watch_replay",
  "complete_replay",
  "await_records",
  "verify_replay",
  "sync_replay",
  "cancel_replay",
  "begin_heal",
  "begin_heal_round",
  "end_heal_round",
  "complete_heal"
).annotations({ identifier: "AuditAction" })

/** See {@link AuditAction}. */
export type AuditAction = typeof AuditAction.Type

/** An entry. The first seven keys are fixed by the contract with auditors; the rest may grow. No secret is ever in one. */
export const AuditEntry = Schema.Struct({
  action: AuditAction,
  /** The id that the provider gave; null before there is one. */
  config_id: Schema.NullOr(Schema.String),
  retention_days: Schema.NullOr(Schema.Number),
  replay_start: Schema.NullOr(Schema.String),
  topics: Schema.Array(Schema.String),
  /** How long the step took, in milliseconds; null for what takes no time. */
  latency_ms: Schema.NullOr(Schema.Number),
  timestamp: UtcText,
  /** The window's name. */
  window: Schema.String,
  payload_hash: Schema.NullOr(Schema.String),
  /** What the action was about, beyond the keys above: an error's tag and message, a state, figures. */
  detail: Schema.Record({ key: Schema.String, value: Schema.Unknown })
}).annotations({ identifier: "AuditEntry" })

/** See {@link AuditEntry}. */
export interface AuditEntry extends Schema.Schema.Type<typeof AuditEntry> {}
