/**
 * The HTTP proxy that the environment names: in many networks the only way to Genesys Cloud and AWS. `https_proxy`, else
 * `http_proxy`, else `all_proxy` is its URL; `no_proxy` lists the hosts that are asked directly. Each may be written in capitals.
 */
import { Config, Effect, Option, Redacted, Schema } from "effect"

/** The environment names a proxy that cannot be used. Nothing was sent. */
export class ProxyMisconfigured extends Schema.TaggedError<ProxyMisconfigured>()("ProxyMisconfigured", {
  /** The environment variable. */
  variable: Schema.String,
  /** What is wrong with it. The URL is not repeated: it may hold a password. */
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.variable} ${this.reason}: write http://proxy.example:3128`
  }
}

/** A proxy. */
export interface OutboundProxy {
  /** Its URL, `http` unless the variable says `https`. It may hold a user and a password. */
  readonly url: Redacted.Redacted
  /** The hosts that are asked directly: those of `no_proxy`, and this machine. `*` there is no proxy at all. */
  readonly direct: ReadonlyArray<string>
}

const loopback = ["localhost", "127.0.0.1", "[::1]", "::1"]

const variable = (...names: ReadonlyArray<string>) =>
  Effect.map(
    Effect.forEach(
      names.flatMap((name) => [name, name.toUpperCase()]),
      (name) =>
        Effect.map(Effect.option(Config.nonEmptyString(name)), (found) => Option.map(found, (text) => ({ name, text })))
    ),
    Option.firstSomeOf
  )

// protocol://user:password@host:port, of which only the host must be there.
const form = /^(?:([a-z][a-z\d+.-]*):\/\/)?((?:[^\s/?#@]*@)?(?:\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?)\/?$/i

/** The proxy of the environment, none where it names none. Fails with {@link ProxyMisconfigured}. */
export const fromEnvironment: Effect.Effect<Option.Option<OutboundProxy>, ProxyMisconfigured> = Effect.gen(
  function* () {
    const named = yield* variable("https_proxy", "http_proxy", "all_proxy")
    if (Option.isNone(named)) return Option.none()
    const { name, text } = named.value
    const [, protocol = "http", authority, port = "1"] = form.exec(text.trim()) ?? []
    if (authority === undefined || Number(port) > 65_535)
      return yield* new ProxyMisconfigured({ variable: name, reason: "is not a URL" })
    if (!/^https?$/i.test(protocol)) {
      const reason = `names a ${protocol} proxy, and only http and https ones can be used`
      return yield* new ProxyMisconfigured({ variable: name, reason })
    }
    const except = Option.match(yield* variable("no_proxy"), { onNone: () => "", onSome: ({ text }) => text })
    const direct = except.split(/[\s,]+/).filter((host) => host !== "")
    if (direct.includes("*")) return Option.none()
    return Option.some({ url: Redacted.make(`${protocol}://${authority}`), direct: [...direct, ...loopback] })
  }
)

const matches = (entry: string, host: string, port: number): boolean => {
  const [, named = entry, only] = /^(.+[^:]):(\d+)$/.exec(entry) ?? []
  const name = named.replace(/^\*?\./, "")
  return (only === undefined || Number(only) === port) && (host === name || host.endsWith(`.${name}`))
}

/**
 * Whether a host is asked directly: it is an entry of `no_proxy` or stands below one (`api.example.com` below `example.com`,
 * which may also be written `.example.com` or `*.example.com`), with its port where the entry has one.
 */
export const isDirect = ({ direct }: OutboundProxy, host: string, port: number): boolean =>
  direct.some((entry) => matches(entry.toLowerCase(), host.toLowerCase(), port))
