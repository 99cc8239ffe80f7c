/** What `reconcile` does. */
import { RecordsReport } from "@genesys-replay/domain"
import { ConversationStories, Reconciliation, RecordsTopics, TopicText } from "@genesys-replay/eventlog"
import { DateTime, Effect, Option, Schema } from "effect"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import * as OutputFile from "../terminal/OutputFile.js"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { print, Screen, say } from "../terminal/Screen.js"
import * as Reading from "../verify/Reading.js"
import { standardInput } from "../verify/Source.js"
import * as CalibrationFile from "./CalibrationFile.js"
import * as Arguments from "./ReconcileArguments.js"

/** What `--json` prints. */
export const document = RecordsReport.RecordsReport

/** Where the outputs go, made ready before the work begins: what is read is never written over, and no two are one. */
const prepare = Effect.fn("reconcile.prepareOutputs")(function* (input: Arguments.ReconcileArguments) {
  const read = yield* Reading.filesRead([...input.files, ...input.records], input.all)
  const inputs = [
    ...input.files,
    ...input.records,
    ...Option.toArray(input.calibration),
    ...read.map(({ path }) => path)
  ]
  const outputs = [
    { path: input.saveRecords, isLines: true },
    { path: input.missing, isLines: true },
    { path: input.calibrate, isLines: false },
    { path: input.html, isLines: false }
  ]
  for (const { isLines, path } of outputs) {
    if (Option.isNone(path)) continue
    yield* OutputFile.prepare(path.value, { inputs, isLines })
    inputs.push(path.value)
  }
})

const encodeMissing = Schema.encodeSync(RecordsReport.MissingEvent)

/** So many lines are written at once. */
const batch = 1_000

const writeMissing = Effect.fn("reconcile.writeMissing")(function* (path: string, result: Reconciliation.Result) {
  yield* OutputFile.replace(path, { isLines: true }, (write) =>
    Effect.gen(function* () {
      let lines: Array<string> = []
      for (const event of result.missingEvents) {
        lines.push(`${JSON.stringify(encodeMissing(event))}\n`)
        if (lines.length < batch) continue
        yield* write(lines.join(""))
        lines = []
      }
      yield* write(lines.join(""))
    })
  )
  const { count } = result.report.missing
  yield* say(`${count} missing ${count === 1 ? "event" : "events"} written to ${path}`)
})

const rules = [
  "Expected is every event that Genesys Cloud's own conversation records make one expect inside the window. It came where the capture has an event of the same topic, conversation, participant, session and flow outcome, whatever its time.",
  "What the records do not tell for certain is not judged: it is counted by its reason, and never called missing."
]

const writeHtml = Effect.fn("reconcile.writeHtml")(function* (path: string, result: Reconciliation.Result) {
  const TopicPage = yield* Effect.promise(() => import("@genesys-replay/eventlog/TopicPage"))
  const page = TopicPage.render(RecordsTopics.ofRecords(result.report, result), {
    generatedAt: yield* DateTime.now,
    sources: [{ heading: "Read", sources: result.sources }],
    rules
  })
  yield* OutputFile.replace(path, {}, (write) => write(page))
  yield* say(`report written to ${path}`)
})

/** The records that are named, and what comes of measuring by them. */
const measure = Effect.fn("reconcile.measure")(function* (
  input: Arguments.ReconcileArguments,
  meaning: Arguments.Meaning,
  files: ReadonlyArray<string>,
  line: ProgressLine.ProgressLine
) {
  const calibration = Option.isSome(input.calibration)
    ? yield* CalibrationFile.read(input.calibration.value)
    : undefined
  const onProgress = yield* Reading.progressOn(line)
  const options = {
    ...meaning,
    calibration,
    maxMissing: input.maxMissing,
    maxConversations: input.maxMissing,
    all: input.all,
    onProgress
  }
  const capture = Reading.sourcesOf(files)
  const RecordSources = yield* Effect.promise(() => import("./RecordSources.js"))
  const fromFiles = RecordSources.ofFiles(input.records)
  if (input.records.length > 0 && !input.audits) {
    return yield* Reconciliation.reconcile({ capture, records: fromFiles, options })
  }
  const { layer } = yield* Effect.promise(() => import("../wiring/PlatformRecords.js"))
  const fromPlatform = (save: OutputFile.Write | undefined) =>
    Effect.gen(function* () {
      const audits = input.audits ? yield* RecordSources.audits(meaning, line) : undefined
      const records = input.records.length > 0 ? fromFiles : yield* RecordSources.ofPlatform(meaning, line, save)
      return yield* Reconciliation.reconcile({ capture, records, audits, options })
    }).pipe(Effect.provide(layer))
  if (Option.isNone(input.saveRecords)) return yield* fromPlatform(undefined)
  const path = input.saveRecords.value
  let result: Option.Option<Reconciliation.Result> = Option.none()
  yield* OutputFile.replace(path, { isLines: true }, (write) =>
    Effect.tap(fromPlatform(write), (found) =>
      Effect.sync(() => {
        result = Option.some(found)
      })
    )
  )
  yield* RecordSources.tellSaved(path)
  return yield* Effect.orDie(result)
})

/** 2 where a source cannot be read, 0 where all that was expected came, else 3. */
const exitCode = ({ report, unreadable }: Reconciliation.Result): number => {
  if (unreadable.some(({ _tag }) => _tag === "UnreadableSource")) return ExitCode.badInput
  return report.completeness === "complete" ? ExitCode.done : ExitCode.incomplete
}

const answer = Effect.fn("reconcile.answer")(function* (
  { json }: Arguments.ReconcileArguments,
  result: Reconciliation.Result
) {
  const { report } = result
  if (json) return yield* JsonDocument.print(document, report)
  const { out, unicode } = yield* Screen
  const style = { width: out.width(), color: out.colour, unicode }
  yield* print(TopicText.render(RecordsTopics.ofRecords(report, result), style).trimEnd())
  const stories = ConversationStories.render(report, style).trimEnd()
  if (stories !== "") yield* print(`\n${stories}`)
})

/** Measures the capture against the records, and prints the report; or learns from it. */
export const run = Effect.fn("reconcile.run")(function* (input: Arguments.ReconcileArguments) {
  const meaning = yield* Arguments.read(input)
  const files = input.files.length === 0 ? [standardInput] : input.files
  yield* prepare({ ...input, files })
  yield* Reading.invite(files)
  const result = yield* Effect.scoped(Effect.flatMap(ProgressLine.make, (line) => measure(input, meaning, files, line)))
  if (Option.isSome(input.missing)) yield* writeMissing(input.missing.value, result)
  if (Option.isSome(input.html)) yield* writeHtml(input.html.value, result)
  yield* answer(input, result)
  yield* Reading.tellNotRead(result.unreadable, result.report.leftOut)
  if (Option.isSome(input.calibrate)) {
    yield* CalibrationFile.write(input.calibrate.value, result.calibration())
    // A good day is one on which not everything has to have come: it says which events always do.
    return
  }
  yield* Failure.finish(exitCode(result))
})
