/** A capture measured against the platform's own records: whether every event came that they make one expect. */
import type { Calibration, RecordsReport, Timeline, TopicPattern } from "@genesys-replay/domain"
import * as TopicMatch from "@genesys-replay/domain/TopicMatch"
import { Chunk, DateTime, Duration, Effect, Schema, type Scope, Stream } from "effect"
import { InvalidWindow } from "../compare/Comparison.js"
import { type RecordBatch, type RecordOptions, RecordTally } from "../conversation/RecordBatch.js"
import * as TopicNumber from "../conversation/TopicNumber.js"
import type { Progress, SourceRead } from "../observe/LogReading.js"
import type * as LogSource from "../source/LogSource.js"
import * as PartPlan from "../threads/PartPlan.js"
import * as ConversationReading from "./ConversationReading.js"
import { ExpectationTable } from "./ExpectationTable.js"
import { Judgement } from "./Judgement.js"
import * as ReportOf from "./ReportOf.js"

/** Records in files: one a line or one after another, in arrays, or in pages as the API gives them; compressed, or in archives. */
export interface RecordFiles {
  readonly _tag: "RecordFiles"
  readonly sources: ReadonlyArray<LogSource.LogSource>
}

/** Records as they come, each as parsed JSON. */
export interface RecordStream<E, R> {
  readonly _tag: "RecordStream"
  readonly records: Stream.Stream<unknown, E, R>
  /** Up to when the platform says that its records are complete; null where it does not say. */
  readonly dataAvailableUntil: DateTime.Utc | null
  readonly retrievedAt: DateTime.Utc
}

/** See {@link RecordFiles} and {@link RecordStream}. */
export type Records<E, R> = RecordFiles | RecordStream<E, R>

/** What {@link reconcile} is told. */
export interface ReconcileOptions {
  /** Expected events of this time: at or after `start`, before `end`. */
  readonly window: { readonly start: DateTime.Utc; readonly end: DateTime.Utc }
  /** Only events of these topics, as `detail-type` has them; all where there are none. */
  readonly topics?: ReadonlyArray<TopicPattern.TopicPattern> | undefined
  /** How far an event's time may be from what the records say before it is told, 5 seconds by default. It changes no match. */
  readonly tolerance?: Duration.Duration | undefined
  /** What a good day has taught; without it the table of expected events says what is judged. */
  readonly calibration?: Calibration.Calibration | undefined
  /** How many missing events are listed, 10 by default. */
  readonly maxMissing?: number | undefined
  /** How many of the conversations that lack something are told with all they have, 10 by default. */
  readonly maxConversations?: number | undefined
  /** How many stretches of time without events are listed for each topic, 20 by default. */
  readonly maxRanges?: number | undefined
  /** Into how many stretches of time a timeline is cut at the most, 1,440 by default; never more than 2,048. */
  readonly maxStretches?: number | undefined
  /** How many rejected records are shown of each kind, 10 by default. All are counted. */
  readonly maxRejected?: number | undefined
  /** Whether directories and archives are read whole, whatever the names of the files in them. */
  readonly all?: boolean | undefined
  /** Told while files are read. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** What is measured. */
export interface Reconciliation<E, R> {
  readonly capture: ReadonlyArray<LogSource.LogSource>
  /** The records of conversations. */
  readonly records: Records<E, R>
  /** The records of audits, where these are measured as well. */
  readonly audits?: Records<E, R> | undefined
  readonly options: ReconcileOptions
}

/** What came of it. */
export interface Result {
  readonly report: RecordsReport.RecordsReport
  /** What was expected and what is missing over time, for each topic of which something was expected. */
  readonly timelines: ReadonlyMap<string, Timeline.Timeline>
  /** All missing events, in order of time. */
  readonly missingEvents: Iterable<RecordsReport.MissingEvent>
  /** What this window would teach, were it known to be good. */
  readonly calibration: () => Calibration.Calibration
  /** Sources that were not read, or not to the end. */
  readonly unreadable: ReadonlyArray<LogSource.Unread>
  readonly sources: ReadonlyArray<SourceRead>
}

/** The files have no record of a conversation: they would prove anything. */
export class RecordsEmpty extends Schema.TaggedError<RecordsEmpty>()("RecordsEmpty", {
  /** Records that could not be read. */
  rejected: Schema.NonNegativeInt,
  /** The reason of the first of those; null where there is none. */
  firstRejected: Schema.NullOr(Schema.String),
  /** What was not read, and why. */
  unread: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const reasons = [
      ...(this.rejected === 0
        ? []
        : [`${this.rejected} records were rejected (the first: ${this.firstRejected ?? "?"})`]),
      ...this.unread
    ]
    return `there is no conversation record to measure by${reasons.length === 0 ? "" : `: ${reasons.join("; ")}`}`
  }

  /** What to do about it. */
  get remedy(): string {
    return "name files with the records of conversations: one a line, arrays, or pages as the platform gives them"
  }
}

/** The name under which what the platform gives is told. */
const platform = "the platform's records"
/** So many expected events wait before they are handed over. */
const batch = 65_536

/** What pages and batches of records say of themselves. */
class RecordNotes {
  availableUntilMs = Number.NaN
  retrievedAtMs = Number.NaN
  findings: Array<RecordsReport.RecordsReport["findings"]["first"][number]> = []
  findingsCount = 0

