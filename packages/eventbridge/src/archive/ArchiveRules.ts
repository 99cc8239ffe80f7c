/**
 * What AWS asks of an archive before a window can be replayed from it. Pure: the archive, the window and the instant are
 * arguments, findings come out; one of severity `error` means that nothing is started.
 */
import { type Finding, Instant, Plural } from "@genesys-replay/domain"
import { DateTime, Duration } from "effect"
import * as ArchivePattern from "./ArchivePattern.js"

/** An archive, as far as the rules ask. */
export interface Archive {
  readonly name: string
  readonly arn: string
  /** The event bus whose events it holds. */
  readonly bus: string
  readonly state: string
  readonly stateReason?: string | undefined
  readonly created?: DateTime.Utc | undefined
  /** Days that it keeps an event; absent where it keeps them for ever. */
  readonly retentionDays?: number | undefined
  /** Its event pattern as JSON; absent where it holds every event of the bus. */
  readonly pattern?: string | undefined
}

/** What is to be replayed. */
export interface Wanted {
  /** The window's name. */
  readonly window: string
  readonly start: DateTime.Utc
  readonly end: DateTime.Utc
  /** The event bus ARN, in AWS's own form. */
  readonly bus: string
  readonly topics: ReadonlyArray<string>
  /** The rules that replayed events are matched against; none for all rules of the bus. */
  readonly rules: ReadonlyArray<string>
  /** Whether what is left of the window is worth replaying. */
  readonly partial: boolean
}

type Rule = (archive: Archive, wanted: Wanted, now: DateTime.Utc) => ReadonlyArray<Finding.Finding>

const finding = (
  severity: Finding.Finding["severity"],
  code: Finding.FindingCode,
  window: string,
  path: string,
  message: string
): Finding.Finding => ({ severity, code, window, path, message })

const orPartial = "or replay what there is: --partial (in a spec, partial: true)"

/** `archive-of-other-bus`: events go back only to the bus that they were archived from. */
export const ownBus: Rule = (archive, { bus, window }) =>
  archive.bus === bus
    ? []
    : [
        finding(
          "error",
          "archive-of-other-bus",
          window,
          "destination",
          `archive ${archive.name} holds events of ${archive.bus}, and AWS replays them only there, not into ${bus}. Make ${archive.bus} the destination, or name another archive`
        )
      ]

const broken = new Set(["CREATE_FAILED", "DISABLED", "CREATING"])

/** `archive-not-ready`: nothing can be replayed from it in its state. */
export const ready: Rule = (archive, { window }) => {
  const { name, state, stateReason } = archive
  const why = stateReason === undefined || stateReason === "" ? "" : ` (${stateReason})`
  return broken.has(state)
    ? [
        finding(
          "error",
          "archive-not-ready",
          window,
          "archive",
          `archive ${name} is ${state}${why}: nothing can be replayed from it`
        )
      ]
    : []
}

const ceiling = (instant: DateTime.Utc): DateTime.Utc => {
  const second = Instant.wholeSecond(instant)
  return DateTime.lessThan(second, instant) ? DateTime.add(second, { seconds: 1 }) : second
}

/** `archive-created-after-start`: what was sent before there was an archive is not in it. Of a window that had ended by then there is nothing. */
export const createdBeforeStart: Rule = ({ created, name }, { end, partial, start, window }) => {
  if (created === undefined || DateTime.lessThanOrEqualTo(created, start)) return []
  const holdsNothing = DateTime.greaterThanOrEqualTo(created, end)
  const at = Instant.format(ceiling(created))
  return [
    finding(
      partial && !holdsNothing ? "warning" : "error",
      "archive-created-after-start",
      window,
      "start",
      holdsNothing
        ? `archive ${name} was created at ${Instant.format(created)}, after the window, which ends at ${Instant.format(end)}: nothing of it is there. Name an older archive`
        : `archive ${name} was created at ${Instant.format(created)}, after the start ${Instant.format(start)}: events that were sent before are not there${partial ? "" : `. Start at ${at} or later, name an older archive, ${orPartial}`}`
    )
  ]
}

