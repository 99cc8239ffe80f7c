/** A heal as a person reads it. */
import { HealPlan, type HealReport, Instant, Plural } from "@genesys-replay/domain"
import type { Heal, HealProgress } from "@genesys-replay/pipeline"
import { type DateTime, Option, Schema } from "effect"

const events = (count: number): string => Plural.counted(count, "event")

const are = (count: number): string => (count === 1 ? "is" : "are")

/** What a measure said. */
export const measured = (missing: number): string =>
  missing === 0 ? "nothing is missing" : `${events(missing)} ${are(missing)} missing`

type Progress<Tag extends HealProgress.HealProgress["_tag"]> = Extract<
  HealProgress.HealProgress,
  { readonly _tag: Tag }
>

/** A round begins. */
export const roundBegun = ({ plan, round }: Progress<"RoundBegun">): string => {
  const replays = Plural.counted(round.batches.flat().length, "replay")
  return plan === undefined
    ? `round ${round.number} goes on: ${replays}`
    : `round ${round.number}: ${replays} of ${Plural.counted(plan.minutes, "minute")} for ${events(plan.recoverable)}`
}

/** A round is over. */
export const roundEnded = ({ recovered, resent, round }: Progress<"RoundEnded">): string =>
  `round ${round.number}: ${events(round.captured)} captured, ${recovered} of the missing came back${resent === 0 ? "" : `; the consumer has ${resent}`}`

const reasonLine = (reason: HealPlan.Reason, count: number): string =>
  `  ${count}  ${HealPlan.messageOf(reason)} (${reason})`

const missingLine = ({ conversationId, time, topic }: HealReport.MissingEvent): string =>
  `  ${time ?? "at a time that is not known"}  ${topic ?? "?"}${conversationId === null ? "" : `  conversation ${conversationId}`}`

// What is not judged is no part of the verdict, and told beside it.
const verdict = ({ isComplete, missing }: HealReport.HealReport): string => {
  if (missing.count > 0) return "incomplete"
  if (!isComplete) return "nothing is missing, and that is not proven"
  return missing.byReason.length === 0
    ? "complete: nothing is missing"
    : "complete: nothing that can be judged is missing"
}

/** The report. */
export const report = (told: HealReport.HealReport): string => {
  const { doubts = [], missing, missingBefore, recovered, refused = 0, resent, rounds } = told
  const replays = rounds.reduce((sum, round) => sum + round.replays.length, 0)
  const more = missing.count - missing.first.length
  return [
    missingBefore === 0
      ? "Nothing was missing, and nothing was replayed"
      : `${recovered} of ${events(missingBefore)} came back, in ${Plural.counted(rounds.length, "round")} with ${Plural.counted(replays, "replay")}`,
    ...(resent === 0 ? [] : [`${events(resent)} handed on to the consumer, each once`]),
    ...(refused === 0 ? [] : [`${events(refused)} refused by the consumer`]),
    ...(missing.count === 0 ? [] : [`${events(missing.count)} ${are(missing.count)} missing still:`]),
    ...missing.byReason.map(({ count, reason }) => reasonLine(reason, count)),
    ...(missing.count === 0 ? [] : missing.first.map(missingLine)),
    ...(missing.count > 0 && more > 0 ? [`  … and ${more} more`] : []),
    ...doubts.map((doubt) => `not proven: ${doubt}`),
    verdict(told)
  ].join("\n")
}

const time = (instant: DateTime.Utc): string => Instant.format(instant)

/** At most so many windows are told one by one. */
const mostWindows = 20

/** What would be done. */
export const forecast = ({ doubts, events: replayed, missing, plan }: Heal.Forecast): string =>
  [
    measured(missing),
    `${Plural.counted(plan.windows.length, "replay")} of ${Plural.counted(plan.minutes, "minute")} would bring back ${events(plan.recoverable)}, and replay about ${events(replayed)}`,
    ...plan.windows
      .slice(0, mostWindows)
      .map(({ end, events: count, start }) => `  ${time(start)} to ${time(end)}  ${count} missing`),
    ...(plan.windows.length > mostWindows ? [`  … and ${plan.windows.length - mostWindows} more`] : []),
    ...plan.left.map(
      ({ count, reason, span }) =>
        `${reasonLine(reason, count)}${Option.match(span, { onNone: () => "", onSome: ({ from, to }) => `, ${time(from)} to ${time(to)}` })}`
    ),
    ...doubts.map((doubt) => `not proven: ${doubt}`)
  ].join("\n")

/** The same for programs. */
export const ForecastDocument = Schema.Struct({
  /** Events that are missing now. */
  missing: Schema.NonNegativeInt,
  /** The replays, and how many of the missing events lie in each. */
  replays: Schema.Array(
    Schema.Struct({ start: Instant.Instant, end: Instant.Instant, missing: Schema.NonNegativeInt })
  ),
  /** Minutes of events in all of them. */
  minutes: Schema.Number,
  recoverable: Schema.NonNegativeInt,
  /** Events that they would bring; null where that is not known. */
  events: Schema.NullOr(Schema.Number),
  left: Schema.Array(Schema.Struct({ reason: Schema.String, count: Schema.NonNegativeInt })),
  doubts: Schema.optional(Schema.Array(Schema.String))
}).annotations({ identifier: "HealForecast" })

/** The document of a forecast. */
export const forecastDocument = ({
  doubts,
  events: replayed,
  missing,
  plan
}: Heal.Forecast): typeof ForecastDocument.Type => ({
  missing,
  replays: plan.windows.map(({ end, events: count, start }) => ({
    start,
    end,
    missing: count
  })),
  minutes: plan.minutes,
  recoverable: plan.recoverable,
  events: replayed,
  left: plan.left.map(({ count, reason }) => ({ reason, count })),
  ...(doubts.length === 0 ? {} : { doubts })
})
