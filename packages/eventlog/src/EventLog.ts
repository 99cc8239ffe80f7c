/** Captured events, read from files and streams into an exact answer for each group: what came, what is missing. */
import type { FileSystem } from "@effect/platform"
import { type SequenceReport, type SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import { Chunk, Effect, Either, Stream } from "effect"
import { EdgeTimes, type Segment, wanted } from "./EdgeTimes.js"
import * as EventRecord from "./EventRecord.js"
import type { ExpectedSequences } from "./ExpectedSequences.js"
import * as FieldPath from "./FieldPath.js"
import * as LogHead from "./LogHead.js"
import type { LogPart, PartRead } from "./LogPart.js"
import * as LogSource from "./LogSource.js"
import * as LogStream from "./LogStream.js"
import { LogTally } from "./LogTally.js"
import * as PartPool from "./PartPool.js"
import { RecordScanner, type RecordSink } from "./RecordScanner.js"
import * as SourcePaths from "./SourcePaths.js"

/** How far {@link observe} is; told after every chunk of some hundred KiB. */
export interface Progress {
  /** The source that is being read. */
  readonly source: string
  /** Over all sources so far. */
  readonly bytesRead: number
  /** Over all sources; null where a stream is among them. A file that grows while it is read makes it too small. */
  readonly bytesTotal: number | null
}

/** Where the index and the group stand in a record. */
export interface LayoutOptions {
  /** `detail.sequenceIndex` by default; keys with dots between them. */
  readonly indexPath?: string | undefined
  /** `replay-name` by default; null makes one group of all events. */
  readonly groupBy?: string | null | undefined
}

/** What {@link observe} is told. */
export interface ObserveOptions extends LayoutOptions {
  /** The range that every group should have; what is left out is inferred. */
  readonly expected?: SequenceVerification.SequenceRange | undefined
  /** The range that a replay of this name should have; goes before `expected`. A replay of which no event came lacks everything. */
  readonly sequences?: ExpectedSequences | undefined
  /** How many missing ranges of a group are listed, 20 by default. Counts are exact whatever it is. */
  readonly maxMissing?: number | undefined
  /** How many rejected records are shown, 10 by default. All are counted. */
  readonly maxRejected?: number | undefined
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** A source and how much was read of it. */
export interface SourceRead {
  readonly source: string
  readonly bytes: number
  /** Lines, blank ones included. */
  readonly lines: number
}

/** What came of observing a log. */
export interface Observation {
  readonly report: SequenceReport.CompletenessReport
  /** Sources that could not be read, or not to the end. Where there is one, the report may say too little. */
  readonly unreadable: ReadonlyArray<LogSource.UnreadableSource>
  readonly sources: ReadonlyArray<SourceRead>
  /** What every group has seen; a tracker can be stored, and merged with that of a later log. */
  readonly trackers: ReadonlyMap<string | null, SequenceTracker.SequenceTracker>
}

/** The paths of `options`. Fails with {@link FieldPath.InvalidFieldPath}. */
const layoutOf = (options: LayoutOptions): Either.Either<EventRecord.Layout, FieldPath.InvalidFieldPath> =>
  Either.gen(function* () {
    const { groupBy, indexPath } = options
    return {
      index: indexPath === undefined ? EventRecord.envelope.index : yield* FieldPath.parse(indexPath),
      group:
        groupBy === undefined ? EventRecord.envelope.group : groupBy === null ? null : yield* FieldPath.parse(groupBy)
    }
  })

/** A record and where it stands. */
export interface Located {
  readonly source: string
  /** From 1. */
  readonly line: number
  readonly record: EventRecord.EventRecord
}

/**
 * The records of one source, in order, as a stream: lines, objects one after another, or an array. Rejected records are elements too,
 * never the end.
 *
 * Fails with `UnreadableSource` where the source cannot be read, with `InvalidFieldPath` where an option names no place.
 */
export const records = (
  source: LogSource.LogSource,
  options: LayoutOptions = {}
): Stream.Stream<Located, LogSource.UnreadableSource | FieldPath.InvalidFieldPath, FileSystem.FileSystem> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const layout = yield* layoutOf(options)
      const name = LogSource.nameOf(source)
      let found: Array<Located> = []
      const scanner = yield* scannerOf(
        layout,
        {
          observed: (group, index, _, time, __, line) => {
            found.push({ source: name, line, record: { _tag: "Observed", group, index, time } })
          },
          rejected: (line, _, reason) => found.push({ source: name, line, record: { _tag: "Rejected", reason } })
        },
        true
      )
      const taken = (): Chunk.Chunk<Located> => {
        const chunk = Chunk.unsafeFromArray(found)
        found = []
        return chunk
      }
      const rest = Stream.suspend(() => {
        scanner.end()
        return Stream.fromChunk(taken())
      })
      return LogStream.scan(source, scanner).pipe(Stream.mapConcatChunk(taken), Stream.concat(rest))
    })
  )

const scannerOf = (layout: EventRecord.Layout, sink: RecordSink, each = false) =>
  Effect.acquireRelease(
    Effect.sync(() => new RecordScanner(layout, sink, each)),
    (scanner) => Effect.sync(() => scanner.release())
  )

