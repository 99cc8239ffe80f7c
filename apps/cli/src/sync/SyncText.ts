/** Messages of the outbox, as a person reads them. */
import { type SyncMessage, SyncSink } from "@genesys-replay/pipeline"
import type { Output } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import * as Table from "../terminal/Table.js"

type Message = SyncMessage.SyncMessage

// Enough of an id to name the message.
const shortId = (id: string): string => id.slice(0, 10)

const kinds = { replay_config_complete: "config", replay_heal_complete: "heal", replay_accuracy: "accuracy" } as const

const inks = { pending: "yellow", dead: "red", delivered: "green" } as const

// How long from now: 12 s, 4 min, 2 h.
const until = (millis: number): string => {
  const seconds = Math.ceil(millis / 1_000)
  if (seconds <= 0) return "now"
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3_600)} h`
}

/** The table; below each message, where there is one, the reason why it was not taken. `now` in milliseconds since 1970. */
export const render = (
  messages: ReadonlyArray<Message>,
  now: number,
  output: Pick<Output, "colour" | "width">
): string => {
  const style = Style.of(output)
  const waits = messages.some(({ state }) => state === "pending")
  const [head = "", ...rows] = Table.render(
    [
      { title: "ID" },
      { title: "WINDOW", shrink: true, least: 14 },
      { title: "WHAT", optional: true },
      { title: "SINK", shrink: true, least: 14 },
      { title: "STATE" },
      { title: "TRIES", right: true, optional: true },
      ...(waits ? [{ title: "NEXT", right: true, optional: true }] : [])
    ],
    messages.map(({ attempts, document, dueAt, id, sink, state, window }) => [
      shortId(id),
      window.name,
      kinds[SyncSink.kindOf(document)],
      sink,
      style(inks[state], state),
      String(attempts),
      ...(waits ? [state === "pending" ? until(dueAt - now) : ""] : [])
    ]),
    output.width()
  ).split("\n")
  const indent = " ".repeat(shortId("msg_000000").length + 2)
  const below = ({ reason }: Message): ReadonlyArray<string> =>
    reason === null ? [] : [style("dim", Table.cut(indent + reason.replaceAll(/\s+/g, " "), output.width()))]
  return [head, ...messages.flatMap((message, index) => [rows[index] ?? "", ...below(message)])].join("\n")
}
