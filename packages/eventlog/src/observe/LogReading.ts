/** Reading the sources of one log, whatever they are, and what is known of them. */
import type { SequenceReport } from "@genesys-replay/domain"
import { Effect } from "effect"
import type * as EventRecord from "../scan/EventRecord.js"
import { LogTally, type Rejection } from "../scan/LogTally.js"
import type * as LogHead from "../source/LogHead.js"
import * as LogSource from "../source/LogSource.js"
import * as LogStream from "../source/LogStream.js"
import { type Read, SmallFiles } from "../source/SmallFiles.js"
import * as SourceNames from "../source/SourceNames.js"
import { type LogPart, type PartRead, restore } from "../threads/LogPart.js"
import * as PartPlan from "../threads/PartPlan.js"
import * as PartPool from "../threads/PartPool.js"
import * as EdgeTimes from "./EdgeTimes.js"

/** How far `EventLog.observe` is; told after every chunk of some hundred KiB. */
export interface Progress {
  /** The source that is being read. */
  readonly source: string
  /** Over all sources so far. */
  readonly bytesRead: number
  /** Over all sources; null where a stream is among them. A file that grows while it is read makes it too small. */
  readonly bytesTotal: number | null
}

/** A source and how much was read of it. A file in an archive is a source of its own, under the name of both. */
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
  readonly all?: boolean | undefined
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** What is known of the sources so far. */
export class LogReading {
  readonly tally = new LogTally(0)
  readonly segments: Array<EdgeTimes.Segment> = []
  readonly unread: Array<LogSource.Unread> = []
  readonly leftOut: Array<SequenceReport.LeftOutSource> = []
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
      this.add(read.tally)
      this.addRejections(source, read.tally.rejections, lines)
      lines += read.lines
      bytes += read.bytes
      failure ??= read.failure
    }
    if (failure !== null) {
      this.unread.push(new LogSource.UnreadableSource({ source, reason: failure, bytesRead: bytes }))
    }
    this.bytesRead += bytes
    this.reads.push({ source, bytes, lines })
  }

  /** Times of `sources` are looked for in a second reading. */
  readAgain(sources: ReadonlyArray<LogSource.LogSource>, tallies: ReadonlyArray<LogTally>): void {
    for (const tally of tallies) for (const { times } of tally.trackers.values()) times.clear()
    for (const source of sources) this.segments.push({ _tag: "Whole", source })
  }

  /** Takes in what was counted, behind all that was counted before. */
  add(tally: LogTally): void {
    for (const [group, { times }] of tally.trackers) {
      if (times.size > 0) this.segments.push({ _tag: "Times", group, times })
    }
    this.tally.mergeGroups(tally)
    this.tally.wrappings.addAll(tally.wrappings.entries())
    this.rejectedCount += tally.rejectedCount
  }

  /** Notes records of `source` that were rejected, as far as there is room; `linesBefore` stand in parts of it that were read before. */
  addRejections(source: string, rejections: ReadonlyArray<Rejection>, linesBefore: number): void {
    for (const { byte, line, reason } of rejections) {
      if (this.rejected.length >= this.maxRejected) return
      this.rejected.push({ source, line: linesBefore + line, reason, ...(byte === undefined ? {} : { byte }) })
    }
  }
}

