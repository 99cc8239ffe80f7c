/** What `list` does. */
import { type ProviderName, ReplayProvider } from "@genesys-replay/domain"
import { Chunk, DateTime, type Duration, Effect, Option, Stream } from "effect"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, Screen } from "../terminal/Screen.js"
import * as Providers from "../wiring/Providers.js"
import { Replays } from "./ReplaysDocument.js"
import * as ReplayText from "./ReplayText.js"

/** What `--json` prints. */
export const document = Replays

/** Prints the replays, every page of them. */
export const run = Effect.fn("list.run")(function* (input: {
  readonly provider: ProviderName.ProviderName
  readonly name: Option.Option<string>
  readonly maxWait: Option.Option<Duration.Duration>
  readonly json: boolean
}) {
  const replays = yield* ReplayProvider.ReplayProvider.pipe(
    Effect.flatMap((provider) => Stream.runCollect(provider.list({ name: Option.getOrUndefined(input.name) }))),
    Effect.map(Chunk.toReadonlyArray),
    Effect.provide(Providers.layerTelling(input.provider, input))
  )
  if (input.json) return yield* JsonDocument.print(document, { replays })
  const { out, unicode } = yield* Screen
  yield* print(replays.length === 0 ? "no replays" : ReplayText.render(replays, yield* DateTime.now, out, unicode))
})
