/** The missing events themselves, read from the baseline a second time. */
import { closeSync, openSync, readSync } from "node:fs"
import { EventIdentity, EventTime } from "@genesys-replay/domain"
import { Chunk, Effect, Queue, Schema, Stream, Take } from "effect"
import * as EventRecord from "../scan/EventRecord.js"
import { type IdentityEntry, type IdentityLayout, IdentityScanner } from "../scan/IdentityScanner.js"
import * as FilePath from "../source/FilePath.js"
import * as LogSource from "../source/LogSource.js"
import * as LogStream from "../source/LogStream.js"
import * as SystemReason from "../source/SystemReason.js"
import { eventsPerMark, markSize } from "../threads/EventTally.js"
import * as PartPool from "../threads/PartPool.js"
import type { Run, RunPart } from "./EventReading.js"
import type { MissingPlaces } from "./MissingPlaces.js"

/** A missing event, and where the baseline has it. */
export interface MissingRecord {
  /** The event as the baseline has it, in one line without its end. */
  readonly line: Uint8Array
  /** The `detail-type`; null where it has none. */
  readonly topic: string | null
  /** The event time in milliseconds since 1970; null where it has none. */
  readonly timeMs: number | null
  readonly conversationId: string | null
  /** The file, or `-` for standard input. */
  readonly source: string
  /** From 1. */
  readonly lineNumber: number
}

/** The baseline is not what it was when it was compared, so that what is missing of it cannot be told. */
export class BaselineChanged extends Schema.TaggedError<BaselineChanged>()("BaselineChanged", {
  source: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `the baseline ${this.source} changed while it was compared: ${this.reason}`
  }

  /** What to do about it. */
  get remedy(): string {
    return "compare with a file that nobody writes to"
  }
}

/** What missing events are read with. */
export interface MissingContext {
  readonly runs: ReadonlyArray<Run>
  readonly places: MissingPlaces
  readonly layout: IdentityLayout
  readonly all: boolean
}

const conversation: EventIdentity.Path = ["detail", "eventBody", "conversationId"]
const detailType: EventIdentity.Path = ["detail-type"]

const readSize = 262_144
/** As many pieces wait for who reads them. */
const ahead = 2

const isSpace = (byte: number): boolean => byte <= 32
const lineFeed = 10
const carriageReturn = 13

/** A record in one line: a line feed in it is white space between values, as no text has one. */
const inOneLine = (bytes: Uint8Array): Buffer => {
  const mark = bytes[0] === 0xef ? 3 : 0
  let from = mark
  let to = bytes.length
  while (from < to && isSpace(bytes[from] ?? 0)) from++
  while (to > from && isSpace(bytes[to - 1] ?? 0)) to--
  const line = Buffer.from(bytes.subarray(from, to))
  if (line.includes(lineFeed) || line.includes(carriageReturn)) {
    for (let at = 0; at < line.length; at++) if (line[at] === lineFeed || line[at] === carriageReturn) line[at] = 32
  }
  return line
}

const recordOf = (entry: IdentityEntry, source: string, lineNumber: number): MissingRecord => {
  const line = inOneLine(entry.bytes())
  const value: unknown = JSON.parse(line.toString())
  const conversationId = EventIdentity.valueAt(value, conversation)
  return {
    line,
    topic: EventRecord.groupOf(value, detailType),
    timeMs: EventTime.of(value) ?? null,
    conversationId: typeof conversationId === "string" ? conversationId : null,
    source,
    lineNumber
  }
}

/** Numbers events again as they were numbered first, and picks those that are missing. */
class Picker {
  readonly scanner: IdentityScanner
  number = 0
  run = 0
  source = ""
  linesBefore = 0
  private found: Array<MissingRecord> = []

  constructor(layout: IdentityLayout, places: MissingPlaces) {
    this.scanner = new IdentityScanner(layout, {
      identified: (entry, line) => {
        const number = this.number++
        if (places.has(this.run, number)) this.found.push(recordOf(entry, this.source, this.linesBefore + line))
      },
      rejected: () => undefined
    })
  }

  /** What was picked since the last time. */
  take(): Array<MissingRecord> {
    const { found } = this
    this.found = []
    return found
  }
}

type Emit = (records: ReadonlyArray<MissingRecord>) => Effect.Effect<void>

const changed = (source: string, reason: string) => new BaselineChanged({ source, reason })

const opened = (path: string, source: string) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => openSync(FilePath.toSystem(path), "r"),
      catch: (error) => changed(source, SystemReason.of(error))
    }),
    (file) => Effect.sync(() => closeSync(file))
  )

