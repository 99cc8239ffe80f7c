/** What `completions` does. */
import { Effect, Schema } from "effect"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { Screen } from "../terminal/Screen.js"
import { CommandTree } from "./CommandTree.js"
import { type Shell, shells } from "./Shell.js"
import * as ShellScript from "./ShellScript.js"

/** The arguments of `completions`. */
export interface CompletionsArguments {
  readonly shell: Shell
  readonly json: boolean
}

/** What `--json` prints. */
export const document = Schema.Struct({
  shell: Schema.Literal(...shells),
  /** What goes into the shell's start-up file. */
  script: Schema.String,
  /** What is completed, but for names: the commands with their options and arguments. */
  commands: CommandTree
}).annotations({ identifier: "CompletionsDocument" })

/** Prints the script for a shell; with `--json` also the `commands` that are completed. */
export const run = Effect.fn("completions.run")(function* (
  { json, shell }: CompletionsArguments,
  commands: CommandTree
) {
  const script = ShellScript.scripts[shell]
  if (json) return yield* JsonDocument.print(document, { shell, script, commands })
  const { out } = yield* Screen
  yield* out.write(script)
})
