/** The process: arguments in, exit code out. */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { type Cause, Effect, Layer, Logger, LogLevel } from "effect"
import * as CommandLine from "./CommandLine.js"
import * as LogFormat from "./telemetry/LogFormat.js"
import * as Telemetry from "./telemetry/Telemetry.js"
import * as ExitCode from "./terminal/ExitCode.js"
import * as Failure from "./terminal/Failure.js"
import * as Operand from "./terminal/Operand.js"
import * as ProcessExit from "./terminal/ProcessExit.js"
import { Screen } from "./terminal/Screen.js"

const options = Operand.optionsIn(process.argv)

const logFormat = LogFormat.of(options)

// What went wrong is told outside of the commands, which is where these two options are read.
const telling: Failure.Telling = {
  json: options.includes("--json"),
  debug: /--log-level[= ](?:debug|trace|all)\b/i.test(options.join(" "))
}

const report = (cause: Cause.Cause<unknown>) =>
  Failure.report(cause, telling).pipe(LogFormat.onScreen(logFormat, "ERROR"), Effect.withTracerEnabled(false))

const program = CommandLine.run(process.argv).pipe(
  LogFormat.onScreen(logFormat, "INFO"),
  Effect.as(ExitCode.done),
  Effect.catchAllCause(report),
  // Around the telling: who waits until the last of the telemetry is sent has read what went wrong.
  Effect.provide(Telemetry.layer),
  Effect.catchAllCause(report),
  Effect.onExit((exit) => LogFormat.onScreen(logFormat, "ERROR")(Failure.tellLast(exit))),
  Logger.withMinimumLogLevel(LogLevel.Info),
  Effect.provide(Layer.provideMerge(LogFormat.layer(logFormat), Layer.merge(Screen.layer, NodeContext.layer)))
)

// What a library will no longer do one day is news for who develops this, not for who runs a command.
process.noDeprecation = true

// What a stream does not take is told to who writes it (Screen), and ends no process by itself.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})

NodeRuntime.runMain(program, {
  disableErrorReporting: true,
  // It would write to standard output, beside the logger above.
  disablePrettyLogger: true,
  teardown: (exit, onExit) => ProcessExit.afterWork(Failure.codeOf(exit), onExit)
})
