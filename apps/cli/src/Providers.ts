/** The layers that a command needs, wired for the provider that it names. */
import type { FileSystem } from "@effect/platform"
import type { OutboundProxy, ProviderName, ReplayProvider } from "@genesys-replay/domain"
import type { AwsMisconfigured } from "@genesys-replay/eventbridge/EventBridgeConfig"
import type { ConfigurationInvalid } from "@genesys-replay/genesys/GenesysConfig"
import { Effect, Layer } from "effect"
import * as Http from "./Http.js"

const genesys = Layer.unwrapEffect(
  Effect.map(
    Effect.promise(() => import("@genesys-replay/genesys/Genesys")),
    ({ layer }) => Layer.provide(layer, Http.layer)
  )
)

const eventbridge = Layer.unwrapEffect(
  Effect.map(
    Effect.promise(() => import("@genesys-replay/eventbridge/EventBridge")),
    ({ layer }) => layer
  )
)

/** The provider of this name, as the environment configures it. Loads only what that provider needs. */
export const layer = (
  name: ProviderName.ProviderName
): Layer.Layer<
  ReplayProvider.ReplayProvider,
  AwsMisconfigured | ConfigurationInvalid | OutboundProxy.ProxyMisconfigured,
  FileSystem.FileSystem
> => (name === "genesys" ? genesys : eventbridge)
