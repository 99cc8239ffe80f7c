/** The rules that a single window is planned by: each gives the findings that it raises. */
import { DateTime, type Duration, Either, Option } from "effect"
import type { CompleteWindow, WindowName } from "../spec/ReplayWindow.js"
import * as RetentionMatrix from "../spec/RetentionMatrix.js"
import * as SpecPath from "../spec/SpecPath.js"
import type { EventBusArn } from "../value/EventBusArn.js"
import * as Instant from "../value/Instant.js"
import * as RetentionDays from "../value/RetentionDays.js"
import type { TopicId } from "../value/TopicId.js"
import type { Finding, FindingCode } from "./Finding.js"
import * as TimeConsistency from "./TimeConsistency.js"

/** A window in its place in the spec, with its times resolved. */
export interface Subject<Destination = EventBusArn> {
  /** Its index in `windows`. */
  readonly index: number
  readonly name: WindowName
  readonly window: CompleteWindow<Destination>
  readonly start: DateTime.Utc
  readonly end: Option.Option<DateTime.Utc>
}

/** One replay that a window is to become. */
export interface Stream {
  readonly name: WindowName
  readonly days: RetentionDays.RetentionDays
  readonly topics: ReadonlyArray<TopicId>
}

/** What a rule looks at. */
export interface Asked<Destination = EventBusArn> {
  /** The window as the spec asks for it. */
  readonly subject: Subject<Destination>
  readonly streams: ReadonlyArray<Stream>
  /** What splitting the window by the retention of its topics has found. */
  readonly split: RetentionSplit
  readonly now: DateTime.Utc
  /** The instant that an age of its start is counted from. */
  readonly counted: DateTime.Utc
  /** Starts younger than this are too recent. */
  readonly minimumAge: Duration.DurationInput
}

/** A rule: the findings that it raises about a window. */
export type Rule<Destination = EventBusArn> = (asked: Asked<Destination>) => ReadonlyArray<Finding>

/** A finding about `subject`; `key` is the key of the window that it is about, or the keys that lead there. */
export const finding = (
  subject: { readonly index: number; readonly name: string },
  severity: Finding["severity"],
  code: FindingCode,
  key: string | SpecPath.SpecPath,
  message: string
): Finding => ({
  severity,
  code,
  window: subject.name,
  path: SpecPath.format(["windows", subject.index, ...(typeof key === "string" ? [key] : key)]),
  message
})

/**
 * `start-in-future`, `start-too-recent` and, where the provider retains events no longer than `retention`,
 * `start-beyond-platform-retention`. Those of EventBridge are retained by its archives, which may keep them for ever.
 */
export const startTime =
  (retention: RetentionDays.RetentionDays | "unlimited"): Rule<unknown> =>
  ({ counted, minimumAge, subject }) =>
    Either.match(TimeConsistency.check(subject.start, counted, { minimumAge, retention }), {
      onLeft: (error) =>
        error._tag === "StartInFuture"
          ? [finding(subject, "error", "start-in-future", "start", error.message)]
          : [
              finding(
                subject,
                "error",
                "start-beyond-platform-retention",
                "start",
                `${error.message}, the platform's maximum`
              )
            ],
      onRight: ({ tooRecent }) =>
        tooRecent
          ? [
              finding(
                subject,
                "warning",
                "start-too-recent",
                "start",
                `start ${Instant.format(subject.start)} is very recent: events may still be on their way. Replay again later, or choose an earlier start`
              )
            ]
          : []
    })

/** `start-beyond-window-retention`: the events of a stream of the platform are gone. */
export const retained: Rule<unknown> = ({ counted, streams, subject }) =>
  streams.flatMap(({ days, name }) => {
    const earliest = TimeConsistency.earliest(counted, days)
    return DateTime.lessThan(subject.start, earliest)
      ? [
          finding(
            { index: subject.index, name },
            "error",
            "start-beyond-window-retention",
            "start",
            `start ${Instant.format(subject.start)} is older than the ${days} days that this window retains: the events are gone. The earliest start is now ${Instant.format(earliest)} (-${days}d)`
          )
        ]
      : []
  })

