/** A plan that the provider was asked about: whether it would take the windows, before anything is submitted. */
import { DateTime, Effect, Ref } from "effect"
import { anyError, type Finding, type FindingCode } from "../plan/Finding.js"
import { PayloadHasher } from "../plan/PayloadHash.js"
import type { PlannedWindow } from "../plan/PlannedWindow.js"
import * as ReplayPlan from "../plan/ReplayPlan.js"
import type { ReplayPlanner } from "../plan/ReplayPlanner.js"
import * as ShippedPlanners from "../plan/ShippedPlanners.js"
import type { ReplaySpec } from "../spec/ReplaySpec.js"
import type { ProviderName } from "../value/ProviderName.js"
import type { ProviderError } from "./ProviderError.js"
import { ReplayProvider } from "./ReplayProvider.js"

const refusals: ReadonlyArray<string> = ["NotAuthenticated", "NotPermitted", "RequestRejected"]

/** `provider-refused` or `provider-unavailable`: it could not be asked. */
const unanswered = (window: PlannedWindow, error: ProviderError): Finding => ({
  severity: "error",
  code: refusals.includes(error._tag) ? "provider-refused" : "provider-unavailable",
  window: window.name,
  path: "name",
  message: `${error.message}. Nothing more was asked`
})

/** What planning found, and what the provider says. */
const asked = Effect.fnUntraced(function* (
  { draft, positions }: ReplayPlan.TracedDraft,
  settles: ReadonlyArray<FindingCode>
) {
  const provider = yield* ReplayProvider
  const stopped = yield* Ref.make(false)
  const answers = yield* Effect.forEach(
    draft.windows,
    (window, index) =>
      Effect.gen(function* () {
        if (yield* Ref.get(stopped)) return []
        return yield* provider.check(window)
      }).pipe(
        Effect.catchAll((error) =>
          Effect.map(Ref.getAndSet(stopped, true), (before) => (before ? [] : [unanswered(window, error)]))
        ),
        Effect.map((findings) =>
          findings.map((finding): Finding => ({ ...finding, path: `windows[${positions[index]}].${finding.path}` }))
        )
      ),
    { concurrency: 4 }
  )
  const isWrong = (index: number) => anyError(answers[index] ?? [])
  // What the provider itself was asked about, what is known here says nothing more.
  const settled = (yield* Ref.get(stopped)) ? [] : settles
  return {
    ...draft,
    windows: draft.windows.filter((_, index) => !isWrong(index)),
    findings: [...draft.findings.filter(({ code }) => !settled.includes(code)), ...answers.flat()],
    checkedWith: provider.target
  } satisfies ReplayPlan.PlanDraft
})

/** {@link check} for a provider of somebody else's, by its planner. */
export const checkFor = <Destination, Name extends ProviderName>(planner: ReplayPlanner<Destination, Name>) =>
  Effect.fn("PlanCheck.check")(function* (
    spec: ReplaySpec<Destination, Name>,
    options?: ReplayPlan.PlanOptions
  ): Effect.fn.Return<ReplayPlan.PlanDraft, never, ReplayProvider> {
    const { hash } = yield* PayloadHasher
    return yield* asked(ReplayPlan.traceFor(planner, spec, yield* DateTime.now, hash, options), planner.settles)
  })

/**
 * Plans `spec` now, by the Clock, and asks the provider about every window without an error. Nothing is changed there, and nothing
 * is submitted. What the provider finds is in the findings; a window of which it says an error has no payload. Where it does not
 * answer that is an error of the window that was asked about, and nothing more is asked.
 */
export const check = (
  spec: ReplaySpec,
  options: ReplayPlan.Options = {}
): Effect.Effect<ReplayPlan.PlanDraft, never, ReplayProvider> =>
  checkFor(ShippedPlanners.of(spec.provider, options))(spec, options)
