/** What `cancel` does. */
import { EventStream, type ProviderName } from "@genesys-replay/domain"
import { ReplayPipeline, WindowError } from "@genesys-replay/pipeline"
import { type Duration, Effect, Either, Layer, type Option, Schema } from "effect"
import * as ErrorBlock from "../terminal/ErrorBlock.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, Screen, say } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import * as Providers from "../wiring/Providers.js"
import * as State from "../wiring/State.js"

/** What `--json` prints: of each id that was given, whether its replay was stopped, and why it could not be. */
export const document = Schema.Struct({
  results: Schema.Array(
    Schema.Struct({ id: Schema.String, cancelled: Schema.Boolean, error: Schema.NullOr(WindowError.ErrorSummary) })
  )
})

/** Stops each replay; one that cannot be stopped does not keep the others from it. */
export const run = Effect.fn("cancel.run")(function* (input: {
  readonly ids: ReadonlyArray<string>
  readonly provider: ProviderName.ProviderName
  readonly maxWait: Option.Option<Duration.Duration>
  readonly json: boolean
}) {
  const { err } = yield* Screen
  const results = yield* Effect.forEach(input.ids, (id) =>
    Effect.either(ReplayPipeline.cancel(EventStream.ReplayId.make(id))).pipe(
      Effect.tap((result) =>
        Either.isRight(result)
          ? Effect.unless(print(`cancelled  ${id}`), () => input.json)
          : say(ErrorBlock.render(ErrorBlock.explain(result.left), Style.of(err)))
      ),
      Effect.map((result) => ({
        id,
        cancelled: Either.isRight(result),
        error: Either.isRight(result) ? null : WindowError.summarize(result.left)
      }))
    )
  ).pipe(Effect.provide(Layer.merge(Providers.layerTelling(input.provider, input), State.layer)))
  if (input.json) yield* JsonDocument.print(document, { results })
  yield* Failure.finish(ExitCode.ofTags(results.flatMap(({ error }) => (error === null ? [] : [error.tag]))))
})
