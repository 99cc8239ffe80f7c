/** What `runs list` does. */
import { Runs } from "@genesys-replay/pipeline"
import { Effect } from "effect"
import * as State from "../State.js"
import { print, printJson, Screen } from "../terminal/Screen.js"
import * as RunsText from "./RunsText.js"

/** Prints the runs. */
export const run = Effect.fn("runs.list")(function* (input: { readonly open: boolean; readonly json: boolean }) {
  const windows = yield* Runs.Runs.pipe(
    Effect.flatMap((runs) => runs.list()),
    Effect.provide(State.layer)
  )
  const all = RunsText.summaries(windows).filter(({ open }) => !input.open || open > 0)
  if (input.json) return yield* printJson({ runs: all })
  yield* print(all.length === 0 ? "no runs" : RunsText.runs(all, (yield* Screen).out))
})
