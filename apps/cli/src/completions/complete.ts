/** Answers a shell that completes a line, without the command line being loaded. What goes wrong completes nothing, and says nothing. */
import { readFile } from "node:fs/promises"
import { Effect, Exit } from "effect"
import * as Answer from "./Answer.js"
import type { CommandTree } from "./CommandTree.js"

// Made when the command line is bundled, and beside it.
const tree = Effect.tryPromise(
  async (): Promise<CommandTree> => JSON.parse(await readFile(new URL("./completions.json", import.meta.url), "utf8"))
)

const answer = Effect.flatMap(tree, (commands) => Answer.lines(commands, process.argv.slice(3))).pipe(
  Effect.timeout("2 seconds")
)

const exit = await Effect.runPromiseExit(answer)
const lines = Exit.isSuccess(exit) ? exit.value : []
// What is still open, as a connection to a server may be, ends with the process.
process.stdout.write(lines.map((line) => `${line}\n`).join(""), () => process.exit(0))
