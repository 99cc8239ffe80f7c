/** Reads sources of captured events, or of records, into batches; by several threads where files are large. */
import type { SequenceReport } from "@genesys-replay/domain"
import { Effect } from "effect"
import type { Progress, SourceRead } from "../observe/LogReading.js"
import * as SourcePlan from "../observe/SourcePlan.js"
import type { Rejection } from "../scan/LogTally.js"
import type * as LogHead from "../source/LogHead.js"
import * as LogSource from "../source/LogSource.js"
import * as LogStream from "../source/LogStream.js"
import * as SourceNames from "../source/SourceNames.js"
import { type ConversationPartRead, type ConversationTask, type Tally, tallyOf } from "../threads/ConversationPart.js"
import * as PartPool from "../threads/PartPool.js"

/** A piece of what was found. */
export type Found =
  | Pick<Extract<ConversationPartRead, { readonly _tag: "Events" }>, "_tag" | "read">
  | Pick<Extract<ConversationPartRead, { readonly _tag: "Records" }>, "_tag" | "read">

/** What reading is told. */
export interface ReadingOptions {
  readonly all?: boolean | undefined
  readonly maxRejected: number
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** What is known of the sources beside what was found in them. */
export class SourceNotes {
  readonly unread: Array<LogSource.Unread> = []
  readonly leftOut: Array<SequenceReport.LeftOutSource> = []
  readonly reads: Array<SourceRead> = []
  readonly rejected: Array<SequenceReport.RejectedRecord> = []
  rejectedCount = 0

  constructor(private readonly maxRejected: number) {}

  /** Notes records that were rejected, as far as there is room; `linesBefore` stand in the source before. */
  reject(source: string, count: number, rejections: ReadonlyArray<Rejection>, linesBefore: number): void {
    this.rejectedCount += count
    for (const { byte, line, reason } of rejections) {
      if (this.rejected.length >= this.maxRejected) return
      this.rejected.push({ source, line: linesBefore + line, reason, ...(byte === undefined ? {} : { byte }) })
    }
  }
}

/** No part is larger: what is found in it has to fit into the memory of a thread. */
const largestPart = 64 * 1_048_576
/** So many rows wait before they are handed over. */
const batch = 65_536

const taken = (one: Tally): Found =>
  one._tag === "Events" ? { _tag: "Events", read: one.tally.take() } : { _tag: "Records", read: one.tally.take() }

/**
 * Reads all `sources`. `found` is told of each piece, in any order, with a number that is larger for what stands later in the sources.
 */
export const read = Effect.fnUntraced(function* (
  sources: ReadonlyArray<LogSource.LogSource>,
  task: ConversationTask,
  options: ReadingOptions,
  found: (piece: Found, order: number) => void
) {
  const notes = new SourceNotes(options.maxRejected)
  const { leftOut, planned, unreadable } = yield* SourcePlan.make(sources, options)
  notes.unread.push(...unreadable)
  notes.leftOut.push(...leftOut)
  const bytesTotal = planned.reduce<number | null>(
    (sum, { size }) => (sum === null || size === null ? null : sum + size),
    0
  )
  let bytesRead = 0
  let order = 0
  const tell = (source: string, bytes: number): Effect.Effect<void> =>
    options.onProgress?.({ source, bytesRead: bytes, bytesTotal }) ?? Effect.void

  const readParts = Effect.fnUntraced(function* (files: ReadonlyArray<LogHead.Planned>) {
    const threads = { ...(yield* PartPool.PartPool), largestPart }
    const partsOf = PartPool.split(
      files.map(({ isLines, size, source }) => ({ path: LogSource.nameOf(source), size: size ?? 0, isLines })),
      threads
    )
    const parts = partsOf.flat()
    const first = order
    const before = bytesRead
    const reads: Array<ConversationPartRead["extent"] & Pick<SourceRejections, "rejectedCount" | "rejections">> = []
    yield* PartPool.read(parts, task, {
      found: (one, part) => {
        if (one._tag !== "Events" && one._tag !== "Records") return
        const { rejectedCount, rejections } = one.read
        reads[part] = { ...one.extent, rejectedCount, rejections }
        found(one, first + part)
      },
      onBytes: (bytes, { path }) => tell(path, before + bytes)
    })
    order = first + parts.length
    let next = 0
    for (const [file, own] of partsOf.entries()) {
      const source = files[file] === undefined ? "" : LogSource.nameOf(files[file].source)
      let lines = 0
      let bytes = 0
      let failure: string | null = null
      for (const extent of reads.slice(next, next + own.length)) {
        notes.reject(source, extent.rejectedCount, extent.rejections, lines)
        lines += extent.lines
        bytes += extent.bytes
        failure ??= extent.failure
      }
      if (failure !== null) {
        notes.unread.push(new LogSource.UnreadableSource({ source, reason: failure, bytesRead: bytes }))
      }
      notes.reads.push({ source, bytes, lines })
      bytesRead += bytes
      next += own.length
    }
  }, Effect.scoped)

  const readStream = Effect.fnUntraced(function* ({ source }: LogHead.Planned) {
    const one = yield* Effect.acquireRelease(
      Effect.sync(() => tallyOf(task)),
      ({ tally }) => Effect.sync(() => tally.scanner.release())
    )
    const { scanner } = one.tally
    const name = LogSource.nameOf(source)
    let inner = name
    let bytesOfLog = 0
    const handOver = (): void => {
      const piece = taken(one)
      notes.reject(inner, piece.read.rejectedCount, piece.read.rejections, 0)
      found(piece, order++)
    }
    yield* LogStream.read(source, {
      all: options.all ?? false,
      listener: {
        begin: (log) =>
          Effect.sync(() => {
            inner = log
            bytesOfLog = 0
            scanner.begin({ from: 0, times: "always" })
          }),
        bytes: (bytes) =>
          Effect.sync(() => {
            bytesOfLog += bytes.length
            scanner.push(bytes)
            if (one.tally.held >= batch) handOver()
          }),
        end: Effect.sync(() => {
          scanner.end()
          handOver()
          notes.reads.push({ source: inner, bytes: bytesOfLog, lines: scanner.lines })
        }),
        unread: (error) => Effect.sync(() => notes.unread.push(error)),
        leftOut: (log) => Effect.sync(() => notes.leftOut.push({ source: log, reason: SourceNames.unlikely })),
        progress: (bytes) =>
          Effect.suspend(() => {
            bytesRead += bytes
            return tell(name, bytesRead)
          })
      }
    }).pipe(Effect.catchAll((error) => Effect.sync(() => notes.unread.push(error))))
  }, Effect.scoped)

  const inParts = planned.filter(({ access }) => access === "parts")
  if (inParts.length > 0) yield* readParts(inParts)
  for (const [number, one] of planned.filter(({ access }) => access !== "parts").entries()) {
    yield* readStream(one)
    if (number % 64 === 63) yield* PartPool.breathe
  }
  return notes
})

/** What of a source was rejected. */
interface SourceRejections {
  readonly rejectedCount: number
  readonly rejections: ReadonlyArray<Rejection>
}
