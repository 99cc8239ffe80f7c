/** The windows of a spec file, and what there is to say of the file itself. */
import { CheckOutcome, HealthCheck, Plural, ReplayPlan } from "@genesys-replay/domain"
import { Effect, Either, Option } from "effect"
import * as SpecFile from "../spec/SpecFile.js"
import * as SpecSource from "../spec/SpecSource.js"
import * as ErrorBlock from "../terminal/ErrorBlock.js"

/** The draft of its plan. */
const draftOf = Effect.fn("SpecCheck.draftOf")(function* (file: string) {
  const spec = yield* SpecFile.read(file)
  const options = yield* SpecSource.planOptions
  return yield* ReplayPlan.make(spec, options).pipe(
    Effect.map((plan): ReplayPlan.PlanDraft => plan),
    Effect.catchTag("PlanRejected", ({ draft }) => Effect.succeed(draft))
  )
})

/** What a file that is no spec says, as every command says it. */
const unusable = (error: unknown): CheckOutcome.CheckOutcome => {
  const { lines, next = null, what } = ErrorBlock.explain(error)
  return CheckOutcome.failed(lines.length === 0 ? what : CheckOutcome.together(lines), next)
}

/** The windows that could be submitted, and the check of the file. A file that cannot be read has none. */
export const make = Effect.fn("SpecCheck.make")(function* (file: Option.Option<string>) {
  if (Option.isNone(file)) return { windows: [], checks: [] }
  const draft = yield* Effect.either(draftOf(file.value))
  const windows = Either.match(draft, { onLeft: () => [], onRight: (plan) => plan.windows })
  const outcome = Either.match(draft, {
    onLeft: unusable,
    onRight: ({ findings }) =>
      CheckOutcome.ofFindings(
        findings,
        `${Plural.counted(windows.length, "window")} to replay`,
        `genesys-replay plan ${file.value} shows everything that was found`
      )
  })
  const check = HealthCheck.make({
    check: "spec",
    area: "local",
    needs: Effect.void,
    ask: () => Effect.succeed(outcome)
  })
  return { windows, checks: [check] }
})
