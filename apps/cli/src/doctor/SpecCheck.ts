/** The windows of a spec file, and what there is to say of the file itself. */
import { HealthCheck, Plural, ReplayPlan } from "@genesys-replay/domain"
import * as PayloadDigest from "@genesys-replay/pipeline/PayloadDigest"
import { Effect, Option } from "effect"
import * as SpecFile from "../spec/SpecFile.js"
import * as SpecSource from "../spec/SpecSource.js"

/** The draft of its plan. */
const draftOf = Effect.fn("SpecCheck.draftOf")(function* (file: string) {
  const spec = yield* SpecFile.read(file)
  const options = yield* SpecSource.planOptions
  return yield* ReplayPlan.make(spec, options).pipe(
    Effect.map((plan): ReplayPlan.PlanDraft => plan),
    Effect.catchTag("PlanRejected", ({ draft }) => Effect.succeed(draft)),
    Effect.provide(PayloadDigest.layer)
  )
})

/** The windows that could be submitted, and the check of the file. A file that cannot be read has none. */
export const make = Effect.fn("SpecCheck.make")(function* (file: Option.Option<string>) {
  if (Option.isNone(file)) return { windows: [], checks: [] }
  const draft = yield* Effect.either(draftOf(file.value))
  const windows = draft._tag === "Right" ? draft.right.windows : []
  const check = HealthCheck.make({
    check: "spec",
    area: "local",
    needs: draft,
    ask: ({ findings }) =>
      Effect.succeed(
        HealthCheck.ofFindings(
          findings,
          `${Plural.counted(windows.length, "window")} to replay`,
          `genesys-replay plan ${file.value} shows everything that was found`
        )
      )
  })
  return { windows, checks: [check] }
})
