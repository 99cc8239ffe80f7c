/** What a person sees while a window is healed: the round, its replays, and how fast events come. */
import { Instant, Replay } from "@genesys-replay/domain"
import type { Capture } from "@genesys-replay/eventbridge"
import type { HealProgress } from "@genesys-replay/pipeline"
import { Clock, DateTime, Effect, HashMap, Ref } from "effect"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { Screen } from "../terminal/Screen.js"
import * as HealText from "./HealText.js"

interface Shown {
  readonly round: number
  readonly replays: number
  /** Replay → how much of it is delivered, 0 to 1. */
  readonly delivered: HashMap.HashMap<string, number>
  readonly captured: number
  /** When the round was begun by this process, in milliseconds since 1970. */
  readonly since: number
}

const fraction = ({ delivered, replays }: Shown): number => {
  let sum = 0
  for (const one of HashMap.values(delivered)) sum += one
  return replays === 0 ? 1 : sum / replays
}

/** Listeners for a heal and its captures, which show them on standard error for as long as the scope is open. */
export const make = Effect.gen(function* () {
  const { unicode } = yield* Screen
  const line = yield* ProgressLine.make
  const nothing: Shown = { round: 0, replays: 0, delivered: HashMap.empty(), captured: 0, since: 0 }
  const shown = yield* Ref.make(nothing)
  const draw = Effect.gen(function* () {
    const now = yield* Ref.get(shown)
    const seconds = ((yield* Clock.currentTimeMillis) - now.since) / 1_000
    const rate = seconds > 0 ? now.captured / seconds : 0
    const bar = ProgressLine.bar(fraction(now), 24, unicode)
    yield* line.set(
      `${bar}  round ${now.round}, ${now.replays} replays, ${now.captured} events captured, ${rate.toFixed(0)}/s`
    )
  })
  const onProgress = (progress: HealProgress.HealProgress): Effect.Effect<void> =>
    Effect.gen(function* () {
      switch (progress._tag) {
        case "Measured":
          return yield* line.log(HealText.measured(progress.missing))
        case "RoundBegun": {
          const replays = progress.round.batches.flat().length
          yield* Ref.set(shown, {
            ...nothing,
            round: progress.round.number,
            replays,
            since: yield* Clock.currentTimeMillis
          })
          return yield* line.log(HealText.roundBegun(progress))
        }
        case "Replaying": {
          const { _tag, window } = progress.progress
          const now = yield* DateTime.now
          const done =
            _tag === "Watching"
              ? Replay.fractionDone(progress.progress.replay, now)
              : _tag === "Finished"
                ? 1
                : undefined
          if (_tag === "Submitted") {
            yield* line.log(
              `${progress.progress.outcome.padEnd(9)}  ${window.name}  from ${Instant.format(window.start)}`
            )
          }
          if (done === undefined) return
          yield* Ref.update(shown, (before) => ({
            ...before,
            delivered: HashMap.set(before.delivered, window.name, done)
          }))
          return yield* draw
        }
        case "RoundEnded":
          yield* line.set("")
          return yield* line.log(HealText.roundEnded(progress))
      }
    })
  const onCapture = ({ captured }: Capture.Progress) =>
    Effect.zipRight(
      Ref.update(shown, (before) => ({ ...before, captured })),
      draw
    )
  return { onProgress, onCapture }
})
