/** What a person sees while windows are applied: one line that counts, and a line for everything worth keeping. */
import { Replay } from "@genesys-replay/domain"
import type { ApplyProgress } from "@genesys-replay/pipeline"
import { DateTime, Effect, Option, Ref } from "effect"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { Screen } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"

interface Tally {
  readonly submitted: number
  readonly finished: number
  readonly failed: number
  /** Window → how much of it is delivered, 0 to 1. */
  readonly delivered: ReadonlyMap<string, number>
}

const sum = (values: Iterable<number>): number => {
  let total = 0
  for (const value of values) total += value
  return total
}

const summary = (tally: Tally, windows: number, wait: boolean, unicode: boolean): string => {
  const fraction = wait ? sum(tally.delivered.values()) / windows : tally.finished / windows
  const parts = [
    `${tally.submitted}/${windows} submitted`,
    ...(wait ? [`${tally.finished} done`] : []),
    ...(tally.failed > 0 ? [`${tally.failed} failed`] : [])
  ]
  return `${ProgressLine.bar(windows === 0 ? 1 : fraction, 24, unicode)}  ${parts.join(", ")}`
}

const lineOf = (progress: ApplyProgress.ApplyProgress, style: Style.Style): Option.Option<string> => {
  switch (progress._tag) {
    case "Submitted":
      return Option.some(
        `${style("green", progress.outcome.padEnd(9))}  ${progress.window.name}  ${style("dim", `${progress.id}, ${progress.latencyMs.toFixed(0)} ms`)}`
      )
    case "Verified":
      return Option.some(
        `verified   ${progress.window.name}  ${progress.accuracy.accuracy_rate.toFixed(2)} % of what was replayed came back`
      )
    case "Synced":
      return Option.match(progress.result.failure, {
        onNone: () =>
          Option.some(`synced     ${progress.window.name}  ${progress.result.document} to ${progress.result.sink}`),
        onSome: ({ reason }) =>
          Option.some(`${style("yellow", "not synced")} ${progress.window.name}  ${progress.result.sink}: ${reason}`)
      })
    case "Finished": {
      const { error, replay } = progress.result
      if (error !== null) return Option.some(`${style("red", "failed   ")}  ${progress.window.name}  ${error.tag}`)
      return replay === undefined
        ? Option.none()
        : Option.some(
            `${style(replay.state === "COMPLETED" ? "green" : "red", replay.state.toLowerCase().padEnd(9))}  ${progress.window.name}`
          )
    }
    case "Submitting":
    case "Watching":
      return Option.none()
  }
}

const counted = (tally: Tally, progress: ApplyProgress.ApplyProgress, now: DateTime.Utc): Tally => {
  const name = progress.window.name
  switch (progress._tag) {
    case "Submitted":
      return { ...tally, submitted: tally.submitted + 1 }
    case "Watching":
      return { ...tally, delivered: new Map(tally.delivered).set(name, Replay.fractionDone(progress.replay, now)) }
    case "Finished":
      return {
        ...tally,
        finished: tally.finished + 1,
        failed: tally.failed + (progress.result.error === null ? 0 : 1),
        delivered: new Map(tally.delivered).set(name, 1)
      }
    default:
      return tally
  }
}

/** A listener for the pipeline's progress that shows it on standard error, for as long as the scope is open. */
export const make = Effect.fn("ApplyScreen.make")(function* (windows: number, wait: boolean) {
  const { err, unicode } = yield* Screen
  const line = yield* ProgressLine.make
  const style = Style.of(err)
  const tally = yield* Ref.make<Tally>({ submitted: 0, finished: 0, failed: 0, delivered: new Map() })
  return (progress: ApplyProgress.ApplyProgress) =>
    Effect.gen(function* () {
      const now = yield* DateTime.now
      const current = yield* Ref.updateAndGet(tally, (before) => counted(before, progress, now))
      yield* line.set(summary(current, windows, wait, unicode))
      yield* Option.match(lineOf(progress, style), { onNone: () => Effect.void, onSome: line.log })
    })
})
