/** A sink that is an event bus: sync documents as events, for rules to route. */
import { SyncSink } from "@genesys-replay/domain"
import { DateTime, Effect, Layer, Option, Schema, type Scope } from "effect"
import * as AwsCall from "../aws/AwsCall.js"
import { EventBridgeClients } from "../aws/EventBridgeClients.js"
import { type AwsMisconfigured, checkEndpoints, EventBridgeConfig } from "../aws/EventBridgeConfig.js"
import * as PuttableBus from "./PuttableBus.js"

/** The `source` of the events. */
export const source = "genesys-replay"

/** The bus is none that events can be put on. */
export class EventBusSinkMisconfigured extends Schema.TaggedError<EventBusSinkMisconfigured>()(
  "EventBusSinkMisconfigured",
  { reason: Schema.String }
) {
  override get message(): string {
    return `the event bus cannot be told: ${this.reason}`
  }
}

/** An event bus. */
export interface Options {
  /** `arn:<partition>:events:<region>:<account>:event-bus/<bus>`. Its region wins over the environment's. */
  readonly arn: string
}

/**
 * Puts every document on the bus: `source` `genesys-replay`, `detail-type` the kind of the document, `detail` the document and
 * its `id`. Requests are tried again as the configuration says; an entry that EventBridge does not take, and whatever the
 * requests fail with, is a `SyncFailed`. {@link EventBusSinkMisconfigured} where `arn` is none, or a partner's. Source: AWS,
 * EventBridge API reference, PutEvents; it needs the IAM action `events:PutEvents`.
 */
export const make = Effect.fn("EventBusSink.make")(function* (
  options: Options
): Effect.fn.Return<SyncSink.SyncSink, EventBusSinkMisconfigured, EventBridgeClients | EventBridgeConfig> {
  const arn = yield* Effect.mapError(
    PuttableBus.parse(options.arn),
    (reason) => new EventBusSinkMisconfigured({ reason })
  )
  const clients = yield* EventBridgeClients
  const config = yield* EventBridgeConfig
  const name = `event bus ${arn.canonical}`

  const put = (document: SyncSink.SyncDocument, id: string) =>
    Effect.gen(function* () {
      const client = yield* clients.of(
        yield* Option.match(arn.region, { onNone: () => clients.home, onSome: Effect.succeed })
      )
      const Time = DateTime.toDateUtc(yield* DateTime.now)
      const entry = {
        EventBusName: arn.canonical,
        Source: source,
        DetailType: SyncSink.kindOf(document),
        Detail: JSON.stringify({ ...document, id }),
        Time
      }
      return yield* AwsCall.plain(AwsCall.repeatable(config, "PutEvents", client.putEvents({ Entries: [entry] })))
    })

  return {
    name,
    address: { kind: "event-bus", location: arn.canonical },
    deliver: (document, id) => {
      const failed = (reason: string) => new SyncSink.SyncFailed({ sink: name, id, reason })
      return put(document, id).pipe(
        Effect.mapError(({ message }) => failed(message)),
        // The request was taken, the entry in it was not.
        Effect.filterOrFail(
          ({ FailedEntryCount = 0 }) => FailedEntryCount === 0,
          ({ Entries = [] }) => {
            const [{ ErrorCode, ErrorMessage } = {}] = Entries
            return failed(
              [ErrorCode, ErrorMessage].filter((text) => text !== undefined).join(": ") || "EventBridge did not take it"
            )
          }
        ),
        Effect.asVoid
      )
    }
  }
})

/**
 * {@link make} with credentials, region and endpoint by the AWS SDK's standard chain, for as long as the scope is open.
 * `AwsMisconfigured` for an endpoint that is neither https nor on this machine.
 */
export const fromEnvironment = Effect.fn("EventBusSink.fromEnvironment")(function* (
  options: Options
): Effect.fn.Return<SyncSink.SyncSink, AwsMisconfigured | EventBusSinkMisconfigured, Scope.Scope> {
  yield* checkEndpoints
  const services = yield* Layer.build(Layer.merge(EventBridgeClients.layer, EventBridgeConfig.layerOf()))
  return yield* Effect.provide(make(options), services)
})
