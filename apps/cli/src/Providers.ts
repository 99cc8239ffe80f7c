/** The layers that a command needs, wired for the provider that it names. */
import { FetchHttpClient, type FileSystem } from "@effect/platform"
import type { ProviderName, ReplayProvider } from "@genesys-replay/domain"
import type { ConfigurationInvalid } from "@genesys-replay/genesys/GenesysConfig"
import { Effect, Layer, Schema } from "effect"

/** The provider is known, but this version cannot talk to it. */
export class ProviderNotIncluded extends Schema.TaggedError<ProviderNotIncluded>()("ProviderNotIncluded", {
  provider: Schema.String
}) {
  override get message(): string {
    return `the provider ${this.provider} can be planned for, but not yet be replayed with`
  }
}

const genesys = Layer.unwrapEffect(
  Effect.map(
    Effect.promise(() => import("@genesys-replay/genesys/Genesys")),
    ({ layer }) => Layer.provide(layer, FetchHttpClient.layer)
  )
)

/** The provider of this name, as the environment configures it. Loads only what that provider needs. */
export const layer = (
  name: ProviderName.ProviderName
): Layer.Layer<ReplayProvider.ReplayProvider, ConfigurationInvalid | ProviderNotIncluded, FileSystem.FileSystem> =>
  name === "genesys" ? genesys : Layer.fail(new ProviderNotIncluded({ provider: name }))
