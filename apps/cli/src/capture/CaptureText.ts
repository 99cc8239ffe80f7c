/** What `capture` says of itself. */
import { Instant } from "@genesys-replay/domain"
import type { Capture, DeadLetters } from "@genesys-replay/eventbridge"
import { type DateTime, Option } from "effect"

const counted = (count: number): string => count.toLocaleString("en-US")

// What became of the messages in the queue.
const fate = ({ deleted, kept, passedOver }: Capture.Progress): string =>
  [
    kept > 0 ? `${counted(kept)} kept in the queue` : `${counted(deleted)} deleted`,
    ...(passedOver > 0 ? [`${counted(passedOver)} others left in the queue`] : [])
  ].join(", ")

/** That a replay is waited for which is not there yet. */
export const awaited = (name: string, until: DateTime.Utc): string =>
  `there is no replay ${name} yet: waiting for it until ${Instant.timeOfDay(until)} (--appears-within)`

/** How far it is: what is captured, how fast, what the queue still holds of it, and until when a replay is waited for. */
export const progress = (now: Capture.Progress, seconds: number, waiting: Option.Option<DateTime.Utc>): string => {
  const { captured } = now
  const rate = seconds > 0 ? `, ${counted(Math.round(captured / seconds))}/s` : ""
  const wait = Option.match(waiting, {
    onNone: () => "",
    onSome: (until) => `, waiting until ${Instant.timeOfDay(until)} for the replay to appear`
  })
  return `${counted(captured)} captured${rate}, ${fate(now)}${wait}`
}

const times = (count: number): string => (count === 1 ? "once" : `${counted(count)} times`)

const endings: Record<Ending, string> = {
  idle: "the queue stayed empty",
  replay: "the replay has ended, and the queue stayed empty",
  count: "as many as were asked for",
  interrupted: "interrupted; the same command goes on",
  failed: "ended early; the same command goes on"
}

/** How a capture ended, also one that did not end well. */
export type Ending = Capture.Ending | "interrupted" | "failed"

/** What is known of a capture at its end. */
export interface Ended extends Capture.Progress {
  readonly undeleted: number
  readonly out: string
  readonly ended: Ending
  readonly left: number | null
}

const deadLetter = ({ count, errorCode, rule, target }: DeadLetters.DeadLetters): string =>
  `${counted(count)} are dead letters of ${rule}${target === null ? "" : `, for ${target}`}${errorCode === null ? "" : `: ${errorCode}`}`

/** The summary, one line, and one more for what is not as it should be. */
export const summary = (done: Ended): string => {
  const { captured, deadLetters, ended, left, out, reopened, undeleted, unwrapped } = done
  return [
    `${counted(captured)} captured in ${out}, ${fate(done)}, ${counted(unwrapped)} unwrapped: ${endings[ended]}`,
    ...(reopened > 0
      ? [`${out} was moved away or deleted ${times(reopened)}: what was captured before is in the file that was moved`]
      : []),
    ...(undeleted > 0 ? [`${counted(undeleted)} are in the file but not deleted: they come again, as duplicates`] : []),
    ...(left !== null && left > 0 ? [`${counted(left)} are left in the queue, hidden by another consumer`] : []),
    ...deadLetters.map(deadLetter)
  ].join("\n")
}
