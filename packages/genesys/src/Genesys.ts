/** Genesys Cloud as one layer. */
import type { FileSystem, HttpClient } from "@effect/platform"
import type { ReplayProvider } from "@genesys-replay/domain"
import { Layer } from "effect"
import { PlatformClient } from "./client/PlatformClient.js"
import { type ConfigurationInvalid, GenesysConfig, type Tuning, type Values } from "./http/GenesysConfig.js"
import { RateLimit } from "./rate/RateLimit.js"
import * as EventStreams from "./streams/EventStreams.js"
import { TopicCatalogue } from "./streams/TopicCatalogue.js"
import { TokenService } from "./token/TokenService.js"

/** What the layers of this module bring. */
export type Services = ReplayProvider.ReplayProvider | TopicCatalogue | TokenService | PlatformClient | GenesysConfig

/**
 * All of the package over a configuration, an HTTP client, a rate limit and tokens: for programs that get these elsewhere, and for tests
 * (`TokenService.layerTest`).
 */
export const layerWithoutToken: Layer.Layer<
  ReplayProvider.ReplayProvider | TopicCatalogue | PlatformClient,
  never,
  GenesysConfig | HttpClient.HttpClient | RateLimit | TokenService
> = Layer.merge(EventStreams.layer, TopicCatalogue.layer).pipe(Layer.provideMerge(PlatformClient.layer))

/** All of the package over a configuration, an HTTP client and a rate limit: for providers that share one limit. */
export const layerWithoutLimit: Layer.Layer<
  ReplayProvider.ReplayProvider | TopicCatalogue | TokenService | PlatformClient,
  never,
  GenesysConfig | HttpClient.HttpClient | RateLimit
> = Layer.provideMerge(layerWithoutToken, TokenService.layer)

/**
 * All of the package over a configuration and an HTTP client: for programs and tests that bring their own. A
 * `RequestAllowance` that is provided to it is shared by all who are built on the same one.
 */
export const layerWithoutConfig: Layer.Layer<
  ReplayProvider.ReplayProvider | TopicCatalogue | TokenService | PlatformClient,
  never,
  GenesysConfig | HttpClient.HttpClient
> = Layer.provide(layerWithoutLimit, RateLimit.layer)

/**
 * Genesys Cloud as the environment names it. Building it sends nothing; a configuration that does not do is
 * `ConfigurationInvalid`, before any request. The HTTP client should follow no redirect, as a token goes with every request:
 * `fetch` does, unless `FetchHttpClient.RequestInit` says `redirect: "manual"`.
 */
export const layer: Layer.Layer<Services, ConfigurationInvalid, HttpClient.HttpClient | FileSystem.FileSystem> =
  Layer.provideMerge(layerWithoutConfig, GenesysConfig.layer)

/** {@link layer} with other retries or time-outs. */
export const layerTuned = (
  tuned: Tuning
): Layer.Layer<Services, ConfigurationInvalid, HttpClient.HttpClient | FileSystem.FileSystem> =>
  Layer.provideMerge(layerWithoutConfig, GenesysConfig.layerTuned(tuned))

/** Genesys Cloud with the given configuration. */
export const layerOf = (
  values: Omit<Values, keyof Tuning> & Tuning
): Layer.Layer<Services, never, HttpClient.HttpClient> =>
  Layer.provideMerge(layerWithoutConfig, GenesysConfig.layerOf(values))
