/** Reads the sources of both sides into an {@link EventStore}, and notes where each event stands. */
import type { SequenceReport } from "@genesys-replay/domain"
import { Effect } from "effect"
import type { Progress, SourceRead } from "../observe/LogReading.js"
import { Wrappings } from "../scan/Wrappings.js"
import type * as LogHead from "../source/LogHead.js"
import * as LogSource from "../source/LogSource.js"
import * as LogStream from "../source/LogStream.js"
import { type SmallFile, SmallFiles } from "../source/SmallFiles.js"
import * as SourceNames from "../source/SourceNames.js"
import type { EventPartRead } from "../threads/EventPart.js"
import { type EventOptions, type EventsRead, EventTally } from "../threads/EventTally.js"
import type { LogPart } from "../threads/PartFile.js"
import * as PartPlan from "../threads/PartPlan.js"
import * as PartPool from "../threads/PartPool.js"
import type { EventStore, Side } from "./EventStore.js"
import type { TemporaryFileFailure } from "./SpillFile.js"

/** A source, and the number of its first event in the run. */
export interface RunSource {
  readonly source: LogSource.LogSource
  /** What reports call it. */
  readonly name: string
  readonly first: number
}

/** Where the events of a part stand in its file. */
export interface RunPart {
  readonly path: string
  /** See `EventsRead`. */
  readonly marks: Float64Array
  /** Where the part ends in its file. */
  readonly end: number
  /** Lines of the file before the part. */
  linesBefore: number
}

/** Events that were read one after another, and numbered so, from 0: of a part of a file, or of sources that are read from their beginning. */
export interface Run {
  readonly sources: Array<RunSource>
  /** Undefined where events are found again only by reading from the beginning. */
  part: RunPart | undefined
  /** How many events there are. */
  count: number
}

/** What is to be read on one side. */
export interface Planned extends LogHead.Planned {
  readonly side: Side
  /** What reports call it. */
  readonly name: string
}

/** Its events are in the store when this is known, and cannot be taken back. */
const overLines =
  "it began with one record a line, was read in parts, and has records that go over lines: make it one event a line, with jq -c ."

type PartRest = Omit<EventPartRead, "events">

/** So many events wait in memory before they are put away. */
const batch = 262_144

/** What is known of the sources so far. */
export class EventReading {
  readonly runs: Array<Run> = []
  /** `detail-type` of each group. */
  readonly groups: Array<string | null> = []
  readonly unread: Array<LogSource.Unread> = []
  readonly leftOut: Array<SequenceReport.LeftOutSource> = []
  readonly reads: Array<SourceRead & { readonly side: Side }> = []
  readonly rejected: Array<SequenceReport.RejectedRecord> = []
  rejectedCount = 0
  readonly wrappings = new Wrappings()
  /** Events of another topic or time than what is looked at, of each side. */
  readonly passedOver: Record<Side, number> = { capture: 0, baseline: 0 }
  bytesRead = 0
  private readonly numbers = new Map<string | null, number>()

  constructor(
    readonly store: EventStore,
    private readonly maxRejected: number
  ) {}

  /** Another run begins; its number. */
  addRun(): number {
    return this.runs.push({ sources: [], part: undefined, count: 0 }) - 1
  }

  /** Takes in events of a run. */
  add(side: Side, run: number, read: EventsRead): void {
    this.store.add(
      side,
      run,
      read.events,
      Int32Array.from(read.groups, (name) => this.numberOf(name))
    )
    this.rejectedCount += read.rejectedCount
    this.wrappings.addAll(read.wrappings)
    this.passedOver[side] += read.passedOver
  }

  /** Notes records that were rejected, as far as there is room. */
  addRejections(source: string, { rejections }: Pick<EventsRead, "rejections">, linesBefore: number): void {
    for (const { byte, line, reason } of rejections) {
      if (this.rejected.length >= this.maxRejected) return
      this.rejected.push({ source, line: linesBefore + line, reason, ...(byte === undefined ? {} : { byte }) })
    }
  }

