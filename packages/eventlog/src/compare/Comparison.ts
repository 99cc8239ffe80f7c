/** A capture measured against a baseline: whether every event that the one has is in the other, by what the events are. */
import { BaselineReport, type Timeline, type TopicPattern } from "@genesys-replay/domain"
import { DateTime, Effect, Schema, type Scope, Stream } from "effect"
import type { Progress, SourceRead } from "../observe/LogReading.js"
import * as SourcePlan from "../observe/SourcePlan.js"
import * as FieldPath from "../scan/FieldPath.js"
import * as LogHead from "../source/LogHead.js"
import * as LogSource from "../source/LogSource.js"
import { partitions } from "../threads/EventEntries.js"
import type { EventOptions } from "../threads/EventTally.js"
import * as PartPlan from "../threads/PartPlan.js"
import * as PartPool from "../threads/PartPool.js"
import * as BaselineCopy from "./BaselineCopy.js"
import * as EventReading from "./EventReading.js"
import { EventStore, type Side } from "./EventStore.js"
import * as HashSeed from "./HashSeed.js"
import * as LackingConversations from "./LackingConversations.js"
import { Matching } from "./Matching.js"
import * as MissingEvents from "./MissingEvents.js"
import { MissingPlaces } from "./MissingPlaces.js"
import { SpillFile, type TemporaryFileFailure } from "./SpillFile.js"
import { TimeCells } from "./TimeCells.js"

export { BaselineChanged } from "./MissingEvents.js"
export { TemporaryFileFailure } from "./SpillFile.js"

