/**
 * What every request passes: correlation id, faults, token, rate limit, and on the way back the headers. In one place,
 * below every endpoint; the endpoints know nothing of it.
 */
import {
  Headers,
  HttpApiBuilder,
  HttpApiError,
  type HttpApp,
  HttpServerError,
  HttpServerRequest,
  HttpServerResponse
} from "@effect/platform"
import { Cause, Duration, Effect, Option } from "effect"
import { FaultPlan } from "../faults/FaultPlan.js"
import type { RequestFault } from "../faults/Faults.js"
import * as Permission from "../faults/Permission.js"
import { Settings } from "../faults/Settings.js"
import * as Answer from "../server/Answer.js"
import * as LoopbackServer from "../server/LoopbackServer.js"
import { RequestLog } from "../server/RequestLog.js"
import { SeededRandom } from "../world/SeededRandom.js"
import { RateLimitWindow, type Usage } from "./RateLimitWindow.js"
import { Tokens } from "./Tokens.js"

const pathOf = (url: string): string => url.split("?", 1)[0] ?? url

const bearerOf = (authorization: string | undefined): Option.Option<string> =>
  Option.fromNullable(/^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1])

const rateHeaders = ({ allowed, count, resetSeconds }: Usage) => ({
  "inin-ratelimit-count": String(count),
  "inin-ratelimit-allowed": String(allowed),
  "inin-ratelimit-reset": String(resetSeconds)
})

/** Headers of a 429 that is not the counter's: they agree with its `Retry-After`. */
const stormHeaders = (allowed: number, retryAfter: number) =>
  rateHeaders({ allowed, count: allowed + 1, resetSeconds: retryAfter, exceeded: true })

const counterNames = ["inin-ratelimit-count", "inin-ratelimit-allowed", "inin-ratelimit-reset"] as const

const countersOf = ({ headers }: HttpServerResponse.HttpServerResponse): { readonly [name: string]: string } =>
  Object.fromEntries(
    counterNames.flatMap((name) =>
      Option.toArray(Option.map(Headers.get(headers, name), (value) => [name, value] as const))
    )
  )

const tooMany = (retryAfter: number) =>
  Effect.map(
    Answer.refuse({
      status: 429,
      code: "too.many.requests",
      message: `Rate limit exceeded the maximum. Retry the request in [${retryAfter}] seconds`
    }),
    HttpServerResponse.setHeader("retry-after", String(retryAfter))
  )

const unauthorized = (code: string, message: string) => Answer.refuse({ status: 401, code, message })

const forbidden = (permission: string) =>
  Answer.refuse({
    status: 403,
    code: "missing.permissions",
    message: `Unable to perform the requested action. You are missing the following permission(s): ${permission}`
  })

const nothingAt = (path: string) =>
  Answer.refuse({ status: 404, code: "not.found", message: `There is nothing at ${path}` })

const streamsPath = "/api/v2/eventstreams"

const statusNames: { readonly [status: number]: string } = {
  500: "internal.server.error",
  502: "bad.gateway",
  503: "service.unavailable",
  504: "gateway.timeout"
}

const serverError = (status: number) =>
  Answer.refuse({
    status,
    code: statusNames[status] ?? "internal.server.error",
    message: "The request could not be completed by the server"
  })

/** What the router could not do, in the platform's words. Interruption stays interruption: nobody waits for the answer. */
const explained = (path: string) => (cause: Cause.Cause<unknown>) => {
  if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
  const error = Cause.squash(cause)
  if (error instanceof HttpServerError.RouteNotFound) return nothingAt(path)
  if (error instanceof HttpApiError.HttpApiDecodeError) {
    return path === "/oauth/token"
      ? Effect.succeed(Answer.clientRefused("client credentials are missing: send Basic base64(id:secret)"))
      : Answer.invalid(error.issues)
  }
  return Effect.zipRight(Effect.logError("the sandbox has a bug", cause), serverError(500))
}

const isBefore = (fault: RequestFault): boolean =>
  fault.kind === "serverError" ? fault.processed !== true : fault.kind !== "cutAfter" && fault.kind !== "malformedBody"