  /** Takes in the parts of a file, whose events were taken in before. */
  addFile({ name, side, source }: Planned, runs: ReadonlyArray<Run>, reads: ReadonlyArray<PartRest>): void {
    let lines = 0
    let bytes = 0
    let failure: string | null = null
    for (const [at, read] of reads.entries()) {
      const run = runs[at]
      if (run !== undefined) {
        run.count = read.count
        run.sources.push({ source, name, first: 0 })
        const path = LogSource.nameOf(source)
        if (read.isLines) run.part = { path, marks: read.marks, end: read.end, linesBefore: lines }
      }
      this.addRejections(name, read, lines)
      lines += read.lines
      bytes += read.bytes
      failure ??= read.failure ?? (reads.length > 1 && read.goesOverLines ? overLines : null)
    }
    if (failure !== null) {
      this.unread.push(new LogSource.UnreadableSource({ source: name, reason: failure, bytesRead: bytes }))
    }
    this.bytesRead += bytes
    this.reads.push({ side, source: name, bytes, lines })
  }

  private numberOf(name: string | null): number {
    const known = this.numbers.get(name)
    if (known !== undefined) return known
    const number = this.groups.push(name) - 1
    this.numbers.set(name, number)
    return number
  }
}

/** Small files that stand one behind the other, from the one at `from` on. */
const smallFilesFrom = (planned: ReadonlyArray<Planned>, from: number): ReadonlyArray<SmallFile> => {
  const files: Array<SmallFile> = []
  for (const { access, size, source } of planned.slice(from, from + SmallFiles.most)) {
    if (access !== "whole" || source._tag !== "File" || size === null) break
    files.push({ path: source.path, size })
  }
  return files
}

