/** The audit trail as a person reads it. */
import type { AuditEntry } from "@genesys-replay/domain"
import type { Output } from "../terminal/Screen.js"
import * as Table from "../terminal/Table.js"

// What an entry is about, beyond its columns; `detail` may hold more, which --json shows.
const note = ({ detail }: AuditEntry.AuditEntry): string => {
  const text = (key: string) => (detail[key] === undefined ? [] : [String(detail[key])])
  const figure = (key: string, unit: string) => text(key).map((value) => `${value}${unit}`)
  const refused = detail["delivered"] === false ? ["not delivered"] : []
  return [
    ...text("tag"),
    ...text("state"),
    ...text("archive"),
    ...text("outcome"),
    ...figure("accuracy_rate", " %"),
    ...refused,
    ...text("document"),
    ...text("sink"),
    ...text("reason"),
    ...text("next")
  ].join(", ")
}

/** The table. */
export const render = (entries: ReadonlyArray<AuditEntry.AuditEntry>, output: Pick<Output, "width">): string =>
  Table.render(
    [
      { title: "TIME" },
      { title: "ACTION" },
      { title: "WINDOW", shrink: true, least: 12 },
      { title: "MS", right: true, optional: true },
      { title: "NOTE", shrink: true, least: 10, optional: true }
    ],
    entries.map((entry) => [
      entry.timestamp.slice(5, 19).replace("T", " "),
      entry.action,
      entry.window,
      entry.latency_ms === null ? "" : entry.latency_ms.toFixed(0),
      note(entry)
    ]),
    output.width()
  )
