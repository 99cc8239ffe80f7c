/**
 * A Genesys Cloud in memory, written from the platform's documentation and from nothing else: streams with unique names,
 * replays that take their time, tokens, and a limit of requests for each minute. It makes no mistakes; `Wire` does.
 */
import { Predicate } from "effect"
import type { Dice } from "./Dice.js"

/** A request as it arrived. */
export interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** An answer. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A stream, also one that was deleted. */
export interface Stream {
  readonly id: string
  readonly name: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly createdAt: number
  readonly pending: number
  readonly running: number
  readonly last: number
  readonly fails: boolean
  deletedAt: number | undefined
}

/** How a platform is. */
export interface Options {
  readonly now: () => number
  readonly dice: Dice
  readonly clientId: string
  readonly clientSecret: string
  readonly allowed: number
  readonly brittleTokens: boolean
  /** How long the longest replay takes, in milliseconds. */
  readonly longest: number
  readonly onToken: (token: string) => void
}

/** See the module. */
export interface Platform {
  readonly handle: (asked: Asked) => Answer
  /** Ends all tokens. */
  readonly revoke: () => void
  readonly streams: () => ReadonlyArray<Stream>
}

const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: value === undefined ? "" : JSON.stringify(value)
})

/** The body of an error. */
export const failure = (status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  json(status, { message, code: `error.${status}`, status, contextId: "context", details: [], errors: [] }, headers)

const minute = 60_000

/** See the module. */
export const make = (options: Options): Platform => {
  const { allowed, clientId, clientSecret, dice, now } = options
  const streams: Array<Stream> = []
  const tokens = new Map<string, number>()
  let window = { from: Number.NEGATIVE_INFINITY, count: 0 }

  const shown = (stream: Stream) => {
    const age = now() - stream.createdAt
    const end = stream.pending + stream.running
    const state = age < stream.pending ? "PENDING" : age < end ? "RUNNING" : stream.fails ? "FAILED" : "COMPLETED"
    return {
      ...stream.payload,
      id: stream.id,
      selfUri: `/api/v2/eventstreams/${stream.id}`,
      dateCreated: new Date(stream.createdAt).toISOString(),
      replay: { state, ...(state === "COMPLETED" ? { sequence: { first: 1, last: stream.last } } : {}) }
    }
  }

  const standing = () => streams.filter(({ deletedAt }) => deletedAt === undefined)

  const create = (body: string): Answer => {
    const payload: unknown = JSON.parse(body)
    if (!Predicate.hasProperty(payload, "name") || typeof payload.name !== "string") return failure(400, "no name")
    const { name } = payload
    if (standing().some((stream) => stream.name === name)) return failure(409, `${name} exists`)
    const stream: Stream = {
      id: `stream-${streams.length + 1}-${dice.hex(6)}`,
      name,
      payload: { ...payload },
      createdAt: now(),
      pending: dice.between(0, 3_000),
      running: dice.scaled(1_000, options.longest),
      last: dice.between(1, 5_000),
      fails: dice.chance(0.05),
      deletedAt: undefined
    }
    streams.push(stream)
    return json(201, shown(stream))
  }

  const list = ({ searchParams }: URL): Answer => {
    const name = searchParams.get("name")
    const found = standing().filter((stream) => name === null || stream.name === name)
    const [page, size] = [Number(searchParams.get("pageNumber") ?? 1), Number(searchParams.get("pageSize") ?? 25)]
    return json(200, {
      entities: found.slice((page - 1) * size, page * size).map(shown),
      pageNumber: page,
      pageSize: size,
      pageCount: Math.ceil(found.length / size),
      total: found.length
    })
  }

  const one = (id: string, method: string): Answer => {
    const stream = standing().find((stream) => stream.id === id)
    if (stream === undefined) return failure(404, `no stream ${id}`)
    if (method === "GET") return json(200, shown(stream))
    stream.deletedAt = now()
    return json(204, undefined)
  }

  const login = ({ headers }: Asked): Answer => {
    const expected = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`
    if (headers["authorization"] !== expected) return json(401, { error: "invalid_client" })
    const token = `token-${dice.hex(24)}`
    const life = options.brittleTokens ? dice.scaled(5_000, 600_000) : 86_400_000
    tokens.set(token, now() + life)
    options.onToken(token)
    const claimed = options.brittleTokens && dice.chance(0.5) ? 86_400 : Math.ceil(life / 1_000)
    return json(200, { access_token: token, token_type: "bearer", expires_in: claimed })
  }

  const counted = (answer: () => Answer): Answer => {
    if (now() >= window.from + minute) window = { from: now(), count: 0 }
    window.count += 1
    const reset = Math.ceil((window.from + minute - now()) / 1_000)
    const { body, headers, status } =
      window.count > allowed ? failure(429, "too many requests", { "retry-after": String(reset) }) : answer()
    const limits = {
      "inin-ratelimit-count": String(window.count),
      "inin-ratelimit-allowed": String(allowed),
      "inin-ratelimit-reset": String(reset),
      "inin-correlation-id": `correlation-${dice.hex(8)}`
    }
    return { status, body, headers: { ...headers, ...limits } }
  }

  return {
    handle: (asked) => {
      const { pathname } = asked.url
      if (pathname === "/oauth/token") return login(asked)
      const token = (asked.headers["authorization"] ?? "").replace(/^Bearer /, "")
      if (now() >= (tokens.get(token) ?? 0)) return failure(401, `the token ${token} is not valid`)
      return counted(() => {
        if (pathname === "/api/v2/eventstreams") return asked.method === "POST" ? create(asked.body) : list(asked.url)
        return one(pathname.split("/").at(-1) ?? "", asked.method)
      })
    },
    revoke: () => tokens.clear(),
    streams: () => streams
  }
}
