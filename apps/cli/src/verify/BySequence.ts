/** `verify` by the indices that events carry. */
import { SequenceReport } from "@genesys-replay/domain"
import { EventLog, LogSource } from "@genesys-replay/eventlog"
import { DateTime, Effect, Option } from "effect"
import * as ExitCode from "../terminal/ExitCode.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import * as OutputFile from "../terminal/OutputFile.js"
import { print, Screen, say } from "../terminal/Screen.js"
import * as Reading from "./Reading.js"
import { standardInput } from "./Source.js"
import type { VerifyArguments } from "./VerifyArguments.js"

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

const recorded = (indexPath: string | undefined) =>
  Effect.flatMap(
    Effect.promise(() => import("@genesys-replay/eventlog/Recording")),
    ({ make }) => make(LogSource.standardInput, indexPath)
  )

/**
 * 2 where a source cannot be read. Else 0 where the report says complete, or where no more is missing than is put up with; 3 where it says
 * anything else.
 */
const exitCode = ({ report, unreadable }: EventLog.Observation, failUnder: Option.Option<number>): number => {
  if (Reading.isUnreadable(unreadable)) return ExitCode.badInput
  const isEnough = Option.exists(failUnder, (percent) => SequenceReport.covers(report, percent))
  return report.verdict === "complete" || isEnough ? ExitCode.done : ExitCode.incomplete
}

/** Reads the captured events and prints the report. Answers the {@link exitCode}. */
export const run = Effect.fn("verify.bySequence")(function* (input: VerifyArguments) {
  const { out, unicode } = yield* Screen
  const files = input.files.length === 0 ? [standardInput] : input.files
  if (Option.isSome(input.html)) {
    const read = yield* Reading.filesRead(files, input.all)
    yield* OutputFile.prepare(input.html.value, {
      inputs: [...files, ...input.expect, ...read.map(({ path }) => path)]
    })
  }
  yield* Reading.invite(files)
  const layout = {
    indexPath: Option.getOrUndefined(input.indexPath),
    groupBy: Option.getOrUndefined(Option.map(input.groupBy, (path) => (path === "none" ? null : path)))
  }
  const sequences = yield* expected(input.expect)
  // What can be read only once is kept until an index was seen in it: without one it is read again.
  const recording = files.includes(standardInput) ? Option.some(yield* recorded(layout.indexPath)) : Option.none()
  const sources = Reading.sourcesOf(files, Option.getOrUndefined(Option.map(recording, ({ source }) => source)))
  const observation = yield* Effect.scoped(
    Effect.gen(function* () {
      return yield* EventLog.observe(sources, {
        expected: { start: Option.getOrUndefined(input.from), end: Option.getOrUndefined(input.to) },
        ...layout,
        sequences,
        maxMissing: input.maxMissing,
        allowRejected: input.allowRejected,
        all: input.all,
        times: Option.isSome(input.html) ? "all" : "listed",
        onProgress: yield* Reading.progress
      })
    })
  )
  const { report, trackers, unreadable } = observation
  const hasNoIndex = report.groups.length === 0 && report.rejected.count > 0
  const copy = Option.isSome(recording) ? yield* recording.value.copy : Option.none()
  if (hasNoIndex && Option.isSome(copy) === Option.isSome(recording)) {
    const WithoutIndex = yield* Effect.promise(() => import("./WithoutIndex.js"))
    const told = yield* WithoutIndex.run(input, Reading.sourcesOf(files, Option.getOrUndefined(copy)))
    if (Option.isSome(told)) return told.value
  }
  if (Option.isSome(input.html)) yield* writeHtml(input.html.value, observation, layout)
  if (input.json) yield* JsonDocument.print(SequenceReport.CompletenessReport, report)
  else {
    const TextReport = yield* Effect.promise(() => import("@genesys-replay/eventlog/TextReport"))
    yield* print(TextReport.render(report, { width: out.width(), color: out.colour, unicode, trackers }).trimEnd())
  }
  yield* Reading.tellNotRead(unreadable, report.leftOut)
  return exitCode(observation, input.failUnder)
}, Effect.scoped)
