/** What `runs cancel` does. */
import type { ProviderName } from "@genesys-replay/domain"
import { ReplayPipeline, type RunWindow, WindowError } from "@genesys-replay/pipeline"
import { type Duration, Effect, Either, type Option, Schema } from "effect"
import * as ErrorBlock from "../terminal/ErrorBlock.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, Screen, say } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import { UsageError } from "../terminal/UsageError.js"
import * as Providers from "../wiring/Providers.js"
import * as State from "../wiring/State.js"
import { windowsOf } from "./RunOf.js"

/** What `--json` prints: of each window, whether it was taken back now, and why it could not be. */
export const document = Schema.Struct({
  results: Schema.Array(
    Schema.Struct({ name: Schema.String, cancelled: Schema.Boolean, error: Schema.NullOr(WindowError.ErrorSummary) })
  )
})

interface CancelArguments {
  readonly run: string
  readonly names: ReadonlyArray<string>
  readonly provider: ProviderName.ProviderName
  readonly abandon: boolean
  readonly maxWait: Option.Option<Duration.Duration>
  readonly json: boolean
}

const cancelled = Effect.fn("runs.cancelled")(function* <E extends { readonly message: string }, R>(
  input: CancelArguments,
  takeBack: (window: RunWindow.RunWindow) => Effect.Effect<boolean, E, R>
) {
  const { err } = yield* Screen
  const windows = yield* windowsOf(input.run)
  const unknown = input.names.find((name) => !windows.some(({ window }) => window.name === name))
  if (unknown !== undefined) {
    return yield* new UsageError({
      problem: `the run has no window ${JSON.stringify(unknown)}`,
      remedy: `genesys-replay runs show ${input.run} shows those that it has`
    })
  }
  const chosen = windows.filter(({ window }) => input.names.length === 0 || input.names.includes(window.name))
  return yield* Effect.forEach(chosen, (one) =>
    Effect.gen(function* () {
      const { name } = one.window
      const result = yield* Effect.either(takeBack(one))
      if (Either.isLeft(result)) {
        yield* say(ErrorBlock.render(ErrorBlock.explain(result.left), Style.of(err)))
        return { name, cancelled: false, error: WindowError.summarize(result.left) }
      }
      if (!input.json) yield* print(`${result.right ? "cancelled      " : "was over before"}  ${name}`)
      return { name, cancelled: result.right, error: null }
    })
  )
})

/** Takes the windows back; one that cannot be does not keep the others from it. */
export const run = Effect.fn("runs.cancel")(function* (input: CancelArguments) {
  const results = yield* (
    input.abandon
      ? cancelled(input, ReplayPipeline.abandon)
      : Effect.provide(cancelled(input, ReplayPipeline.withdraw), Providers.layerTelling(input.provider, input))
  ).pipe(Effect.provide(State.layer))
  if (input.json) yield* JsonDocument.print(document, { results })
  yield* Failure.finish(ExitCode.ofTags(results.flatMap(({ error }) => (error === null ? [] : [error.tag]))))
})
