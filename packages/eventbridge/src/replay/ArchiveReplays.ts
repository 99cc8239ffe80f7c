/** Replays from archives of Amazon EventBridge: the `ReplayProvider` of this package. */
import {
  BusWindow,
  EventStream,
  type PlannedWindow,
  ProviderError,
  ProviderName,
  ReplayProvider,
  RequestPace
} from "@genesys-replay/domain"
import { Effect, Either, Layer, Option, Stream, SubscriptionRef } from "effect"
import * as Archives from "../archive/Archives.js"
import * as AwsCall from "../aws/AwsCall.js"
import * as AwsFailure from "../aws/AwsFailure.js"
import { EventBridgeClients } from "../aws/EventBridgeClients.js"
import { EventBridgeConfig } from "../aws/EventBridgeConfig.js"
import * as AwsReplay from "./AwsReplay.js"
import * as RegionReplays from "./RegionReplays.js"
import * as ReplayArn from "./ReplayArn.js"
import * as ReplayName from "./ReplayName.js"
import type * as ReplayPreparation from "./ReplayPreparation.js"
import * as ReplayRules from "./ReplayRules.js"
import * as ReplaySubmission from "./ReplaySubmission.js"
import * as WantedReplay from "./WantedReplay.js"

const notFound = (operation: string, id: string, correlationId?: string) =>
  new ProviderError.ReplayNotFound({ operation, id, ...(correlationId === undefined ? {} : { correlationId }) })

const make = Effect.gen(function* () {
  const config = yield* EventBridgeConfig
  const clients = yield* EventBridgeClients

  const pace = yield* SubscriptionRef.make(RequestPace.idle)
  const queued = (change: 1 | -1) => SubscriptionRef.update(pace, (now) => ({ ...now, queued: now.queued + change }))

  const regionOf = yield* Effect.cachedFunction((name: string) =>
    Effect.gen(function* () {
      const client = yield* clients.of(name)
      const replays = RegionReplays.make(client, config)
      const region: ReplayPreparation.Region = {
        client,
        archives: Archives.make(client, config),
        rules: ReplayRules.make(client, config),
        turns: yield* Effect.makeSemaphore(1),
        queued,
        // A plan asks for each of its windows.
        running: yield* Effect.cachedWithTTL(replays.running, "10 seconds"),
        describe: replays.describe
      }
      return { ...region, list: replays.list, ...ReplaySubmission.make(region, config) }
    })
  )
  const home = Effect.flatMap(clients.home, regionOf)

  /** Where the id leads; `ReplayNotFound` for an id that no replay can have. */
  const placeOf = (operation: string, id: string) =>
    Option.match(ReplayArn.parse(id), {
      onNone: () => Effect.fail(notFound(operation, id)),
      onSome: ({ name, region }) =>
        Effect.map(Option.match(region, { onNone: () => home, onSome: regionOf }), (where) => ({ name, where }))
    })

  const submit = Effect.fn("ArchiveReplays.submit")(function* (window: PlannedWindow.PlannedWindow) {
    const planned = yield* BusWindow.orRefused(window, WantedReplay.operation)
    const region = yield* regionOf(planned.destination.region)
    return yield* region.submit(planned)
  })

  const check = Effect.fn("ArchiveReplays.check")(function* (window: PlannedWindow.PlannedWindow) {
    const planned = BusWindow.of(window)
    if (Either.isLeft(planned)) return [planned.left]
    const region = yield* regionOf(planned.right.destination.region)
    return yield* region.check(planned.right)
  })

  const findByName = Effect.fn("ArchiveReplays.findByName")((name: string) =>
    home.pipe(
      Effect.flatMap((region) => region.describe(ReplayName.of(name))),
      Effect.map(Option.map((found) => AwsReplay.toReplay(found)))
    )
  )

  const describe = Effect.fn("ArchiveReplays.describe")(function* (id: EventStream.ReplayId) {
    const operation = "events:DescribeReplay"
    const { name, where } = yield* placeOf(operation, id)
    const found = yield* where.describe(name)
    if (Option.isNone(found)) return yield* notFound(operation, id)
    return AwsReplay.toReplay(found.value)
  })

  const list: ReplayProvider.Service["list"] = ({ name } = {}) => {
    const wanted = name === undefined ? undefined : ReplayName.of(name)
    return Stream.unwrap(Effect.map(home, ({ list }) => list(wanted === undefined ? {} : { NamePrefix: wanted }))).pipe(
      Stream.map((found) => AwsReplay.toReplay(found)),
      Stream.filter((replay) => wanted === undefined || replay.name === wanted)
    )
  }

  const cancel = Effect.fn("ArchiveReplays.cancel")(function* (id: EventStream.ReplayId) {
    const operation = "events:CancelReplay"
    const { name, where } = yield* placeOf(operation, id)
    yield* AwsCall.repeatable(config, "CancelReplay", where.client.cancelReplay({ ReplayName: name })).pipe(
      Effect.asVoid,
      Effect.catchIf(
        (error) => error._tag === "AwsException",
        (error) =>
          Effect.gen(function* () {
            if (error.code === "ResourceNotFoundException") return yield* notFound(operation, id, error.correlationId)
            if (error.code !== "IllegalStatusException") return yield* AwsFailure.rejected(error)
            // Cancelled already, perhaps by a try whose answer was lost: what was asked for is so.
            const found = Option.map(yield* where.describe(name), (replay) => AwsReplay.toReplay(replay).progress.state)
            if (Option.exists(found, EventStream.isCancelled)) return
            const { code, correlationId, reason, status } = error
            return yield* new ProviderError.RequestRejected({
              operation,
              status,
              code,
              reason: `${reason}. The replay is ${Option.getOrElse(found, () => "gone")}`,
              details: [],
              ...(correlationId === undefined ? {} : { correlationId })
            })
          })
      )
    )
  })

  const { target } = clients
  return {
    provider: ProviderName.eventbridge,
    target,
    submit,
    check,
    findByName,
    describe,
    list,
    cancel,
    pace
  } satisfies ReplayProvider.Service
})

/**
 * The `ReplayProvider` of Amazon EventBridge. A window becomes one StartReplay from the archive that can serve it; a
 * StartReplay whose outcome is unknown is looked up by name and sent again only where no replay stands. The id of a replay
 * is its ARN; its name alone is understood too, in the configured region.
 */
export const layer: Layer.Layer<ReplayProvider.ReplayProvider, never, EventBridgeConfig | EventBridgeClients> =
  Layer.effect(ReplayProvider.ReplayProvider, make)
