/** The way to AWS through the proxy of the environment, which the AWS SDK does not look for by itself. */
import type { ClientRequest } from "node:http"
import { Agent as HttpsAgent } from "node:https"
import { OutboundProxy } from "@genesys-replay/domain"
import { Agent, type AgentConnectOpts } from "agent-base"
import { Effect, Option, Redacted } from "effect"
import { HttpsProxyAgent } from "https-proxy-agent"
import { AwsMisconfigured } from "./EventBridgeConfig.js"

class ProxyAgent extends Agent {
  readonly #direct = new HttpsAgent({ keepAlive: true })
  readonly #proxied: HttpsProxyAgent<string>

  constructor(readonly proxy: OutboundProxy.OutboundProxy) {
    super({ keepAlive: true })
    this.#proxied = new HttpsProxyAgent(Redacted.value(proxy.url), { keepAlive: true })
  }

  override connect(_: ClientRequest, { host, port }: AgentConnectOpts): HttpsAgent | HttpsProxyAgent<string> {
    return OutboundProxy.isDirect(this.proxy, host ?? "", Number(port)) ? this.#direct : this.#proxied
  }

  override destroy(): void {
    this.#direct.destroy()
    this.#proxied.destroy()
    super.destroy()
  }
}

/** What a client of the AWS SDK is made with beside its other settings: nothing where the environment names no proxy. */
export const settings: Effect.Effect<
  { readonly requestHandler?: { readonly httpsAgent: HttpsAgent } },
  AwsMisconfigured
> = OutboundProxy.fromEnvironment.pipe(
  Effect.mapError(({ message }) => new AwsMisconfigured({ problems: [message] })),
  Effect.map(
    Option.match({ onNone: () => ({}), onSome: (proxy) => ({ requestHandler: { httpsAgent: new ProxyAgent(proxy) } }) })
  )
)
