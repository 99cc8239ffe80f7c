/**
 * What every request to AWS passes: faults, signature, the operation, and on the way back the request's id. Requests to
 * the platform's API go by.
 */
import { type HttpApp, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Cause, Context, Duration, Effect, Layer, Option } from "effect"
import { FaultPlan } from "../faults/FaultPlan.js"
import type { RequestFault } from "../faults/Faults.js"
import { Settings } from "../faults/Settings.js"
import * as Answer from "../server/Answer.js"
import * as LoopbackServer from "../server/LoopbackServer.js"
import { RequestLog } from "../server/RequestLog.js"
import { SeededRandom } from "../world/SeededRandom.js"
import * as Arn from "./Arn.js"
import * as AwsError from "./AwsError.js"
import * as AwsJson from "./AwsJson.js"
import * as EventBridgeService from "./events/EventBridgeService.js"
import * as SigV4 from "./SigV4.js"
import * as SqsService from "./sqs/SqsService.js"

/** Answers a request that is meant for AWS. */
export interface Service {
  readonly answer: (
    request: HttpServerRequest.HttpServerRequest
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse>
}

/** What a request asks for: a service, and its operation. */
interface Asked {
  readonly target: string
  readonly service: Option.Option<AwsJson.Service>
  readonly operation: string
}

const usualMediaType = "application/x-amz-json-1.1"

const isForAws = ({ headers }: HttpServerRequest.HttpServerRequest): boolean =>
  headers["x-amz-target"] !== undefined || (headers["authorization"] ?? "").startsWith("AWS4-")

const throttled = ({ service }: Asked): AwsError.AwsError => {
  const sqs = Option.exists(service, ({ signingName }) => signingName === "sqs")
  return new AwsError.AwsError({
    type: sqs ? "RequestThrottled" : "ThrottlingException",
    reason: sqs ? "Request is throttled." : "Rate exceeded",
    status: 400,
    ...(sqs ? { queryCode: "RequestThrottled" } : {})
  })
}

const serverError = (status: number): AwsError.AwsError =>
  status === 500
    ? AwsError.internal("This exception occurs due to unexpected causes.")
    : new AwsError.AwsError({
        type: "ServiceUnavailable",
        reason: "The request has failed due to a temporary failure of the server.",
        status
      })

const accessDenied = ({ operation, service }: Asked): AwsError.AwsError => {
  const name = Option.match(service, { onNone: () => "aws", onSome: (known) => known.signingName })
  return new AwsError.AwsError({
    type: "AccessDeniedException",
    reason: `User: arn:aws:iam::${Arn.account}:user/sandbox is not authorized to perform: ${name}:${operation} because no identity-based policy allows the ${name}:${operation} action`,
    status: 400
  })
}

const expired = new AwsError.AwsError({
  type: "ExpiredTokenException",
  reason: "The security token included in the request is expired",
  status: 400
})

/** What a fault answers; none cuts the connection. */
const refusalOf = (fault: RequestFault, asked: Asked): Option.Option<AwsError.AwsError> => {
  switch (fault.kind) {
    case "rateLimited":
      return Option.some(throttled(asked))
    case "serverError":
      return Option.some(serverError(fault.status ?? 503))
    case "forbidden":
      return Option.some(accessDenied(asked))
    case "expiredTokens":
      return Option.some(expired)
    default:
      return Option.none()
  }
}

/** Whether the request is carried out before it goes wrong. */
const isCarriedOut = (fault: RequestFault): boolean =>
  fault.kind === "cutAfter" ||
  fault.kind === "malformedBody" ||
  (fault.kind === "serverError" && fault.processed === true)

/** Answers what is meant for AWS, of this sandbox. */
export class AwsMiddleware extends Context.Tag("@genesys-replay/sandbox/AwsMiddleware")<AwsMiddleware, Service>() {
  /** EventBridge and SQS behind one port. */
  static readonly layer = Layer.effect(
    AwsMiddleware,
    Effect.gen(function* () {
      const { accessKeyId, secretAccessKey, seed } = yield* Settings
      const faults = yield* FaultPlan
      const log = yield* RequestLog
      const services: ReadonlyArray<AwsJson.Service> = [yield* EventBridgeService.make, yield* SqsService.make]
      const ids = SeededRandom.of(seed, "aws request ids")

      const askedBy = ({ headers, originalUrl }: HttpServerRequest.HttpServerRequest): Asked => {
        const target = headers["x-amz-target"] ?? originalUrl.split("?", 1)[0] ?? originalUrl
        const [prefix, operation = ""] = target.split(".")
        return { target, operation, service: Option.fromNullable(services.find((one) => one.prefix === prefix)) }
      }

      const carriedOut = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest, asked: Asked) {
        const { headers, method, originalUrl: url } = request
        const body = new Uint8Array(yield* Effect.orDie(request.arrayBuffer))
        if (Option.isNone(asked.service)) {
          return yield* AwsError.unknownOperation(
            `The sandbox has nothing for ${asked.target}: it speaks EventBridge and SQS, both in AWS's JSON protocols. Use a newer SDK or AWS CLI`
          )
        }
        const service = asked.service.value
        yield* SigV4.verify({ method, url, headers, body }, { accessKeyId, secretAccessKey }, service.signingName)
        const output = yield* AwsJson.call(service, asked.operation, new TextDecoder().decode(body))
        return AwsJson.succeeded(service, output)
      })

      const mediaTypeOf = ({ service }: Asked) =>
        Option.match(service, { onNone: () => usualMediaType, onSome: ({ mediaType }) => mediaType })

      const explained = (asked: Asked) => (cause: Cause.Cause<AwsError.AwsError>) => {
        if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
        const failure = Cause.failureOption(cause)
        if (Option.isSome(failure)) return Effect.succeed(AwsJson.failed(mediaTypeOf(asked), failure.value))
        return Effect.as(
          Effect.logError("the sandbox has a bug", cause),
          AwsJson.failed(mediaTypeOf(asked), serverError(500))
        )
      }

      const answered = Effect.fnUntraced(function* (
        request: HttpServerRequest.HttpServerRequest,
        asked: Asked,
        fault: Option.Option<RequestFault>
      ) {
        const go = Effect.catchAllCause(carriedOut(request, asked), explained(asked))
        if (Option.isNone(fault)) return yield* go
        const response = isCarriedOut(fault.value) ? yield* go : undefined
        if (response !== undefined && fault.value.kind === "malformedBody") return Answer.halved(response)
        const refusal = refusalOf(fault.value, asked)
        if (Option.isSome(refusal)) return AwsJson.failed(mediaTypeOf(asked), refusal.value)
        yield* LoopbackServer.cut(request)
        return HttpServerResponse.empty({ status: 499 })
      })

      return AwsMiddleware.of({
        answer: Effect.fn("AwsMiddleware.answer")(function* (request) {
          const asked = askedBy(request)
          const requestId = ids.uuid()
          const { delay, fault } = yield* faults.decide(request.method, asked.target)
          // The server's requests cannot be interrupted, but a client that goes away must not be waited for.
          if (Duration.greaterThan(delay, Duration.zero)) yield* Effect.interruptible(Effect.sleep(delay))
          const response = yield* answered(request, asked, fault)
          const status = response.status === 499 ? 0 : response.status
          yield* log.note({ method: request.method, path: asked.target, status, correlationId: requestId })
          return HttpServerResponse.setHeader(response, "x-amzn-RequestId", requestId)
        })
      })
    })
  )
}

/** Takes the requests that are meant for AWS out of those to an app. */
export const beside = (app: HttpApp.Default): HttpApp.Default<never, AwsMiddleware> =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    if (!isForAws(request)) return yield* app
    const middleware = yield* AwsMiddleware
    return yield* middleware.answer(request)
  })
