/** Replays as a person reads them. */
import { Replay } from "@genesys-replay/domain"
import type { DateTime } from "effect"
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
  return Table.render(
    [
      { title: "NAME", shrink: true },
      { title: "STATE" },
      { title: "PROGRESS" },
      { title: "EVENTS", right: true },
      { title: "ID" }
    ],
    replays.map((replay) => {
      const { sequence, state } = replay.progress
      return [
        replay.name,
        style(ink(state), state),
        bar(Replay.fractionDone(replay, now), 10, unicode),
        sequence === undefined ? "" : String(sequence.last - sequence.first + 1),
        replay.id
      ]
    }),
    output.width()
  )
}

/** `outage ████░░░░  50%`. */
export const short = (replay: Replay.Replay, now: DateTime.Utc, unicode: boolean): string =>
  `${replay.name} ${bar(Replay.fractionDone(replay, now), 10, unicode)}`

/** The line for a replay that has come into another state. */
export const change = (replay: Replay.Replay, output: Pick<Output, "colour">): string => {
  const { state, stateReason } = replay.progress
  return `${Style.of(output)(ink(state), state.padEnd(9))}  ${replay.name}${stateReason === undefined ? "" : `: ${stateReason}`}`
}
