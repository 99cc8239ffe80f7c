/** What `plan` does. */
import { ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import * as PayloadDigest from "@genesys-replay/pipeline/PayloadDigest"
import { Effect, Schema } from "effect"
import * as SpecSource from "../spec/SpecSource.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import { print, printJson, Screen } from "../terminal/Screen.js"
import * as PlanText from "./PlanText.js"

/** The arguments of `plan`. */
export interface PlanArguments extends SpecSource.SpecArguments {
  readonly schema: boolean
  readonly json: boolean
}

/** The draft of the plan that the command line asks for: everything that was found, errors included. */
export const draftOf = Effect.fn("plan.draftOf")(function* (input: SpecSource.SpecArguments) {
  const spec = yield* SpecSource.read(input)
  const options = yield* SpecSource.planOptions
  return yield* ReplayPlan.make(spec, options).pipe(
    Effect.map((plan): ReplayPlan.PlanDraft => plan),
    Effect.catchTag("PlanRejected", ({ draft }) => Effect.succeed(draft)),
    Effect.provide(PayloadDigest.layer)
  )
})

/** Prints a draft. */
export const show = Effect.fn("plan.show")(function* (draft: ReplayPlan.PlanDraft, json: boolean) {
  if (json) return yield* printJson(yield* Effect.orDie(Schema.encode(ReplayPlan.PlanDraft)(draft)))
  const { out } = yield* Screen
  yield* print(PlanText.render(draft, out))
})

/** Prints the plan; exit code 2 where it has an error. */
export const run = Effect.fn("plan.run")(function* (input: PlanArguments) {
  if (input.schema) return yield* printJson(ReplaySpec.jsonSchema())
  const draft = yield* draftOf(input)
  yield* show(draft, input.json)
  yield* Failure.finish(draft.findings.some(({ severity }) => severity === "error") ? ExitCode.badInput : ExitCode.done)
})
