/** Captured events, read from files and streams into an exact answer for each group: what came, what is missing. */
import { SequenceReport, type SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import { Chunk, Effect, Either, Queue, Stream, Take } from "effect"
import * as EventRecord from "../scan/EventRecord.js"
import * as FieldPath from "../scan/FieldPath.js"
import * as LogSource from "../source/LogSource.js"
import * as LogStream from "../source/LogStream.js"
import * as PartPlan from "../threads/PartPlan.js"
import * as EdgeTimes from "./EdgeTimes.js"
import type { ExpectedSequences } from "./ExpectedSequences.js"
import * as LogReading from "./LogReading.js"
import * as SourcePlan from "./SourcePlan.js"

export type { Progress, SourceRead } from "./LogReading.js"

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
  /** So many rejected records do not weaken the verdict, 0 by default: for who knows that they are no events. */
  readonly allowRejected?: number | undefined
  /** Whether directories and archives are read whole, whatever the names of the files in them. */
  readonly all?: boolean | undefined
  /**
   * Of which events in files the times are looked up again, once it is known where something is missing: those on both sides of the gaps
   * that are listed, by default; or all at the edges of what came, which pictures of it want and which may take as long as reading it.
   */
  readonly times?: "listed" | "all" | undefined
  readonly onProgress?: ((progress: LogReading.Progress) => Effect.Effect<void>) | undefined
}

/** What came of observing a log. */
export interface Observation {
  readonly report: SequenceReport.CompletenessReport
  /** Sources that were not read, or not to the end. Where there is one, the report may say too little, and so nothing is proven. */
  readonly unreadable: ReadonlyArray<LogSource.Unread>
  readonly sources: ReadonlyArray<LogReading.SourceRead>
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

/** As many pieces wait for who reads {@link records}. */
const ahead = 2

/**
 * The records of one source, in order, as a stream: lines, objects one after another, or an array; compressed, or in an archive. Rejected
 * records are elements too, never the end.
 *
 * Fails with `UnreadableSource` where the source cannot be read, with `UnsupportedFormat` where it, or a file in it, is of a form that is
 * not read, with `InvalidFieldPath` where an option names no place.
 */
export const records = (
  source: LogSource.LogSource,
  options: LayoutOptions = {}
): Stream.Stream<Located, LogSource.Unread | FieldPath.InvalidFieldPath> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const layout = yield* layoutOf(options)
      const pieces = yield* Queue.bounded<Take.Take<Located, LogSource.Unread>>(ahead)
      let name = LogSource.nameOf(source)
      let found: Array<Located> = []
      const scanner = yield* LogStream.scannerOf(
        layout,
        {
          observed: (group, index, _, time, __, line) => {
            found.push({ source: name, line, record: { _tag: "Observed", group, index, time } })
          },
          rejected: (line, _, reason) => found.push({ source: name, line, record: { _tag: "Rejected", reason } })
        },
        true
      )
      const handOver = Effect.suspend(() => {
        const piece = Take.chunk(Chunk.unsafeFromArray(found))
        if (found.length === 0) return Effect.void
        found = []
        return Queue.offer(pieces, piece)
      })
      const listener: LogStream.Listener = {
        begin: (log) =>
          Effect.sync(() => {
            name = log
            scanner.begin({ from: 0, times: "always" })
          }),
        bytes: (bytes) =>
          Effect.zipRight(
            Effect.sync(() => scanner.push(bytes)),
            handOver
          ),
        end: Effect.zipRight(
          Effect.sync(() => scanner.end()),
          handOver
        ),
        unread: (error) => Queue.offer(pieces, Take.fail(error)),
        leftOut: () => Effect.void,
        progress: () => Effect.void
      }
      yield* LogStream.read(source, { all: false, listener }).pipe(
        Effect.matchEffect({
          onFailure: (error) => Queue.offer(pieces, Take.fail(error)),
          onSuccess: () => Queue.offer(pieces, Take.end)
        }),
        Effect.forkScoped
      )
      return Stream.flattenTake(Stream.fromQueue(pieces))
    })
  )

/** Live events first, then the replays by name, so that the same log always gives the same report. */
const sorted = <A>(groups: Iterable<readonly [string | null, A]>): ReadonlyArray<readonly [string | null, A]> =>
  [...groups].sort(([left], [right]) =>
    left === right ? 0 : left === null || (right !== null && left < right) ? -1 : 1
  )

/**
 * Reads all sources, one after the other, and says for each group what came and what is missing. A path may be a file, a directory,
 * or a pattern: see `SourcePaths`; no file is read twice, whatever paths lead to it. Memory grows with the number of gaps, never with the
 * size of the log.
 *
 * Large files are read by several threads. See `times` for which events of files keep their time; those of streams all do.
 *
 * A source that cannot be read is named in `unreadable`, and the others are counted all the same; the verdict is then never `complete`. A
 * log without a single event but with both bounds given is one group that lacks everything. Fails with `InvalidSequenceRange` and
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
  const reading = new LogReading.LogReading(options.maxRejected ?? PartPlan.mostRejected)
  const { leftOut, planned, unreadable } = yield* SourcePlan.make(sources, options)
  reading.unread.push(...unreadable)
  yield* LogReading.readAll(planned, layout, reading, options)
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
  const isTimed = reading.segments.every(({ _tag }) => _tag === "Times")
  const wanted = options.times === "all" ? EdgeTimes.ofAll(trackers) : EdgeTimes.ofListed(counted)
  const found =
    isTimed || wanted.size === 0 ? 0 : yield* LogReading.findTimes(layout, reading, wanted, options.all ?? false)
  const observation: Observation = {
    report: SequenceReport.make({
      groups: found === 0 ? counted : report(),
      rejected: { count: reading.rejectedCount, first: reading.rejected },
      allowRejected: options.allowRejected,
      unwrapped: reading.tally.wrappings.listed(),
      unread: reading.unread.map(({ bytesRead, reason, source }) => ({ source, reason, bytesRead })),
      leftOut: SourcePlan.listed([...leftOut, ...reading.leftOut])
    }),
    unreadable: reading.unread,
    sources: reading.reads,
    trackers
  }
  return observation
})
