/** What `audit verify` does. */
import { AuditTrail } from "@genesys-replay/pipeline"
import { Effect, Option } from "effect"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, Screen } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import { UsageError } from "../terminal/UsageError.js"
import * as State from "../wiring/State.js"
import * as VerdictText from "./VerdictText.js"

/** What `--json` prints. */
export const document = VerdictText.VerdictDocument

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/i.test(text)

const noted = (head: Option.Option<string>) =>
  Effect.gen(function* () {
    if (Option.isNone(head)) return undefined
    if (isHash(head.value)) return head.value.toLowerCase()
    return yield* new UsageError({
      problem: `--head ${JSON.stringify(head.value)} is not the head of an audit trail`,
      remedy: "--head HASH, the 64 hex digits that an earlier audit verify printed"
    })
  })

/** Says whether the trail is as it was written; exit code 3 where it is not. */
export const run = Effect.fn("audit.verify")(function* (input: {
  readonly head: Option.Option<string>
  readonly json: boolean
}) {
  const head = yield* noted(input.head)
  const { found, verdict } = yield* Effect.flatMap(AuditTrail.AuditTrail, (trail) =>
    Effect.all({ verdict: trail.verify, found: head === undefined ? Effect.succeed(true) : trail.holds(head) })
  ).pipe(Effect.provide(State.layer))
  const { out } = yield* Screen
  const known = head === undefined ? undefined : { hash: head, found }
  yield* input.json
    ? JsonDocument.print(document, VerdictText.documentOf(verdict, known))
    : print(VerdictText.render(verdict, known, Style.of(out)))
  yield* Failure.finish(verdict._tag === "Intact" && found ? ExitCode.done : ExitCode.incomplete)
})
