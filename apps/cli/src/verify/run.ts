/** What `verify` does. */
import { NodeStream } from "@effect/platform-node"
import { EventLog, LogSource } from "@genesys-replay/eventlog"
import { Clock, DateTime, Effect, Option } from "effect"
import * as ErrorBlock from "../terminal/ErrorBlock.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as OutputFile from "../terminal/OutputFile.js"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { print, printJson, Screen, say } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import { UsageError } from "../terminal/UsageError.js"
import { standardInput } from "./Source.js"

const mebibytes = (bytes: number): string => (bytes / 1_048_576).toFixed(0)

const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`

const progressText = (
  { bytesRead, bytesTotal, source }: EventLog.Progress,
  seconds: number,
  unicode: boolean
): string => {
  const rate = seconds > 0 ? bytesRead / seconds : 0
  const speed = `${mebibytes(rate)} MiB/s`
  if (bytesTotal === null || bytesTotal === 0) return `${mebibytes(bytesRead)} MiB  ${speed}  ${source}`
  const left = rate > 0 ? `, ${clock(Math.max(0, bytesTotal - bytesRead) / rate)} left` : ""
  return `${ProgressLine.bar(Math.min(1, bytesRead / bytesTotal), 24, unicode)}  ${speed}${left}  ${source}`
}

const writeHtml = Effect.fn("verify.writeHtml")(function* (
  path: string,
  { report, ...measured }: EventLog.Observation,
  layout: EventLog.LayoutOptions
) {
  const HtmlReport = yield* Effect.promise(() => import("@genesys-replay/eventlog/HtmlReport"))
  const page = HtmlReport.render(report, { ...measured, ...layout, generatedAt: yield* DateTime.now })
  yield* OutputFile.replace(path, {}, (write) => write(page))
  yield* say(`report written to ${path}`)
})

// Loaded only where it is asked for, as are the reports: a log may be read sooner than they are.
const expected = (named: ReadonlyArray<string>) =>
  named.length === 0
    ? Effect.succeed(new Map<string, never>())
    : Effect.flatMap(
        Effect.promise(() => import("./Expectation.js")),
        ({ read }) => read(named)
      )

/** Reads the captured events and prints the report; exit code 3 where something is missing, 2 where a file could not be read. */
export const run = Effect.fn("verify.run")(function* (input: {
  readonly files: ReadonlyArray<string>
  readonly from: Option.Option<number>
  readonly to: Option.Option<number>
  readonly indexPath: Option.Option<string>
  readonly groupBy: Option.Option<string>
  readonly maxMissing: number
  readonly expect: ReadonlyArray<string>
  readonly html: Option.Option<string>
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
          NodeStream.fromReadable<{ readonly message: string }, Uint8Array>(
            () => process.stdin,
            (cause) => ({ message: String(cause) })
          )
        )
      : LogSource.file(file)
  )
  const layout = {
    indexPath: Option.getOrUndefined(input.indexPath),
    groupBy: Option.getOrUndefined(Option.map(input.groupBy, (path) => (path === "none" ? null : path)))
  }
  const sequences = yield* expected(input.expect)
  const started = yield* Clock.currentTimeMillis
  const observation = yield* Effect.scoped(
    Effect.gen(function* () {
      const line = yield* ProgressLine.make
      return yield* EventLog.observe(sources, {
        expected: { start: Option.getOrUndefined(input.from), end: Option.getOrUndefined(input.to) },
        ...layout,
        sequences,
        maxMissing: input.maxMissing,
        times: Option.isSome(input.html) ? "all" : "listed",
        onProgress: (progress) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) =>
            line.set(progressText(progress, (now - started) / 1_000, unicode))
          )
      })
    })
  )
  const { report, trackers, unreadable } = observation
  if (Option.isSome(input.html)) yield* writeHtml(input.html.value, observation, layout)
  if (input.json) yield* printJson(report)
  else {
    const TextReport = yield* Effect.promise(() => import("@genesys-replay/eventlog/TextReport"))
    yield* print(TextReport.render(report, { width: out.width(), color: out.colour, unicode, trackers }).trimEnd())
  }
  for (const error of unreadable) yield* say(ErrorBlock.render(ErrorBlock.explain(error), Style.of(err)))
  const complete = report.isContiguous ? ExitCode.done : ExitCode.incomplete
  yield* Failure.finish(unreadable.length > 0 ? ExitCode.badInput : complete)
})
