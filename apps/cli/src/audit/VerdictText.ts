/** Whether the audit trail is as it was written, for a person and for a program. */
import { Plural } from "@genesys-replay/domain"
import { AuditChain } from "@genesys-replay/pipeline"
import { Schema } from "effect"
import type { Style } from "../terminal/Style.js"

/** A head that somebody noted earlier, and whether it is still in the trail. */
export const NotedHead = Schema.Struct({ hash: Schema.String, found: Schema.Boolean }).annotations({
  identifier: "NotedHead"
})

/** See {@link NotedHead}. */
export type NotedHead = typeof NotedHead.Type

const entries = (count: number): string => Plural.counted(count, "entry", "entries")

const happened: Record<AuditChain.Broken["damage"], string> = {
  edited: "was edited",
  removed: "was removed",
  inserted: "was inserted",
  reordered: "was moved",
  cut: "is gone, and all that followed it"
}

// Whoever edited an entry may have written what a terminal takes for commands.
const plain = (text: string): string => text.replace(/\p{Cc}/gu, "\ufffd")

const broken = (verdict: AuditChain.Broken, style: Style): ReadonlyArray<string> => {
  const said = [verdict.action, verdict.window, verdict.timestamp].filter((text) => text !== null)
  return [
    style("red", `the audit trail is broken: entry ${verdict.sequence} ${happened[verdict.damage]}`),
    ...(said.length === 0 ? [] : [`  it says   ${plain(said.join(", "))}`]),
    `  expected  ${plain(verdict.expected)}`,
    `  found     ${plain(verdict.found)}`,
    verdict.sequence > 1
      ? `${entries(verdict.sequence - 1)} before it ${verdict.sequence === 2 ? "is" : "are"} as recorded; what follows it proves nothing. Restore the database from a backup`
      : "no entry proves anything. Restore the database from a backup"
  ]
}

const rewritten = (hash: string, style: Style): ReadonlyArray<string> => [
  style("red", `the head ${hash} is not in the audit trail`),
  "the trail was rewritten, or cut, after that head was noted. Compare it with a backup or an export of that time"
]

/** The text. */
export const render = (verdict: AuditChain.Verdict, noted: NotedHead | undefined, style: Style): string =>
  [
    ...(verdict._tag === "Broken"
      ? broken(verdict, style)
      : [style("green", `the audit trail is whole: ${entries(verdict.count)}`), `head ${verdict.head}`]),
    ...(noted === undefined || noted.found ? [] : rewritten(noted.hash, style)),
    ...(noted?.found === true && verdict._tag === "Intact" ? ["the noted head is in it"] : [])
  ].join("\n")

const { _tag: _intact, ...intact } = AuditChain.Intact.fields
const { _tag: _broken, ...firstBad } = AuditChain.Broken.fields
const notedHead = Schema.optional(NotedHead)

/** The document of `--json`. */
export const VerdictDocument = Schema.Union(
  Schema.Struct({ isIntact: Schema.Literal(true), ...intact, notedHead }),
  Schema.Struct({ isIntact: Schema.Literal(false), firstBad: Schema.Struct(firstBad), notedHead })
)

/** The document of this verdict. */
export const documentOf = (verdict: AuditChain.Verdict, noted: NotedHead | undefined): typeof VerdictDocument.Type => {
  const head = noted === undefined ? {} : { notedHead: noted }
  if (verdict._tag === "Intact") return { isIntact: true, count: verdict.count, head: verdict.head, ...head }
  const { _tag, ...firstBad } = verdict
  return { isIntact: false, firstBad, ...head }
}
