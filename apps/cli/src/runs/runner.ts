/** What `runner` does. */
import type { ProviderName } from "@genesys-replay/domain"
import { ReplayEngine, ReplayPipeline, Runs, RunWindow, SyncOutbox } from "@genesys-replay/pipeline"
import { Effect, Layer, Option, Queue, Ref } from "effect"
import * as Providers from "../Providers.js"
import * as State from "../State.js"
import * as Sinks from "../sync/Sinks.js"
import { printJson, say } from "../terminal/Screen.js"

// Says how each window ended, as far as it was this process that brought it there.
const watched = (finished: Ref.Ref<number>) =>
  Effect.gen(function* () {
    const runs = yield* Runs.Runs
    const news = yield* runs.announcements
    return yield* Effect.forever(
      Effect.gen(function* () {
        const window = yield* runs.get(yield* Queue.take(news))
        if (Option.isNone(window) || !RunWindow.isFinal(window.value)) return
        yield* Ref.update(finished, (count) => count + 1)
        const { error, outcome } = ReplayPipeline.resultOf(window.value)
        yield* say(`${window.value.key}  ${error === null ? outcome : `${outcome}, ${error.tag}`}`)
      })
    )
  })

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
  readonly json: boolean
}) {
  const finished = yield* Ref.make(0)
  const work = Effect.gen(function* () {
    const engine = yield* ReplayEngine.ReplayEngine
    const open = yield* ReplayPipeline.unfinished
    yield* say(`working, ${open.length} open; Ctrl-C stops, and what is not finished is gone on with later`)
    yield* Effect.raceFirst(Effect.raceFirst(input.untilIdle ? idle : Effect.never, engine.halted), watched(finished))
  }).pipe(Effect.scoped)
  yield* work.pipe(
    Effect.provide(Layer.provideMerge(State.engine, State.around(Providers.layer(input.provider), Sinks.layerStored)))
  )
  if (input.json) yield* printJson({ finished: yield* Ref.get(finished) })
})
