/** What a command line does from its first word to its exit code, whatever it is shown on. */
import { type Cause, Effect, Layer, Logger, LogLevel } from "effect"
import * as CommandLine from "./CommandLine.js"
import * as LogFormat from "./telemetry/LogFormat.js"
import * as Telemetry from "./telemetry/Telemetry.js"
import * as ExitCode from "./terminal/ExitCode.js"
import * as Failure from "./terminal/Failure.js"
import * as JsonOption from "./terminal/JsonOption.js"
import * as Operand from "./terminal/Operand.js"

/**
 * Runs what the arguments say (`process.argv`, the first two words included) and tells what went wrong. Answers the exit code, or
 * ends with what was left to be told when nobody was there any more: `Failure.codeOf` has a code for that too.
 */
export const run = (argv: ReadonlyArray<string>) => {
  const options = Operand.optionsIn(argv)
  const logFormat = LogFormat.of(options)
  // What went wrong is told outside of the commands, which is where these two options are read.
  const telling: Failure.Telling = {
    json: options.includes("--json"),
    debug: /--log-level[= ](?:debug|trace|all)\b/i.test(options.join(" "))
  }
  const report = (cause: Cause.Cause<unknown>) =>
    Failure.report(cause, telling).pipe(LogFormat.onScreen(logFormat, "ERROR"), Effect.withTracerEnabled(false))
  return CommandLine.run(argv).pipe(
    LogFormat.onScreen(logFormat, "INFO"),
    Effect.as(ExitCode.done),
    Effect.catchAllCause(report),
    // Around the telling: who waits until the last of the telemetry is sent has read what went wrong.
    Effect.provide(JsonOption.asksForSchema(options) ? Layer.empty : Telemetry.layer),
    Effect.catchAllCause(report),
    Effect.onExit((exit) => LogFormat.onScreen(logFormat, "ERROR")(Failure.tellLast(exit))),
    Logger.withMinimumLogLevel(LogLevel.Info),
    Effect.provide(LogFormat.layer(logFormat))
  )
}
