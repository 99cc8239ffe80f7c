/** What was measured against the platform's own records, in the form of reports about topics. */
import { Instant, Plural, type RecordsReport, type Timeline } from "@genesys-replay/domain"
import * as TopicNames from "./TopicNames.js"
import type { TopicReport } from "./TopicReport.js"

/** What a measurement against records tells beside its report. */
export interface RecordsDetails {
  readonly timelines?: ReadonlyMap<string, Timeline.Timeline> | undefined
}

const finality = ({ dataAvailableUntil, finalFrom, verdict, window }: RecordsReport.RecordsReport): string => {
  if (verdict === "final")
    return "This is final: the platform's records of the window are complete, and are reprocessed no more."
  const until =
    dataAvailableUntil === null
      ? "it does not say up to when they are"
      : `they are until ${Instant.format(dataAvailableUntil)}`
  return `This is provisional: the platform's records can still change. It can be final after ${Instant.format(finalFrom)}, once the records are complete until ${Instant.format(window.end)}; ${until}.`
}

const notes = (report: RecordsReport.RecordsReport): ReadonlyArray<string> => {
  const { apart, findings, groups, missingAtEdge, rejectedRecords } = report
  const absent = groups
    .filter(({ expected, unique }) => expected > 0 && unique === 0)
    .map(({ group }) => TopicNames.short(group))
  const [rejected] = rejectedRecords.first
  const [finding] = findings.first
  return [
    finality(report),
    ...(rejected === undefined
      ? []
      : [
          `${Plural.counted(rejectedRecords.count, "record")} could not be read, and what they make one expect is not known. The first: ${rejected.source}:${rejected.line}, ${rejected.reason}.`
        ]),
    ...(finding === undefined
      ? []
      : [
          `${Plural.counted(findings.count, "place")} in the records could not be read. The first: conversation ${finding.conversationId}, ${finding.path}, ${finding.message}.`
        ]),
    ...(absent.length === 0 || absent.length === groups.length
      ? []
      : [`Nothing at all came of ${absent.join(", ")}. Look whether the event filter of the integration has it.`]),
    ...(missingAtEdge === 0
      ? []
      : [
          `${missingAtEdge} of the missing ${missingAtEdge === 1 ? "is" : "are"} expected at the very edge of the window, where the capture may just not reach.`
        ]),
    ...(apart === 0
      ? []
      : [`${Plural.counted(apart, "event")} came with another time than the records say, by more than the tolerance.`])
  ]
}

/** The report of a measurement against the platform's records. */
export const ofRecords = (report: RecordsReport.RecordsReport, { timelines }: RecordsDetails = {}): TopicReport => ({
  verdict: report.completeness,
  subject: { one: "expected event", many: "expected events" },
  topics: report.groups.map(({ group, unique, ...counts }) => ({
    ...counts,
    name: group,
    came: unique,
    timeline: timelines?.get(group)
  })),
  window: report.window,
  facts: [
    `the platform has ${Plural.counted(report.conversations, "conversation")}`,
    ...(report.otherEvents === 0 ? [] : [`${Plural.counted(report.otherEvents, "event")} of other topics`])
  ],
  notes: notes(report),
  missing: {
    count: report.missing.count,
    first: report.missing.first.map(({ conversationId, expectedAt, topic }) => ({
      topic,
      time: expectedAt,
      conversationId,
      place: conversationId
    }))
  },
  conversations: {
    count: report.incomplete.count,
    first: report.incomplete.first.map(({ conversationId, events, missing }) => ({
      conversationId,
      missing,
      topics: [...new Set(events.flatMap(({ state, topic }) => (state === "missing" ? [topic] : [])))]
    }))
  },
  stories: report.incomplete,
  notJudged: report.notJudged,
  rejected: report.rejected,
  // All that was expected is known: a record of the capture that is no event cannot change it.
  allowedRejected: 0,
  unread: report.unread,
  leftOut: report.leftOut
})
