/** What a heal measures by: a baseline, or the platform's own records; the comparisons are those of `verify` and `reconcile`. */
import { FileSystem } from "@effect/platform"
import { EventIdentity, EventTime, FilingDelay, Instant, RecordsReport } from "@genesys-replay/domain"
import { Comparison, type LogSource, Reconciliation } from "@genesys-replay/eventlog"
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
import type { Heal } from "@genesys-replay/pipeline"
import { DateTime, Duration, Effect, Option, Schema, Stream } from "effect"
import * as ReconcileArguments from "../reconcile/ReconcileArguments.js"
import * as OutputFile from "../terminal/OutputFile.js"
import * as TopicOption from "../terminal/TopicOption.js"
import * as Reading from "../verify/Reading.js"
import type { Asked } from "./HealArguments.js"
import * as HealFiles from "./HealFiles.js"

/** Something that is measured by cannot be read: what it has would be taken for missing, and replayed. */
export class MeasureUnread extends Schema.TaggedError<MeasureUnread>()("MeasureUnread", {
  sources: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return this.sources.map((source) => DisplayText.safe(source, true)).join("\n")
  }
  /** What to do. */
  get remedy(): string {
    return "make it readable, or leave it out, and run the same command again"
  }
}

const allRead = (unreadable: ReadonlyArray<LogSource.Unread>) =>
  unreadable.length === 0
    ? Effect.void
    : new MeasureUnread({ sources: unreadable.map(({ reason, source }) => `${source}: ${reason}`) })

/** At most so many missing events are told one by one. */
const mostTold = 10

// Cells of at most a minute, so that what is expected in whole minutes can be counted.
const stretchesOf = ({ end, start }: Heal.Healed): number =>
  Math.ceil(Duration.toMinutes(DateTime.distanceDuration(start, end))) + 2

// A capture that is to be begun has nothing yet.
const captureOf = Effect.fn("Measures.captureOf")(function* ({ captured }: Asked) {
  const files = yield* FileSystem.FileSystem
  return (yield* Effect.orElseSucceed(files.exists(captured), () => true)) ? Reading.sourcesOf([captured]) : []
})

const topicsOf = ({ window }: Heal.Healed) => Effect.forEach(window.topics, TopicOption.read)

const rejectedDoubt = (count: number, what: string): ReadonlyArray<string> =>
  count === 0 ? [] : [`${count} ${what} could not be read`]

const text = new TextDecoder()
const parsed = Option.liftThrowable((line: string): unknown => JSON.parse(line))

// A replay is asked for by the time of the envelope, which the event time is close to.
const envelopeMs = (line: string): number | undefined => {
  const time = Option.map(parsed(line), (envelope) => EventIdentity.valueAt(envelope, EventTime.ofEnvelope))
  return Option.isSome(time) && typeof time.value === "string"
    ? Option.getOrUndefined(Option.map(Instant.parse(time.value), DateTime.toEpochMillis))
    : undefined
}