/** What {@link compare} is told. */
export interface CompareOptions {
  /** Only events whose event time is at or after `start` and before `end`. Events without a time are rejected then. */
  readonly window?: { readonly start?: DateTime.Utc | undefined; readonly end?: DateTime.Utc | undefined } | undefined
  /**
   * Only events of these topics, all where there are none. A pattern stands for an event when it matches its `detail-type`, where ids are
   * written `{id}`, or its `detail.topicName`, where they are spelt out: `v2.users.{id}.presence` for all users, or the id of one.
   */
  readonly topics?: ReadonlyArray<TopicPattern.TopicPattern> | undefined
  /** Only events of the conversations with these ids, all where there are none: see `EventSelection`. */
  readonly conversations?: ReadonlyArray<string> | undefined
  /** Paths whose values make two envelopes one event, in place of what Genesys's events are told apart by: keys with dots between them. */
  readonly key?: ReadonlyArray<string> | undefined
  /** How many missing events are listed, 10 by default. */
  readonly maxMissing?: number | undefined
  /** How many stretches of time without events are listed for each topic, 20 by default. */
  readonly maxRanges?: number | undefined
  /** Into how many stretches of time a timeline is cut at the most, 1,440 by default; never more than 2,048. */
  readonly maxStretches?: number | undefined
  /**
   * By which time the events of a timeline are counted, `event` unless told. `envelope` is the one that an archive files and replays events
   * by; where an envelope has none, it is the event time. The window goes by the event time all the same.
   */
  readonly timelineBy?: "event" | "envelope" | undefined
  /** How many of the conversations that lack events are listed, 20 by default; with 0 they are not looked for. */
  readonly maxConversations?: number | undefined
  /** How many rejected records are shown, 10 by default. All are counted. */
  readonly maxRejected?: number | undefined
  /** So many rejected records do not weaken the verdict, 0 by default. */
  readonly allowRejected?: number | undefined
  /** Whether directories and archives are read whole, whatever the names of the files in them. */
  readonly all?: boolean | undefined
  /** In bytes, 1 GiB by default. What does not fit is kept in a temporary file (TMPDIR), about 32 bytes for each record. */
  readonly memory?: number | undefined
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** What is compared. */
export interface Comparison {
  readonly capture: ReadonlyArray<LogSource.LogSource>
  readonly baseline: ReadonlyArray<LogSource.LogSource>
  readonly options?: CompareOptions | undefined
}

/** What came of it. */
export interface Result {
  readonly report: BaselineReport.BaselineReport
  /** What was expected and what is missing over time, for each topic of the report whose events have times. */
  readonly timelines: ReadonlyMap<string | null, Timeline.Timeline>
  /** Which conversations lack events. */
  readonly conversations: LackingConversations.LackingConversations
  /** Records that were not looked at, as their topic, their conversation or their time is another. */
  readonly passedOver: { readonly capture: number; readonly baseline: number }
  /** Sources that were not read, or not to the end. */
  readonly unreadable: ReadonlyArray<LogSource.Unread>
  readonly sources: ReadonlyArray<SourceRead & { readonly side: Side }>
  /**
   * All missing events, in the order of the baseline, which is read again for each run of the stream: as long as the scope of
   * {@link compare} is open.
   */
  readonly missingEvents: Stream.Stream<MissingEvents.MissingRecord, MissingEvents.BaselineChanged>
}

/** There is nothing to measure against: an empty baseline would prove anything. */
export class BaselineEmpty extends Schema.TaggedError<BaselineEmpty>()("BaselineEmpty", {
  /** Events of other times, topics or conversations than what was asked for. */
  passedOver: Schema.NonNegativeInt,
  /** Records without an identity, or that are no JSON, on both sides. */
  rejected: Schema.NonNegativeInt,
  /** The reason of the first of those; null where there is none. */
  firstRejected: Schema.NullOr(Schema.String),
  /** What of the baseline or the capture was not read, and why. */
  unread: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const reasons = [
      ...(this.passedOver === 0 ? [] : [`${this.passedOver} of its events are of another time, topic or conversation`]),
      ...(this.rejected === 0
        ? []
        : [`${this.rejected} records were rejected (the first: ${this.firstRejected ?? "?"})`]),
      ...this.unread
    ]
    const why = reasons.length === 0 ? "" : `: ${reasons.join("; ")}`
    return `the baseline has no event to measure against${why}`
  }

  /** What to do about it. */
  get remedy(): string {
    return "name a baseline that has events of that time, of those topics and conversations"
  }
}

/** A window that ends before it begins, or has no length. */
export class InvalidWindow extends Schema.TaggedError<InvalidWindow>()("InvalidWindow", {
  start: Schema.String,
  end: Schema.String
}) {
  override get message(): string {
    return `the window from ${this.start} to ${this.end} holds no time`
  }

  /** What to do about it. */
  get remedy(): string {
    return "give a start before the end: the start belongs to the window, the end does not"
  }
}

const gibibyte = 1_073_741_824
/** With less memory than this there is no room to work in. */
const leastBytes = 16 * 1_048_576
/** Cells for the times of one topic, and over all topics. */
const mostCells = 131_072
const mostCellsInAll = 4_194_304

const optionsOf = Effect.fnUntraced(function* ({
  conversations,
  key,
  maxRejected,
  timelineBy,
  topics,
  window
}: CompareOptions) {
  const paths = key === undefined ? undefined : yield* Effect.forEach(key, FieldPath.parse)
  const startMs = window?.start === undefined ? Number.NEGATIVE_INFINITY : DateTime.toEpochMillis(window.start)
  const endMs = window?.end === undefined ? Number.POSITIVE_INFINITY : DateTime.toEpochMillis(window.end)
  if (window?.start !== undefined && window.end !== undefined && startMs >= endMs) {
    return yield* new InvalidWindow({ start: DateTime.formatIso(window.start), end: DateTime.formatIso(window.end) })
  }
  const options: EventOptions = {
    layout: { key: paths, seed: yield* HashSeed.draw },
    startMs,
    endMs,
    topics: topics ?? [],
    conversations: conversations ?? [],
    byEnvelope: timelineBy === "envelope",
    maxRejected: maxRejected ?? PartPlan.mostRejected
  }
  return options
})

/** What can be read once is copied, so that what is missing of it can be read again. */
const repeatable = Effect.fnUntraced(function* (
  planned: ReadonlyArray<EventReading.Planned>,
  reading: EventReading.EventReading,
  { onProgress }: CompareOptions
) {
  const small = PartPool.smallFile(yield* PartPool.PartPool)
  return yield* Effect.forEach(planned, (one) =>
    Effect.gen(function* () {
      if (one.access !== "stream" || one.size !== null) return one
      const { path, size, unread } = yield* BaselineCopy.make(
        one.source,
        (bytesRead) => onProgress?.({ source: one.name, bytesRead, bytesTotal: null }) ?? Effect.void
      )
      if (unread !== undefined) reading.unread.push(unread)
      return { ...one, ...LogHead.plan({ path, size, identity: path }, small) }
    })
  )
})

const plan = Effect.fnUntraced(function* (
  side: Side,
  sources: ReadonlyArray<LogSource.LogSource>,
  reading: EventReading.EventReading,
  options: CompareOptions
) {
  const { leftOut, planned, unreadable } = yield* SourcePlan.make(sources, options)
  reading.unread.push(...unreadable)
  reading.leftOut.push(...leftOut)
  return planned.map((one) => ({ ...one, side, name: LogSource.nameOf(one.source) }))
})

/** Compares what was read, partition after partition. */
const match = Effect.fnUntraced(function* (reading: EventReading.EventReading, mostBytes: number) {
  const { groups, runs, store } = reading
  const places = new MissingPlaces()
  const most = Math.max(1_440, Math.min(mostCells, Math.floor(mostCellsInAll / Math.max(1, groups.length))))
  const cells = groups.map((_, group) => {
    const span = store.spanOf(group)
    return span === undefined ? undefined : new TimeCells(span.firstMs, span.lastMs, most)
  })
  const matching = new Matching(
    store,
    {
      expected: (group, timeMs, isMissing, run, number) => {
        if (!Number.isNaN(timeMs)) cells[group]?.count(timeMs, isMissing)
        if (isMissing) places.add(run, number, runs[run]?.count ?? 0)
      }
    },
    mostBytes
  )
  for (let partition = 0; partition < partitions; partition++) {
    yield* Effect.try({ try: () => matching.match(partition), catch: SpillFile.failure })
    if (partition % 16 === 15) yield* PartPool.breathe
  }
  return { matching, cells, places }
})

const sorted = <A extends { readonly group: string | null }>(groups: ReadonlyArray<A>): ReadonlyArray<A> =>
  [...groups].sort(({ group: left }, { group: right }) =>
    left === right ? 0 : left === null || (right !== null && left < right) ? -1 : 1
  )

/** The first of the missing events, and the conversations that lack something. */
const lookAt = Effect.fnUntraced(function* (
  missing: Result["missingEvents"],
  { maxConversations = 20, maxMissing = 10 }: CompareOptions
) {
  const first: Array<BaselineReport.MissingEvent> = []
  const tally = new LackingConversations.ConversationTally()
  const wanted = maxConversations === 0 ? Stream.take(missing, maxMissing) : missing
  yield* Stream.runForEachChunk(wanted, (records) =>
    Effect.sync(() => {
      for (const record of records) {
        const { conversationId, lineNumber, source, timeMs, topic } = record
        const time = timeMs === null ? null : DateTime.unsafeMake(timeMs)
        if (first.length < maxMissing) first.push({ topic, time, conversationId, source, line: lineNumber })
        tally.add(record)
      }
    })
  )
  return { first, conversations: tally.result(maxConversations) }
})

/**
 * Compares a capture with a baseline. Expected is every distinct event of the baseline, inside the window, of the topics and the conversations; it came where
 * the capture has an event of the same identity (see `EventIdentity`), once or more often. Counts are exact; two different events are taken
 * for one with a probability below 2^-64, whoever wrote them. The order of events and of sources does not count.
 *
 * Large files are read by several threads. Memory stays within `memory`, whatever the sizes: beyond it, what is known of the events goes to
 * a temporary file, which is gone when the program ends, however it ends. What can be read once only, standard input, is compared as it
 * comes where it is the capture, and copied to a temporary file where it is the baseline.
 *
 * A source that cannot be read is named in `unreadable`, and the verdict is then never `complete`. Fails with `BaselineEmpty` where nothing
 * is expected, with `InvalidWindow` and `InvalidFieldPath` before anything is read, with `TemporaryFileFailure` where temporary files cannot
 * be written, and with `BaselineChanged` where the baseline changes meanwhile.
 */
export const compare = Effect.fn("Comparison.compare")(function* (
  comparison: Comparison
): Effect.fn.Return<
  Result,
  BaselineEmpty | InvalidWindow | FieldPath.InvalidFieldPath | TemporaryFileFailure | MissingEvents.BaselineChanged,
  Scope.Scope
> {
  const options = comparison.options ?? {}
  const all = options.all ?? false
  const eventOptions = yield* optionsOf(options)
  const memory = Math.max(leastBytes, options.memory ?? gibibyte)
  const store = new EventStore(memory / 2, yield* SpillFile.make)
  const reading = new EventReading.EventReading(store, eventOptions.maxRejected)
  const baseline = yield* repeatable(yield* plan("baseline", comparison.baseline, reading, options), reading, options)
  const capture = yield* plan("capture", comparison.capture, reading, options)
  yield* EventReading.readAll([...baseline, ...capture], reading, eventOptions, { all, onProgress: options.onProgress })

  const { cells, matching, places } = yield* match(reading, memory / 4)
  const unread = reading.unread.map(({ bytesRead, reason, source }) => ({ source, reason, bytesRead }))
  if (matching.baselineEvents === 0) {
    return yield* new BaselineEmpty({
      passedOver: reading.passedOver.baseline,
      rejected: reading.rejectedCount,
      firstRejected: reading.rejected[0]?.reason ?? null,
      unread: unread.map(({ reason, source }) => `${source} was not read: ${reason}`)
    })
  }

  const missingEvents = MissingEvents.stream({ runs: reading.runs, places, layout: eventOptions.layout, all })
  const { conversations, first } = yield* lookAt(missingEvents, options)
  const maxRanges = options.maxRanges ?? 20
  const groups = matching.groups.map(({ distinct, ...tally }, group) => ({
    ...tally,
    group: reading.groups[group] ?? null,
    duplicates: tally.observed - distinct,
    missingRanges: (cells[group]?.missingRanges(maxRanges) ?? []).map(({ count, fromMs, toMs }) => ({
      from: DateTime.unsafeMake(fromMs),
      to: DateTime.unsafeMake(toMs),
      count
    }))
  }))
  const timelines = cells.flatMap((one, group) =>
    one === undefined ? [] : [[reading.groups[group] ?? null, one.timeline(options.maxStretches ?? 1_440)] as const]
  )
  const { window } = options
  return {
    report: BaselineReport.make({
      window: window === undefined ? null : { start: window.start ?? null, end: window.end ?? null },
      groups: sorted(groups.filter(({ expected, observed }) => expected + observed > 0)),
      firstMissing: first,
      baselineEvents: matching.baselineEvents,
      rejected: { count: reading.rejectedCount, first: reading.rejected },
      allowRejected: options.allowRejected,
      unread,
      leftOut: SourcePlan.listed(reading.leftOut),
      unwrapped: reading.wrappings.listed()
    }),
    timelines: new Map(timelines),
    conversations,
    passedOver: { ...reading.passedOver },
    unreadable: reading.unread,
    sources: reading.reads,
    missingEvents
  }
})
