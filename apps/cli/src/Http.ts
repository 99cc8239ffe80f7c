/**
 * The HTTP client of all that is not AWS: Genesys Cloud, webhooks, telemetry. It follows no redirect: what it sends is signed, or
 * bears a token, for one address. Where the environment names a proxy, it goes through that.
 */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { OutboundProxy } from "@genesys-replay/domain"
import { Effect, Layer, Option, Redacted } from "effect"

const direct = Layer.provide(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.RequestInit, { redirect: "manual" }))

// Loaded only where there is a proxy. It follows no redirect unless it is told to.
const through = Effect.fnUntraced(function* (proxy: OutboundProxy.OutboundProxy) {
  const { EnvHttpProxyAgent } = yield* Effect.promise(() => import("@effect/platform-node/Undici"))
  const NodeHttpClient = yield* Effect.promise(() => import("@effect/platform-node/NodeHttpClient"))
  const url = Redacted.value(proxy.url)
  const dispatcher = yield* Effect.acquireRelease(
    Effect.sync(() => new EnvHttpProxyAgent({ httpProxy: url, httpsProxy: url, noProxy: proxy.direct.join(",") })),
    (agent) => Effect.promise(() => agent.destroy())
  )
  return Layer.provide(
    NodeHttpClient.layerUndiciWithoutDispatcher,
    Layer.succeed(NodeHttpClient.Dispatcher, dispatcher)
  )
})

/** The client. Fails with `ProxyMisconfigured` before anything is sent. */
export const layer: Layer.Layer<HttpClient.HttpClient, OutboundProxy.ProxyMisconfigured> = Layer.unwrapScoped(
  Effect.flatMap(OutboundProxy.fromEnvironment, Option.match({ onNone: () => Effect.succeed(direct), onSome: through }))
)
