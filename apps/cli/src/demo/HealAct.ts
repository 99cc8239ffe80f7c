/** What was lost on the way to a consumer: proven missing by the platform's own records, brought back, proven complete. */
import { FileSystem } from "@effect/platform"
import { HealReport, type RecordsReport, type ReplaySpec } from "@genesys-replay/domain"
import { ArchiveSource, Capture } from "@genesys-replay/eventbridge"
import { LogSource, Reconciliation, RecordsTopics, TopicText } from "@genesys-replay/eventlog"
import { ConversationRecords } from "@genesys-replay/genesys/ConversationRecords"
import { Heal } from "@genesys-replay/pipeline"
import { type DateTime, Duration, Effect, Schema, Stream } from "effect"
import * as HealConsumer from "../heal/HealConsumer.js"
import * as HealScreen from "../heal/HealScreen.js"
import * as HealText from "../heal/HealText.js"
import * as Measures from "../heal/Measures.js"
import { print, Screen } from "../terminal/Screen.js"
import * as TopicOption from "../terminal/TopicOption.js"
import type { Chapter } from "./Chapter.js"

/** What the act plays on. */
export interface Stage {
  readonly chapter: Chapter
  readonly directory: string
  /** The file of captured events. */
  readonly captured: string
  readonly queue: string
  /** The window that was replayed. */
  readonly spec: ReplaySpec.ReplaySpec
  readonly from: DateTime.Utc
  readonly until: DateTime.Utc
}

/** Three days, the usual allowance, take longer to ask for. Events of conversations that are longer are told as unexpected. */
const longestConversation = Duration.hours(12)

// Asked of the platform once: every measure reads the same records.
const recordsIn = Effect.fn("HealAct.records")(function* ({ directory, from, until }: Stage) {
  const files = yield* FileSystem.FileSystem
  const { retrieve } = yield* ConversationRecords
  const { records } = yield* retrieve({ start: from, end: until, longestConversation })
  const lines = yield* Stream.runFold(records, "", (text, record) => `${text}${JSON.stringify(record)}\n`)
  const file = `${directory}/records.ndjson`
  yield* files.writeFileString(file, lines)
  return file
})

/** So many of each kind are told one by one. */
const few = 3

const prove = Effect.fn("HealAct.prove")(function* (records: string, { captured, from, spec, until }: Stage) {
  const { out, unicode } = yield* Screen
  const result = yield* Reconciliation.reconcile({
    capture: [LogSource.file(captured)],
    records: { _tag: "RecordFiles", sources: [LogSource.file(records)] },
    options: {
      maxMissing: few,
      maxRanges: few,
      maxConversations: few,
      window: { start: from, end: until },
      topics: yield* Effect.forEach(spec.windows[0].topics, TopicOption.read)
    }
  })
  const style = { width: out.width(), color: out.colour, unicode }
  yield* print(TopicText.render(RecordsTopics.ofRecords(result.report, result), style).trimEnd())
  return result.report
}, Effect.scoped)

const missing = ({ missing }: RecordsReport.RecordsReport): string =>
  missing.count === 0 ? "nothing is missing" : `${missing.count} events are missing`

/** How many were missing before, how many after, and what the heal came to. */
export const Healed = Schema.Struct({
  missingBefore: Schema.NonNegativeInt,
  missingAfter: Schema.NonNegativeInt,
  report: HealReport.HealReport
})

/** Plays the act. Answers how many were missing, and what the heal came to. */
export const play = Effect.fn("HealAct.play")(function* (stage: Stage) {
  const { captured, chapter, directory, queue, spec } = stage
  yield* chapter(
    "8  What the platform's own conversation records say of it",
    "genesys-replay reconcile captured.ndjson --start -90m --end -15m --topic …"
  )
  const records = yield* recordsIn(stage)
  const before = yield* prove(records, stage)

  yield* chapter(
    `9  Healed: ${missing(before)}, and only the minutes that they lie in are replayed`,
    "genesys-replay heal archive.yaml --queue URL --captured captured.ndjson --reconcile --to consumer.ndjson"
  )
  const asked = {
    queue,
    captured,
    against: [],
    reconcile: false,
    records: [records],
    to: null,
    speed: null,
    rounds: 3,
    maxEvents: null,
    idle: "1s"
  }
  const report = yield* Effect.scoped(
    Effect.gen(function* () {
      const { onCapture, onProgress } = yield* HealScreen.make
      const options = Heal.options({
        key: "demo",
        spec,
        source: ({ window }) => ArchiveSource.ofWindow(window),
        measure: Measures.measure(asked, directory),
        capture: (replaying) =>
          Capture.run({ queue, out: captured, idle: Duration.seconds(1), until: replaying, onProgress: onCapture }),
        resend: HealConsumer.resend(asked, `${directory}/consumer.ndjson`, directory),
        onProgress
      })
      return yield* Heal.run(options)
    })
  )
  yield* print(HealText.report(report))

  yield* chapter("10  Measured again", "genesys-replay reconcile captured.ndjson --start -90m --end -15m --topic …")
  const after = yield* prove(records, stage)
  return { missingBefore: before.missing.count, missingAfter: after.missing.count, report }
})