/** Reads all of `planned`. Fails where events could not be kept. */
export const readAll = Effect.fnUntraced(function* (
  planned: ReadonlyArray<Planned>,
  reading: EventReading,
  options: EventOptions,
  {
    all,
    onProgress
  }: {
    readonly all: boolean
    readonly onProgress: ((progress: Progress) => Effect.Effect<void>) | undefined
  }
) {
  const bytesTotal = planned.reduce<number | null>(
    (sum, { size }) => (sum === null || size === null ? null : sum + size),
    0
  )
  const tell = (source: string, bytesRead: number): Effect.Effect<void> =>
    onProgress?.({ source, bytesRead, bytesTotal }) ?? Effect.void
  /** Progress, unless there is no place for what is read. */
  const goOn = (source: string, bytesRead: number): Effect.Effect<void, TemporaryFileFailure> =>
    Effect.suspend(() => reading.store.failure ?? tell(source, bytesRead))

  const readParts = Effect.fnUntraced(function* (files: ReadonlyArray<Planned>) {
    const threads = { ...(yield* PartPool.PartPool), largestPart: PartPlan.largestPartOfEvents }
    const partsOf = PartPool.split(
      files.map(({ isLines, size, source }) => ({ path: LogSource.nameOf(source), size: size ?? 0, isLines })),
      threads
    )
    const parts: ReadonlyArray<LogPart> = partsOf.flat()
    const owners = partsOf.flatMap((own, file) => own.map(() => files[file]))
    const runs = parts.map(() => reading.addRun())
    const reads: Array<PartRest | undefined> = parts.map(() => undefined)
    const before = reading.bytesRead
    yield* PartPool.read(
      parts,
      { _tag: "Identity", options },
      {
        found: (found, part) => {
          const owner = owners[part]
          if (found._tag !== "Identity" || owner === undefined) return
          reading.add(owner.side, runs[part] ?? 0, found.read)
          // The entries are in the store, which may write them to disk: only what is known of them stays.
          const { events: _, ...rest } = found.read
          reads[part] = rest
        },
        onBytes: (bytes, { path }) => tell(path, before + bytes)
      }
    )
    if (reading.store.failure !== undefined) return yield* reading.store.failure
    let next = 0
    for (const [file, own] of partsOf.entries()) {
      const owner = files[file]
      const until = next + own.length
      if (owner !== undefined) {
        const own = runs.slice(next, until).flatMap((run) => reading.runs[run] ?? [])
        reading.addFile(
          owner,
          own,
          reads.slice(next, until).filter((read) => read !== undefined)
        )
      }
      next = until
    }
  }, Effect.scoped)

  /** Sources that are read from their beginning, one after another. */
  const readStreams = Effect.fnUntraced(function* (side: Side, streams: ReadonlyArray<Planned>) {
    const number = reading.addRun()
    const run = reading.runs[number]
    if (run === undefined) return
    const tally = yield* Effect.acquireRelease(
      Effect.sync(() => new EventTally(options)),
      ({ scanner }) => Effect.sync(() => scanner.release())
    )
    const small = new SmallFiles(tally.scanner)
    /** Small files from the one at `from` on, as many as can be read at once; how many that are. */
    const readSmall = (from: number): number => {
      let at = from
      let first = tally.count
      return small.read(smallFilesFrom(streams, from), 0, ({ bytes, lines }) => {
        const one = streams[at++]
        if (one === undefined) return
        run.sources.push({ source: one.source, name: one.name, first })
        first = tally.count
        if (tally.held >= batch || tally.hasRejections) {
          const read = tally.take()
          reading.add(side, number, read)
          reading.addRejections(one.name, read, 0)
        }
        reading.reads.push({ side, source: one.name, bytes, lines })
        reading.bytesRead += bytes
      })
    }
    for (let at = 0; at < streams.length; ) {
      const { access, name, source } = streams[at] ?? {}
      if (name === undefined || source === undefined) break
      const read = access === "whole" ? readSmall(at) : 0
      at += read === 0 ? 1 : read
      if (read > 0) {
        yield* goOn(name, reading.bytesRead)
        yield* PartPool.breathe
        continue
      }
      let inner = name
      let sourceBytes = 0
      let bytesOfLog = 0
      let hasLogs = false
      const takeIn = (): void => {
        const read = tally.take()
        reading.add(side, number, read)
        reading.addRejections(inner, read, 0)
      }
      run.sources.push({ source, name, first: tally.count })
      yield* LogStream.read(source, {
        all,
        listener: {
          begin: (log) =>
            Effect.sync(() => {
              inner = log === LogSource.nameOf(source) ? name : log
              hasLogs = true
              bytesOfLog = 0
              tally.scanner.begin({ from: 0, times: "always" })
            }),
          bytes: (bytes) =>
            Effect.sync(() => {
              bytesOfLog += bytes.length
              tally.scanner.push(bytes)
              if (tally.held >= batch) takeIn()
            }),
          end: Effect.sync(() => {
            tally.scanner.end()
            if (tally.held >= batch || tally.hasRejections) takeIn()
            const isSource = inner === name
            reading.reads.push({
              side,
              source: inner,
              bytes: isSource ? sourceBytes : bytesOfLog,
              lines: tally.scanner.lines
            })
          }),
          unread: (error) => Effect.sync(() => reading.unread.push(error)),
          leftOut: (log) => Effect.sync(() => reading.leftOut.push({ source: log, reason: SourceNames.unlikely })),
          progress: (bytes) =>
            Effect.suspend(() => {
              sourceBytes += bytes
              reading.bytesRead += bytes
              return tell(name, reading.bytesRead)
            })
        }
      }).pipe(Effect.catchAll((error) => Effect.sync(() => reading.unread.push(error))))
      if (!hasLogs) reading.reads.push({ side, source: name, bytes: sourceBytes, lines: 0 })
      yield* goOn(name, reading.bytesRead)
      yield* PartPool.breathe
    }
    run.count = tally.count
    reading.add(side, number, tally.take())
    if (reading.store.failure !== undefined) return yield* reading.store.failure
  }, Effect.scoped)

  const inParts = planned.filter(({ access }) => access === "parts")
  if (inParts.length > 0) yield* readParts(inParts)
  for (const side of ["baseline", "capture"] as const) {
    const streams = planned.filter((one) => one.access !== "parts" && one.side === side)
    if (streams.length > 0) yield* readStreams(side, streams)
  }
})
