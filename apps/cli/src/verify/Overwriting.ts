/** Output that would take the place of what it is made from. */
import { resolve } from "node:path"
import { SourcePaths } from "@genesys-replay/eventlog"
import { Effect } from "effect"
import { UsageError } from "../terminal/UsageError.js"

/**
 * Fails where `output`, which `option` names, is one of the files that `inputs` stand for, by whatever path: what is evidence is never
 * written over. To be asked before anything is read.
 */
export const refuse = Effect.fn("Overwriting.refuse")(function* (
  option: string,
  output: string,
  inputs: ReadonlyArray<string>,
  all: boolean
) {
  const same = new UsageError({
    problem: `${option} ${output} is one of the files that are read: it would be written over`,
    remedy: `${option} report.html, or another name`
  })
  if (inputs.some((input) => resolve(input) === resolve(output))) return yield* same
  const identity = SourcePaths.identity(output)
  if (identity === undefined) return
  for (const input of inputs) {
    const { files } = yield* SourcePaths.expand(input, { all })
    if (files.some((file) => file.size !== null && file.identity === identity)) return yield* same
  }
})
