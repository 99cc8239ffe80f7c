/** `verify --against`: by the events that a baseline has. */
import { BaselineReport } from "@genesys-replay/domain"
import { Comparison, TopicReport } from "@genesys-replay/eventlog"
import { DateTime, Effect, Option, Scope, Stream } from "effect"
import * as ExitCode from "../terminal/ExitCode.js"
import * as InstantText from "../terminal/InstantText.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import * as OutputFile from "../terminal/OutputFile.js"
import { print, Screen, say } from "../terminal/Screen.js"
import * as TopicOption from "../terminal/TopicOption.js"
import { UsageError } from "../terminal/UsageError.js"
import * as MemorySize from "./MemorySize.js"
import * as Reading from "./Reading.js"
import { standardInput } from "./Source.js"
import type { VerifyArguments } from "./VerifyArguments.js"

const instant = (option: string, text: Option.Option<string>) =>
  Option.match(text, {
    onNone: () => Effect.succeed(undefined),
    onSome: (given) => InstantText.read(option, given)
  })

const memory = (text: Option.Option<string>): Effect.Effect<number | undefined, UsageError> =>
  Option.match(text, {
    onNone: () => Effect.succeed(undefined),
    onSome: (given) =>
      Option.match(MemorySize.parse(given), {
        onNone: () =>
          Effect.fail(
            new UsageError({ problem: `--memory ${JSON.stringify(given)} is no size`, remedy: "--memory 512M" })
          ),
        onSome: Effect.succeed
      })
  })

// What the library is told, as it is typed.
const optionsOf = Effect.fn("verify.baselineOptions")(function* (input: VerifyArguments) {
  const start = yield* instant("--start", input.start)
  const end = yield* instant("--end", input.end)
  return {
    window: start === undefined && end === undefined ? undefined : { start, end },
    topics: yield* Effect.forEach(input.topic, TopicOption.read),
    conversations: input.conversation,
    key: Option.getOrUndefined(Option.map(input.key, (paths) => paths.split(",").map((path) => path.trim()))),
    memory: yield* memory(input.memory),
    maxMissing: input.maxMissing,
    maxRanges: input.maxMissing,
    allowRejected: input.allowRejected,
    all: input.all
  }
})

/** Where the outputs go, made ready before the work begins. What is read is never written over, and no two are one. */
const prepare = Effect.fn("verify.prepareOutputs")(function* (input: VerifyArguments) {
  const capture = yield* Reading.filesRead(input.files, input.all)
  const baseline = yield* Reading.filesRead(input.against, input.all)
  const isCapture = new Set(capture.map(({ identity }) => identity))
  if (
    baseline.length > 0 &&
    !input.against.includes(standardInput) &&
    baseline.every(({ identity }) => isCapture.has(identity))
  ) {
    return yield* new UsageError({
      problem: "every file of the baseline is one of the capture too: it lacks nothing of itself, whatever was lost",
      remedy: "name as baseline what came another way: another capture of the same time"
    })
  }
  const inputs = [...input.files, ...input.against, ...[...capture, ...baseline].map(({ path }) => path)]
  if (Option.isSome(input.missing)) yield* OutputFile.prepare(input.missing.value, { inputs, isLines: true })
  if (Option.isSome(input.html)) {
    yield* OutputFile.prepare(input.html.value, { inputs: [...inputs, ...Option.toArray(input.missing)] })
  }
})

const writeMissing = Effect.fn("verify.writeMissing")(function* (
  path: string,
  { missingEvents, report }: Comparison.Result
) {
  yield* OutputFile.replace(path, { isLines: true }, (write) =>
    Stream.runForEachChunk(missingEvents, (events) => {
      const lines = Array.from(events, ({ line }) => line)
      const bytes = new Uint8Array(lines.reduce((size, { length }) => size + length + 1, 0)).fill(0x0a)
      let at = 0
      for (const line of lines) {
        bytes.set(line, at)
        at += line.length + 1
      }
      return write(bytes)
    })
  )
  const { count } = report.missing
  yield* say(`${count} missing ${count === 1 ? "event" : "events"} written to ${path}`)
})

const rules = (input: VerifyArguments): ReadonlyArray<string> => [
  `Every event of the baseline was looked for in the capture. Two records are one event where ${
    Option.isSome(input.key) ? `the values at ${input.key.value} are equal` : "their topic and their body are equal"
  } as JSON values; what the delivery adds around them (ids, times of delivery, the name of a replay) does not count.`,
  "An event counts once, however often it came. What came and is not in the baseline is told as unexpected, and speaks neither for nor against the capture."
]

const writeHtml = Effect.fn("verify.writeBaselineHtml")(function* (
  path: string,
  input: VerifyArguments,
  { sources }: Comparison.Result,
  topics: TopicReport.TopicReport
) {
  const TopicPage = yield* Effect.promise(() => import("@genesys-replay/eventlog/TopicPage"))
  const page = TopicPage.render(topics, {
    generatedAt: yield* DateTime.now,
    sources: [
      { heading: "Capture", sources: sources.filter(({ side }) => side === "capture") },
      { heading: "Baseline", sources: sources.filter(({ side }) => side === "baseline") }
    ],
    rules: rules(input)
  })
  yield* OutputFile.replace(path, {}, (write) => write(page))
  yield* say(`report written to ${path}`)
})

/**
 * 2 where a source cannot be read. Else 0 where the report says complete, or where no more is missing than is put up with; 3 where it says
 * anything else.
 */
const exitCode = ({ report, unreadable }: Comparison.Result, failUnder: Option.Option<number>): number => {
  if (Reading.isUnreadable(unreadable)) return ExitCode.badInput
  const isEnough = Option.exists(failUnder, (percent) => BaselineReport.covers(report, percent))
  return report.verdict === "complete" || isEnough ? ExitCode.done : ExitCode.incomplete
}

/** Compares the capture with the baseline and prints the report. Answers the {@link exitCode}. */
export const run = Effect.fn("verify.byBaseline")(function* (input: VerifyArguments) {
  const { out, unicode } = yield* Screen
  const options = yield* optionsOf(input)
  yield* prepare(input)
  yield* Reading.invite([...input.files, ...input.against])
  const scope = yield* Effect.scope
  const result = yield* Effect.scoped(
    Effect.gen(function* () {
      const onProgress = yield* Reading.progress
      // What is missing is read again after the progress is shown no more.
      return yield* Scope.extend(
        Comparison.compare({
          capture: Reading.sourcesOf(input.files),
          baseline: Reading.sourcesOf(input.against),
          options: { ...options, onProgress }
        }),
        scope
      ).pipe(
        Effect.catchTag("InvalidFieldPath", ({ message }) =>
          Effect.fail(new UsageError({ problem: `--key: ${message}`, remedy: "--key detail.eventBody.id" }))
        )
      )
    })
  )
  const { report, unreadable } = result
  if (Option.isSome(input.missing)) yield* writeMissing(input.missing.value, result)
  const topics = TopicReport.ofBaseline(report, result)
  if (Option.isSome(input.html)) yield* writeHtml(input.html.value, input, result, topics)
  if (input.json) yield* JsonDocument.print(BaselineReport.BaselineReport, report)
  else {
    const TopicText = yield* Effect.promise(() => import("@genesys-replay/eventlog/TopicText"))
    yield* print(TopicText.render(topics, { width: out.width(), color: out.colour, unicode }).trimEnd())
  }
  yield* Reading.tellNotRead(unreadable, report.leftOut)
  return exitCode(result, input.failUnder)
}, Effect.scoped)
