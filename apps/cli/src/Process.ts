/** The process: arguments in, exit code out. */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Exit, Layer, Logger, LogLevel } from "effect"
import * as CommandLine from "./CommandLine.js"
import * as ExitCode from "./terminal/ExitCode.js"
import * as Failure from "./terminal/Failure.js"
import { Screen } from "./terminal/Screen.js"

// Standard output is the answer's alone.
const logs = Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger))

// What went wrong is told outside of the commands, which is where these two options are read.
const telling: Failure.Telling = {
  json: process.argv.includes("--json"),
  debug: /--log-level[= ](?:debug|trace|all)\b/i.test(process.argv.join(" "))
}

const program = CommandLine.run(process.argv).pipe(
  Effect.as(ExitCode.done),
  Effect.catchAllCause((cause) => Failure.report(cause, telling)),
  Logger.withMinimumLogLevel(LogLevel.Info),
  Effect.provide(Layer.mergeAll(Screen.layer, NodeContext.layer, logs))
)

// A reader that has seen enough (head, say) is no error.
process.stdout.on("error", () => process.exit(ExitCode.done))

NodeRuntime.runMain(program, {
  disableErrorReporting: true,
  // It would write to standard output, beside the logger above.
  disablePrettyLogger: true,
  teardown: (exit, onExit) =>
    onExit(
      Exit.match(exit, {
        onSuccess: (value) => (typeof value === "number" ? value : ExitCode.done),
        onFailure: (cause) => (Cause.isInterruptedOnly(cause) ? ExitCode.interrupted : ExitCode.bug)
      })
    )
})
