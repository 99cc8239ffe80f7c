/** What `plan` does. */
import { type Finding, PlanCheck, ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { type Duration, Effect, type Option } from "effect"
import * as SpecSource from "../spec/SpecSource.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, printJson, Screen } from "../terminal/Screen.js"
import * as Providers from "../wiring/Providers.js"
import * as PlanText from "./PlanText.js"

/** The arguments of `plan`. */
export interface PlanArguments extends SpecSource.SpecArguments {
  readonly check: boolean
  readonly maxWait: Option.Option<Duration.Duration>
  readonly schema: boolean
  readonly json: boolean
}

/** What `--json` prints. */
export const document = ReplayPlan.PlanDraft

/** The draft of the plan that the command line asks for: everything that was found, errors included. */
export const draftOf = Effect.fn("plan.draftOf")(function* (input: SpecSource.SpecArguments) {
  const spec = yield* SpecSource.read(input)
  const options = yield* SpecSource.planOptions
  return yield* ReplayPlan.make(spec, options).pipe(
    Effect.map((plan): ReplayPlan.PlanDraft => plan),
    Effect.catchTag("PlanRejected", ({ draft }) => Effect.succeed(draft))
  )
})

/** The draft with what the provider says of it. */
const checkedOf = Effect.fn("plan.checkedOf")(function* (input: PlanArguments) {
  const spec = yield* SpecSource.read(input)
  const options = yield* SpecSource.planOptions
  return yield* PlanCheck.check(spec, options).pipe(Effect.provide(Providers.layerTelling(spec.provider, input)))
})

/** Prints a draft. */
export const show = Effect.fn("plan.show")(function* (draft: ReplayPlan.PlanDraft, json: boolean) {
  if (json) return yield* JsonDocument.print(document, draft)
  const { out } = yield* Screen
  yield* print(PlanText.render(draft, out))
})

/** The exit code of a plan with these findings: what keeps the provider from answering goes before what is wrong with the plan. */
export const codeOf = (findings: ReadonlyArray<Finding.Finding>): number => {
  const errors = findings.filter(({ severity }) => severity === "error").map(({ code }) => code)
  if (errors.includes("provider-refused")) return ExitCode.refused
  if (errors.includes("provider-unavailable")) return ExitCode.unavailable
  return errors.length > 0 ? ExitCode.badInput : ExitCode.done
}

/** Prints the plan; exit code 2 where it has an error, 4 where the provider refuses to be asked, 5 where it cannot be. */
export const run = Effect.fn("plan.run")(function* (input: PlanArguments) {
  if (input.schema) return yield* printJson(ReplaySpec.jsonSchema())
  const draft = yield* input.check ? checkedOf(input) : draftOf(input)
  yield* show(draft, input.json)
  yield* Failure.finish(codeOf(draft.findings))
})
