/** Base URLs that credentials may be sent to. */
import { SecureUrl } from "@genesys-replay/domain"
import { Either, Option } from "effect"

const asUrl = (text: string): Option.Option<URL> => (URL.canParse(text) ? Option.some(new URL(text)) : Option.none())

/** The URL without the slash at its end. */
const normal = (url: URL): string => `${url.origin}${url.pathname}`.replace(/\/+$/, "")

/**
 * A base URL, normalized, or why it is none: it has to be https, or http on a loopback host (127.0.0.0/8, ::1,
 * localhost), without user, query and fragment. The reason repeats no user and no query, which may hold a secret.
 */
export const parse = (text: string): Either.Either<string, string> =>
  Option.match(asUrl(text), {
    onNone: () => Either.left("is not a URL: write https://api.<region>"),
    onSome: (url) => {
      if (url.username !== "" || url.password !== "")
        return Either.left("has a user or a password in it: leave them out")
      if (url.search !== "" || url.hash !== "") return Either.left("has a query or a fragment: leave them out")
      if (SecureUrl.isSecure(url)) {
        return Either.right(normal(url))
      }
      return Either.left(`is refused, ${normal(url)} is not https: plain http is for loopback hosts only`)
    }
  })

/**
 * The OAuth server that belongs to a platform API: `login.` for the first label `api.` of the host, the same origin for a
 * loopback host. None where the host is neither.
 */
export const loginUrl = (apiUrl: string): Option.Option<string> =>
  Option.flatMap(asUrl(apiUrl), (url) => {
    if (SecureUrl.isLoopback(url.hostname)) return Option.some(url.origin)
    if (!url.hostname.startsWith("api.")) return Option.none()
    return Option.some(`${url.protocol}//${url.host.replace(/^api\./, "login.")}`)
  })
