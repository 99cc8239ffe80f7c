/** What `resume` does. */
import { type ProviderName, ReplayProvider } from "@genesys-replay/domain"
import { ReplayPipeline, Runs, RunWindow, SyncOutbox } from "@genesys-replay/pipeline"
import { type Duration, Effect, Layer, type Option } from "effect"
import * as ApplyScreen from "../apply/ApplyScreen.js"
import * as Conclusion from "../apply/Conclusion.js"
import * as HealText from "../heal/HealText.js"
import * as Sinks from "../sync/Sinks.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import { print, say } from "../terminal/Screen.js"
import * as Providers from "../wiring/Providers.js"
import * as State from "../wiring/State.js"

// What the sinks did not take when it was first told; what they do not take now stays where it is.
const deliverRest = Effect.gen(function* () {
  const outbox = yield* SyncOutbox.SyncOutbox
  const pending = yield* outbox.list({ state: "pending" })
  const keys = new Set(pending.map(({ key }) => key))
  yield* Effect.forEach(keys, (key) => outbox.deliver(key), { discard: true })
  const left = yield* outbox.list({ state: "pending" })
  if (left.length > 0) {
    yield* say(`${left.length} sync events are not delivered yet: genesys-replay sync list says why`)
  }
})

// What is unfinished and not for this platform and these credentials: it is not touched, but nobody should forget it.
const tellOfOthers = Effect.gen(function* () {
  const { target } = yield* ReplayProvider.ReplayProvider
  const runs = yield* Runs.Runs
  const others = (yield* runs.list({ unfinished: true })).filter((one) => one.target !== target)
  for (const other of new Set(others.map((one) => one.target))) {
    const count = others.filter((one) => one.target === other).length
    yield* say(`${count} unfinished for ${other}: resume them with the environment of that one`)
  }
})

/** What `--json` prints. */
export const document = Conclusion.Resumed

/** Goes on with what is not finished, and tells how it ended. */
export const run = Effect.fn("resume.run")(function* (input: {
  readonly provider: ProviderName.ProviderName
  readonly maxWait: Option.Option<Duration.Duration>
  readonly json: boolean
}) {
  const work = Effect.gen(function* () {
    const windows = yield* ReplayPipeline.unfinished
    const waits = windows.some(({ wait }) => wait)
    const report = yield* Effect.scoped(
      Effect.gen(function* () {
        const standing = windows.filter(RunWindow.isStanding).map(({ window }) => window.name)
        const onProgress = yield* ApplyScreen.make(windows.length, waits, standing)
        return yield* ReplayPipeline.resume(windows, { onProgress })
      })
    )
    const { goOn } = yield* Effect.promise(() => import("../heal/goOn.js"))
    const heals = yield* goOn()
    yield* deliverRest
    yield* tellOfOthers
    return { report, heals }
  })
  const { heals, report } = yield* work.pipe(
    Effect.provide(
      Layer.provideMerge(State.engine, State.around(Providers.layer(input.provider, input), Sinks.layerStored))
    ),
    Effect.onInterrupt(() => say("interrupted: genesys-replay resume goes on from here"))
  )
  const isNothing = report.results.length === 0
  if (isNothing && heals.length === 0 && !input.json) return yield* say("nothing is unfinished")
  if (!input.json) {
    yield* Effect.forEach(heals, ({ report, window }) => print(`${window}: ${HealText.report(report)}`), {
      discard: true
    })
  }
  if (input.json || !isNothing) yield* Conclusion.tell(report, input.json, heals.length === 0 ? {} : { heals })
  yield* Failure.finish(heals.every(({ report }) => report.isComplete) ? ExitCode.done : ExitCode.incomplete)
})