const byBaseline = Effect.fn("Measures.byBaseline")(function* (asked: Asked, directory: string, healed: Heal.Healed) {
  const { end, id, isNew, start } = healed
  const onProgress = yield* Reading.progress
  const { missingEvents, report, timelines, unreadable } = yield* Comparison.compare({
    capture: yield* captureOf(asked),
    baseline: Reading.sourcesOf(asked.against),
    options: {
      window: { start, end },
      topics: yield* topicsOf(healed),
      maxMissing: mostTold,
      maxStretches: stretchesOf(healed),
      timelineBy: "envelope",
      maxConversations: 0,
      onProgress
    }
  })
  yield* allRead(unreadable)
  const missing: Array<Heal.HealMeasure["missing"][number]> = []
  let areFiled = true
  const collect = (write: OutputFile.Write | undefined) =>
    Stream.runForEachChunk(missingEvents, (events) => {
      const lines: Array<string> = []
      for (const { line, timeMs, topic } of events) {
        const whole = text.decode(line)
        const filedMs = envelopeMs(whole)
        areFiled = areFiled && filedMs !== undefined
        missing.push({ timeMs: filedMs ?? timeMs, topic })
        lines.push(`${whole}\n`)
      }
      return write?.(lines.join("")) ?? Effect.void
    })
  if (isNew) {
    const files = yield* HealFiles.of(directory, id)
    yield* OutputFile.replace(files.missing, { isLines: true, mode: 0o600 }, collect)
  } else yield* collect(undefined)
  return {
    missing,
    first: report.missing.first.map(({ conversationId, time, topic }) => ({
      topic,
      time: time === null ? null : Instant.format(time),
      conversationId
    })),
    earlierMs: 0,
    // Where its envelope's time is not known.
    laterMs: areFiled ? 0 : FilingDelay.ofEventTime.laterMs,
    timelines: [...timelines.values()],
    notJudged: 0,
    doubts: rejectedDoubt(report.rejected.count, "records of the capture or the baseline")
  } satisfies Heal.HealMeasure
}, Effect.scoped)

const encodeMissing = Schema.encodeSync(RecordsReport.MissingEvent)

const byRecords = Effect.fn("Measures.byRecords")(function* (asked: Asked, directory: string, healed: Heal.Healed) {
  const { end, id, isNew, start } = healed
  const RecordSources = yield* Effect.promise(() => import("../reconcile/RecordSources.js"))
  const onProgress = yield* Reading.progress
  const topics = yield* topicsOf(healed)
  const options = {
    window: { start, end },
    topics,
    maxMissing: mostTold,
    maxConversations: 0,
    maxStretches: stretchesOf(healed),
    onProgress
  }
  const capture = yield* captureOf(asked)
  const fromPlatform = Effect.gen(function* () {
    const { layer } = yield* Effect.promise(() => import("../wiring/PlatformRecords.js"))
    const meaning: ReconcileArguments.Meaning = { ...options, ...ReconcileArguments.defaults }
    const silent = { set: () => Effect.void, log: () => Effect.void }
    return yield* Effect.flatMap(RecordSources.ofPlatform(meaning, silent, undefined), (records) =>
      Reconciliation.reconcile({ capture, records, options })
    ).pipe(Effect.provide(layer))
  })
  const { missingEvents, report, timelines, unreadable } = yield* asked.reconcile
    ? fromPlatform
    : Reconciliation.reconcile({ capture, records: RecordSources.ofFiles(asked.records), options })
  yield* allRead(unreadable)
  const all = [...missingEvents]
  if (isNew) {
    const files = yield* HealFiles.of(directory, id)
    yield* OutputFile.replace(files.missing, { isLines: true, mode: 0o600 }, (write) =>
      write(all.map((event) => `${JSON.stringify(encodeMissing(event))}\n`).join(""))
    )
  }
  return {
    missing: all.map(({ expectedAt, topic }) => ({ timeMs: DateTime.toEpochMillis(expectedAt), topic })),
    first: report.missing.first.map(({ conversationId, expectedAt, topic }) => ({
      topic,
      time: Instant.format(expectedAt),
      conversationId
    })),
    ...FilingDelay.ofRecords,
    timelines: [...timelines.values()],
    notJudged: report.notJudged.reduce((sum, { count }) => sum + count, 0),
    doubts: [
      ...rejectedDoubt(report.rejectedRecords.count, "conversation records"),
      ...(report.completeness === "not proven" && report.rejectedRecords.count === 0
        ? ["the records make one expect nothing in the window"]
        : [])
    ]
  } satisfies Heal.HealMeasure
}, Effect.scoped)

/** Measures what is missing now; of a new heal it is kept in the directory which events those are. */
export const measure = (asked: Asked, directory: string) =>
  Effect.fn("Measures.measure")(function* (healed: Heal.Healed) {
    return asked.against.length > 0
      ? yield* byBaseline(asked, directory, healed)
      : yield* byRecords(asked, directory, healed)
  })
