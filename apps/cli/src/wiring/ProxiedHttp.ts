/** The HTTP client through a proxy, with its own module so that it is loaded only where there is one. */
import type { HttpClient } from "@effect/platform"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { EnvHttpProxyAgent } from "@effect/platform-node/Undici"
import type { OutboundProxy } from "@genesys-replay/domain"
import { Effect, Layer, Redacted } from "effect"

/** The client. It follows no redirect, and asks the hosts of `direct` directly. */
export const layer = ({ direct, url }: OutboundProxy.OutboundProxy): Layer.Layer<HttpClient.HttpClient> => {
  const proxy = Redacted.value(url)
  const dispatcher = Effect.acquireRelease(
    Effect.sync(() => new EnvHttpProxyAgent({ httpProxy: proxy, httpsProxy: proxy, noProxy: direct.join(",") })),
    (agent) => Effect.promise(() => agent.destroy())
  )
  return Layer.provide(NodeHttpClient.layerUndiciWithoutDispatcher, Layer.scoped(NodeHttpClient.Dispatcher, dispatcher))
}