/**
 * Planning lies some time before this look: who asks for all the days that an archive keeps gets them, but for what went in the
 * meantime.
 */
const sincePlanned = Duration.minutes(10)

/** `archive-retention`: what is older than the archive's retention is gone from it. */
export const retained: Rule = ({ name, retentionDays }, { end, partial, start, window }, now) => {
  if (retentionDays === undefined || retentionDays <= 0) return []
  const earliest = DateTime.subtract(now, { days: retentionDays })
  if (DateTime.greaterThanOrEqualTo(start, earliest)) return []
  const holdsNothing = DateTime.lessThanOrEqualTo(end, earliest)
  const isAtLimit = DateTime.greaterThanOrEqualTo(start, DateTime.subtractDuration(earliest, sincePlanned))
  const keeps = `archive ${name} keeps events for ${Plural.counted(retentionDays, "day")}: those before ${Instant.format(earliest)} are gone`
  const told = (severity: Finding.Finding["severity"], words: string) => [
    finding(severity, "archive-retention", window, "start", `${keeps}, ${words}`)
  ]
  if (holdsNothing) return told("error", `and the window ends at ${Instant.format(end)}: nothing of it is there`)
  const begins = `and the start is ${Instant.format(start)}`
  if (partial || isAtLimit) return told("warning", begins)
  return told("error", `${begins}. Start later, name another archive, ${orPartial}`)
}

/** `archive-excludes-topics`: the archive's pattern lets no event of these topics in. Raised only where that is provable. */
export const holdsTopics: Rule = ({ name, pattern }, { partial, topics, window }) => {
  const excluded = ArchivePattern.excluded(pattern, topics)
  if (excluded.length === 0) return []
  const nothingLeft = excluded.length === topics.length
  return [
    finding(
      partial && !nothingLeft ? "warning" : "error",
      "archive-excludes-topics",
      window,
      "topics",
      `archive ${name} cannot hold ${excluded.join(", ")}: its event pattern is ${pattern}${partial ? "" : `. Name an archive with a wider pattern${nothingLeft ? "" : `, ${orPartial}`}`}`
    )
  ]
}

/** `replay-has-other-topics`: a replay brings everything that the archive holds, not only the window's topics. */
export const nothingElse: Rule = ({ name, pattern }, { rules, topics, window }) =>
  rules.length > 0 || ArchivePattern.holdsOnly(pattern, topics)
    ? []
    : [
        finding(
          "warning",
          "replay-has-other-topics",
          window,
          "rules",
          `archive ${name} may hold other topics too, and a replay brings all that it holds to all rules of the bus. Name the rules that may see it (rules)`
        )
      ]

const rules: ReadonlyArray<Rule> = [ownBus, ready, createdBeforeStart, retained, holdsTopics, nothingElse]

/** Everything that speaks against replaying `wanted` from `archive` at `now`. */
export const findings: Rule = (archive, wanted, now) => rules.flatMap((rule) => rule(archive, wanted, now))

/** `archive-not-found`, where one was named. */
export const unknownArchive = (name: string, { bus, window }: Wanted): Finding.Finding =>
  finding(
    "error",
    "archive-not-found",
    window,
    "archive",
    `there is no archive named ${name} in the account and region of ${bus}. aws events list-archives shows those that exist`
  )

/** `archive-not-found`, where one is made when the window is submitted: it will hold nothing of the window. */
export const notYetMade = ({ bus, topics, window }: Wanted): Finding.Finding =>
  finding(
    "error",
    "archive-not-found",
    window,
    "archive",
    `no archive of ${bus} can hold ${topics.join(", ")}. Applying makes one (archive: create), which keeps events from then on: nothing of this window is in it`
  )

/** `archive-not-found`, where the bus has none. */
export const noArchive = ({ bus, window }: Wanted): Finding.Finding =>
  finding(
    "error",
    "archive-not-found",
    window,
    "archive",
    `${bus} has no archive, so nothing was kept that could be replayed. With archive: create one is made, which keeps events from then on`
  )
