/** The run that an argument names. */
import { Runs, RunWindow } from "@genesys-replay/pipeline"
import { Effect, Option, Schema } from "effect"
import { UsageError } from "../terminal/UsageError.js"

/** Its windows; a run that is not there is a mistake of who typed it. */
export const windowsOf = Effect.fn("runs.windowsOf")(function* (text: string) {
  const runs = yield* Runs.Runs
  const id = Schema.decodeUnknownOption(RunWindow.RunId)(text)
  const windows = Option.isSome(id) ? yield* runs.list({ run: id.value }) : []
  if (windows.length > 0) return windows
  return yield* new UsageError({
    problem: `there is no run ${JSON.stringify(text)}`,
    remedy: "genesys-replay runs list shows those that there are"
  })
})
