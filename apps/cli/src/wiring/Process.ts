/** The process: arguments in, exit code out. */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import * as Program from "../Program.js"
import * as Failure from "../terminal/Failure.js"
import * as ProcessExit from "../terminal/ProcessExit.js"
import { Screen } from "../terminal/Screen.js"

// What a library will no longer do one day is news for who develops this, not for who runs a command.
process.noDeprecation = true

// What a stream does not take is told to who writes it (Screen), and ends no process by itself.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})

const program = Effect.provide(Program.run(process.argv), Layer.merge(Screen.layer, NodeContext.layer))

NodeRuntime.runMain(program, {
  disableErrorReporting: true,
  // It would write to standard output, beside the logger of the program.
  disablePrettyLogger: true,
  teardown: (exit, onExit) => ProcessExit.afterWork(Failure.codeOf(exit), onExit)
})
