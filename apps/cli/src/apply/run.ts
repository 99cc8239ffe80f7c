/** What `apply` does. */
import { Path } from "@effect/platform"
import { ProviderName, ReplayPlan } from "@genesys-replay/domain"
import { ReplayPipeline } from "@genesys-replay/pipeline"
import { type Duration, Effect, Option, Schema } from "effect"
import * as PlanText from "../plan/PlanText.js"
import * as Plan from "../plan/run.js"
import * as RunsDocument from "../runs/RunsDocument.js"
import * as RunsText from "../runs/RunsText.js"
import type * as SpecSource from "../spec/SpecSource.js"
import * as Sinks from "../sync/Sinks.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import * as OutputFile from "../terminal/OutputFile.js"
import { print, Screen, say } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import { UsageError } from "../terminal/UsageError.js"
import { within } from "../terminal/WaitTimedOut.js"
import * as Providers from "../wiring/Providers.js"
import * as State from "../wiring/State.js"
import * as ApplyScreen from "./ApplyScreen.js"
import * as Conclusion from "./Conclusion.js"

/** The arguments of `apply`. */
export interface ApplyArguments extends SpecSource.SpecArguments {
  readonly dryRun: boolean
  readonly wait: boolean
  readonly detach: boolean
  readonly captured: ReadonlyArray<string>
  readonly against: ReadonlyArray<string>
  readonly concurrency: number
  readonly timeout: Option.Option<Duration.Duration>
  readonly maxWait: Option.Option<Duration.Duration>
  readonly webhook: Option.Option<string>
  readonly syncFile: Option.Option<string>
  readonly eventBus: Option.Option<string>
  readonly json: boolean
}

/** What `--json` prints: what became of the windows; with `--detach` those that were handed over, with `--dry-run` the plan. */
export const document = Schema.Union(Conclusion.document, RunsDocument.Windows, Plan.document)

const attached = Effect.fn("apply.attached")(function* (plan: ReplayPlan.ReplayPlan, input: ApplyArguments) {
  const waits = input.wait || input.captured.length > 0
  const report = yield* Effect.scoped(
    Effect.gen(function* () {
      const onProgress = yield* ApplyScreen.make(plan.windows.length, waits)
      const { against, captured, concurrency, wait } = input
      return yield* ReplayPipeline.apply(plan, { concurrency, wait, captured, against, onProgress }).pipe(
        within(waits ? input.timeout : Option.none(), "genesys-replay resume goes on from here")
      )
    })
  ).pipe(
    Effect.onInterrupt(() =>
      say(
        "interrupted: genesys-replay resume goes on from here, as does the same command again; nothing is submitted twice"
      )
    )
  )
  yield* Conclusion.tell(report, input.json)
})

const detached = Effect.fn("apply.detached")(function* (plan: ReplayPlan.ReplayPlan, input: ApplyArguments) {
  const { against, captured, wait } = input
  const windows = yield* ReplayPipeline.request(plan, { wait, captured, against })
  if (input.json) return yield* JsonDocument.print(RunsDocument.Windows, RunsDocument.ofWindows(windows))
  const { out } = yield* Screen
  yield* print(RunsText.windows(windows, out))
  yield* say("handed over: genesys-replay runner works on it, genesys-replay runs list shows how far it is")
})

/** Plans, submits, records. A plan with an error submits nothing. */
export const run = Effect.fn("apply.run")(function* (input: ApplyArguments) {
  if (input.concurrency < 1) {
    return yield* new UsageError({ problem: "--concurrency is less than 1", remedy: "--concurrency 4" })
  }
  const draft = yield* Plan.draftOf(input)
  if (input.dryRun) {
    yield* Plan.show(draft, input.json)
    return yield* Failure.finish(Plan.codeOf(draft.findings))
  }
  const plan = yield* ReplayPlan.accept(draft)
  if (Option.isSome(input.syncFile)) {
    const inputs = [...Option.toArray(input.spec), ...input.captured, ...input.against, ...(yield* State.files)]
    yield* OutputFile.prepare(input.syncFile.value, { inputs })
  }
  const { err } = yield* Screen
  if (plan.findings.length > 0) yield* say(PlanText.findingLines(plan.findings, Style.of(err)))
  const provider = plan.windows[0]?.provider ?? ProviderName.genesys
  // Who goes on with it later may stand in another directory.
  const paths = yield* Path.Path
  const lastingOf = (files: ReadonlyArray<string>) => files.map((file) => paths.resolve(file))
  const lasting = { ...input, captured: lastingOf(input.captured), against: lastingOf(input.against) }
  const work = input.detach
    ? Effect.asVoid(detached(plan, lasting))
    : Effect.provide(attached(plan, lasting), State.engine)
  yield* Effect.provide(work, State.around(Providers.layer(provider, input), Sinks.layer(input)))
})
