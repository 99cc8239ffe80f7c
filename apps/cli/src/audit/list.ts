/** What `audit list` does. */
import { type AuditEntry, TimePoint } from "@genesys-replay/domain"
import { AuditTrail } from "@genesys-replay/pipeline"
import { DateTime, Effect, Option } from "effect"
import * as AuditDatabase from "../AuditDatabase.js"
import { print, printJson, Screen } from "../terminal/Screen.js"
import { UsageError } from "../terminal/UsageError.js"
import * as AuditText from "./AuditText.js"

const instant = (option: string, text: Option.Option<string>) =>
  Effect.gen(function* () {
    if (Option.isNone(text)) return undefined
    const point = TimePoint.parse(text.value)
    if (Option.isSome(point)) return TimePoint.resolve(point.value, yield* DateTime.now)
    return yield* new UsageError({
      problem: `${option} ${JSON.stringify(text.value)} is not a time`,
      remedy: `${option} -36h, or ${option} 2024-01-15T08:00:00Z`
    })
  })

/** Prints the entries that pass the filters. */
export const run = Effect.fn("audit.list")(function* (input: {
  readonly window: Option.Option<string>
  readonly action: Option.Option<AuditEntry.AuditAction>
  readonly since: Option.Option<string>
  readonly until: Option.Option<string>
  readonly limit: Option.Option<number>
  readonly json: boolean
}) {
  const filter = {
    window: Option.getOrUndefined(input.window),
    action: Option.getOrUndefined(input.action),
    since: yield* instant("--since", input.since),
    until: yield* instant("--until", input.until),
    limit: Option.getOrUndefined(input.limit)
  }
  const entries = yield* AuditTrail.AuditTrail.pipe(
    Effect.flatMap((trail) => trail.list(filter)),
    Effect.provide(AuditDatabase.layer)
  )
  if (input.json) return yield* printJson({ entries })
  const { out } = yield* Screen
  yield* print(entries.length === 0 ? "the audit trail is empty" : AuditText.render(entries, out))
})
