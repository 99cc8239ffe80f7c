/** A judgement as a report, and what is told beside it. */
import {
  type Calibration,
  ConversationTopic,
  Coverage,
  ExpectedEvents,
  Finality,
  RecordsReport,
  type SequenceReport,
  type Timeline
} from "@genesys-replay/domain"
import { DateTime } from "effect"
import * as RecordBatch from "../conversation/RecordBatch.js"
import * as TopicNumber from "../conversation/TopicNumber.js"
import * as SourcePlan from "../observe/SourcePlan.js"
import type { SourceNotes } from "./ConversationReading.js"
import type { Judgement } from "./Judgement.js"

/** How much is listed. */
export interface Limits {
  readonly maxMissing: number
  readonly maxConversations: number
  readonly maxRanges: number
  readonly maxStretches: number
}

/** What is known beside the judgement. */
export interface Circumstances {
  readonly window: { readonly start: DateTime.Utc; readonly end: DateTime.Utc }
  readonly dataAvailableUntil: DateTime.Utc | null
  readonly retrievedAt: DateTime.Utc | null
  /** Conversations of which there is a record. */
  readonly conversations: number
  readonly otherEvents: number
  readonly capture: SourceNotes
  readonly records: ReadonlyArray<SourceNotes>
  readonly findings: RecordsReport.RecordsReport["findings"]
}

const instant = (ms: number): DateTime.Utc => DateTime.unsafeMake(ms)
const instantOrNull = (ms: number): DateTime.Utc | null => (Number.isNaN(ms) ? null : instant(ms))

/** What is missing in a row. */
export const missingEvent = ({ table }: Judgement, row: number): RecordsReport.MissingEvent => {
  const flowOutcomeId = table.flowOutcomeId(row)
  return {
    topic: TopicNumber.detailType(table.topicOf(row)),
    conversationId: table.conversationId(table.conversationOf(row)),
    participantId: table.participantId(row),
    sessionId: table.sessionId(row),
    ...(flowOutcomeId === null ? {} : { flowOutcomeId }),
    expectedAt: instant(table.expectedAt(row))
  }
}

const conversationEvent = (judgement: Judgement, row: number): RecordsReport.ConversationEvent => {
  const { table } = judgement
  const flowOutcomeId = table.flowOutcomeId(row)
  const reason = RecordBatch.reasonOf(judgement.reasonAt(row))
  const found = table.classes[table.classNumberOf(row)]
  return {
    topic: TopicNumber.detailType(table.topicOf(row)),
    participantId: table.participantId(row),
    purpose: found?.purpose ?? "",
    mediaType: found?.mediaType ?? "",
    sessionId: table.sessionId(row),
    ...(flowOutcomeId === null ? {} : { flowOutcomeId }),
    expectedAt: instantOrNull(table.expectedAt(row)),
    at: instantOrNull(table.cameAt(row)),
    state: reason !== null ? "not judged" : table.hasCome(row) ? "came" : "missing",
    ...(reason === null ? {} : { reason })
  }
}

/** What is outside of the window, or of another topic, was not looked for: where it came it is told, and where not nobody knows. */
const isTold = (judgement: Judgement, row: number): boolean =>
  judgement.standingAt(row) !== "outside" || judgement.table.hasCome(row)

const millis = ({ at, expectedAt }: RecordsReport.ConversationEvent): number => {
  const time = at ?? expectedAt
  return time === null ? Number.POSITIVE_INFINITY : DateTime.toEpochMillis(time)
}

/** Its whole story, also outside of the window: one that lacks its end is understood by its beginning. */
const conversationOf = (judgement: Judgement, number: number): RecordsReport.IncompleteConversation => ({
  conversationId: judgement.table.conversationId(number),
  expected: judgement.expectedOf[number] ?? 0,
  missing: judgement.missingOf[number] ?? 0,
  events: Array.from(judgement.table.rowsOf(number))
    .filter((row) => isTold(judgement, row))
    .map((row) => conversationEvent(judgement, row))
    .sort((left, right) => millis(left) - millis(right))
})

/** The conversations that lack most; of those that lack as much, the first in the records. */
const worst = ({ missingOf }: Judgement, most: number): ReadonlyArray<number> => {
  const lacking: Array<number> = []
  for (const [number, missing] of missingOf.entries()) if (missing > 0) lacking.push(number)
  return lacking.sort((one, other) => (missingOf[other] ?? 0) - (missingOf[one] ?? 0) || one - other).slice(0, most)
}

