/** The sinks that the options of `apply` name. */
import { FetchHttpClient } from "@effect/platform"
import { FileSink, SyncSink, WebhookSink } from "@genesys-replay/pipeline"
import { Config, Effect, Layer, Option, Redacted } from "effect"
import { UsageError } from "../terminal/UsageError.js"

const webhook = (url: string) =>
  Effect.gen(function* () {
    const secret = yield* Config.redacted("GENESYS_REPLAY_WEBHOOK_SECRET").pipe(
      Config.withDefault(Redacted.make("")),
      Effect.orDie
    )
    if (Redacted.value(secret) === "") {
      return yield* new UsageError({
        problem:
          "--webhook needs the secret that its deliveries are signed with: GENESYS_REPLAY_WEBHOOK_SECRET is not set",
        remedy: "export GENESYS_REPLAY_WEBHOOK_SECRET=whsec_…, the secret that the receiver gave you"
      })
    }
    return yield* WebhookSink.make({ url, secret })
  })

/** The layer of the sinks; nobody is told where no option asks for it. */
export const layer = (options: {
  readonly webhook: Option.Option<string>
  readonly syncFile: Option.Option<string>
}) => {
  const webhooks = Option.match(options.webhook, {
    onNone: () => SyncSink.SyncSinks.layerNone,
    onSome: (url) => SyncSink.SyncSinks.layerMake(webhook(url)).pipe(Layer.provide(FetchHttpClient.layer))
  })
  const files = Option.match(options.syncFile, {
    onNone: () => SyncSink.SyncSinks.layerNone,
    onSome: (path) => SyncSink.SyncSinks.layerMake(FileSink.make({ path }))
  })
  return webhooks.pipe(SyncSink.SyncSinks.and(files))
}
