/** What `verify` does. */
import { NodeStream } from "@effect/platform-node"
import { EventLog, LogSource, TextReport } from "@genesys-replay/eventlog"
import { Clock, Effect, Option } from "effect"
import { UsageError } from "../spec/SpecSource.js"
import * as ErrorBlock from "../terminal/ErrorBlock.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { print, printJson, Screen, say } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import { standardInput } from "./Source.js"

const mebibytes = (bytes: number): string => (bytes / 1_048_576).toFixed(0)

const progressText = (
  { bytesRead, bytesTotal, source }: EventLog.Progress,
  seconds: number,
  unicode: boolean
): string => {
  const rate = seconds > 0 ? `${mebibytes(bytesRead / seconds)} MiB/s` : ""
  const done =
    bytesTotal === null || bytesTotal === 0
      ? `${mebibytes(bytesRead)} MiB`
      : ProgressLine.bar(bytesRead / bytesTotal, 24, unicode)
  return `${done}  ${rate}  ${source}`
}

/** Reads the captured events and prints the report; exit code 3 where something is missing, 2 where a file could not be read. */
export const run = Effect.fn("verify.run")(function* (input: {
  readonly files: ReadonlyArray<string>
  readonly from: Option.Option<number>
  readonly to: Option.Option<number>
  readonly indexPath: Option.Option<string>
  readonly groupBy: Option.Option<string>
  readonly maxMissing: number
  readonly json: boolean
}) {
  if (input.maxMissing < 0) {
    return yield* new UsageError({ problem: "--max-missing is less than 0", remedy: "--max-missing 20" })
  }
  const { err, out, unicode } = yield* Screen
  const files = input.files.length === 0 ? [standardInput] : input.files
  if (files.includes(standardInput) && process.stdin.isTTY)
    yield* say("reading events from standard input; end with Ctrl-D")
  const sources = files.map((file) =>
    file === standardInput
      ? LogSource.bytes(
          "-",
          NodeStream.fromReadable<Error, Uint8Array>(
            () => process.stdin,
            (cause) => new Error(String(cause))
          )
        )
      : LogSource.file(file)
  )
  const started = yield* Clock.currentTimeMillis
  const { report, unreadable } = yield* Effect.scoped(
    Effect.gen(function* () {
      const line = yield* ProgressLine.make
      return yield* EventLog.observe(sources, {
        expected: { start: Option.getOrUndefined(input.from), end: Option.getOrUndefined(input.to) },
        indexPath: Option.getOrUndefined(input.indexPath),
        groupBy: Option.getOrUndefined(Option.map(input.groupBy, (path) => (path === "none" ? null : path))),
        maxMissing: input.maxMissing,
        onProgress: (progress) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) =>
            line.set(progressText(progress, (now - started) / 1_000, unicode))
          )
      })
    })
  )
  if (input.json) yield* printJson(report)
  else yield* print(TextReport.render(report, { width: out.width(), color: out.colour, unicode }).trimEnd())
  for (const error of unreadable) yield* say(ErrorBlock.render(ErrorBlock.explain(error), Style.of(err)))
  const complete = report.isContiguous ? ExitCode.done : ExitCode.incomplete
  yield* Failure.finish(unreadable.length > 0 ? ExitCode.badInput : complete)
})
