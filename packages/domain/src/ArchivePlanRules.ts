/** The rules of planning that concern replays from an archive of Amazon EventBridge. */
import { DateTime, Duration, Option } from "effect"
import type { Finding } from "./Finding.js"
import * as Instant from "./Instant.js"
import { finding, type Subject } from "./PlanRules.js"
import type { ProviderName } from "./ProviderName.js"

/**
 * How long an event may take from the bus into the archive. Source: AWS, "Archiving and replaying events in Amazon
 * EventBridge": wait ten minutes before replaying.
 */
export const archiveDelay = Duration.minutes(10)

/** `end-too-recent`: the last events of the window may not have reached the archive. */
const endTooRecent = (subject: Subject, now: DateTime.Utc): ReadonlyArray<Finding> => {
  const end = Option.getOrElse(subject.end, () => now)
  const settled = DateTime.subtractDuration(now, archiveDelay)
  return DateTime.greaterThan(end, settled)
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
    const [, , , ruleRegion, ruleAccount, resource = ""] = rule.split(":")
    return (
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

/** `eventbridge-only`: keys that Genesys Cloud knows nothing of. */
const withoutMeaning = (subject: Subject): ReadonlyArray<Finding> =>
  (["archive", "rules", "partial"] as const).flatMap((key) =>
    subject.window[key] === undefined
      ? []
      : [
          finding(
            subject,
            "warning",
            "eventbridge-only",
            key,
            `${key} is EventBridge's and means nothing to Genesys Cloud. Leave it out, or write provider: eventbridge`
          )
        ]
  )

/** Everything that there is to say of a window with regard to archives. */
export const findings = (subject: Subject, provider: ProviderName, now: DateTime.Utc): ReadonlyArray<Finding> =>
  provider === "eventbridge" ? [...endTooRecent(subject, now), ...rulesOfBus(subject)] : withoutMeaning(subject)
