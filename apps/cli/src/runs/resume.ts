/** What `resume` does. */
import type { ProviderName } from "@genesys-replay/domain"
import { ReplayPipeline } from "@genesys-replay/pipeline"
import { Effect } from "effect"
import * as ApplyScreen from "../apply/ApplyScreen.js"
import * as Conclusion from "../apply/Conclusion.js"
import * as Providers from "../Providers.js"
import * as State from "../State.js"
import * as Sinks from "../sync/Sinks.js"
import { say } from "../terminal/Screen.js"

/** Goes on with what is not finished, and tells how it ended. */
export const run = Effect.fn("resume.run")(function* (input: {
  readonly provider: ProviderName.ProviderName
  readonly json: boolean
}) {
  const work = Effect.gen(function* () {
    const windows = yield* ReplayPipeline.unfinished
    if (windows.length === 0) yield* say("nothing is unfinished")
    const waits = windows.some(({ wait }) => wait)
    return yield* Effect.scoped(
      Effect.gen(function* () {
        const onProgress = yield* ApplyScreen.make(windows.length, waits)
        return yield* ReplayPipeline.resume(windows, { onProgress })
      })
    )
  })
  const report = yield* work.pipe(
    Effect.provide(State.engine),
    Effect.provide(State.around(Providers.layer(input.provider), Sinks.layerStored)),
    Effect.onInterrupt(() => say("interrupted: genesys-replay resume goes on from here"))
  )
  yield* Conclusion.tell(report, input.json)
})
