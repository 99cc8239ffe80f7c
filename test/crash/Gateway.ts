/**
 * What stands between the command line and the world: requests to the sandbox go through it, and a webhook ends at it. It tells
 * of every moment of a request, so that a process can be killed at exactly that one; and it remembers what must never be seen.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { type Duration, Effect, Either, Option, type Scope } from "effect"
import { Webhook } from "standardwebhooks"

/** The requests there are. */
export type Kind = "token" | "submit" | "search" | "look" | "webhook"

/** `arrived`: nothing was done to it yet; `done`: it was carried out, its answer is not sent; `answered`: all of it is sent. */
export type Moment = `${Kind} ${"arrived" | "done" | "answered"}`

/**
 * What becomes of a request then: it goes on; it is lost; or it is carried out later, when whoever sent it has long been
 * started again.
 */
export type Fate = "on" | "lost" | { readonly later: Duration.Duration }

/** A delivery to the webhook. */
export interface Delivery {
  readonly id: string
  readonly body: string
}

/** The gateway of one round. */
export interface Gateway {
  readonly url: string
  readonly webhook: string
  /** Every delivery that was taken, in order. */
  readonly deliveries: () => ReadonlyArray<Delivery>
  /** Deliveries whose signature was wrong. */
  readonly forged: () => number
  /** Tokens and encoded secrets that passed. */
  readonly secrets: () => ReadonlyArray<string>
}

const kindOf = ({ method, url = "" }: IncomingMessage): Kind => {
  if (url.startsWith("/webhook")) return "webhook"
  if (url.startsWith("/oauth")) return "token"
  if (method === "POST") return "submit"
  return /\/eventstreams\/./.test(url) ? "look" : "search"
}

const bodyOf = (request: IncomingMessage) =>
  Effect.async<Buffer>((resume) => {
    const parts: Array<Buffer> = []
    request.on("data", (part: Buffer) => parts.push(part))
    request.on("end", () => resume(Effect.succeed(Buffer.concat(parts))))
    // Who sent it is gone: nothing more will come.
    request.on("error", () => {})
  })

const send = (
  response: ServerResponse,
  status: number,
  headers: Iterable<readonly [string, string]>,
  body: Uint8Array
) =>
  Effect.async<void>((resume) => {
    response.on("close", () => resume(Effect.void))
    for (const [name, value] of headers) response.setHeader(name, value)
    response.writeHead(status)
    response.end(body)
  })

// Of this hop only.
const ours = new Set(["connection", "keep-alive", "transfer-encoding", "content-length", "host", "date"])

const carryOut = (sandbox: string, request: IncomingMessage, body: Buffer) =>
  Effect.tryPromise(async () => {
    const headers = Object.entries(request.headers).flatMap(([name, value]) =>
      ours.has(name) || typeof value !== "string" ? [] : [[name, value] satisfies [string, string]]
    )
    const answer = await fetch(`${sandbox}${request.url ?? ""}`, {
      method: request.method ?? "GET",
      headers,
      ...(body.length === 0 ? {} : { body })
    })
    return {
      status: answer.status,
      headers: [...answer.headers].filter(([name]) => !ours.has(name)),
      body: new Uint8Array(await answer.arrayBuffer())
    }
  })

/**
 * A gateway to the sandbox at this URL, on a port of its own for as long as the scope is open. `reached` runs at every moment,
 * before anything else happens to that request, and says what becomes of it.
 */
export const make = (options: {
  readonly sandbox: string
  /** What deliveries are signed with. */
  readonly secret: string
  readonly reached: (moment: Moment) => Effect.Effect<Fate>
}): Effect.Effect<Gateway, never, Scope.Scope> =>
  Effect.gen(function* () {
    const deliveries: Array<Delivery> = []
    const secrets = new Set<string>()
    let forged = 0
    const webhook = new Webhook(options.secret)

    const take = (request: IncomingMessage, body: Buffer) =>
      Effect.sync(() => {
        const text = body.toString("utf8")
        const names = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const
        const headers = Object.fromEntries(names.map((name) => [name, String(request.headers[name] ?? "")]))
        const signed = Either.isRight(Either.try(() => webhook.verify(text, headers)))
        if (signed) deliveries.push({ id: headers["webhook-id"] ?? "", body: text })
        else forged += 1
        return { status: signed ? 204 : 401, headers: [], body: new Uint8Array() }
      })

    const serve = (request: IncomingMessage, response: ServerResponse) =>
      Effect.gen(function* () {
        const kind = kindOf(request)
        const secret = /^\w+ +(\S+)$/.exec(request.headers.authorization ?? "")?.[1]
        if (secret !== undefined) secrets.add(secret)
        const body = yield* bodyOf(request)
        const fate = yield* options.reached(`${kind} arrived`)
        if (fate === "lost") {
          response.destroy()
          return
        }
        if (typeof fate === "object") yield* Effect.sleep(fate.later)
        const carried = kind === "webhook" ? take(request, body) : carryOut(options.sandbox, request, body)
        const answer = yield* Effect.option(carried)
        if (Option.isNone(answer)) {
          response.destroy()
          return
        }
        const { body: text, headers, status } = answer.value
        const token =
          kind === "token" ? /"access_token" *: *"([^"]+)"/.exec(Buffer.from(text).toString())?.[1] : undefined
        if (token !== undefined) secrets.add(token)
        yield* options.reached(`${kind} done`)
        yield* send(response, status, headers, text)
        yield* options.reached(`${kind} answered`)
      })

    const runtime = yield* Effect.runtime()
    const fork = Effect.runFork
    const server = yield* Effect.acquireRelease(
      Effect.async<ReturnType<typeof createServer>>((resume) => {
        const made = createServer((request, response) => {
          fork(Effect.provide(serve(request, response), runtime))
        })
        made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
      }),
      (made) =>
        Effect.async<void>((resume) => {
          made.close(() => resume(Effect.void))
          made.closeAllConnections()
        })
    )
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
    return {
      url,
      webhook: `${url}/webhook`,
      deliveries: () => deliveries,
      forged: () => forged,
      secrets: () => [...secrets]
    }
  })
