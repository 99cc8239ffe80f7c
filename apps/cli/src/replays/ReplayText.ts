/** Replays as a person reads them. */
import { Replay, ReplayPace } from "@genesys-replay/domain"
import { type DateTime, Duration, Option } from "effect"
import { bar } from "../terminal/ProgressLine.js"
import type { Output } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import * as Table from "../terminal/Table.js"

const ink = (state: Replay.Replay["progress"]["state"]): Style.Ink =>
  state === "COMPLETED" ? "green" : state === "FAILED" || state === "CANCELLED" ? "red" : "yellow"

/** A table of replays with their progress at `now`. */
export const render = (
  replays: ReadonlyArray<Replay.Replay>,
  now: DateTime.Utc,
  output: Pick<Output, "colour" | "width">,
  unicode: boolean
): string => {
  const style = Style.of(output)
  return Table.renderWithIds(
    [
      { title: "NAME", shrink: true },
      { title: "STATE" },
      { title: "PROGRESS", optional: true },
      { title: "EVENTS", right: true }
    ],
    replays.map((replay) => {
      const { sequence, state } = replay.progress
      return {
        cells: [
          replay.name,
          style(ink(state), state),
          bar(Replay.fractionDone(replay, now), 10, unicode),
          sequence === undefined ? "" : String(sequence.last - sequence.first + 1)
        ],
        id: replay.id
      }
    }),
    output
  )
}

/** A replay that is watched: the first look at it, and the latest. */
export interface Watched {
  readonly first: ReplayPace.Look
  readonly latest: ReplayPace.Look
}

const paceOf = ({ first, latest }: Watched, unicode: boolean): string =>
  Option.match(ReplayPace.between(first, latest), {
    onNone: () => "",
    onSome: ({ left, speed }) => {
      const seconds = Duration.seconds(Math.ceil(Duration.toSeconds(left)))
      return ` ${speed < 10 ? speed.toFixed(1) : speed.toFixed(0)}${unicode ? "×" : "x"}, ${Duration.format(seconds)} left`
    }
  })

/** `outage ████░░░░  50% 60×, 1m 30s left`: how far it is, and how many times faster than the events happened. */
export const short = (watched: Watched, unicode: boolean): string => {
  const { at, replay } = watched.latest
  return `${replay.name} ${bar(Replay.fractionDone(replay, at), 10, unicode)}${paceOf(watched, unicode)}`
}

/** The line for a replay that has come into another state. */
export const change = (replay: Replay.Replay, output: Pick<Output, "colour">): string => {
  const { state, stateReason } = replay.progress
  return `${Style.of(output)(ink(state), state.padEnd(9))}  ${replay.name}${stateReason === undefined ? "" : `: ${stateReason}`}`
}
