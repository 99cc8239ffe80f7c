/** What `heal` does. */
import { HealReport, type ReplaySpec } from "@genesys-replay/domain"
import { Heal } from "@genesys-replay/pipeline"
import { Effect, Layer, Option, Schema } from "effect"
import * as Sinks from "../sync/Sinks.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import * as OutputFile from "../terminal/OutputFile.js"
import { print, say } from "../terminal/Screen.js"
import * as Providers from "../wiring/Providers.js"
import * as State from "../wiring/State.js"
import * as HealArguments from "./HealArguments.js"
import * as HealScreen from "./HealScreen.js"
import * as HealText from "./HealText.js"
import * as HealWork from "./HealWork.js"

/** What `--json` prints: what the heal came to; with `--dry-run` what it would be. */
export const document = Schema.Union(HealReport.HealReport, HealText.ForecastDocument)

const goesOn =
  "the same command goes on from here, as does genesys-replay resume; nothing is replayed or handed on twice"

/** Heals, and shows how far it is. */
export const healed = Effect.fn("heal.healed")(function* (
  key: string,
  spec: ReplaySpec.ReplaySpec,
  asked: HealArguments.Asked
) {
  const listeners = yield* HealScreen.make
  return yield* Heal.run(yield* HealWork.make(key, spec, asked, listeners))
}, Effect.scoped)

/** The report, as it is printed. */
export const tell = (report: HealReport.HealReport, json: boolean) =>
  json ? JsonDocument.print(HealReport.HealReport, report) : print(HealText.report(report))

/** Heals the window, or says what that would be; see the help for the exit codes. */
export const run = Effect.fn("heal.run")(function* (input: HealArguments.HealArguments) {
  const asked = yield* HealArguments.read(input)
  const spec = yield* HealArguments.specOf(input)
  const key = yield* HealArguments.keyOf(spec, asked)
  if (input.dryRun) {
    const forecast = yield* Heal.forecast(yield* HealWork.look(key, spec, asked))
    yield* input.json
      ? JsonDocument.print(HealText.ForecastDocument, HealText.forecastDocument(forecast))
      : print(HealText.forecast(forecast))
    return yield* Failure.finish(
      forecast.missing === 0 && forecast.doubts.length === 0 ? ExitCode.done : ExitCode.incomplete
    )
  }
  if (Option.isSome(input.syncFile)) {
    const inputs = [input.spec, asked.captured, ...asked.against, ...asked.records, ...(yield* State.files)]
    yield* OutputFile.prepare(input.syncFile.value, { inputs })
  }
  const report = yield* healed(key, spec, asked).pipe(
    Effect.provide(
      Layer.provideMerge(
        State.engine,
        State.around(Providers.layer(spec.provider, { maxWait: Option.none() }), Sinks.layer(input))
      )
    ),
    Effect.onInterrupt(() => say(`interrupted: ${goesOn}`))
  )
  yield* tell(report, input.json)
  yield* Failure.finish(report.isComplete ? ExitCode.done : ExitCode.incomplete)
})
