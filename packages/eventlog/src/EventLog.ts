/** Captured events, read from files and streams into an exact answer for each group: what came, what is missing. */
import type { FileSystem } from "@effect/platform"
import { type SequenceReport, SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import { Chunk, Effect, Either, Stream } from "effect"
import * as EventRecord from "./EventRecord.js"
import * as FieldPath from "./FieldPath.js"
import { LogLines, longestLine } from "./LogLines.js"
import * as LogSource from "./LogSource.js"

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

const tooLong: EventRecord.Rejected = {
  _tag: "Rejected",
  reason: `longer than ${longestLine / 1_024 / 1_024} MiB`
}

/** A record and where it stands. */
export interface Located {
  readonly source: string
  /** From 1. */
  readonly line: number
  readonly record: EventRecord.EventRecord
}

const linesOf = (source: string, layout: EventRecord.Layout, onRecord: (located: Located) => void): LogLines =>
  new LogLines((bytes, line) => {
    const record = bytes === undefined ? tooLong : EventRecord.fromLine(bytes, layout)
    if (record !== undefined) onRecord({ source, line, record })
  })

/**
 * The records of one source, in order, as a stream: newline-delimited JSON. Blank lines are nothing, a byte order mark at the
 * start and carriage returns are tolerated. Rejected records are elements too, never the end.
 *
 * Fails with `UnreadableSource` where the source cannot be read, with `InvalidFieldPath` where an option names no place.
 */
export const records = (
  source: LogSource.LogSource,
  options: LayoutOptions = {}
): Stream.Stream<Located, LogSource.UnreadableSource | FieldPath.InvalidFieldPath, FileSystem.FileSystem> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const layout = yield* layoutOf(options)
      let found: Array<Located> = []
      const lines = linesOf(LogSource.nameOf(source), layout, (located) => found.push(located))
      const taken = (): Chunk.Chunk<Located> => {
        const chunk = Chunk.unsafeFromArray(found)
        found = []
        return chunk
      }
      const rest = Stream.suspend(() => {
        lines.end()
        return Stream.fromChunk(taken())
      })
      return LogSource.read(source).pipe(
        Stream.mapConcatChunk((bytes) => {
          lines.push(bytes)
          return taken()
        }),
        Stream.concat(rest)
      )
    })
  )

/** Counts records into trackers, one for each group. */
class Tally {
  readonly trackers = new Map<string | null, SequenceTracker.SequenceTracker>()
  readonly rejected: Array<SequenceReport.RejectedRecord> = []
  rejectedCount = 0

  constructor(private readonly maxRejected: number) {}

  add({ line, record, source }: Located): void {
    if (record._tag === "Observed") {
      SequenceTracker.observe(this.trackerOf(record.group), record.index, record.time)
      return
    }
    this.rejectedCount++
    if (this.rejected.length < this.maxRejected) this.rejected.push({ source, line, reason: record.reason })
  }

  trackerOf(group: string | null): SequenceTracker.SequenceTracker {
    const known = this.trackers.get(group)
    if (known !== undefined) return known
    const made = SequenceTracker.make()
    this.trackers.set(group, made)
    return made
  }
}

/** Live events first, then the replays by name, so that the same log always gives the same report. */
const sorted = <A>(groups: Iterable<readonly [string | null, A]>): ReadonlyArray<readonly [string | null, A]> =>
  [...groups].sort(([left], [right]) =>
    left === right ? 0 : left === null || (right !== null && left < right) ? -1 : 1
  )

/**
 * Reads all sources, one after the other, and says for each group what came and what is missing. Memory grows with the
 * number of gaps, never with the size of the log.
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
  const tally = new Tally(options.maxRejected ?? 10)
  const unreadable: Array<LogSource.UnreadableSource> = []
  const reads: Array<SourceRead> = []
  const bytesTotal = yield* totalSize(sources)
  let bytesRead = 0
  for (const source of sources) {
    const name = LogSource.nameOf(source)
    const lines = linesOf(name, layout, (located) => tally.add(located))
    let bytes = 0
    yield* LogSource.read(source).pipe(
      Stream.runForEach((chunk) => {
        lines.push(chunk)
        bytes += chunk.length
        bytesRead += chunk.length
        return options.onProgress?.({ source: name, bytesRead, bytesTotal }) ?? Effect.void
      }),
      Effect.catchAll((error) => Effect.sync(() => unreadable.push(error)))
    )
    lines.end()
    reads.push({ source: name, bytes, lines: lines.count })
  }
  if (tally.trackers.size === 0 && expected.start !== undefined && expected.end !== undefined) tally.trackerOf(null)
  const groups = sorted(tally.trackers).map(([group, tracker]) =>
    SequenceVerification.report(tracker, { group, expected, maxMissing: options.maxMissing })
  )
  const observation: Observation = {
    report: {
      isContiguous: groups.length > 0 && groups.every((group) => group.isContiguous),
      groups,
      rejected: { count: tally.rejectedCount, first: tally.rejected }
    },
    unreadable,
    sources: reads,
    trackers: tally.trackers
  }
  return observation
})

/** Sizes that cannot be found out count for nothing here: reading the source will say why. */
const totalSize = (
  sources: ReadonlyArray<LogSource.LogSource>
): Effect.Effect<number | null, never, FileSystem.FileSystem> =>
  Effect.forEach(sources, (source) => Effect.orElseSucceed(LogSource.size(source), () => 0)).pipe(
    Effect.map((sizes) =>
      sizes.reduce<number | null>((sum, size) => (sum === null || size === null ? null : sum + size), 0)
    )
  )
