/**
 * The HTTP client of all that is not AWS: Genesys Cloud, webhooks, telemetry. It follows no redirect: what it sends is signed, or
 * bears a token, for one address. Where the environment names a proxy, it goes through that.
 */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { OutboundProxy } from "@genesys-replay/domain"
import { Effect, Layer, Option } from "effect"

const direct = Layer.provide(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.RequestInit, { redirect: "manual" }))

const through = (proxy: OutboundProxy.OutboundProxy) =>
  Effect.map(
    Effect.promise(() => import("./ProxiedHttp.js")),
    ({ layer }) => layer(proxy)
  )

/** The client. Fails with `ProxyMisconfigured` before anything is sent. */
export const layer: Layer.Layer<HttpClient.HttpClient, OutboundProxy.ProxyMisconfigured> = Layer.unwrapEffect(
  Effect.flatMap(OutboundProxy.fromEnvironment, Option.match({ onNone: () => Effect.succeed(direct), onSome: through }))
)