/** Live events first, then the replays by name, so that the same log always gives the same report. */
const sorted = <A>(groups: Iterable<readonly [string | null, A]>): ReadonlyArray<readonly [string | null, A]> =>
  [...groups].sort(([left], [right]) =>
    left === right ? 0 : left === null || (right !== null && left < right) ? -1 : 1
  )

/** What is known of the sources so far. */
class Reading {
  readonly tally = new LogTally(0)
  readonly segments: Array<Segment> = []
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

/** 64 MiB of indices: with more of them, times are looked for in all that was read. */
const mostEdges = 16 * 1_048_576

/** Reads the sources of one log and keeps what is known of them. */
const readAll = Effect.fnUntraced(function* (
  planned: ReadonlyArray<LogHead.Planned>,
  layout: EventRecord.Layout,
  reading: Reading,
  options: ObserveOptions
) {
  const maxRejected = options.maxRejected ?? 10
  const bytesTotal = planned.reduce<number | null>(
    (sum, { size }) => (sum === null || size === null ? null : sum + size),
    0
  )
  const tell = (source: string, bytesRead: number): Effect.Effect<void> =>
    options.onProgress?.({ source, bytesRead, bytesTotal }) ?? Effect.void

  const readStream = Effect.fnUntraced(function* (source: LogSource.LogSource) {
    const name = LogSource.nameOf(source)
    const tally = new LogTally(maxRejected)
    const scanner = yield* scannerOf(layout, tally)
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
    reading.add(name, tally, 0)
    reading.reads.push({ source: name, bytes, lines: scanner.lines })
  }, Effect.scoped)

  const readFiles = Effect.fnUntraced(function* (files: ReadonlyArray<PartPool.SplittableFile>) {
    const partsOf = PartPool.split(files, yield* PartPool.PartPool)
    const before = reading.bytesRead
    const parts = partsOf.flat()
    const maxEdges = options.maxMissing === 0 ? 0 : Math.floor(mostEdges / parts.length)
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
    yield* readStream(source)
  }
  if (files.length > 0) yield* readFiles(files)
})

/** Looks up the times at the edges of the gaps that `groups` list, and notes them in the trackers. */
const findTimes = Effect.fnUntraced(function* (
  layout: EventRecord.Layout,
  reading: Reading,
  groups: ReadonlyArray<SequenceReport.GroupReport>
) {
  const edges = yield* Effect.acquireRelease(
    Effect.sync(() => new EdgeTimes(layout, wanted(groups))),
    (edges) => Effect.sync(() => edges.release())
  )
  for (const segment of reading.segments) {
    for (const _ of edges.search(segment)) yield* PartPool.breathe
  }
  for (const [group, times] of edges.found) {
    const tracker = reading.tally.trackerOf(group)
    for (const [index, time] of times) tracker.times.set(index, time)
  }
}, Effect.scoped)

/**
 * Reads all sources, one after the other, and says for each group what came and what is missing. A path may be a file, a directory,
 * or a pattern: see `SourcePaths`. Memory grows with the number of gaps, never with the size of the log.
 *
 * Large files are read by several threads. Of events in files, only the times at the edges of the gaps that are listed are looked up.
 *
 * A source that cannot be read is named in `unreadable`, and the others are counted all the same. A log without a single
 * event but with both bounds given is one group that lacks everything. Fails with `InvalidSequenceRange` and
 * `InvalidFieldPath` before anything is read.
 */
export const observe = Effect.fn("EventLog.observe")(function* (
  sources: ReadonlyArray<LogSource.LogSource>,
  options: ObserveOptions = {}
) {
  const layout = yield* layoutOf(options)
  const expected = yield* SequenceVerification.validate(options.expected ?? {})
  const sequences = options.sequences ?? new Map<string, SequenceVerification.SequenceRange>()
  yield* Effect.forEach(sequences.values(), SequenceVerification.validate, { discard: true })
  const reading = new Reading(options.maxRejected ?? 10)
  const expanded: Array<LogSource.LogSource> = []
  for (const source of sources) {
    if (source._tag === "Bytes") expanded.push(source)
    else {
      yield* SourcePaths.expand(source.path).pipe(
        Effect.map((files) => expanded.push(...files)),
        Effect.catchAll((error) => Effect.sync(() => reading.unreadable.push(error)))
      )
    }
  }
  const planned = yield* Effect.forEach(expanded, LogHead.plan)
  yield* readAll(planned, layout, reading, options)
  const { trackers } = reading.tally
  for (const name of sequences.keys()) reading.tally.trackerOf(name)
  if (trackers.size === 0 && expected.start !== undefined && expected.end !== undefined) reading.tally.trackerOf(null)
  const report = () =>
    sorted(trackers).map(([group, tracker]) =>
      SequenceVerification.report(tracker, {
        group,
        expected: (group === null ? undefined : sequences.get(group)) ?? expected,
        maxMissing: options.maxMissing
      })
    )
  const counted = report()
  const isTimed =
    reading.segments.every(({ _tag }) => _tag === "Times") || counted.every(({ missing }) => missing.length === 0)
  if (!isTimed) yield* findTimes(layout, reading, counted)
  const groups = isTimed ? counted : report()
  const observation: Observation = {
    report: {
      isContiguous: groups.length > 0 && groups.every((group) => group.isContiguous),
      groups,
      rejected: { count: reading.rejectedCount, first: reading.rejected }
    },
    unreadable: reading.unreadable,
    sources: reading.reads,
    trackers
  }
  return observation
})
