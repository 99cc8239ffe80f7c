/** The way from an event bus to a capture: a queue, and the rule that delivers replayed events into it. */
import { EventBridgeService } from "@effect-aws/client-eventbridge"
import { SQSService } from "@effect-aws/client-sqs"
import { type EventBusArn, type ProviderError, RetryPolicy } from "@genesys-replay/domain"
import { Context, Duration, Effect, Layer, Option } from "effect"
import * as AwsFailure from "../aws/AwsFailure.js"
import { defaultRegion, type Settings } from "../aws/EventBridgeClients.js"
import { defaults } from "../aws/EventBridgeConfig.js"

/** What a route is made with: other actions than those of a capture, for another IAM policy. */
export type Client = Pick<SQSService.Type, "createQueue"> & Pick<EventBridgeService.Type, "putRule" | "putTargets">

const makeClient = Effect.gen(function* () {
  const { createQueue } = yield* SQSService
  const { putRule, putTargets } = yield* EventBridgeService
  return { createQueue, putRule, putTargets } satisfies Client
})

/** The service tag. */
export class RouteClient extends Context.Tag("@genesys-replay/eventbridge/RouteClient")<RouteClient, Client>() {
  /** By the AWS SDK's standard chain, but for what is given instead. The region has to be that of the bus. */
  static readonly layerOf = (settings: Settings): Layer.Layer<RouteClient> =>
    Layer.effect(RouteClient, makeClient).pipe(
      Layer.provide(SQSService.layer({ ...settings, maxAttempts: 1 })),
      Layer.provide(EventBridgeService.layer({ ...settings, maxAttempts: 1 }))
    )
}

/** What is delivered, and from where. */
export interface Options {
  /** The event bus that the replay delivers to. */
  readonly bus: EventBusArn.EventBusArn
  /** Name of the queue and of the rule: 1 to 64 of `A-Za-z0-9_-`. */
  readonly name: string
  /** Events of this replay alone (its ReplayName); unless told, of every replay. Live events never come. */
  readonly replay?: string | undefined
}

/** What was made. */
export interface CaptureRoute {
  /** The queue's URL, for {@link Capture.run}. */
  readonly queue: string
  /** ARN of the rule, for `rules:` in a spec: a replay with it reaches this queue and no other target. */
  readonly rule: string
}

// Only this rule may put messages into the queue. Source: AWS, "Using resource-based policies for Amazon EventBridge".
const policyOf = (queueArn: string, rule: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queueArn,
        Condition: { ArnEquals: { "aws:SourceArn": rule } }
      }
    ]
  })

const asked = <A, E>(operation: string, request: Effect.Effect<A, E>) =>
  RetryPolicy.retrying({ policy: RetryPolicy.defaults, operation, repeatable: true }, () =>
    request.pipe(
      Effect.mapError((error) => AwsFailure.of(operation, error)),
      Effect.mapError((error) => (error._tag === "AwsException" ? AwsFailure.rejected(error) : error)),
      Effect.timeoutFail({
        duration: defaults.requestTimeout,
        onTimeout: () => AwsFailure.timedOut(Duration.toSeconds(defaults.requestTimeout))
      })
    )
  )

/**
 * Makes the queue, the rule and its target, or leaves them as they are where they are there already. Messages stay hidden for
 * two minutes once they are taken: more than a capture needs from taking to deleting.
 *
 * Fails with what calls to AWS can fail with; `NotPermitted` names the action, of `sqs:CreateQueue`, `events:PutRule`,
 * `events:PutTargets`.
 */
export const make: (options: Options) => Effect.Effect<CaptureRoute, ProviderError.ProviderError, RouteClient> =
  Effect.fn("CaptureRoute.make")(function* ({ bus, name, replay }: Options) {
    const client = yield* RouteClient
    const region = Option.getOrElse(bus.region, () => defaultRegion)
    const { account, partition } = bus
    const queueArn = `arn:${partition}:sqs:${region}:${account}:${name}`
    const place = bus.bus === "default" ? name : `${bus.bus}/${name}`
    const rule = `arn:${partition}:events:${region}:${account}:rule/${place}`
    const Attributes = { VisibilityTimeout: "120", Policy: policyOf(queueArn, rule) }
    const pattern = { "replay-name": replay === undefined ? [{ exists: true }] : [replay] }
    const { QueueUrl = "" } = yield* asked("sqs:CreateQueue", client.createQueue({ QueueName: name, Attributes }))
    yield* asked(
      "events:PutRule",
      client.putRule({ Name: name, EventBusName: bus.bus, EventPattern: JSON.stringify(pattern) })
    )
    yield* asked(
      "events:PutTargets",
      client.putTargets({ Rule: name, EventBusName: bus.bus, Targets: [{ Id: "capture", Arn: queueArn }] })
    )
    return { queue: QueueUrl, rule }
  })