const isInOrder = ({ end, start }: Subject<unknown>): boolean =>
  Option.exists(end, (until) => DateTime.greaterThan(until, start))

/** `end-before-start`. */
export const endAfterStart: Rule<unknown> = ({ subject }) =>
  isInOrder(subject)
    ? []
    : Option.toArray(subject.end).map((end) =>
        finding(
          subject,
          "error",
          "end-before-start",
          "end",
          `end ${Instant.format(end)} is not later than start ${Instant.format(subject.start)}`
        )
      )

/** `end-ignored`: replays of the provider, by the name that people call it, take no end. */
export const endIgnored =
  (provider: string): Rule<unknown> =>
  ({ subject }) =>
    isInOrder(subject)
      ? [
          finding(
            subject,
            "warning",
            "end-ignored",
            "end",
            `${provider} replays up to now and takes no end: events later than the end come back too`
          )
        ]
      : []

/** `retention-above-matrix`. */
export const withinMatrix: Rule<unknown> = ({ split }) => split.findings

/** `eventbridge-only`: keys that the provider, by the name that people call it, knows nothing of. */
export const withoutArchiveKeys =
  (provider: string): Rule<unknown> =>
  ({ subject }) =>
    (["archive", "rules", "partial"] as const).flatMap((key) =>
      subject.window[key] === undefined
        ? []
        : [
            finding(
              subject,
              "warning",
              "eventbridge-only",
              key,
              `${key} is EventBridge's and means nothing to ${provider}. Leave it out, or write provider: eventbridge`
            )
          ]
    )

/** `proof-without-numbers`: what is to be proven by its sequence is not numbered by the provider, by the name that people call it. */
export const proofWithoutNumbers =
  (provider: string): Rule<unknown> =>
  ({ subject }) =>
    subject.window.prove === "sequence"
      ? [
          finding(
            subject,
            "warning",
            "proof-without-numbers",
            "prove",
            `what ${provider} replays carries no numbers: a sequence proves nothing there. Prove it by baseline or by records`
          )
        ]
      : []

/** Which topics of a window are kept for how long. */
export interface RetentionSplit {
  /** Days → topics, in the order in which the spec names the topics. */
  readonly streams: ReadonlyMap<RetentionDays.RetentionDays, ReadonlyArray<TopicId>>
  /** `retention-above-matrix`, once for each row that is exceeded. */
  readonly findings: ReadonlyArray<Finding>
}

/** All topics of the window in one stream, which is kept as long as the one that needs it longest. */
export const together = (subject: Subject<unknown>, split: RetentionSplit): RetentionSplit => {
  const longest = [...split.streams.keys()].sort((left, right) => right - left).slice(0, 1)
  return { ...split, streams: new Map(longest.map((days) => [days, subject.window.topics])) }
}

/** Groups the topics by retention: the window's own, else the matrix's, else the platform's maximum. */
export const splitByRetention = (subject: Subject<unknown>, matrix: RetentionMatrix.Compiled): RetentionSplit => {
  const asked = subject.window.retention
  const streams = new Map<RetentionDays.RetentionDays, Array<TopicId>>()
  const exceeded = new Map<RetentionMatrix.Row, Array<TopicId>>()
  const add = <Key>(groups: Map<Key, Array<TopicId>>, key: Key, topic: TopicId) => {
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [topic])
    else group.push(topic)
  }
  for (const topic of subject.window.topics) {
    const row = Option.getOrUndefined(RetentionMatrix.rowFor(matrix, topic))
    if (asked !== undefined && row !== undefined && asked > row.days) add(exceeded, row, topic)
    add(streams, asked ?? row?.days ?? RetentionDays.maximum, topic)
  }
  const findings = [...exceeded].map(([row, topics]) =>
    finding(
      subject,
      "error",
      "retention-above-matrix",
      "retention",
      `retention ${asked} is more than the ${row.days} days that the matrix allows ${topics.join(", ")} (pattern ${row.pattern}). Ask for ${row.days} or fewer`
    )
  )
  return { streams, findings }
}