  add({ availableUntilMs, findings, findingsCount, retrievedAtMs }: RecordBatch): void {
    this.availableUntilMs = earlier(this.availableUntilMs, availableUntilMs)
    this.retrievedAtMs = earlier(this.retrievedAtMs, retrievedAtMs)
    this.findingsCount += findingsCount
    this.findings = [...this.findings, ...findings].slice(0, 10)
  }
}

const earlier = (one: number, other: number): number =>
  Number.isNaN(one) ? other : Number.isNaN(other) ? one : Math.min(one, other)

const instantOf = (ms: number): DateTime.Utc | null => (Number.isNaN(ms) ? null : DateTime.unsafeMake(ms))

/** Reads a stream of records into the table. */
const readStream = <E, R>({ records }: RecordStream<E, R>, options: RecordOptions, add: (batch: RecordBatch) => void) =>
  Effect.gen(function* () {
    const notes = new ConversationReading.SourceNotes(options.maxRejected)
    const tally = yield* Effect.acquireRelease(
      Effect.sync(() => new RecordTally(options)),
      ({ scanner }) => Effect.sync(() => scanner.release())
    )
    const handOver = (): void => {
      const found = tally.take()
      notes.reject(platform, found.rejectedCount, found.rejections, 0)
      add(found)
    }
    let count = 0
    yield* Stream.runForEachChunk(records, (chunk) =>
      Effect.sync(() => {
        for (const record of Chunk.toReadonlyArray(chunk)) tally.record(record, ++count, undefined)
        if (tally.held >= batch) handOver()
      })
    )
    handOver()
    return notes
  }).pipe(Effect.scoped)

/**
 * Measures a capture against records. Expected is every event that the records make one expect inside the window (see `ExpectedEvents`) and
 * that can be judged; it came where the capture has an event of the same topic, conversation, participant, session and flow outcome, whatever
 * its time. Of a conversation that is there in several versions the later one counts. Counts are exact.
 *
 * Large files are read by several threads. Memory grows with the records, some 500 bytes for a conversation's session and what it makes one
 * expect, and with events that nothing makes one expect; not with the capture.
 *
 * A source that cannot be read is named in `unreadable`, and the report is then never `complete`. Fails with `InvalidWindow` before anything
 * is read, with `RecordsEmpty` where files have no conversation at all, and with what a stream of records fails with.
 */
export const reconcile = Effect.fn("Reconciliation.reconcile")(function* <E = never, R = never>(
  reconciliation: Reconciliation<E, R>
): Effect.fn.Return<Result, E | InvalidWindow | RecordsEmpty, R | Scope.Scope> {
  const { audits, capture, options, records } = reconciliation
  const { end, start } = options.window
  if (!DateTime.lessThan(start, end)) {
    return yield* new InvalidWindow({ start: DateTime.formatIso(start), end: DateTime.formatIso(end) })
  }
  const maxRejected = options.maxRejected ?? PartPlan.mostRejected
  const reading = { all: options.all, maxRejected, onProgress: options.onProgress }
  const table = new ExpectationTable()
  const known = new RecordNotes()
  let order = 0

  const readRecords = Effect.fnUntraced(function* (from: Records<E, R>, kind: RecordOptions["records"]) {
    const recordOptions = { records: kind, maxRejected }
    if (from._tag === "RecordStream") {
      return yield* readStream(from, recordOptions, (found) => {
        known.add(found)
        table.add(found, order++)
      })
    }
    const before = order
    return yield* ConversationReading.read(
      from.sources,
      { _tag: "Records", options: recordOptions },
      reading,
      (piece, number) => {
        if (piece._tag !== "Records") return
        known.add(piece.read)
        table.add(piece.read, before + number)
        order = Math.max(order, before + number + 1)
      }
    )
  })

  const conversationNotes = yield* readRecords(records, "conversations")
  if (records._tag === "RecordFiles" && table.conversationCount === 0) {
    return yield* new RecordsEmpty({
      rejected: conversationNotes.rejectedCount,
      firstRejected: conversationNotes.rejected[0]?.reason ?? null,
      unread: conversationNotes.unread.map(({ message }) => message)
    })
  }
  const conversations = table.conversationCount
  const auditNotes = audits === undefined ? [] : [yield* readRecords(audits, "audits")]
  table.seal()

  const patterns = options.topics ?? []
  const judgement = new Judgement(table, {
    startMs: DateTime.toEpochMillis(start),
    endMs: DateTime.toEpochMillis(end),
    isWanted: (topic) => (topic === TopicNumber.audit ? audits !== undefined : true) && isNamed(topic),
    toleranceMs: Duration.toMillis(options.tolerance ?? Duration.seconds(5)),
    calibration: options.calibration ?? null
  })
  function isNamed(topic: number): boolean {
    return (
      patterns.length === 0 || patterns.some((pattern) => TopicMatch.matches(pattern, TopicNumber.detailType(topic)))
    )
  }
  let otherEvents = 0
  const captureNotes = yield* ConversationReading.read(capture, { _tag: "Events", maxRejected }, reading, (piece) => {
    if (piece._tag !== "Events") return
    otherEvents += piece.read.others
    table.match(piece.read, judgement.visit)
  })
  judgement.judge()

  const fromFiles = {
    dataAvailableUntil: instantOf(known.availableUntilMs),
    retrievedAt: instantOf(known.retrievedAtMs)
  }
  const { dataAvailableUntil, retrievedAt } = records._tag === "RecordStream" ? records : fromFiles
  const limits = {
    maxMissing: options.maxMissing ?? 10,
    maxConversations: options.maxConversations ?? 10,
    maxRanges: options.maxRanges ?? 20,
    maxStretches: options.maxStretches ?? 1_440
  }
  const recordNotes = [conversationNotes, ...auditNotes]
  const result: Result = {
    report: ReportOf.report(
      judgement,
      {
        window: options.window,
        dataAvailableUntil,
        retrievedAt,
        conversations,
        otherEvents,
        capture: captureNotes,
        records: recordNotes,
        findings: { count: known.findingsCount, first: known.findings }
      },
      limits
    ),
    timelines: ReportOf.timelines(judgement, limits),
    missingEvents: {
      *[Symbol.iterator]() {
        for (const row of judgement.missing) yield ReportOf.missingEvent(judgement, row)
      }
    },
    calibration: () => ReportOf.calibration(judgement, options.window),
    unreadable: [captureNotes, ...recordNotes].flatMap(({ unread }) => unread),
    sources: [captureNotes, ...recordNotes].flatMap(({ reads }) => reads)
  }
  return result
})
