/**
 * Whose an SQLite file is. SQLite keeps a number for the program that made a file (`PRAGMA application_id`); a file of another
 * program is left as it is, down to its mode.
 */

/** Ours: `GcRp`. */
export const applicationId = 0x47_63_52_70

/** What is asked of a file. */
export const queries = {
  applicationId: "PRAGMA application_id",
  tables: "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
} as const

const own: ReadonlyArray<string> = [
  "audit_entry",
  "audit_head",
  "effect_sql_migrations",
  "request_allowance",
  "run_window",
  "sync_message",
  "sync_sink"
]

// Those of the workflow engine are @effect/cluster's to name.
const isKnown = (table: string): boolean => own.includes(table) || table.startsWith("cluster_")

/** `ours` as it says; `unmarked`: new, or made by a build that left no number. Else why it is another program's. */
export type Owner = "ours" | "unmarked" | { readonly reason: string }

/** Whose a file is with this number and these tables. One without a number is ours where it has the trail, and no table that we do not know. */
export const of = (id: number, tables: ReadonlyArray<string>): Owner => {
  if (id === applicationId) return "ours"
  const foreign = tables.filter((table) => !isKnown(table))
  if (id === 0 && (tables.length === 0 || (foreign.length === 0 && tables.includes("audit_entry")))) return "unmarked"
  const named = (foreign.length === 0 ? tables : foreign).slice(0, 3).join(", ")
  const mark = id === 0 ? "" : `application_id ${id}`
  const has = named === "" ? "" : `it has ${tables.length === 1 ? "the table" : "tables like"} ${named}`
  return { reason: `the database is another program's: ${[has, mark].filter((text) => text !== "").join(", ")}` }
}
