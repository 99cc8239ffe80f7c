/** The rules that a single window is planned by: each gives the findings that it raises. */
import { DateTime, type Duration, Either, Option } from "effect"
import type { CompleteWindow } from "../spec/ReplayWindow.js"
import * as RetentionMatrix from "../spec/RetentionMatrix.js"
import * as SpecPath from "../spec/SpecPath.js"
import * as Instant from "../value/Instant.js"
import type { ProviderName } from "../value/ProviderName.js"
import * as RetentionDays from "../value/RetentionDays.js"
import type { TopicId } from "../value/TopicId.js"
import type { Finding, FindingCode } from "./Finding.js"
import * as TimeConsistency from "./TimeConsistency.js"

/** A window in its place in the spec, with its times resolved. */
export interface Subject {
  /** Its index in `windows`. */
  readonly index: number
  readonly name: string
  readonly window: CompleteWindow
  readonly start: DateTime.Utc
  readonly end: Option.Option<DateTime.Utc>
}

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
 * `start-in-future`, `start-too-recent` and, where the platform retains the events, `start-beyond-platform-retention`: those of
 * EventBridge are retained by its archives, which may keep them for ever.
 */
export const startTime = (
  subject: Subject,
  provider: ProviderName,
  now: DateTime.Utc,
  minimumAge: Duration.DurationInput
): ReadonlyArray<Finding> => {
  const retention = provider === "genesys" ? RetentionDays.maximum : "unlimited"
  return Either.match(TimeConsistency.check(subject.start, now, { minimumAge, retention }), {
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
}

/** `start-beyond-window-retention`: the events of a stream of the platform that keeps `retention` days are gone. */
export const retained = (
  subject: Subject,
  provider: ProviderName,
  stream: string,
  retention: RetentionDays.RetentionDays,
  now: DateTime.Utc
): ReadonlyArray<Finding> => {
  const earliest = TimeConsistency.earliest(now, retention)
  return provider === "genesys" && DateTime.lessThan(subject.start, earliest)
    ? [
        finding(
          { index: subject.index, name: stream },
          "error",
          "start-beyond-window-retention",
          "start",
          `start ${Instant.format(subject.start)} is older than the ${retention} days that this window retains: the events are gone. The earliest start is now ${Instant.format(earliest)} (-${retention}d)`
        )
      ]
    : []
}

/** `end-before-start` and, where the provider takes no end, `end-ignored`. */
export const endTime = (subject: Subject, provider: ProviderName): ReadonlyArray<Finding> =>
  Option.match(subject.end, {
    onNone: () => [],
    onSome: (end) => {
      if (DateTime.lessThanOrEqualTo(end, subject.start)) {
        return [
          finding(
            subject,
            "error",
            "end-before-start",
            "end",
            `end ${Instant.format(end)} is not later than start ${Instant.format(subject.start)}`
          )
        ]
      }
      return provider === "genesys"
        ? [
            finding(
              subject,
              "warning",
              "end-ignored",
              "end",
              "Genesys Cloud replays up to now and takes no end: events later than the end come back too"
            )
          ]
        : []
    }
  })

/** `proof-without-numbers`: what is to be proven by its sequence is not numbered. */
export const proof = (subject: Subject, provider: ProviderName): ReadonlyArray<Finding> =>
  provider === "eventbridge" && subject.window.prove === "sequence"
    ? [
        finding(
          subject,
          "warning",
          "proof-without-numbers",
          "prove",
          "what EventBridge replays carries no numbers: a sequence proves nothing there. Prove it by baseline or by records"
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
export const together = (subject: Subject, split: RetentionSplit): RetentionSplit => {
  const longest = [...split.streams.keys()].sort((left, right) => right - left).slice(0, 1)
  return { ...split, streams: new Map(longest.map((days) => [days, subject.window.topics])) }
}

/** Groups the topics by retention: the window's own, else the matrix's, else the platform's maximum. */
export const splitByRetention = (subject: Subject, matrix: RetentionMatrix.Compiled): RetentionSplit => {
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