const groupsOf = ({ topics }: Judgement, { maxRanges }: Limits): ReadonlyArray<RecordsReport.GroupReport> =>
  topics.flatMap(({ came, cells, expected, notJudged, unexpected }, number) =>
    expected + notJudged + unexpected === 0
      ? []
      : [
          {
            group: TopicNumber.detailType(number),
            expected,
            unique: came,
            missing: expected - came,
            unexpected,
            notJudged,
            coveragePercentage: Coverage.percentage(came, expected),
            missingRanges: (cells?.missingRanges(maxRanges) ?? []).map(({ count, fromMs, toMs }) => ({
              from: instant(fromMs),
              to: instant(toMs),
              count
            }))
          }
        ]
  )

/** What was expected and missing over time, of each topic of the report of which something was expected. */
export const timelines = ({ topics }: Judgement, { maxStretches }: Limits): ReadonlyMap<string, Timeline.Timeline> =>
  new Map(
    topics.flatMap(({ cells }, number) =>
      cells === undefined ? [] : [[TopicNumber.detailType(number), cells.timeline(maxStretches)] as const]
    )
  )

const first = (notes: ReadonlyArray<SourceNotes>): ReadonlyArray<SequenceReport.RejectedRecord> =>
  notes.flatMap(({ rejected }) => rejected)

/** The report. */
export const report = (
  judgement: Judgement,
  { capture, findings, records, ...known }: Circumstances,
  limits: Limits
): RecordsReport.RecordsReport => {
  const groups = groupsOf(judgement, limits)
  const all = [capture, ...records]
  const unread = all.flatMap((notes) =>
    notes.unread.map(({ bytesRead, reason, source }) => ({ source, reason, bytesRead }))
  )
  const rejectedRecords = { count: records.reduce((sum, one) => sum + one.rejectedCount, 0), first: first(records) }
  const { conversations, dataAvailableUntil, otherEvents, retrievedAt, window } = known
  let incomplete = 0
  for (const missing of judgement.missingOf) if (missing > 0) incomplete++
  return {
    isComplete: judgement.missing.length === 0,
    completeness: RecordsReport.completenessOf({ groups, rejectedRecords, unread }),
    verdict: Finality.of({ end: window.end, dataAvailableUntil, retrievedAt }),
    dataAvailableUntil,
    finalFrom: Finality.finalFrom(window.end),
    window,
    conversations,
    groups,
    missing: {
      count: judgement.missing.length,
      first: Array.from(judgement.missing.subarray(0, limits.maxMissing), (row) => missingEvent(judgement, row))
    },
    incomplete: {
      count: incomplete,
      first: worst(judgement, limits.maxConversations).map((number) => conversationOf(judgement, number))
    },
    notJudged: [...judgement.notJudged]
      .flatMap(([number, count]) => {
        const reason = RecordBatch.reasonOf(number)
        return reason === null ? [] : [{ reason, count }]
      })
      .sort((left, right) => right.count - left.count),
    apart: judgement.apart,
    missingAtEdge: judgement.missingAtEdge,
    otherEvents,
    rejected: { count: capture.rejectedCount, first: capture.rejected },
    rejectedRecords,
    findings,
    unread,
    leftOut: SourcePlan.listed(all.flatMap(({ leftOut }) => leftOut))
  }
}

/** What a good day teaches: of each class of sessions, how often each event came that the table of expected events makes one expect. */
export const calibration = (
  { options, table }: Judgement,
  window: Circumstances["window"]
): Calibration.Calibration => {
  const shares = new Map<number, { expected: number; came: number }>()
  const sessions = new Map<number, Set<number>>()
  for (let row = 0; row < table.expectedCount; row++) {
    const reason = RecordBatch.reasonOf(table.reasonAt(row))
    const atMs = table.expectedAt(row)
    const isLearnt = reason === null || ExpectedEvents.isCalibratable(reason)
    if (!table.isLive(row) || !isLearnt || !(atMs >= options.startMs && atMs < options.endMs)) continue
    const number = table.classNumberOf(row)
    const place = number * TopicNumber.count + table.topicOf(row)
    const share = shares.get(place) ?? { expected: 0, came: 0 }
    shares.set(place, { expected: share.expected + 1, came: share.came + (table.hasCome(row) ? 1 : 0) })
    const seen = sessions.get(number) ?? new Set<number>()
    sessions.set(number, seen.add(table.sessionOf(row)))
  }
  return {
    version: 1,
    window,
    classes: [...sessions].flatMap(([number, seen]) => {
      const found = table.classes[number]
      if (found === undefined) return []
      const topics = ConversationTopic.names.flatMap((topic, at) => {
        const share = shares.get(number * TopicNumber.count + at)
        return share === undefined ? [] : [{ topic, ...share }]
      })
      return topics.length === 0 ? [] : [{ class: found, sessions: seen.size, topics }]
    })
  }
}
