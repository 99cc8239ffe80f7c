/** What `runs show` does. */
import { ReplayPipeline, WindowError } from "@genesys-replay/pipeline"
import { Effect } from "effect"
import * as ProofText from "../apply/ProofText.js"
import * as ErrorBlock from "../terminal/ErrorBlock.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, Screen } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import * as State from "../wiring/State.js"
import { windowsOf } from "./RunOf.js"
import * as RunsDocument from "./RunsDocument.js"
import * as RunsText from "./RunsText.js"

/** What `--json` prints. */
export const document = RunsDocument.Windows

/** Prints the windows of a run, and what went wrong with some of them. */
export const run = Effect.fn("runs.show")(function* (input: { readonly run: string; readonly json: boolean }) {
  const windows = yield* Effect.provide(windowsOf(input.run), State.layer)
  if (input.json) return yield* JsonDocument.print(document, RunsDocument.ofWindows(windows))
  const { out } = yield* Screen
  const errors = windows.flatMap((one) => {
    const { error, name } = ReplayPipeline.resultOf(one)
    return one.result === null || error === null ? [] : [{ about: name, ...WindowError.summarize(error) }]
  })
  const blocks = ErrorBlock.gather(errors).map((one) => ErrorBlock.render(one, Style.of(out)))
  const waits = windows.map(ProofText.awaiting).filter((line) => line !== "")
  yield* print([RunsText.windows(windows, out), ...waits, ...blocks].join("\n\n"))
})
