/** The audit trail as lines for other systems: NDJSON and CSV. Each line carries what proves its place in the chain. */
import type { Chained } from "./AuditTrail.js"
import * as CanonicalJson from "./CanonicalJson.js"

/** The entry's own keys, then `sequence`, `previous` and `hash`: without those three it is what the hash was made of. */
export const documentOf = ({ entry, hash, previous, sequence }: Chained) => ({ ...entry, sequence, previous, hash })

/** One line of NDJSON, with its end. */
export const ndjson = (chained: Chained): string => `${JSON.stringify(documentOf(chained))}\n`

// A spreadsheet takes a text that begins like this for a formula, and runs it.
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)

// RFC 4180: what holds a comma, a quote or a line end stands in quotes, and quotes in it are doubled.
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const cell = (value: string | number | null): string => {
  if (value === null) return ""
  return quoted(typeof value === "string" ? harmless(value) : String(value))
}

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

/** The first line of the CSV, with its end. */
export const csvHeader = `${columns.map(([name]) => name).join(",")}\r\n`

/** One line of CSV (RFC 4180), with its end. A text that a spreadsheet would take for a formula begins with an apostrophe. */
export const csv = (chained: Chained): string => `${columns.map(([, of]) => cell(of(chained))).join(",")}\r\n`
