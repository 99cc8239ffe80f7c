/** What `status` does. */
import { EventStream, type ProviderName, type Replay, ReplayProvider } from "@genesys-replay/domain"
import { Watch } from "@genesys-replay/pipeline"
import { DateTime, type Duration, Effect, type Option, Ref, Stream } from "effect"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { print, Screen, say } from "../terminal/Screen.js"
import { within } from "../terminal/WaitTimedOut.js"
import * as Providers from "../wiring/Providers.js"
import { Replays } from "./ReplaysDocument.js"
import * as ReplayText from "./ReplayText.js"

const glance = (ids: ReadonlyArray<EventStream.ReplayId>) =>
  Effect.flatMap(ReplayProvider.ReplayProvider, (provider) =>
    Effect.forEach(ids, (id) => provider.describe(id), { concurrency: 4 })
  )

const follow = (ids: ReadonlyArray<EventStream.ReplayId>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { err, unicode } = yield* Screen
      const line = yield* ProgressLine.make
      // By the id that was asked for: EventBridge understands a name too, and answers with its ARN.
      const latest = yield* Ref.make<ReadonlyMap<string, ReplayText.Watched>>(new Map())
      const seen = (id: EventStream.ReplayId) => (replay: Replay.Replay) =>
        Effect.gen(function* () {
          const before = (yield* Ref.get(latest)).get(id)
          const look = { at: yield* DateTime.now, replay }
          const watched = { first: before?.first ?? look, latest: look }
          const all = yield* Ref.updateAndGet(latest, (map) => new Map(map).set(id, watched))
          yield* line.set([...all.values()].map((one) => ReplayText.short(one, unicode)).join("   "))
          if (before?.latest.replay.progress.state !== replay.progress.state) {
            yield* line.log(ReplayText.change(replay, err))
          }
        })
      yield* Effect.forEach(ids, (id) => Stream.runForEach(Watch.watch(id), seen(id)), { concurrency: "unbounded" })
      const ended = yield* Ref.get(latest)
      return ids.flatMap((id) => ended.get(id)?.latest.replay ?? [])
    })
  )

/** What `--json` prints. */
export const document = Replays

/** Prints how far the replays are; with `watch`, when they have ended. */
export const run = Effect.fn("status.run")(function* (input: {
  readonly ids: ReadonlyArray<string>
  readonly provider: ProviderName.ProviderName
  readonly watch: boolean
  readonly timeout: Option.Option<Duration.Duration>
  readonly maxWait: Option.Option<Duration.Duration>
  readonly json: boolean
}) {
  const ids = input.ids.map((id) => EventStream.ReplayId.make(id))
  const replays = yield* (
    input.watch ? within(input.timeout, "run the same command again to go on watching")(follow(ids)) : glance(ids)
  ).pipe(Effect.provide(Providers.layerTelling(input.provider, input)))
  if (input.json) yield* JsonDocument.print(document, { replays })
  else {
    const { out, unicode } = yield* Screen
    yield* print(ReplayText.render(replays, yield* DateTime.now, out, unicode))
  }
  const unfinished = replays.some(({ progress }) => progress.state !== "COMPLETED" || EventStream.isEmpty(progress))
  for (const { name, progress } of replays) {
    if (EventStream.isEmpty(progress)) yield* say(`warning: ${name}: ${EventStream.emptyReason}`)
  }
  yield* Failure.finish(input.watch && unfinished ? ExitCode.incomplete : ExitCode.done)
})