/** The middleware of the whole API. */
export const layer = HttpApiBuilder.middleware(
  Effect.gen(function* () {
    const { eventStreams, missingPermissions, rateLimit, seed } = yield* Settings
    const faults = yield* FaultPlan
    const tokens = yield* Tokens
    const limits = yield* RateLimitWindow
    const log = yield* RequestLog
    const correlation = SeededRandom.of(seed, "correlation")

    /** Whether the organization has what is asked for, and the client its permission. */
    const permitted = (path: string, route: HttpApp.Default): HttpApp.Default => {
      if (!eventStreams && (path === streamsPath || path.startsWith(`${streamsPath}/`))) return nothingAt(path)
      const permission = Permission.of(path)
      return permission !== undefined && missingPermissions.includes(permission) ? forbidden(permission) : route
    }

    /** The answer to a request that nothing was done to: token, limit, permission, router. */
    const admitted = Effect.fnUntraced(function* (app: HttpApp.Default, path: string, token: Option.Option<string>) {
      const route = Effect.catchAllCause(app, explained(path))
      if (!path.startsWith("/api/"))
        return HttpServerResponse.setHeaders(yield* route, rateHeaders(yield* limits.count("")))
      const grant = yield* Effect.either(Effect.flatMap(token, tokens.check))
      if (grant._tag === "Left") {
        const refused =
          grant.left._tag === "TokenRefused"
            ? unauthorized("bad.credentials", `Invalid login credentials: ${grant.left.message}`)
            : unauthorized(
                "authentication.required",
                "No authentication bearer token specified in authorization header."
              )
        return HttpServerResponse.setHeaders(yield* refused, rateHeaders(yield* limits.count("")))
      }
      // There is one client.
      const usage = yield* limits.count(rateLimit.per === "client" ? "client" : Option.getOrElse(token, () => ""))
      const response = yield* usage.exceeded ? tooMany(usage.resetSeconds) : permitted(path, route)
      return HttpServerResponse.setHeaders(response, rateHeaders(usage))
    })

    const cut = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest) {
      yield* LoopbackServer.cut(request)
      return HttpServerResponse.empty({ status: 499 })
    })

    const instead = Effect.fnUntraced(function* (
      fault: RequestFault,
      request: HttpServerRequest.HttpServerRequest,
      counters: { readonly [name: string]: string }
    ) {
      switch (fault.kind) {
        case "rateLimited": {
          const retryAfter = fault.retryAfter ?? 1
          return HttpServerResponse.setHeaders(yield* tooMany(retryAfter), stormHeaders(rateLimit.allowed, retryAfter))
        }
        case "serverError":
          return HttpServerResponse.setHeaders(yield* serverError(fault.status ?? 503), counters)
        case "forbidden":
          return HttpServerResponse.setHeaders(
            yield* forbidden(Permission.of(pathOf(request.originalUrl)) ?? "unknown"),
            counters
          )
        default:
          return yield* cut(request)
      }
    })

    const answered = Effect.fnUntraced(function* (
      app: HttpApp.Default,
      request: HttpServerRequest.HttpServerRequest,
      fault: Option.Option<RequestFault>
    ) {
      const go = admitted(app, pathOf(request.originalUrl), bearerOf(request.headers["authorization"]))
      if (Option.isNone(fault)) return yield* go
      if (fault.value.kind === "expiredTokens") return yield* Effect.zipRight(tokens.expireAll, go)
      if (isBefore(fault.value)) return yield* instead(fault.value, request, rateHeaders(yield* limits.count("")))
      const response = yield* go
      return fault.value.kind === "malformedBody"
        ? Answer.halved(response)
        : yield* instead(fault.value, request, countersOf(response))
    })

    return (app: HttpApp.Default) =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const path = pathOf(request.originalUrl)
        const correlationId = correlation.uuid()
        const { delay, fault } = yield* faults.decide(request.method, path)
        // The server's requests cannot be interrupted, but a client that goes away must not be waited for.
        if (Duration.greaterThan(delay, Duration.zero)) yield* Effect.interruptible(Effect.sleep(delay))
        const response = yield* Effect.provideService(
          answered(app, request, fault),
          Answer.CorrelationId,
          correlationId
        )
        const status = response.status === 499 ? 0 : response.status
        yield* log.note({ method: request.method, path, status, correlationId })
        return HttpServerResponse.setHeader(response, "ININ-Correlation-Id", correlationId)
      })
  })
)
