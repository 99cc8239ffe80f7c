/** The audit trail as lines for other systems: NDJSON and CSV. Each line carries what proves its place in the chain. */
import { AuditEntry } from "@genesys-replay/domain"
import { stringify } from "csv-stringify/sync"
import { Schema } from "effect"
import * as CanonicalJson from "../digest/CanonicalJson.js"
import type { Chained } from "./AuditTrail.js"

/** The entry's own keys, then `sequence`, `previous` and `hash`: without those three it is what the hash was made of. */
export const ExportedEntry = Schema.Struct({
  ...AuditEntry.AuditEntry.fields,
  /** Its number: 1, 2, 3, without a gap. */
  sequence: Schema.Positive.pipe(Schema.int()),
  /** The hash of the entry before. */
  previous: Schema.String,
  hash: Schema.String
}).annotations({ identifier: "ExportedAuditEntry" })

/** See {@link ExportedEntry}. */
export interface ExportedEntry extends Schema.Schema.Type<typeof ExportedEntry> {}

const encode = Schema.encodeSync(ExportedEntry)

/** The document of an entry with its place. */
export const documentOf = ({ entry, hash, previous, sequence }: Chained): typeof ExportedEntry.Encoded =>
  encode({ ...entry, sequence, previous, hash })

/** One line of NDJSON, with its end. */
export const ndjson = (chained: Chained): string => `${JSON.stringify(documentOf(chained))}\n`

const columns: ReadonlyArray<readonly [name: string, of: (chained: Chained) => string | number | null]> = [
  ["sequence", ({ sequence }) => sequence],
  ["timestamp", ({ entry }) => entry.timestamp],
  ["action", ({ entry }) => entry.action],
  ["window", ({ entry }) => entry.window],
  ["config_id", ({ entry }) => entry.config_id],
  ["retention_days", ({ entry }) => entry.retention_days],
  ["replay_start", ({ entry }) => entry.replay_start],
  ["topics", ({ entry }) => entry.topics.join(" ")],
  ["latency_ms", ({ entry }) => entry.latency_ms],
  ["payload_hash", ({ entry }) => entry.payload_hash],
  ["detail", ({ entry }) => CanonicalJson.of(entry.detail)],
  ["previous", ({ previous }) => previous],
  ["hash", ({ hash }) => hash]
]

// A spreadsheet takes a text that begins like a formula for one, and runs it: it gets an apostrophe before it.
const line = (cells: ReadonlyArray<string | number | null>): string =>
  stringify([cells], { record_delimiter: "windows", escape_formulas: true })

/** The first line of the CSV, with its end. */
export const csvHeader = line(columns.map(([name]) => name))

/** One line of CSV (RFC 4180), with its end. A text that a spreadsheet would take for a formula begins with an apostrophe. */
export const csv = (chained: Chained): string => line(columns.map(([, of]) => of(chained)))
