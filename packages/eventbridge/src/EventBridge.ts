/** Everything that a program needs of this package to replay, in one layer. */
import type { ReplayProvider } from "@genesys-replay/domain"
import { Layer } from "effect"
import { EventBridgeClients, type Settings } from "./aws/EventBridgeClients.js"
import { type AwsMisconfigured, checkEndpoints, EventBridgeConfig, type Values } from "./aws/EventBridgeConfig.js"
import * as ArchiveReplays from "./replay/ArchiveReplays.js"

/** {@link layer} with other retries or time-outs. */
export const layerTuned = (values: Partial<Values>): Layer.Layer<ReplayProvider.ReplayProvider, AwsMisconfigured> =>
  ArchiveReplays.layer.pipe(
    Layer.provide(EventBridgeClients.layer),
    Layer.provide(EventBridgeConfig.layerOf(values)),
    Layer.provide(Layer.effectDiscard(checkEndpoints))
  )

/**
 * Amazon EventBridge as the environment names it: credentials, region and endpoint by the AWS SDK's standard chain, and the
 * proxy of the environment. Building it sends nothing; `AwsMisconfigured` for an endpoint that is neither https nor on this
 * machine, and for a proxy that cannot be used.
 */
export const layer: Layer.Layer<ReplayProvider.ReplayProvider, AwsMisconfigured> = layerTuned({})

/** {@link layer} with given credentials, endpoint or region, and with other retries or time-outs. */
export const layerOf = (settings: Settings, values: Partial<Values> = {}): Layer.Layer<ReplayProvider.ReplayProvider> =>
  ArchiveReplays.layer.pipe(
    Layer.provide(EventBridgeClients.layerOf(settings)),
    Layer.provide(EventBridgeConfig.layerOf(values))
  )
