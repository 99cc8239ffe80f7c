/** Replays from archives of Amazon EventBridge: the `ReplayProvider` of this package. */
import { EventStream, type PlannedWindow, ProviderError, ReplayProvider } from "@genesys-replay/domain"
import { Chunk, Effect, Layer, Option, Stream } from "effect"
import * as Archives from "./Archives.js"
import * as AwsCall from "./AwsCall.js"
import * as AwsFailure from "./AwsFailure.js"
import * as AwsReplay from "./AwsReplay.js"
import { EventBridgeClients } from "./EventBridgeClients.js"
import { EventBridgeConfig } from "./EventBridgeConfig.js"
import * as ReplayArn from "./ReplayArn.js"
import * as ReplayName from "./ReplayName.js"
import * as ReplaySubmission from "./ReplaySubmission.js"

const notFound = (operation: string, id: string, correlationId?: string) =>
  new ProviderError.ReplayNotFound({ operation, id, ...(correlationId === undefined ? {} : { correlationId }) })

const make = Effect.gen(function* () {
  const config = yield* EventBridgeConfig
  const clients = yield* EventBridgeClients

  const regionOf = yield* Effect.cachedFunction((name: string) =>
    Effect.gen(function* () {
      const client = yield* clients.of(name)
      const found = (replayName: string) =>
        AwsCall.repeatable(config, "DescribeReplay", client.describeReplay({ ReplayName: replayName }))
      const region: ReplaySubmission.Region = {
        client,
        archives: Archives.make(client, config),
        turns: yield* Effect.makeSemaphore(1),
        describe: (replayName) =>
          found(replayName).pipe(
            Effect.asSome,
            Effect.catchIf(
              (error) => error._tag === "AwsException" && error.code === "ResourceNotFoundException",
              () => Effect.succeedNone
            ),
            AwsCall.plain
          )
      }
      return { ...region, ...ReplaySubmission.make(region, config) }
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

  const submit = Effect.fn("ArchiveReplays.submit")((window: PlannedWindow.PlannedWindow) =>
    Effect.flatMap(regionOf(window.payload.destination.eventBridgeConfig.region), (region) => region.submit(window))
  )

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
    return Stream.unwrap(
      Effect.map(home, ({ client }) =>
        Stream.paginateChunkEffect(Option.none<string>(), (token) => {
          const request = client.listReplays({
            ...(wanted === undefined ? {} : { NamePrefix: wanted }),
            ...Option.match(token, { onNone: () => ({}), onSome: (NextToken) => ({ NextToken }) })
          })
          return AwsCall.repeatable(config, "ListReplays", request).pipe(
            AwsCall.plain,
            Effect.map(({ NextToken, Replays = [] }) => [Chunk.fromIterable(Replays), Archives.nextPage(NextToken)])
          )
        })
      )
    ).pipe(
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
    provider: "eventbridge",
    target,
    submit,
    findByName,
    describe,
    list,
    cancel
  } satisfies ReplayProvider.Service
})

/**
 * The `ReplayProvider` of Amazon EventBridge. A window becomes one StartReplay from the archive that can serve it; a
 * StartReplay whose outcome is unknown is looked up by name and sent again only where no replay stands. The id of a replay
 * is its ARN; its name alone is understood too, in the configured region.
 */
export const layer: Layer.Layer<ReplayProvider.ReplayProvider, never, EventBridgeConfig | EventBridgeClients> =
  Layer.effect(ReplayProvider.ReplayProvider, make)
