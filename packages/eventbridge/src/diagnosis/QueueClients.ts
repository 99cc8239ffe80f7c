/** The clients for queues of Amazon SQS, in each region: whether they are there, and their attributes. Messages are left alone. */
import type { SQSClientConfig } from "@aws-sdk/client-sqs"
import { SQSService } from "@effect-aws/client-sqs"
import { Context, Effect, Layer, Option, Scope } from "effect"
import * as AwsProxy from "../aws/AwsProxy.js"
import { type AwsMisconfigured, endpointOf } from "../aws/EventBridgeConfig.js"

/** The actions of SQS that looking needs; an IAM policy needs no others. */
export type Client = Pick<SQSService.Type, "getQueueAttributes" | "getQueueUrl">

/** What the AWS SDK is told beyond its standard chain. */
export type Settings = Pick<SQSClientConfig, "credentials" | "endpoint" | "profile" | "requestHandler">

const make = (settings: Settings) =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const of = yield* Effect.cachedFunction((region: string) =>
      // Trying again is this package's own business.
      Layer.build(SQSService.layer({ ...settings, region, maxAttempts: 1 })).pipe(
        Effect.map(Context.get(SQSService)),
        Scope.extend(scope)
      )
    )
    return { of }
  })

/** The service tag. */
export class QueueClients extends Context.Tag("@genesys-replay/eventbridge/QueueClients")<
  QueueClients,
  {
    /** The client of this region; the same one for every caller. */
    readonly of: (region: string) => Effect.Effect<Client>
  }
>() {
  /**
   * Credentials and endpoint by the AWS SDK's standard chain, through the proxy of the environment. `AwsMisconfigured` for an endpoint
   * that is neither https nor on this machine, and for a proxy that cannot be used.
   */
  static readonly layer: Layer.Layer<QueueClients, AwsMisconfigured> = Layer.scoped(
    QueueClients,
    Effect.gen(function* () {
      const endpoint = yield* endpointOf("SQS")
      const proxied = yield* AwsProxy.settings
      return yield* make({
        ...proxied,
        ...Option.match(endpoint, { onNone: () => ({}), onSome: (url) => ({ endpoint: url }) })
      })
    })
  )

  /** With what is given instead of the standard chain. */
  static readonly layerOf = (settings: Settings): Layer.Layer<QueueClients> =>
    Layer.scoped(QueueClients, make(settings))

  /** One client for every region: for tests. */
  static readonly layerStub = (client: Client): Layer.Layer<QueueClients> =>
    Layer.succeed(QueueClients, { of: () => Effect.succeed(client) })
}
