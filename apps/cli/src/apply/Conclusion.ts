/** How the work on a plan is told when it is over: the report, what went wrong, the exit code. */
import { EventStream, HealReport } from "@genesys-replay/domain"
import { ApplyReport, WindowError } from "@genesys-replay/pipeline"
import { Effect, Schema } from "effect"
import * as ErrorBlock from "../terminal/ErrorBlock.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, Screen, say } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import * as ApplyText from "./ApplyText.js"

const exitCode = (report: ApplyReport.ApplyReport): number => {
  const errors = report.results.flatMap(({ error }) => (error === null ? [] : [WindowError.summarize(error).tag]))
  return errors.length > 0
    ? ExitCode.ofTags(errors)
    : report.results.every(ApplyReport.wentWell)
      ? ExitCode.done
      : ExitCode.incomplete
}

type Told = (result: ApplyReport.ApplyResult) => string | undefined

// What did not go well although nothing failed: what it is, what to do, and what of it a window has.
const doubts: ReadonlyArray<readonly [explanation: Omit<ErrorBlock.Explanation, "lines">, told: Told]> = [
  [
    {
      tag: "EmptyReplay",
      what: "nothing was replayed",
      next: "genesys-replay plan --check shows what the provider would do now; with EventBridge, a window that is replayed anew wants another name",
      isTransient: false
    },
    ({ replay }) => (replay?.empty === true ? EventStream.emptyReason : undefined)
  ],
  [
    {
      tag: "Unproven",
      what: "what came back is not proven to be complete",
      next: "genesys-replay verify --from N --to N FILE, with the bounds that you know",
      isTransient: false
    },
    ({ measuredBy = "sequence", unproven }) => (measuredBy === "sequence" ? unproven : undefined)
  ],
  [
    {
      tag: "Unproven",
      what: "what came back is not proven to be complete",
      next: "genesys-replay verify FILE --against BASELINE, or genesys-replay reconcile FILE, says more",
      isTransient: false
    },
    ({ measuredBy = "sequence", unproven }) => (measuredBy === "sequence" ? undefined : unproven)
  ]
]

/** What `--json` prints. */
export const document = ApplyReport.ApplyDocument

/** The same with the heals that were gone on with, by the windows that they heal; absent where there was none. */
export const Resumed = Schema.Struct({
  ...ApplyReport.ApplyDocument.fields,
  heals: Schema.optional(Schema.Array(Schema.Struct({ window: Schema.String, report: HealReport.HealReport })))
}).annotations({ identifier: "Resumed" })

/** Prints the report, in a document with the heals that are `beside` it, and ends the run with its exit code. */
export const tell = Effect.fn("Conclusion.tell")(function* (
  report: ApplyReport.ApplyReport,
  json: boolean,
  beside: Pick<typeof Resumed.Type, "heals"> = {}
) {
  if (json) yield* JsonDocument.print(Resumed, { ...report, ...beside })
  else yield* print(ApplyText.render(report, (yield* Screen).out))
  const errors = report.results.flatMap(({ error, name }) =>
    error === null ? [] : [{ about: name, ...WindowError.summarize(error) }]
  )
  const { err } = yield* Screen
  for (const explanation of ErrorBlock.gather(errors)) yield* say(ErrorBlock.render(explanation, Style.of(err)))
  for (const [explanation, told] of doubts) {
    const lines = report.results.flatMap((result) => {
      const reason = told(result)
      return reason === undefined ? [] : [`${result.name}: ${reason}`]
    })
    if (lines.length > 0) yield* say(ErrorBlock.render({ ...explanation, lines }, Style.of(err)))
  }
  const unfinished = report.results.filter(({ unfinished }) => unfinished === true).length
  if (unfinished > 0) {
    yield* say(
      `${unfinished} of them not finished, though a replay stands: mend what is said above, and genesys-replay resume goes on`
    )
  }
  yield* Failure.finish(exitCode(report))
})
