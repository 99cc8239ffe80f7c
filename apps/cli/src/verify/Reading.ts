/** How captured events are read for a person who waits, and what is said of what was not read. */
import { isatty } from "node:tty"
import type { SequenceReport } from "@genesys-replay/domain"
import { type EventLog, LogSource, SourcePaths } from "@genesys-replay/eventlog"
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
import { Clock, Effect } from "effect"
import * as ErrorBlock from "../terminal/ErrorBlock.js"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { Screen, say } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
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

/** Shows on `line` how far the reading is. Answers what is to be told of it. */
export const progressOn = Effect.fn("Reading.progressOn")(function* (line: ProgressLine.ProgressLine) {
  const { unicode } = yield* Screen
  const started = yield* Clock.currentTimeMillis
  return (progress: EventLog.Progress) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => line.set(progressText(progress, (now - started) / 1_000, unicode)))
})

/** Shows how far the reading is, for as long as the scope is open. Answers what is to be told of it. */
export const progress = Effect.flatMap(ProgressLine.make, progressOn)

/** The sources that are named: files, or standard input, which `input` stands for. */
export const sourcesOf = (
  files: ReadonlyArray<string>,
  input: LogSource.LogSource = LogSource.standardInput
): ReadonlyArray<LogSource.LogSource> => files.map((file) => (file === standardInput ? input : LogSource.file(file)))

/** Says what is waited for where a person has to type it. */
export const invite = Effect.fn("Reading.invite")(function* (files: ReadonlyArray<string>) {
  if (files.includes(standardInput) && isatty(0)) yield* say("reading events from standard input; end with Ctrl-D")
})

/** The files that are read where these are named: none of them may be written over. A pipe has the name of whatever it leads to. */
export const filesRead = Effect.fn("Reading.filesRead")(function* (files: ReadonlyArray<string>, all: boolean) {
  const found = yield* Effect.forEach(files, (file) => SourcePaths.expand(file, { all }))
  return found.flatMap((one) => one.files.filter(({ size }) => size !== null))
})

/** Whether one of them cannot be read at all: bad input. What is of another form is told, and no more. */
export const isUnreadable = (unreadable: ReadonlyArray<LogSource.Unread>): boolean =>
  unreadable.some(({ _tag }) => _tag === "UnreadableSource")

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

/** Says on standard error what was not read, or left out. */
export const tellNotRead = Effect.fn("Reading.tellNotRead")(function* (
  unreadable: ReadonlyArray<LogSource.Unread>,
  leftOut: SequenceReport.CompletenessReport["leftOut"]
) {
  const { err } = yield* Screen
  for (const explanation of explain(unreadable)) yield* say(ErrorBlock.render(explanation, Style.of(err)))
  if (leftOut.count > 0) yield* say(leftOutNote(leftOut))
})
