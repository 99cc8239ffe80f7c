/** What `verify` does. */
import { isatty } from "node:tty"
import { SequenceReport } from "@genesys-replay/domain"
import { EventLog, LogSource, SourcePaths } from "@genesys-replay/eventlog"
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
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
  const name = DisplayText.safe(source, unicode)
  if (bytesTotal === null || bytesTotal === 0) return `${mebibytes(bytesRead)} MiB  ${speed}  ${name}`
  const left = rate > 0 ? `, ${clock(Math.max(0, bytesTotal - bytesRead) / rate)} left` : ""
  return `${ProgressLine.bar(Math.min(1, bytesRead / bytesTotal), 24, unicode)}  ${speed}${left}  ${name}`
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

/** At most so many are named. */
const fewNames = 3

const leftOutNote = ({ count, first }: SequenceReport.CompletenessReport["leftOut"]): string => {
  const names = first.slice(0, fewNames).map(({ source }) => DisplayText.safe(source, true))
  const more = count > names.length ? `, and ${count - names.length} more` : ""
  return `left out: ${names.join(", ")}${more}; --all reads every file of a directory or an archive`
}

/** What was not read, a block for each kind. */
const explain = (unreadable: ReadonlyArray<LogSource.Unread>): ReadonlyArray<ErrorBlock.Explanation> => {
  const ofTag = (tag: LogSource.Unread["_tag"]) => unreadable.filter(({ _tag }) => _tag === tag)
  const command = unreadable
    .map((error) => (error._tag === "UnsupportedFormat" ? error.command : null))
    .find((one) => one !== null)
  return [ofTag("UnreadableSource"), ofTag("UnsupportedFormat")].flatMap((errors) => {
    const [first] = errors
    if (first === undefined) return []
    const explanation = ErrorBlock.explain(first)
    const lines = errors.flatMap(({ message }) => message.split("\n"))
    const isConvertible = first._tag === "UnsupportedFormat" && command !== undefined
    return [{ ...explanation, lines, ...(isConvertible ? { next: `${command} | genesys-replay verify -` } : {}) }]
  })
}

/**
 * 2 where a source cannot be read. Else 0 where the report says complete, or where no more is missing than is put up with; 3 where it says
 * anything else.
 */
const exitCode = ({ report, unreadable }: EventLog.Observation, failUnder: Option.Option<number>): number => {
  if (unreadable.some(({ _tag }) => _tag === "UnreadableSource")) return ExitCode.badInput
  const isEnough = Option.exists(failUnder, (percent) => SequenceReport.covers(report, percent))
  return report.verdict === "complete" || isEnough ? ExitCode.done : ExitCode.incomplete
}

/** Reads the captured events, prints the report, and ends with its {@link exitCode}. */
export const run = Effect.fn("verify.run")(function* (input: {
  readonly files: ReadonlyArray<string>
  readonly from: Option.Option<number>
  readonly to: Option.Option<number>
  readonly indexPath: Option.Option<string>
  readonly groupBy: Option.Option<string>
  readonly maxMissing: number
  readonly expect: ReadonlyArray<string>
  readonly all: boolean
  readonly allowRejected: number
  readonly failUnder: Option.Option<number>
  readonly html: Option.Option<string>
  readonly json: boolean
}) {
  if (input.maxMissing < 0) {
    return yield* new UsageError({ problem: "--max-missing is less than 0", remedy: "--max-missing 20" })
  }
  if (input.allowRejected < 0) {
    return yield* new UsageError({ problem: "--allow-rejected is less than 0", remedy: "--allow-rejected 1" })
  }
  if (Option.exists(input.failUnder, (percent) => !(percent >= 0 && percent <= 100))) {
    return yield* new UsageError({
      problem: "--fail-under is no percentage from 0 to 100",
      remedy: "--fail-under 99.5"
    })
  }
  const { err, out, unicode } = yield* Screen
  const files = input.files.length === 0 ? [standardInput] : input.files
  if (Option.isSome(input.html)) {
    const found = yield* Effect.forEach(files, (file) => SourcePaths.expand(file, { all: input.all }))
    // A pipe that is read has the name of whatever it leads to.
    const read = found.flatMap((one) => one.files.flatMap(({ path, size }) => (size === null ? [] : [path])))
    yield* OutputFile.prepare(input.html.value, { inputs: [...files, ...input.expect, ...read] })
  }
  if (files.includes(standardInput) && isatty(0)) yield* say("reading events from standard input; end with Ctrl-D")
  const sources = files.map((file) => (file === standardInput ? LogSource.standardInput : LogSource.file(file)))
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
        allowRejected: input.allowRejected,
        all: input.all,
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
  for (const explanation of explain(unreadable)) yield* say(ErrorBlock.render(explanation, Style.of(err)))
  if (report.leftOut.count > 0) yield* say(leftOutNote(report.leftOut))
  yield* Failure.finish(exitCode(observation, input.failUnder))
})