/** Reads of a part only what lies around the missing events. */
const readPart = Effect.fnUntraced(function* (
  { places }: MissingContext,
  picker: Picker,
  number: number,
  run: Run,
  part: RunPart,
  emit: Emit
) {
  const { end, linesBefore, marks, path } = part
  const source = run.sources[0]?.name ?? path
  const file = yield* opened(path, source)
  const room = Buffer.allocUnsafe(readSize)
  const count = marks.length / markSize
  /** Whether the mark stands inside of a record, which is read from its beginning. */
  const isInside = (mark: number) => (marks[markSize * mark + 2] ?? 0) > 0
  const lacks = (mark: number) =>
    places.hasAny(number, mark * eventsPerMark, Math.min((mark + 1) * eventsPerMark, run.count))
  for (let mark = 0; mark < count; mark++) {
    if (!lacks(mark)) continue
    let first = mark
    while (isInside(first)) first--
    while (mark + 1 < count && (lacks(mark + 1) || isInside(mark + 1))) mark++
    picker.number = first * eventsPerMark
    picker.source = source
    picker.linesBefore = linesBefore + (marks[markSize * first + 1] ?? 0)
    const from = marks[markSize * first] ?? 0
    const to = mark + 1 < count ? (marks[markSize * (mark + 1)] ?? end) : end
    picker.scanner.begin({ from, times: "array" })
    for (let at = from; at < to; ) {
      const length = yield* Effect.try({
        try: () => readSync(file, room, 0, Math.min(readSize, to - at), at),
        catch: (error) => changed(source, SystemReason.of(error))
      })
      if (length === 0) return yield* changed(source, "it became shorter")
      at += length
      picker.scanner.push(room.subarray(0, length))
      if (at === to) picker.scanner.end()
      yield* emit(picker.take())
      yield* PartPool.breathe
    }
    const expected = Math.min((mark + 1) * eventsPerMark, run.count)
    if (picker.number !== expected) return yield* changed(source, "it has other events than before")
  }
}, Effect.scoped)

const readSources = Effect.fnUntraced(function* (
  { all, places }: MissingContext,
  picker: Picker,
  number: number,
  run: Run,
  emit: Emit
) {
  for (const [at, { first, name, source }] of run.sources.entries()) {
    const end = run.sources[at + 1]?.first ?? run.count
    if (!places.hasAny(number, first, end)) continue
    picker.number = first
    picker.linesBefore = 0
    yield* LogStream.read(source, {
      all,
      listener: {
        begin: (log) =>
          Effect.sync(() => {
            picker.source = log === LogSource.nameOf(source) ? name : log
            picker.scanner.begin({ from: 0, times: "array" })
          }),
        bytes: (bytes) =>
          Effect.suspend(() => {
            picker.scanner.push(bytes)
            return emit(picker.take())
          }),
        end: Effect.suspend(() => {
          picker.scanner.end()
          return emit(picker.take())
        }),
        unread: () => Effect.void,
        leftOut: () => Effect.void,
        progress: () => Effect.void
      }
    }).pipe(Effect.mapError(({ reason }) => changed(name, reason)))
    if (picker.number !== end) return yield* changed(name, "it has other events than before")
  }
})

/** The missing events in the order of the baseline. Fails with {@link BaselineChanged}. */
export const stream = (context: MissingContext): Stream.Stream<MissingRecord, BaselineChanged> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const pieces = yield* Queue.bounded<Take.Take<MissingRecord, BaselineChanged>>(ahead)
      const picker = yield* Effect.acquireRelease(
        Effect.sync(() => new Picker(context.layout, context.places)),
        ({ scanner }) => Effect.sync(() => scanner.release())
      )
      const emit: Emit = (records) =>
        records.length === 0 ? Effect.void : Queue.offer(pieces, Take.chunk(Chunk.unsafeFromArray([...records])))
      yield* Effect.forEach(
        context.places.lacking,
        (number) => {
          const run = context.runs[number]
          if (run === undefined) return Effect.void
          picker.run = number
          return run.part === undefined
            ? readSources(context, picker, number, run, emit)
            : readPart(context, picker, number, run, run.part, emit)
        },
        { discard: true }
      ).pipe(
        Effect.matchEffect({
          onFailure: (error) => Queue.offer(pieces, Take.fail(error)),
          onSuccess: () => Queue.offer(pieces, Take.end)
        }),
        Effect.forkScoped
      )
      return Stream.flattenTake(Stream.fromQueue(pieces))
    })
  )
