/** What `audit list` does. */
import { AuditEntry } from "@genesys-replay/domain"
import { AuditTrail } from "@genesys-replay/pipeline"
import { Effect, Option, Schema } from "effect"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, Screen } from "../terminal/Screen.js"
import * as State from "../wiring/State.js"
import * as AuditText from "./AuditText.js"
import * as Filter from "./Filter.js"

/** What `--json` prints. */
export const document = Schema.Struct({ entries: Schema.Array(AuditEntry.AuditEntry) })

/** Prints the entries that pass the filters. */
export const run = Effect.fn("audit.list")(function* (
  input: Filter.Input & { readonly limit: Option.Option<number>; readonly json: boolean }
) {
  const filter = { ...(yield* Filter.read(input)), limit: Option.getOrUndefined(input.limit) }
  const entries = yield* AuditTrail.AuditTrail.pipe(
    Effect.flatMap((trail) => trail.list(filter)),
    Effect.provide(State.layer)
  )
  if (input.json) return yield* JsonDocument.print(document, { entries })
  const { out } = yield* Screen
  yield* print(entries.length === 0 ? "the audit trail is empty" : AuditText.render(entries, out))
})
