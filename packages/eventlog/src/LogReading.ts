/** Reading the sources of one log, whatever they are, and what is known of them. */
import type { SequenceReport } from "@genesys-replay/domain"
import { Effect, Stream } from "effect"
import * as EdgeTimes from "./EdgeTimes.js"
import type * as EventRecord from "./EventRecord.js"
import type * as LogHead from "./LogHead.js"
import type { LogPart, PartRead } from "./LogPart.js"
import * as LogSource from "./LogSource.js"
import * as LogStream from "./LogStream.js"
import { LogTally } from "./LogTally.js"
import * as PartPlan from "./PartPlan.js"
import * as PartPool from "./PartPool.js"

/** How far `EventLog.observe` is; told after every chunk of some hundred KiB. */
export interface Progress {
  /** The source that is being read. */
  readonly source: string
  /** Over all sources so far. */
  readonly bytesRead: number
  /** Over all sources; null where a stream is among them. A file that grows while it is read makes it too small. */
  readonly bytesTotal: number | null
}

/** A source and how much was read of it. */
export interface SourceRead {
  readonly source: string
  readonly bytes: number
  /** Lines, blank ones included. */
  readonly lines: number
}

/** What reading is told; see `EventLog.ObserveOptions`. */
export interface ReadingOptions {
  readonly maxMissing?: number | undefined
  readonly maxRejected?: number | undefined
  readonly times?: "listed" | "all" | undefined
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** What is known of the sources so far. */
export class LogReading {
  readonly tally = new LogTally(0)
  readonly segments: Array<EdgeTimes.Segment> = []
  readonly unreadable: Array<LogSource.UnreadableSource> = []
  readonly reads: Array<SourceRead> = []
  readonly rejected: Array<SequenceReport.RejectedRecord> = []
  rejectedCount = 0
  bytesRead = 0

  constructor(private readonly maxRejected: number) {}

  /** Takes in all parts of a file. */
  addFile(parts: ReadonlyArray<LogPart>, reads: ReadonlyArray<PartRead>): void {
    const source = parts[0]?.path ?? ""
    let lines = 0
    let bytes = 0
    let failure: string | null = null
    for (const read of reads) {
      const { blocks, edges } = read
      if (blocks.length > 0) this.segments.push({ _tag: "Blocks", path: source, blocks, edges })
      this.add(source, read.tally, lines)
      lines += read.lines
      bytes += read.bytes
      failure ??= read.failure
    }
    if (failure !== null) {
      this.unreadable.push(new LogSource.UnreadableSource({ source, reason: failure, bytesRead: bytes }))
    }
    this.bytesRead += bytes
    this.reads.push({ source, bytes, lines })
  }

  /** Times of `source` are looked for in a second reading. */
  readAgain(source: LogSource.LogSource, tally: LogTally): void {
    for (const { times } of tally.trackers.values()) times.clear()
    this.segments.push({ _tag: "Whole", source })
  }

  /** Takes in a part of `source`, of which `lines` were counted before. */
  add(source: string, tally: LogTally, linesBefore: number): void {
    for (const [group, { times }] of tally.trackers) {
      if (times.size > 0) this.segments.push({ _tag: "Times", group, times })
    }
    this.tally.mergeGroups(tally)
    this.rejectedCount += tally.rejectedCount
    for (const { byte, line, reason } of tally.rejections) {
      if (this.rejected.length >= this.maxRejected) return
      this.rejected.push({ source, line: linesBefore + line, reason, ...(byte === undefined ? {} : { byte }) })
    }
  }
}

/** Reads the sources of one log and keeps what is known of them. */
export const readAll = Effect.fnUntraced(function* (
  planned: ReadonlyArray<LogHead.Planned>,
  layout: EventRecord.Layout,
  reading: LogReading,
  options: ReadingOptions
) {
  const maxRejected = options.maxRejected ?? PartPlan.mostRejected
  const bytesTotal = planned.reduce<number | null>(
    (sum, { size }) => (sum === null || size === null ? null : sum + size),
    0
  )
  const tell = (source: string, bytesRead: number): Effect.Effect<void> =>
    options.onProgress?.({ source, bytesRead, bytesTotal }) ?? Effect.void

  const readStream = Effect.fnUntraced(function* (source: LogSource.LogSource, canBeReadAgain: boolean) {
    const name = LogSource.nameOf(source)
    const tally = new LogTally(maxRejected)
    const scanner = yield* LogStream.scannerOf(layout, tally)
    let bytes = 0
    yield* LogStream.scan(source, scanner).pipe(
      Stream.runForEach((count) => {
        bytes += count
        reading.bytesRead += count
        return tell(name, reading.bytesRead)
      }),
      Effect.catchAll((error) => Effect.sync(() => reading.unreadable.push(error)))
    )
    scanner.end()
    if (tally.lacksTimes && canBeReadAgain) reading.readAgain(source, tally)
    reading.add(name, tally, 0)
    reading.reads.push({ source: name, bytes, lines: scanner.lines })
  }, Effect.scoped)

  const readFiles = Effect.fnUntraced(function* (files: ReadonlyArray<PartPool.SplittableFile>) {
    const partsOf = PartPool.split(files, yield* PartPool.PartPool)
    const before = reading.bytesRead
    const parts = partsOf.flat()
    const maxEdges =
      options.maxMissing === 0 && options.times !== "all" ? 0 : Math.floor(PartPlan.mostEdges / parts.length)
    const reads = yield* PartPool.read(parts, { layout, maxRejected, maxEdges }, (bytes, { path }) =>
      tell(path, before + bytes)
    )
    let next = 0
    for (const parts of partsOf) {
      reading.addFile(parts, reads.slice(next, next + parts.length))
      next += parts.length
    }
  }, Effect.scoped)

  let files: Array<PartPool.SplittableFile> = []
  for (const { access, isLines, size, source } of planned) {
    if (access === "parts" && source._tag === "File" && size !== null) {
      files.push({ path: source.path, size, isLines })
      continue
    }
    if (files.length > 0) yield* readFiles(files)
    files = []
    yield* readStream(source, source._tag === "File" && size !== null)
  }
  if (files.length > 0) yield* readFiles(files)
})

/** Looks up the times of events, and notes them in the trackers. */
export const findTimes = Effect.fnUntraced(function* (
  layout: EventRecord.Layout,
  reading: LogReading,
  wanted: EdgeTimes.Wanted
) {
  const edges = yield* Effect.acquireRelease(
    Effect.sync(() => new EdgeTimes.EdgeTimes(layout, wanted)),
    (edges) => Effect.sync(() => edges.release())
  )
  for (const segment of reading.segments) {
    for (const _ of edges.search(segment)) yield* PartPool.breathe
    if (segment._tag === "Whole") {
      yield* Effect.ignore(Stream.runDrain(LogStream.scan(segment.source, edges.scanner)))
      edges.scanner.end()
    }
  }
  for (const [group, times] of edges.found) {
    const tracker = reading.tally.trackerOf(group)
    for (const [index, time] of times) tracker.times.set(index, time)
  }
  return edges.found.size
}, Effect.scoped)
