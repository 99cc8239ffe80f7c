/** What `sync list` does. */
import { type SyncMessage, SyncOutbox } from "@genesys-replay/pipeline"
import { Clock, Effect, Option, Schema } from "effect"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, Screen } from "../terminal/Screen.js"
import * as State from "../wiring/State.js"
import * as Sinks from "./Sinks.js"
import * as SyncDocument from "./SyncDocument.js"
import * as SyncText from "./SyncText.js"

/** What `--json` prints. */
export const document = Schema.Struct({ messages: Schema.Array(SyncDocument.Message) })

/** Prints the messages that pass the filters. */
export const run = Effect.fn("sync.list")(function* (input: {
  readonly state: Option.Option<SyncMessage.MessageState>
  readonly window: Option.Option<string>
  readonly limit: Option.Option<number>
  readonly json: boolean
}) {
  const filter = {
    state: Option.getOrUndefined(input.state),
    window: Option.getOrUndefined(input.window),
    limit: Option.getOrUndefined(input.limit)
  }
  const messages = yield* SyncOutbox.SyncOutbox.pipe(
    Effect.flatMap(({ list }) => list(filter)),
    Effect.provide(State.delivering(Sinks.layerStored))
  )
  if (input.json) return yield* JsonDocument.print(document, { messages: messages.map(SyncDocument.of) })
  const now = yield* Clock.currentTimeMillis
  yield* print(messages.length === 0 ? "no sync events" : SyncText.render(messages, now, (yield* Screen).out))
})
