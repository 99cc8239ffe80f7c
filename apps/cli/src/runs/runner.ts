/** What `runner` does. */
import type { HealReport, ProviderName } from "@genesys-replay/domain"
import { FinishedWindows, ReplayPipeline, type RunWindow, WindowError } from "@genesys-replay/pipeline"
import { type Duration, Effect, type Option, Ref, Schema } from "effect"
import * as HealText from "../heal/HealText.js"
import * as Sinks from "../sync/Sinks.js"
import * as ErrorBlock from "../terminal/ErrorBlock.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { Screen, say } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import * as Providers from "../wiring/Providers.js"
import * as State from "../wiring/State.js"
import * as Standstill from "./Standstill.js"

/** What `--json` prints: how many windows were finished, how many do not get on, and how many heals were ended, where there are some. */
export const document = Schema.Struct({
  finished: Schema.NonNegativeInt,
  stalled: Schema.optional(Schema.NonNegativeInt),
  healed: Schema.optional(Schema.NonNegativeInt)
})

const told = (window: RunWindow.RunWindow) => {
  const { error, outcome } = ReplayPipeline.resultOf(window)
  return `${window.key}  ${error === null ? outcome : `${outcome}, ${WindowError.summarize(error).tag}`}`
}

type Windows = ReadonlyArray<RunWindow.RunWindow>

// What does not get on, and why: who started the runner is to hear of it.
const tellStalled = Effect.fn("runner.tellStalled")(function* (stalled: Windows) {
  const errors = stalled.flatMap((one) => {
    const { error } = ReplayPipeline.resultOf(one)
    return error === null ? [] : [{ about: one.key, ...WindowError.summarize(error) }]
  })
  const { err } = yield* Screen
  for (const one of ErrorBlock.gather(errors)) yield* say(ErrorBlock.render(one, Style.of(err)))
  return ExitCode.ofTags(errors.map(({ tag }) => tag))
})

/** Works until it is stopped, or until nothing is left to do. */
export const run = Effect.fn("runner.run")(function* (input: {
  readonly provider: ProviderName.ProviderName
  readonly untilIdle: boolean
  readonly maxWait: Option.Option<Duration.Duration>
  readonly json: boolean
}) {
  const work = Effect.gen(function* () {
    // Before the engine begins: it may finish a window in its first moment.
    const finished = yield* FinishedWindows.make((window) => say(told(window)))
    const healed = yield* Ref.make(0)
    const { keepOn, once } = yield* Effect.promise(() => import("../heal/goOn.js"))
    const onEnd = ({ report, window }: { readonly report: HealReport.HealReport; readonly window: string }) =>
      Effect.zipRight(
        Ref.update(healed, (count) => count + 1),
        say(`${window}: ${HealText.report(report)}`)
      )
    const working = Effect.gen(function* () {
      const pipeline = yield* ReplayPipeline.ReplayPipeline
      const open = yield* ReplayPipeline.unfinished
      yield* say(`working, ${open.length} open; Ctrl-C stops, and what is not finished is gone on with later`)
      const telling = Effect.raceFirst(finished.run, Standstill.tell)
      if (input.untilIdle) return yield* Effect.raceFirst(Effect.zipRight(once(onEnd), pipeline.awaitIdle), telling)
      // Its end is waited for before the engine and the database go.
      yield* Effect.forkScoped(keepOn(onEnd))
      return yield* Effect.raceFirst(pipeline.halted, telling)
    })
    const stalled = yield* Effect.provide(Effect.scoped(working), State.engine)
    yield* finished.rest
    return { stalled, count: yield* finished.count, heals: yield* Ref.get(healed) }
  }).pipe(Effect.scoped)
  const { count, heals, stalled } = yield* Effect.provide(
    work,
    State.around(Providers.layerTelling(input.provider, input), Sinks.layerStored)
  )
  const summary = {
    finished: count,
    ...(stalled.length === 0 ? {} : { stalled: stalled.length }),
    ...(heals === 0 ? {} : { healed: heals })
  }
  if (input.json) yield* JsonDocument.print(document, summary)
  yield* Failure.finish(yield* tellStalled(stalled))
})
