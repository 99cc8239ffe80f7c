/** Reports about topics, as a baseline gives them, to make texts and pages of. */
import { type BaselineReport, Instant, type Timeline } from "@genesys-replay/domain"
import { TopicPage, TopicReport } from "@genesys-replay/eventlog"
import { DateTime, Option } from "effect"

const at = (text: string) => Option.getOrThrow(Instant.parse(text))

const dayMs = Date.UTC(2025, 10, 10)
const minute = 60_000

/** What of a topic was expected in each minute of a day, and what of it is missing. */
export interface Given {
  readonly name: string | null
  readonly expected: (minute: number) => number
  readonly missing: (minute: number, expected: number) => number
  readonly unexpected?: number
  readonly duplicates?: number
}

/** More at noon than at night, by a rule that always gives the same. */
const busy = (most: number) => (minute: number) =>
  minute < 360 || minute > 1_320
    ? 0
    : Math.round(most * Math.sin((Math.PI * (minute - 360)) / 960) * (0.7 + 0.3 * Math.sin(minute * 12.9898)))

const conversation = (name: string): string => `v2.detail.events.conversation.{id}.${name}`

/** A day with an outage from 10:14 to 10:31, a slow quarter of an hour before it, and one event lost in the evening. */
export const outage: ReadonlyArray<Given> = [
  ...["acd.end", "acd.start", "customer.end", "customer.start", "user.end", "user.start"].map((name, place) => ({
    name: conversation(name),
    expected: busy(12 + 3 * place),
    missing: (minute: number, expected: number) =>
      place % 2 === 1 && place !== 3
        ? 0
        : minute >= 614 && minute < 631
          ? expected
          : minute >= 600 && minute < 614
            ? Math.floor((expected * (minute - 600)) / 14)
            : place === 4 && minute === 1_207
              ? Math.min(1, expected)
              : 0,
    duplicates: 3 * place
  })),
  ...["flow.start", "flow.end", "wrapup", "acw"].map((name) => ({
    name: conversation(name),
    expected: busy(9),
    missing: () => 0
  })),
  {
    name: "v2.users.{id}.presence",
    expected: (minute: number) => (minute % 3 === 0 ? 2 : 0),
    missing: (minute: number, expected: number) => (minute > 1_000 && minute < 1_100 ? expected : 0),
    unexpected: 4
  },
  { name: "v2.users.{id}.routingStatus", expected: (minute: number) => (minute % 5 === 0 ? 1 : 0), missing: () => 0 },
  { name: "v2.audits.entitytype.{id}.entityid.{id}", expected: (minute: number) => minute % 2, missing: () => 0 },
  { name: null, expected: () => 0, missing: () => 0, unexpected: 2 }
]

const timelineOf = ({ expected, missing }: Given): Timeline.Timeline => {
  const counts = Array.from({ length: 1_440 }, (_, at) => expected(at))
  return { fromMs: dayMs, stepMs: minute, expected: counts, missing: counts.map((count, at) => missing(at, count)) }
}

const sum = (counts: ReadonlyArray<number>): number => counts.reduce((all, count) => all + count, 0)

/** The report of `given`, and what a comparison tells beside it. */
export const report = (
  given: ReadonlyArray<Given>,
  measured: Partial<BaselineReport.BaselineReport> = {}
): { readonly report: BaselineReport.BaselineReport; readonly details: TopicReport.BaselineDetails } => {
  const timelines = new Map(given.map((one) => [one.name, timelineOf(one)]))
  const groups = given.map((one): BaselineReport.GroupReport => {
    const expected = sum(timelines.get(one.name)?.expected ?? [])
    const missing = sum(timelines.get(one.name)?.missing ?? [])
    const unique = expected - missing
    return {
      group: one.name,
      expected,
      observed: unique + (one.unexpected ?? 0) + (one.duplicates ?? 0),
      unique,
      missing,
      unexpected: one.unexpected ?? 0,
      duplicates: one.duplicates ?? 0,
      coveragePercentage: expected === 0 ? 0 : Math.floor((10_000 * unique) / expected) / 100,
      missingRanges: []
    }
  })
  const count = sum(groups.map(({ missing }) => missing))
  const lacking = groups.filter(({ missing }) => missing > 0)
  const id = "f11fc8de-3eb4-49c8-8f8d-e0e973e1d036"
  const expected = sum(groups.map((group) => group.expected))
  return {
    report: {
      verdict: count > 0 ? "incomplete" : "complete",
      isComplete: count === 0,
      window: { start: at("2025-11-10T00:00:00Z"), end: at("2025-11-11T00:00:00Z") },
      groups,
      missing: {
        count,
        first: lacking.map(({ group }, place) => ({
          topic: group,
          time: at(`2025-11-10T10:0${place}:07.250Z`),
          conversationId: id,
          source: "baseline/part-0001.ndjson.gz",
          line: 1_207 + place
        }))
      },
      baseline: { events: expected + 12, unique: expected },
      rejected: { count: 0, first: [] },
      allowedRejected: 0,
      unread: [],
      leftOut: { count: 0, first: [] },
      unwrapped: [],
      ...measured
    },
    details: {
      timelines,
      conversations: {
        count: lacking.length === 0 ? 0 : 37,
        first: lacking.map((_, place) => ({
          conversationId: `${place}${id.slice(1)}`,
          missing: lacking.length - place,
          topics: lacking.slice(place).map(({ group }) => group)
        }))
      }
    }
  }
}

/** The same in the form that texts and pages are made of. */
export const topics = (
  given: ReadonlyArray<Given>,
  measured: Partial<BaselineReport.BaselineReport> = {}
): TopicReport.TopicReport => {
  const made = report(given, measured)
  return TopicReport.ofBaseline(made.report, made.details)
}

/** When every page here says that it was made. */
export const generatedAt = DateTime.unsafeMake("2025-11-12T09:30:00Z")

/** The page of a report. */
export const page = (report: TopicReport.TopicReport, options: Partial<TopicPage.TopicPageOptions> = {}): string =>
  TopicPage.render(report, { generatedAt, ...options })

/** A report in which every text from input is `text`. */
export const saying = (text: string): TopicReport.TopicReport => {
  const [first] = outage
  const one = topics(first === undefined ? [] : [first], {
    unread: [{ source: text, reason: text, bytesRead: 0 }],
    rejected: { count: 1, first: [{ source: text, line: 1, reason: text }] },
    leftOut: { count: 1, first: [{ source: text, reason: text }] }
  })
  return {
    ...one,
    topics: [...one.topics, ...one.topics].map((topic) => ({ ...topic, name: text, notJudged: 1 })),
    notes: [text],
    notJudged: [{ reason: text, count: 1 }],
    missing: { count: 1, first: [{ topic: text, time: null, conversationId: text, place: text }] },
    conversations: { count: 1, first: [{ conversationId: text, missing: 1, topics: [text, null] }] }
  }
}

/** {@link saying} what would harm a page or a terminal. */
export const evil = (): TopicReport.TopicReport =>
  saying("<script>document.title='owned'</script><img src=x onerror=alert(1)>\"' onload=`x` {id}.&lt;\u202e\u0007")
