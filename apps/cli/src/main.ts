/** The process: arguments in, exit code out. */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Exit, Layer, Logger, LogLevel } from "effect"
import * as CommandLine from "./CommandLine.js"
import * as ExitCode from "./terminal/ExitCode.js"
import * as Failure from "./terminal/Failure.js"
import * as HelpConsole from "./terminal/HelpConsole.js"
import { Screen } from "./terminal/Screen.js"

// Standard output is the answer's alone.
const logs = Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger))

const program = CommandLine.run(process.argv).pipe(
  HelpConsole.plainWhereNotShown,
  Effect.as(ExitCode.done),
  Effect.catchAllCause((cause) => Failure.report(cause, process.argv.includes("--json"))),
  Logger.withMinimumLogLevel(LogLevel.Info),
  Effect.provide(Layer.mergeAll(Screen.layer, NodeContext.layer, logs))
)

// A reader that has seen enough (head, say) is no error.
process.stdout.on("error", () => process.exit(ExitCode.done))

NodeRuntime.runMain(program, {
  disableErrorReporting: true,
  teardown: (exit, onExit) =>
    onExit(
      Exit.match(exit, {
        onSuccess: (value) => (typeof value === "number" ? value : ExitCode.done),
        onFailure: (cause) => (Cause.isInterruptedOnly(cause) ? ExitCode.interrupted : ExitCode.bug)
      })
    )
})
