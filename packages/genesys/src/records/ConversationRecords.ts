/**
 * The platform's own records of conversations in a window: what is older than its data availability comes from a job, the rest from
 * queries day by day. Each conversation comes once, in its later version.
 *
 * Source: `/api/v2/analytics/conversations/details`; see `AnalyticsApi`.
 */
import { Finality, PlatformRecords } from "@genesys-replay/domain"
import { Context, DateTime, Duration, Effect, Layer, Option, Stream } from "effect"
import type * as PlatformClient from "../client/PlatformClient.js"
import * as AnalyticsCalls from "./AnalyticsCalls.js"
import * as AnalyticsInterval from "./AnalyticsInterval.js"
import * as AsyncQuery from "./AsyncQuery.js"
import * as DayQuery from "./DayQuery.js"
import * as RecordsError from "./RecordsError.js"

export { permission } from "./AnalyticsCalls.js"

/** How far the reading is. */
export type Progress =
  /** The platform works on a job; `state` in its words. */
  | { readonly _tag: "JobWaited"; readonly state: string }
  /** So many conversations have come so far. `day` is the one that is asked for, `2024-01-15`; null while a job is read. */
  | { readonly _tag: "RecordsRead"; readonly conversations: number; readonly day: string | null }

/** What is asked for, and how. */
export interface Options {
  readonly start: DateTime.Utc
  readonly end: DateTime.Utc
  /** The longest conversation that is allowed for, 3 days by default: queries find a conversation by its start only. */
  readonly longestConversation?: Duration.Duration | undefined
  /** How far around the window is asked as well, 5 minutes by default: events are sent somewhat beside the times of records. */
  readonly margin?: Duration.Duration | undefined
  /** The longest interval of one job, 31 days by default. */
  readonly longestJob?: Duration.Duration | undefined
  /** Whether a window that the data lake does not have in full is refused with `RecordsNotAvailable`; it is not by default. */
  readonly availableOnly?: boolean | undefined
  /** How long jobs are waited for, and how often they are begun; an hour, three times, by default. */
  readonly job?: Partial<AsyncQuery.Settings> | undefined
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** What came of asking. */
export interface Retrieval {
  readonly retrievedAt: DateTime.Utc
  /** Up to when the data lake was complete at that time; null where the platform does not say. */
  readonly dataAvailableUntil: DateTime.Utc | null
  /** The records, each as it came. */
  readonly records: Stream.Stream<unknown, RecordsError.RecordsError>
}

/** The operations. */
export interface Service {
  /** Up to when the data lake is complete; none where the platform does not say. */
  readonly availability: Effect.Effect<Option.Option<DateTime.Utc>, AnalyticsCalls.CallError>
  /**
   * Asks for the availability, and gives the records to be read. Each conversation comes once; where it is in both, as the query has it,
   * which is the later version. A record without an id comes as it is. Jobs are removed when they are read, and on interruption. Memory
   * grows with the number of conversations by their ids.
   *
   * Fails with `WindowNotOver` before anything is asked, with `RecordsNotAvailable` where the window has to be available; the records fail
   * with every error of {@link RecordsError.RecordsError}.
   */
  readonly retrieve: (options: Options) => Effect.Effect<Retrieval, RecordsError.RecordsError>
  /** The records of {@link Retrieval}. */
  readonly stream: (options: Options) => Stream.Stream<unknown, RecordsError.RecordsError>
}

/** The records as a service. */
export class ConversationRecords extends Context.Tag("@genesys-replay/genesys/ConversationRecords")<
  ConversationRecords,
  Service
>() {
  /** The platform's. */
  static readonly layer: Layer.Layer<ConversationRecords, never, PlatformClient.PlatformClient> = Layer.effect(
    ConversationRecords,
    Effect.suspend(() => make)
  )

  /** The platform's, for those who prove windows by them: the records of a window once the data lake has all of them. */
  static readonly layerPlatformRecords: Layer.Layer<
    PlatformRecords.PlatformRecords,
    never,
    PlatformClient.PlatformClient
  > = Layer.effect(
    PlatformRecords.PlatformRecords,
    Effect.suspend(() => Effect.map(make, platformRecords))
  )
}

/** The id of a record as it came; null where it has none. */
const idOf = (record: unknown): string | null =>
  typeof record === "object" &&
  record !== null &&
  "conversationId" in record &&
  typeof record.conversationId === "string"
    ? record.conversationId
    : null

/** The parts of a window that a job and the queries are asked for; null where there is none. */
interface Parts {
  readonly job: AnalyticsInterval.AnalyticsInterval | null
  readonly query: AnalyticsInterval.AnalyticsInterval | null
}

/** A job has what had activity before `available`. A query has what started on a day, so the first day is one conversation earlier. */
const partsOf = (options: Options, available: DateTime.Utc | null): Parts => {
  const margin = options.margin ?? Duration.minutes(5)
  const start = DateTime.subtractDuration(options.start, margin)
  const widened = DateTime.addDuration(options.end, margin)
  // The margin alone is not worth a query.
  const isAvailable = available !== null && DateTime.lessThanOrEqualTo(options.end, available)
  const end = isAvailable ? DateTime.min(widened, available) : widened
  const jobEnd = available === null ? start : DateTime.min(end, available)
  const queryStart = DateTime.max(start, jobEnd)
  const earlier = options.longestConversation ?? Duration.days(3)
  return {
    job: DateTime.lessThan(start, jobEnd) ? { start, end: jobEnd } : null,
    query: DateTime.lessThan(queryStart, end) ? { start: DateTime.subtractDuration(queryStart, earlier), end } : null
  }
}

/** The records of the platform, over its client. */
export const make = Effect.gen(function* () {
  const calls = yield* AnalyticsCalls.make

  const records = (options: Options, { job, query }: Parts): Retrieval["records"] =>
    Stream.suspend(() => {
      const seen = new Set<string>()
      let conversations = 0
      const tell = (progress: Progress) => options.onProgress?.(progress) ?? Effect.void
      const isNew = (record: unknown): boolean => {
        const id = idOf(record)
        if (id !== null && seen.has(id)) return false
        if (id !== null) seen.add(id)
        conversations++
        return true
      }
      const isKnown = (record: unknown): boolean => {
        const id = idOf(record)
        return id === null || seen.has(id)
      }
      const told = (day: string | null) => Effect.suspend(() => tell({ _tag: "RecordsRead", conversations, day }))

      const queried = Stream.fromIterable(query === null ? [] : DayQuery.days(query)).pipe(
        Stream.flatMap((day) => {
          const name = DateTime.formatIsoDateUtc(day.start)
          return DayQuery.pages(calls, day, isKnown).pipe(
            Stream.map((page) => page.filter(isNew)),
            Stream.tap(() => told(name)),
            Stream.mapConcat((page) => page)
          )
        })
      )
      const longest = options.longestJob ?? Duration.days(31)
      const jobs = Stream.fromIterable(job === null ? [] : AnalyticsInterval.pieces(job, longest)).pipe(
        Stream.flatMap((piece) =>
          AsyncQuery.run(calls.job(piece), { ...AsyncQuery.settings, ...options.job }, (state) =>
            tell({ _tag: "JobWaited", state })
          )
        ),
        Stream.filter(isNew),
        Stream.chunks,
        Stream.tap(() => told(null)),
        Stream.flattenChunks
      )
      // The later versions first: what a job has of the same conversations is older.
      return Stream.concat(queried, jobs)
    })

  const retrieve = Effect.fn("ConversationRecords.retrieve")(function* (options: Options) {
    const retrievedAt = yield* DateTime.now
    const { end } = options
    if (DateTime.greaterThan(end, retrievedAt)) return yield* new RecordsError.WindowNotOver({ end, now: retrievedAt })
    const dataAvailableUntil = Option.getOrNull(yield* calls.availability)
    if (options.availableOnly === true && !Finality.isAvailable({ dataAvailableUntil, end })) {
      return yield* new RecordsError.RecordsNotAvailable({ end, dataAvailableUntil })
    }
    return { retrievedAt, dataAvailableUntil, records: records(options, partsOf(options, dataAvailableUntil)) }
  })

  return ConversationRecords.of({
    availability: Effect.withSpan(calls.availability, "ConversationRecords.availability"),
    retrieve,
    stream: (options) => Stream.unwrap(Effect.map(retrieve(options), (retrieval) => retrieval.records))
  })
})

const platformRecords = ({ availability, retrieve }: Service): PlatformRecords.Service => ({
  configured: Effect.void,
  availability,
  retrieve: (window) => retrieve({ ...window, availableOnly: true })
})
