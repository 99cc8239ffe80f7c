/** A platform that counts requests in fixed windows from time 0, and says so in its headers. */
import { Headers } from "@effect/platform"
import type { PlatformAnswer } from "@genesys-replay/genesys"
import { Clock, Effect, Ref } from "effect"

/** What it is like. */
export interface Server {
  readonly allowed: number
  readonly windowMs: number
  readonly latencyMs: number
  /** Requests that others made in the first window, which began at time 0. */
  readonly usedBefore?: number
  /** How the seconds until the reset are rounded. */
  readonly rounding?: (seconds: number) => number
  readonly silent?: boolean
}

/** 300 a minute. */
export const minute: Server = { allowed: 300, windowMs: 60_000, latencyMs: 40 }

/** A request as it arrived. */
export interface Arrival {
  readonly at: number
  readonly status: number
}

/** The server; `send` is one request to it, of a token that it counts for itself, `log` what arrived. */
export const make = ({ allowed, latencyMs, rounding = Math.ceil, silent = false, usedBefore = 0, windowMs }: Server) =>
  Effect.gen(function* () {
    const counts = yield* Ref.make<ReadonlyMap<string, number>>(new Map([["token 0", usedBefore]]))
    const log = yield* Ref.make<ReadonlyArray<Arrival>>([])
    const sendWith = (token: string): Effect.Effect<PlatformAnswer.PlatformAnswer> =>
      Effect.gen(function* () {
        yield* Effect.sleep(latencyMs / 2)
        const now = yield* Clock.currentTimeMillis
        const window = `${token} ${Math.floor(now / windowMs)}`
        const count = yield* Ref.modify(counts, (all) => {
          const next = (all.get(window) ?? 0) + 1
          return [next, new Map([...all, [window, Math.min(next, allowed)]])]
        })
        const left = rounding((windowMs - (now % windowMs)) / 1_000)
        const status = count > allowed ? 429 : 200
        yield* Ref.update(log, (all) => [...all, { at: now, status }])
        yield* Effect.sleep(latencyMs / 2)
        const headers = silent
          ? {}
          : {
              "inin-ratelimit-count": String(Math.min(count, allowed)),
              "inin-ratelimit-allowed": String(allowed),
              "inin-ratelimit-reset": String(left),
              ...(status === 429 ? { "retry-after": String(Math.max(1, left)) } : {})
            }
        return { operation: "POST /x", status, headers: Headers.fromInput(headers), text: "" }
      })
    return { send: sendWith("token"), sendWith, log: Ref.get(log) }
  })

/** How many arrived in each window. */
export const perWindow = (log: ReadonlyArray<Arrival>, windowMs: number): ReadonlyArray<number> => {
  const counts = new Map<number, number>()
  for (const { at } of log) {
    const window = Math.floor(at / windowMs)
    counts.set(window, (counts.get(window) ?? 0) + 1)
  }
  return [...counts.values()]
}

/** How many were answered 429. */
export const refused = (log: ReadonlyArray<Arrival>): number => log.filter(({ status }) => status === 429).length

/** One answer with these headers, at once. */
export const answer = ({
  allowed,
  count,
  reset,
  retryAfter,
  status = 200
}: {
  readonly status?: number
  readonly count?: number
  readonly allowed?: number
  readonly reset?: number
  readonly retryAfter?: number
}): Effect.Effect<PlatformAnswer.PlatformAnswer> =>
  Effect.succeed({
    operation: "POST /x",
    status,
    headers: Headers.fromInput({
      ...(count === undefined ? {} : { "inin-ratelimit-count": String(count) }),
      ...(allowed === undefined ? {} : { "inin-ratelimit-allowed": String(allowed) }),
      ...(reset === undefined ? {} : { "inin-ratelimit-reset": String(reset) }),
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) })
    }),
    text: ""
  })
