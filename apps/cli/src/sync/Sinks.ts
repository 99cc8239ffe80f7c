/** The sinks that options name, and those that earlier runs named. */
import type { SyncSink as Domain } from "@genesys-replay/domain"
import { FileSink, SyncSink, WebhookSink } from "@genesys-replay/pipeline"
import { Config, Effect, Option, Redacted } from "effect"
import { UsageError } from "../terminal/UsageError.js"
import * as Http from "../wiring/Http.js"

const { and, layerMake, layerNone, remembered } = SyncSink.SyncSinks

const variable = "GENESYS_REPLAY_WEBHOOK_SECRET"

const secret = Effect.orDie(Config.redacted(variable).pipe(Config.withDefault(Redacted.make(""))))

const webhook = (url: string) =>
  Effect.gen(function* () {
    const given = yield* secret
    if (Redacted.value(given) === "") {
      return yield* new UsageError({
        problem: `--webhook needs the secret that its deliveries are signed with: ${variable} is not set`,
        remedy: `export ${variable}=whsec_…, the secret that the receiver gave you`
      })
    }
    return yield* WebhookSink.make({ url, secret: given })
  }).pipe(Effect.provide(Http.layer))

const eventBus = (arn: string) =>
  Effect.flatMap(
    Effect.promise(() => import("@genesys-replay/eventbridge/EventBusSink")),
    ({ fromEnvironment }) => fromEnvironment({ arn })
  )

const made = ({ kind, location }: Domain.SinkAddress, name: string) =>
  Effect.gen(function* () {
    switch (kind) {
      case "webhook":
        return yield* webhook(location)
      case "file":
        return yield* FileSink.make({ path: location })
      case "event-bus":
        return yield* eventBus(location)
      default:
        return yield* new SyncSink.SinkUnknown({
          sink: name,
          reason: `a sink of the kind ${kind} is another program's`
        })
    }
  })

// What was written down was a sink then: what can be missing now is this environment's.
const stored = (address: Domain.SinkAddress, name: string) =>
  Effect.mapError(made(address, name), (error) => {
    if (error._tag === "SinkUnknown") return error
    const reason = error._tag === "UsageError" ? `${variable} is not set` : error.message
    return new SyncSink.SinkUnknown({ sink: name, reason })
  })

const named = <A, E, R>(value: Option.Option<A>, make: (value: A) => Effect.Effect<SyncSink.SyncSink, E, R>) =>
  Option.match(value, { onNone: () => layerNone, onSome: (given) => layerMake(make(given)) })

/** What options name. */
export interface Named {
  readonly webhook: Option.Option<string>
  readonly syncFile: Option.Option<string>
  readonly eventBus: Option.Option<string>
}

/** The sinks that options name are told; nobody is where none does. Those that earlier runs named are found too. */
export const layer = (options: Named) =>
  named(options.webhook, webhook).pipe(
    and(named(options.syncFile, (path) => FileSink.make({ path }))),
    and(named(options.eventBus, eventBus)),
    remembered(stored)
  )

/** For who asks for nothing and only delivers: the sinks that earlier runs named. */
export const layerStored = layerNone.pipe(remembered(stored))
