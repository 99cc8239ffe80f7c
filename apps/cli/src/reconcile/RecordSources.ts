/** Where the records come from: files, or the platform, whose records may be kept. */
import { Instant } from "@genesys-replay/domain"
import type { Reconciliation } from "@genesys-replay/eventlog"
import { AuditRecords } from "@genesys-replay/genesys/AuditRecords"
import { ConversationRecords, type Progress } from "@genesys-replay/genesys/ConversationRecords"
import { Chunk, DateTime, Effect, Stream } from "effect"
import type * as OutputFile from "../terminal/OutputFile.js"
import type * as ProgressLine from "../terminal/ProgressLine.js"
import { say } from "../terminal/Screen.js"
import * as Reading from "../verify/Reading.js"
import type { Meaning } from "./ReconcileArguments.js"

/** Records in files. */
export const ofFiles = (files: ReadonlyArray<string>): Reconciliation.RecordFiles => ({
  _tag: "RecordFiles",
  sources: Reading.sourcesOf(files)
})

const progressText = (progress: Progress): string =>
  progress._tag === "JobWaited"
    ? `the platform prepares its records: ${progress.state.toLowerCase()}`
    : `${progress.conversations} conversations${progress.day === null ? "" : `, ${progress.day}`}`

/** A page without conversations that says of the lines behind it what pages say: they are read again as pages are. */
const heading = (retrievedAt: DateTime.Utc, dataAvailableUntil: DateTime.Utc | null): string =>
  JSON.stringify({
    conversations: [],
    ...(dataAvailableUntil === null ? {} : { dataAvailabilityDate: Instant.format(dataAvailableUntil) }),
    retrievedAt: Instant.format(retrievedAt)
  })

/** Conversation records of the platform; `save` is handed each as a line. */
export const ofPlatform = Effect.fn("RecordSources.ofPlatform")(function* (
  { longestConversation, window }: Meaning,
  line: ProgressLine.ProgressLine,
  save: OutputFile.Write | undefined
) {
  const { retrieve } = yield* ConversationRecords
  const { dataAvailableUntil, records, retrievedAt } = yield* retrieve({
    ...window,
    longestConversation,
    onProgress: (progress) => line.set(progressText(progress))
  })
  if (save !== undefined) yield* save(`${heading(retrievedAt, dataAvailableUntil)}\n`)
  const kept =
    save === undefined
      ? records
      : Stream.tap(Stream.chunks(records), (chunk) =>
          save(
            Chunk.toReadonlyArray(chunk)
              .map((record) => `${JSON.stringify(record)}\n`)
              .join("")
          )
        ).pipe(Stream.flattenChunks)
  return { _tag: "RecordStream", records: kept, dataAvailableUntil, retrievedAt } as const
})

/** Audit records of the platform. */
export const audits = Effect.fn("RecordSources.audits")(function* (
  { window }: Meaning,
  line: ProgressLine.ProgressLine
) {
  const { stream } = yield* AuditRecords
  const records = stream({
    ...window,
    onProgress: (progress) =>
      line.set(progress._tag === "RecordsRead" ? `${progress.audits} audits` : "the platform prepares its audits")
  })
  return { _tag: "RecordStream", records, dataAvailableUntil: null, retrievedAt: yield* DateTime.now } as const
})

/** Says that records were kept. */
export const tellSaved = (path: string) => say(`the platform's records are kept in ${path}`)
