/** Lists in pages. A token is opaque: where the next page begins. */
import { Effect, Encoding, Option } from "effect"
import * as AwsError from "./AwsError.js"

/** Which page. */
export interface PageRequest {
  readonly limit: number | undefined
  readonly token: string | undefined
}

/** A page, and what leads on where there is more. */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly next: string | undefined
}

const longest = 100

const startOf = (token: string): Option.Option<number> =>
  Encoding.decodeBase64UrlString(token).pipe(
    Option.getRight,
    Option.filter((text) => /^from:\d{1,9}$/.test(text)),
    Option.map((text) => Number(text.slice("from:".length)))
  )

/** A page of `all`. Fails with `ValidationException` when the token is none of the sandbox's. */
export const of = Effect.fn("Page.of")(function* <A>(all: ReadonlyArray<A>, { limit = longest, token }: PageRequest) {
  const start = token === undefined ? Option.some(0) : startOf(token)
  if (Option.isNone(start)) return yield* AwsError.validation("Parameter NextToken is not valid.")
  const end = start.value + limit
  const next = end < all.length ? Encoding.encodeBase64Url(`from:${end}`) : undefined
  return { items: all.slice(start.value, end), next } satisfies Page<A>
})
