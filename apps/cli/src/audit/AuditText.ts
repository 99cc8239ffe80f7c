/** The audit trail as a person reads it. */
import type { AuditEntry } from "@genesys-replay/domain"
import type { Output } from "../terminal/Screen.js"
import * as Table from "../terminal/Table.js"

const noteKeys = ["tag", "state", "coverage_percentage", "accuracy_rate", "sink", "delivered", "reason", "outcome"]

const note = ({ detail }: AuditEntry.AuditEntry): string =>
  noteKeys.flatMap((key) => (detail[key] === undefined ? [] : [`${key} ${String(detail[key])}`])).join(", ")

/** The table. */
export const render = (entries: ReadonlyArray<AuditEntry.AuditEntry>, output: Pick<Output, "width">): string =>
  Table.render(
    [
      { title: "TIME" },
      { title: "ACTION" },
      { title: "WINDOW" },
      { title: "MS", right: true },
      { title: "NOTE", shrink: true }
    ],
    entries.map((entry) => [
      entry.timestamp.slice(0, 19).replace("T", " "),
      entry.action,
      entry.window,
      entry.latency_ms === null ? "" : entry.latency_ms.toFixed(0),
      note(entry)
    ]),
    output.width()
  )
