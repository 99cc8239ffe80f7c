/** What `resend` says of itself. */
import type { Resend, ResendSelection, ResendSurvey } from "@genesys-replay/eventbridge"
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"

const counted = DisplayText.grouped

/** How far it is. */
export interface Shown {
  readonly progress: Resend.Progress
  /** How much of the files was read, from 0 to 1; null where nobody knows. */
  readonly read: number | null
}

const remaining = (seconds: number): string =>
  seconds < 90
    ? `${Math.ceil(seconds)} s`
    : seconds < 5_400
      ? `${Math.round(seconds / 60)} min`
      : `${(seconds / 3_600).toFixed(1)} h`

// What is left, by the events where their number is known, else by the part of the files that was read.
const left = ({ progress: { acknowledged, refused, total }, read }: Shown, seconds: number): string => {
  const done = acknowledged + refused
  const share = total !== null && total > 0 ? done / total : read
  if (share === null || share <= 0 || share >= 1 || seconds <= 0 || done === 0) return ""
  return `, ${remaining((seconds * (1 - share)) / share)} left`
}

/** How far it is, how fast, and how long it may take. */
export const progress = (shown: Shown, seconds: number): string => {
  const { acknowledged, refused, total } = shown.progress
  const of = total === null ? "" : ` of ${counted(total)}`
  const rate = seconds > 0 ? `, ${counted(Math.round(acknowledged / seconds))}/s` : ""
  const bad = refused === 0 ? "" : `, ${counted(refused)} refused`
  return `${counted(acknowledged)}${of} sent${rate}${bad}${left(shown, seconds)}`
}

const places = (first: ReadonlyArray<{ readonly source: string; readonly line: number; readonly reason: string }>) =>
  first.map(
    ({ line, reason, source }) => `  ${DisplayText.safe(source, true)}:${line}: ${DisplayText.safe(reason, true)}`
  )

const more = (count: number, shown: number): ReadonlyArray<string> =>
  count > shown ? [`  … and ${counted(count - shown)} more`] : []

// What became of the records that are not sent.
const besides = ({
  before,
  duplicates,
  notFound,
  passedOver,
  rejected
}: ResendSelection.Tally): ReadonlyArray<string> => [
  ...(before > 0 ? [`${counted(before)} were acknowledged before, and are not sent again (--again sends them)`] : []),
  ...(duplicates > 0 ? [`${counted(duplicates)} came twice, and are sent once`] : []),
  ...(passedOver > 0 ? [`${counted(passedOver)} were not asked for`] : []),
  ...(notFound !== null && notFound > 0 ? [`${counted(notFound)} of --only are in none of the files`] : []),
  ...(rejected.count > 0
    ? [
        `${counted(rejected.count)} records are no events:`,
        ...places(rejected.first),
        ...more(rejected.count, rejected.first.length)
      ]
    : [])
]

/** What would be sent, in words; the chart stands below it. */
export const survey = (target: string, { chosen, tooLarge, ...tally }: ResendSurvey.Survey): string =>
  [
    `${counted(chosen)} events of ${counted(tally.records)} records would be sent to ${target}`,
    ...(tooLarge > 0 ? [`${counted(tooLarge)} of them are too large for it, and would be refused`] : []),
    ...besides({ chosen, ...tally })
  ].join("\n")

/** The summary of a run that has ended. */
export const summary = (target: string, refusedFile: string, done: Resend.Summary): string =>
  [
    `${counted(done.acknowledged)} events sent to ${target}`,
    ...(done.refused.count > 0
      ? [
          `${counted(done.refused.count)} were refused; they are in ${refusedFile}:`,
          ...places(done.refused.first),
          ...more(done.refused.count, done.refused.first.length)
        ]
      : []),
    ...besides(done)
  ].join("\n")

/** What is said of a run that did not come to its end. */
export const early = (target: string, { acknowledged, refused }: Resend.Progress, again: boolean): string =>
  `${counted(acknowledged)} events sent to ${target}${refused > 0 ? `, ${counted(refused)} refused` : ""}: ended early, the same command${again ? " without --again" : ""} goes on`
