/** What `runner` does. */
import type { ProviderName } from "@genesys-replay/domain"
import { FinishedWindows, ReplayEngine, ReplayPipeline, type RunWindow, SyncOutbox } from "@genesys-replay/pipeline"
import { type Duration, Effect, type Option } from "effect"
import * as Providers from "../Providers.js"
import * as State from "../State.js"
import * as Sinks from "../sync/Sinks.js"
import { printJson, say } from "../terminal/Screen.js"
import * as Standstill from "./Standstill.js"

const told = (window: RunWindow.RunWindow) => {
  const { error, outcome } = ReplayPipeline.resultOf(window)
  return `${window.key}  ${error === null ? outcome : `${outcome}, ${error.tag}`}`
}

// Nothing is open, and the outbox has nothing that it still tries.
const idle = Effect.gen(function* () {
  const outbox = yield* SyncOutbox.SyncOutbox
  const nothingLeft = Effect.gen(function* () {
    const open = yield* ReplayPipeline.unfinished
    const pending = yield* outbox.list({ state: "pending", limit: 1 })
    return open.length === 0 && pending.length === 0
  })
  yield* Effect.repeat(Effect.delay(nothingLeft, "500 millis"), { until: (nothing) => nothing })
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
    const working = Effect.gen(function* () {
      const engine = yield* ReplayEngine.ReplayEngine
      const open = yield* ReplayPipeline.unfinished
      yield* say(`working, ${open.length} open; Ctrl-C stops, and what is not finished is gone on with later`)
      const telling = Effect.raceFirst(finished.run, Standstill.tell)
      yield* Effect.raceFirst(Effect.raceFirst(input.untilIdle ? idle : Effect.never, engine.halted), telling)
    })
    yield* Effect.provide(working, State.engine)
    yield* finished.rest
    return yield* finished.count
  }).pipe(Effect.scoped)
  const count = yield* Effect.provide(
    work,
    State.around(Providers.layerTelling(input.provider, input), Sinks.layerStored)
  )
  if (input.json) yield* printJson({ finished: count })
})