/** A log in a source, while it is counted. */
interface Counted {
  readonly name: string
  readonly tally: LogTally
  bytes: number
  lines: number
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
    const logs: Array<Counted> = []
    let log: Counted = { name, tally: new LogTally(maxRejected), bytes: 0, lines: 0 }
    let sourceBytes = 0
    const sink: LogStream.Sink = {
      observed: (group, first, last, firstTime, lastTime) =>
        log.tally.observed(group, first, last, firstTime, lastTime),
      rejected: (line, byte, reason) => log.tally.rejected(line, byte, reason),
      unwrapped: (wrapping) => log.tally.unwrapped(wrapping)
    }
    const scanner = yield* LogStream.scannerOf(layout, sink)
    yield* LogStream.read(source, {
      all: options.all ?? false,
      listener: {
        begin: (inner) =>
          Effect.sync(() => {
            log = { name: inner, tally: new LogTally(maxRejected), bytes: 0, lines: 0 }
            logs.push(log)
            scanner.begin({ from: 0, times: "always" })
          }),
        bytes: (bytes) =>
          Effect.sync(() => {
            log.bytes += bytes.length
            scanner.push(bytes)
          }),
        end: Effect.sync(() => {
          scanner.end()
          log.lines = scanner.lines
        }),
        unread: (error) => Effect.sync(() => reading.unread.push(error)),
        leftOut: (inner) => Effect.sync(() => reading.leftOut.push({ source: inner, reason: SourceNames.unlikely })),
        progress: (bytes) => {
          sourceBytes += bytes
          reading.bytesRead += bytes
          return tell(name, reading.bytesRead)
        }
      }
    }).pipe(Effect.catchAll((error) => Effect.sync(() => reading.unread.push(error))))
    const tallies = logs.map(({ tally }) => tally)
    if (canBeReadAgain && tallies.some(({ lacksTimes }) => lacksTimes)) reading.readAgain([source], tallies)
    // Where the source is no archive, its bytes are those that stand in it, compressed or not.
    if (logs.length === 0) reading.reads.push({ source: name, bytes: sourceBytes, lines: 0 })
    for (const { bytes, lines, name: inner, tally } of logs) {
      reading.add(tally)
      reading.addRejections(inner, tally.rejections, 0)
      reading.reads.push({ source: inner, bytes: inner === name ? sourceBytes : bytes, lines })
    }
  }, Effect.scoped)

  const readFiles = Effect.fnUntraced(function* (files: ReadonlyArray<PartPool.SplittableFile>) {
    const partsOf = PartPool.split(files, yield* PartPool.PartPool)
    const before = reading.bytesRead
    const parts = partsOf.flat()
    const maxEdges =
      options.maxMissing === 0 && options.times !== "all" ? 0 : Math.floor(PartPlan.mostEdges / parts.length)
    const readParts = Effect.fnUntraced(function* (parts: ReadonlyArray<LogPart>) {
      const reads: Array<PartRead | undefined> = parts.map(() => undefined)
      yield* PartPool.read(
        parts,
        { _tag: "Sequence", options: { layout, maxRejected, maxEdges } },
        {
          found: (found, part) => {
            if (found._tag === "Sequence") reads[part] = restore(found.read)
          },
          onBytes: (bytes, { path }) => tell(path, before + bytes)
        }
      )
      return reads
    })
    const reads = yield* readParts(parts)
    let next = 0
    for (const parts of partsOf) {
      const found = reads.slice(next, next + parts.length).filter((read) => read !== undefined)
      next += parts.length
      const wasCutInside = parts.length > 1 && found.some(({ goesOverLines }) => goesOverLines)
      const whole = parts.slice(0, 1).map((part) => ({ ...part, to: Number.POSITIVE_INFINITY }))
      if (!wasCutInside) reading.addFile(parts, found)
      else {
        const again = yield* readParts(whole)
        reading.addFile(
          whole,
          again.filter((read) => read !== undefined)
        )
      }
    }
  }, Effect.scoped)

  // As many as can be read at once; how many that are.
  const readSmall = Effect.fnUntraced(function* (files: ReadonlyArray<PartPool.SplittableFile>) {
    const tally = new LogTally(maxRejected)
    const small = new SmallFiles(yield* LogStream.scannerOf(layout, tally))
    let count = 0
    let rejections = 0
    const scanned = ({ bytes, lines }: Read): void => {
      const { path } = files[count++] ?? { path: "" }
      reading.addRejections(path, tally.rejections.slice(rejections), 0)
      rejections = tally.rejections.length
      reading.reads.push({ source: path, bytes, lines })
      reading.bytesRead += bytes
    }
    while (small.read(files, count, scanned) > 0) {
      yield* tell(files[count - 1]?.path ?? "", reading.bytesRead)
      yield* PartPool.breathe
    }
    if (tally.lacksTimes) {
      const again = files.slice(0, count).map(({ path }) => LogSource.file(path))
      reading.readAgain(again, [tally])
    }
    reading.add(tally)
    return count
  }, Effect.scoped)

  for (let at = 0; at < planned.length; ) {
    const next = planned[at]
    if (next === undefined) break
    const alike = planned.slice(at, at + runLength(planned, at))
    const files = alike.flatMap(({ isLines, size, source }) =>
      source._tag === "File" && size !== null ? [{ path: source.path, size, isLines }] : []
    )
    if (next.access === "parts") {
      yield* readFiles(files)
      at += alike.length
      continue
    }
    const read = next.access === "whole" ? yield* readSmall(files) : 0
    at += read
    if (read === alike.length) continue
    // One that has to be looked at more closely.
    const { size, source } = planned[at] ?? next
    yield* readStream(source, source._tag === "File" && size !== null)
    at++
  }
})

/** How many sources from `from` on are read in the same way. */
const runLength = (planned: ReadonlyArray<LogHead.Planned>, from: number): number => {
  const access = planned[from]?.access
  let length = 1
  while (access !== "stream" && planned[from + length]?.access === access) length++
  return length
}

/** Looks up the times of events, and notes them in the trackers. */
export const findTimes = Effect.fnUntraced(function* (
  layout: EventRecord.Layout,
  reading: LogReading,
  wanted: EdgeTimes.Wanted,
  all: boolean
) {
  const edges = yield* Effect.acquireRelease(
    Effect.sync(() => new EdgeTimes.EdgeTimes(layout, wanted)),
    (edges) => Effect.sync(() => edges.release())
  )
  const { scanner } = edges
  const listener: LogStream.Listener = {
    begin: () => Effect.sync(() => scanner.begin({ from: 0, times: "always" })),
    bytes: (bytes) => Effect.sync(() => scanner.push(bytes)),
    end: Effect.sync(() => scanner.end()),
    unread: () => Effect.void,
    leftOut: () => Effect.void,
    progress: () => Effect.void
  }
  for (const segment of reading.segments) {
    for (const _ of edges.search(segment)) yield* PartPool.breathe
    if (segment._tag === "Whole") yield* Effect.ignore(LogStream.read(segment.source, { all, listener }))
  }
  for (const [group, times] of edges.found) {
    const tracker = reading.tally.trackerOf(group)
    for (const [index, time] of times) tracker.times.set(index, time)
  }
  return edges.found.size
}, Effect.scoped)
