/** The rules of planning that concern replays from an archive of Amazon EventBridge. */
import { DateTime, Duration, Option } from "effect"
import * as Instant from "../value/Instant.js"
import type { Finding } from "./Finding.js"
import { finding, type Rule, type Subject } from "./PlanRules.js"

/**
 * How long an event may take from the bus into the archive. Source: AWS, "Archiving and replaying events in Amazon
 * EventBridge": wait ten minutes before replaying.
 */
export const archiveDelay = Duration.minutes(10)

/** The window as EventBridge replays it, which counts whole seconds: from the second of its start to that of its end, both whole. */
export const inWholeSeconds = (subject: Subject): Subject => ({
  ...subject,
  start: Instant.wholeSecond(subject.start),
  end: Option.map(subject.end, (end) => {
    const second = Instant.wholeSecond(end)
    return DateTime.Equivalence(second, end) ? end : DateTime.add(second, { seconds: 1 })
  })
})

/** `end-before-start`: both lie within one second. What is the other way round is every provider's to be told. */
const withinOneSecond = (subject: Subject, now: DateTime.Utc): ReadonlyArray<Finding> => {
  const { start } = subject
  const end = Option.getOrElse(subject.end, () => now)
  const isInOrder = Option.isSome(subject.end) ? DateTime.lessThan(start, end) : DateTime.lessThanOrEqualTo(start, end)
  if (!isInOrder || DateTime.lessThan(Instant.wholeSecond(start), Instant.wholeSecond(end))) return []
  const until = `${Option.isSome(subject.end) ? "end" : "the end, which is now,"} ${Instant.format(end)}`
  return [
    finding(
      subject,
      "error",
      "end-before-start",
      "end",
      `${until} lies within the second of start ${Instant.format(start)}, and EventBridge counts whole seconds: there is nothing between them`
    )
  ]
}

/** `end-in-future`: only what has happened is in an archive. */
const endInFuture = (subject: Subject, now: DateTime.Utc): ReadonlyArray<Finding> =>
  Option.match(inWholeSeconds(subject).end, {
    onNone: () => [],
    onSome: (end) =>
      DateTime.lessThanOrEqualTo(end, now)
        ? []
        : [
            finding(
              subject,
              "error",
              "end-in-future",
              "end",
              `end ${Instant.format(end)} is in the future: it is now ${Instant.format(now)}. Choose an earlier end, or leave it out: the window then ends now`
            )
          ]
  })

/** `whole-seconds`: what is replayed is a little more than what was asked for. */
const widened = (subject: Subject): ReadonlyArray<Finding> => {
  const whole = inWholeSeconds(subject)
  const told = (key: "start" | "end", asked: DateTime.Utc, meant: DateTime.Utc) =>
    DateTime.Equivalence(asked, meant)
      ? []
      : [
          finding(
            subject,
            "warning",
            "whole-seconds",
            key,
            `EventBridge counts whole seconds: ${key} ${Instant.format(asked)} means ${Instant.format(meant)}`
          )
        ]
  return [
    ...told("start", subject.start, whole.start),
    ...Option.getOrElse(
      Option.zipWith(subject.end, whole.end, (asked, meant) => told("end", asked, meant)),
      () => []
    )
  ]
}

/** `end-too-recent`: the last events of the window may not have reached the archive. */
const endTooRecent = (subject: Subject, now: DateTime.Utc): ReadonlyArray<Finding> => {
  const end = Option.getOrElse(subject.end, () => now)
  const settled = DateTime.subtractDuration(now, archiveDelay)
  return DateTime.greaterThan(end, settled) && DateTime.lessThanOrEqualTo(end, now)
    ? [
        finding(
          subject,
          "warning",
          "end-too-recent",
          "end",
          `events need up to ${Duration.toMinutes(archiveDelay)} minutes into the archive: those after ${Instant.format(settled)} may not come back. End there, or replay later`
        )
      ]
    : []
}

/** `rule-of-other-bus`: a replay reaches only the rules of its destination. */
const rulesOfBus = (subject: Subject): ReadonlyArray<Finding> => {
  const { destination, region, rules = [] } = subject.window
  const own = Option.getOrElse(destination.region, () => region)
  const path = destination.bus === "default" ? "rule/" : `rule/${destination.bus}/`
  const belongs = (rule: string) => {
    const [, partition, , ruleRegion, ruleAccount, resource = ""] = rule.split(":")
    return (
      partition === destination.partition &&
      ruleAccount === destination.account &&
      (own === undefined || ruleRegion === own) &&
      resource.startsWith(path) &&
      !resource.slice(path.length).includes("/")
    )
  }
  return rules.flatMap((rule) =>
    belongs(rule)
      ? []
      : [
          finding(
            subject,
            "error",
            "rule-of-other-bus",
            "rules",
            `${rule} is no rule of ${destination.canonical}: a replay is matched only against rules of its destination`
          )
        ]
  )
}

/** Everything that there is to say of a window, as it is asked for, with regard to archives. */
export const findings: Rule = ({ now, subject }) => [
  ...withinOneSecond(subject, now),
  ...endInFuture(subject, now),
  ...widened(subject),
  ...endTooRecent(subject, now),
  ...rulesOfBus(subject)
]
