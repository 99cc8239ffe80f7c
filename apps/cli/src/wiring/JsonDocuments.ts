/** The documents that commands print with `--json`, as schemas; `--json-schema` prints them as JSON Schemas. */
import {
  AuditEntry,
  BaselineReport,
  HealthCheck,
  InventoryReport,
  RecordsReport,
  Replay,
  ReplayPlan,
  SequenceReport
} from "@genesys-replay/domain"
import { ApplyReport } from "@genesys-replay/pipeline"
import { JSONSchema, Option, Schema } from "effect"
import * as RunsText from "../runs/RunsText.js"

/** In the place of every other document, where a command fails. */
const CommandFailed = Schema.Struct({
  error: Schema.Struct({ tag: Schema.String, message: Schema.String, exitCode: Schema.Int })
}).annotations({ identifier: "CommandFailed", description: "In the place of the document, where the command failed" })

const Replays = Schema.Struct({ replays: Schema.Array(Replay.Replay) }).annotations({ identifier: "Replays" })

const AuditEntries = Schema.Struct({ entries: Schema.Array(AuditEntry.AuditEntry) }).annotations({
  identifier: "AuditEntries"
})

const Verification = Schema.Union(
  SequenceReport.CompletenessReport,
  BaselineReport.BaselineReport,
  InventoryReport.InventoryReport
)

const Application = Schema.Union(ApplyReport.ApplyReport, ReplayPlan.PlanDraft, RunsText.WindowsDocument)

const documents: ReadonlyMap<string, Schema.Schema.AnyNoContext> = new Map<string, Schema.Schema.AnyNoContext>([
  ["plan", ReplayPlan.PlanDraft],
  // Without options, with --dry-run, with --detach.
  ["apply", Application],
  ["resume", ApplyReport.ApplyReport],
  ["runs list", RunsText.RunsDocument],
  ["runs show", RunsText.WindowsDocument],
  ["list", Replays],
  ["status", Replays],
  // By index, by a baseline, and of a capture of which nothing can be proven.
  ["verify", Verification],
  ["reconcile", RecordsReport.RecordsReport],
  ["doctor", HealthCheck.CheckReport],
  ["audit list", AuditEntries]
])

/** The commands whose documents are described, such as `audit list`. */
export const commands: ReadonlyArray<string> = [...documents.keys()]

/** What the command prints with `--json`: its document, or that it failed; none where the command is not among {@link commands}. */
export const of = (command: string): Option.Option<Schema.Schema.AnyNoContext> =>
  Option.map(Option.fromNullable(documents.get(command)), (document) => Schema.Union(document, CommandFailed))

/** The JSON Schema (draft 7) of what the command prints with `--json`. */
export const jsonSchema = (command: string): Option.Option<JSONSchema.JsonSchema7Root> =>
  Option.map(of(command), (schema) => JSONSchema.make(schema))
