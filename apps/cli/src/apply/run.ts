/** What `apply` does. */
import { ReplayPlan } from "@genesys-replay/domain"
import { ApplyReport, ReplayPipeline } from "@genesys-replay/pipeline"
import { Effect, Layer, type Option, Schema } from "effect"
import * as AuditDatabase from "../AuditDatabase.js"
import * as Providers from "../Providers.js"
import * as PlanText from "../plan/PlanText.js"
import { draftOf, show } from "../plan/run.js"
import type * as SpecSource from "../spec/SpecSource.js"
import * as ErrorBlock from "../terminal/ErrorBlock.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import { print, printJson, Screen, say } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import { UsageError } from "../terminal/UsageError.js"
import * as ApplyScreen from "./ApplyScreen.js"
import * as ApplyText from "./ApplyText.js"
import * as Sinks from "./Sinks.js"

/** The arguments of `apply`. */
export interface ApplyArguments extends SpecSource.SpecArguments {
  readonly dryRun: boolean
  readonly wait: boolean
  readonly concurrency: number
  readonly webhook: Option.Option<string>
  readonly syncFile: Option.Option<string>
  readonly json: boolean
}

const exitCode = (report: ApplyReport.ApplyReport): number => {
  const errors = report.results.flatMap(({ error }) => (error === null ? [] : [error.tag]))
  const incomplete = report.results.some(({ replay }) => replay !== undefined && replay.state !== "COMPLETED")
  return errors.length > 0 ? ExitCode.ofTags(errors) : incomplete ? ExitCode.incomplete : ExitCode.done
}

const submit = Effect.fn("apply.submit")(function* (plan: ReplayPlan.ReplayPlan, input: ApplyArguments) {
  const report = yield* Effect.scoped(
    Effect.gen(function* () {
      const onProgress = yield* ApplyScreen.make(plan.windows.length, input.wait)
      return yield* ReplayPipeline.apply(plan, { concurrency: input.concurrency, wait: input.wait, onProgress })
    })
  ).pipe(
    Effect.onInterrupt(() =>
      say(
        "interrupted: genesys-replay audit list shows what was submitted; the same command again submits the rest, nothing twice"
      )
    )
  )
  if (input.json) {
    yield* printJson(yield* Effect.orDie(Schema.encode(ApplyReport.ApplyReport)(report)))
  } else {
    const { out } = yield* Screen
    yield* print(ApplyText.render(report, out))
  }
  const errors = report.results.flatMap(({ error, name }) => (error === null ? [] : [{ about: name, ...error }]))
  const { err } = yield* Screen
  for (const explanation of ErrorBlock.gather(errors)) yield* say(ErrorBlock.render(explanation, Style.of(err)))
  yield* Failure.finish(exitCode(report))
})

/** Plans, submits, records. A plan with an error submits nothing. */
export const run = Effect.fn("apply.run")(function* (input: ApplyArguments) {
  if (input.concurrency < 1) {
    return yield* new UsageError({ problem: "--concurrency is less than 1", remedy: "--concurrency 4" })
  }
  const draft = yield* draftOf(input)
  if (input.dryRun) {
    yield* show(draft, input.json)
    return yield* Failure.finish(
      draft.findings.some(({ severity }) => severity === "error") ? ExitCode.badInput : ExitCode.done
    )
  }
  const plan = yield* ReplayPlan.accept(draft)
  const { err } = yield* Screen
  if (plan.findings.length > 0) yield* say(PlanText.findingLines(plan.findings, Style.of(err)))
  const provider = plan.windows[0]?.provider ?? "genesys"
  yield* submit(plan, input).pipe(
    Effect.provide(Layer.mergeAll(Providers.layer(provider), AuditDatabase.layer, Sinks.layer(input)))
  )
})
