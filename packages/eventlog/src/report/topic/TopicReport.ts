/**
 * What of the expected events came, topic by topic: the one form in which every measure that goes by events is shown, as text and as page.
 * What makes an event expected, a baseline or the platform's own records, is for who fills it in.
 */
import {
  type BaselineReport,
  Coverage,
  Plural,
  type RecordsReport,
  type SequenceReport,
  type Timeline
} from "@genesys-replay/domain"
import { DateTime } from "effect"
import * as TimeMap from "../map/TimeMap.js"

/** The events of one topic. */
export interface Topic {
  /** The topic with its `{id}`; null where events name none. */
  readonly name: string | null
  readonly expected: number
  /** Of the expected events those that came; with `missing` all of them. */
  readonly came: number
  readonly missing: number
  /** Events that came and were not expected. */
  readonly unexpected: number
  /** Records beyond the first of an event, where that was counted. */
  readonly duplicates?: number | undefined
  /** What cannot be judged, where the measure knows such. Never called missing. */
  readonly notJudged?: number | undefined
  /** `came` over `expected`, in percent: two decimals, never 100 while something is missing. */
  readonly coveragePercentage: number
  /** When events were expected and missing. Without it the topic has no map. */
  readonly timeline?: Timeline.Timeline | undefined
}

/** An event that is missing. */
export interface MissingEvent {
  readonly topic: string | null
  readonly time: DateTime.Utc | null
  readonly conversationId: string | null
  /** Where it is told of, such as file and line. */
  readonly place: string | null
}

/** A conversation of which something is missing. */
export interface Conversation {
  readonly conversationId: string
  readonly missing: number
  /** The topics of what is missing. */
  readonly topics: ReadonlyArray<string | null>
}

/** See the head of this file. What is left out is nothing. */
export interface TopicReport {
  readonly verdict: SequenceReport.Verdict
  /** What the expected events are: `event of the baseline`, `events of the baseline`. */
  readonly subject: { readonly one: string; readonly many: string }
  readonly topics: ReadonlyArray<Topic>
  /** Of which events it is told: those at or after `start` and before `end`, as far as these are given. */
  readonly window: { readonly start: DateTime.Utc | null; readonly end: DateTime.Utc | null } | null
  /** What was measured, briefly; each a few words. */
  readonly facts?: ReadonlyArray<string> | undefined
  /** Whole sentences that belong beside the verdict. */
  readonly notes?: ReadonlyArray<string> | undefined
  readonly missing: { readonly count: number; readonly first: ReadonlyArray<MissingEvent> }
  readonly conversations?:
    | {
        /** How many there are; at least so many where `isTruncated`. */
        readonly count: number
        readonly first: ReadonlyArray<Conversation>
        readonly isTruncated?: boolean | undefined
      }
    | undefined
  /** The same conversations with all that they have and lack, where the measure knows that. */
  readonly stories?: RecordsReport.RecordsReport["incomplete"] | undefined
  readonly notJudged?: ReadonlyArray<{ readonly reason: string; readonly count: number }> | undefined
  readonly rejected: SequenceReport.CompletenessReport["rejected"]
  readonly allowedRejected: number
  readonly unread: SequenceReport.CompletenessReport["unread"]
  readonly leftOut: SequenceReport.CompletenessReport["leftOut"]
  readonly unwrapped?: SequenceReport.CompletenessReport["unwrapped"] | undefined
}

/** What a comparison with a baseline tells beside its report. */
export interface BaselineDetails {
  readonly timelines?: ReadonlyMap<string | null, Timeline.Timeline> | undefined
  readonly conversations?: TopicReport["conversations"]
  /** Records of another time, topic or conversation than what was asked for. */
  readonly passedOver?: { readonly capture: number; readonly baseline: number } | undefined
}

const baselineFacts = (
  { baseline: { events, unique } }: BaselineReport.BaselineReport,
  { passedOver = { capture: 0, baseline: 0 } }: BaselineDetails
): ReadonlyArray<string> => [
  `the baseline has ${Plural.counted(unique, "distinct event")} in ${Plural.counted(events, "record")}`,
  ...(passedOver.capture + passedOver.baseline === 0
    ? []
    : [
        `${Plural.counted(passedOver.capture, "record")} of the capture and ${passedOver.baseline} of the baseline are of other times, topics or conversations`
      ])
]

/** The report of a comparison with a baseline. */
export const ofBaseline = (report: BaselineReport.BaselineReport, details: BaselineDetails = {}): TopicReport => ({
  verdict: report.verdict,
  subject: { one: "event of the baseline", many: "events of the baseline" },
  topics: report.groups.map(({ group, unique, ...counts }) => ({
    ...counts,
    name: group,
    came: unique,
    timeline: details.timelines?.get(group)
  })),
  window: report.window,
  facts: baselineFacts(report, details),
  missing: {
    count: report.missing.count,
    first: report.missing.first.map(({ conversationId, line, source, time, topic }) => ({
      topic,
      time,
      conversationId,
      place: `${source === "-" ? "standard input" : source}:${line}`
    }))
  },
  conversations: details.conversations,
  rejected: report.rejected,
  allowedRejected: report.allowedRejected,
  unread: report.unread,
  leftOut: report.leftOut,
  unwrapped: report.unwrapped
})

const byName = (left: Topic, right: Topic): number => {
  const [one, other] = [left.name, right.name]
  return one === other ? 0 : other === null || (one !== null && one < other) ? -1 : 1
}

/** What lacks most first, then by name; what has none last. */
export const worstFirst = (topics: ReadonlyArray<Topic>): ReadonlyArray<Topic> =>
  [...topics].sort((left, right) => right.missing - left.missing || byName(left, right))

const millisOf = (instant: DateTime.Utc | null | undefined): number | undefined =>
  instant === null || instant === undefined ? undefined : DateTime.toEpochMillis(instant)

/** The topics with their timelines over one and the same time, in the same stretches, so that their maps can stand below each other. */
export const withAlignedTimelines = ({ topics, window }: TopicReport): ReadonlyArray<Topic> => {
  const timed = topics.filter(({ timeline }) => timeline !== undefined)
  const timelines = TimeMap.aligned(
    timed.flatMap(({ timeline }) => (timeline === undefined ? [] : [timeline])),
    { fromMs: millisOf(window?.start), toMs: millisOf(window?.end) }
  )
  const found = new Map(timed.map((topic, at) => [topic, timelines[at]]))
  return topics.map((topic) => ({ ...topic, timeline: found.get(topic) }))
}

/** All topics as one. */
export const total = (topics: ReadonlyArray<Topic>): Omit<Topic, "name" | "timeline"> => {
  const sum = (of: (topic: Topic) => number | undefined) => topics.reduce((all, topic) => all + (of(topic) ?? 0), 0)
  const expected = sum((topic) => topic.expected)
  const came = sum((topic) => topic.came)
  return {
    expected,
    came,
    missing: sum(({ missing }) => missing),
    unexpected: sum(({ unexpected }) => unexpected),
    duplicates: sum(({ duplicates }) => duplicates),
    notJudged: sum(({ notJudged }) => notJudged),
    coveragePercentage: Coverage.percentage(came, expected)
  }
}
