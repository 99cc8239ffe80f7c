/** The clients of Amazon EventBridge, one for each region: a replay runs where its event bus is. */
import { EventBridgeClient, type EventBridgeClientConfig } from "@aws-sdk/client-eventbridge"
import { EventBridgeService } from "@effect-aws/client-eventbridge"
import { ClockSkew } from "@genesys-replay/domain"
import { Clock, Config, Context, Effect, Layer, Option, Predicate, Ref, Runtime, Scope } from "effect"
import * as AwsProxy from "./AwsProxy.js"
import { type AwsMisconfigured, endpointOf } from "./EventBridgeConfig.js"

/** The actions of EventBridge that this package uses; an IAM policy needs no others. */
export type Client = Pick<
  EventBridgeService.Type,
  | "cancelReplay"
  | "createArchive"
  | "describeArchive"
  | "describeEventBus"
  | "describeEventSource"
  | "describeReplay"
  | "describeRule"
  | "listArchives"
  | "listReplays"
  | "listRules"
  | "listTargetsByRule"
  | "putEvents"
  | "startReplay"
>

/** Where nobody names a region. */
export const defaultRegion = "us-east-1"

const amazon = "Amazon EventBridge"

/** What the AWS SDK is told beyond its standard chain, for tests and for programs that have their own way. */
export type Settings = Pick<EventBridgeClientConfig, "credentials" | "endpoint" | "profile" | "requestHandler"> & {
  /** The region where nothing names one, instead of AWS_REGION. */
  readonly region?: string
}

/** The region that the SDK's own chain finds: the environment, then the shared configuration file. */
const chained = Effect.tryPromise(() => {
  const client = new EventBridgeClient({})
  return client.config.region().finally(() => client.destroy())
})

const homeOf = (settings: Settings): Effect.Effect<string> =>
  settings.region !== undefined
    ? Effect.succeed(settings.region)
    : Config.string("AWS_REGION").pipe(
        Effect.option,
        Effect.map(Option.filter((region) => region !== "")),
        Effect.flatMap(Option.match({ onNone: () => chained, onSome: Effect.succeed })),
        Effect.orElseSucceed(() => defaultRegion)
      )

// What the SDK will find by itself, for the eyes of people; refusing a bad one is EventBridgeConfig's.
const targetOf = (settings: Settings): Effect.Effect<string> =>
  (typeof settings.endpoint === "string"
    ? Effect.succeedSome(settings.endpoint)
    : Effect.orElseSucceed(endpointOf("EVENTBRIDGE"), Option.none)
  ).pipe(Effect.map(Option.match({ onNone: () => amazon, onSome: (endpoint) => `${amazon} at ${endpoint}` })))

// The header of an answer of the SDK's own HTTP client, which types it as anything.
const dateOf = (response: unknown): string | undefined => {
  const headers = Predicate.isRecord(response) ? response["headers"] : undefined
  const date = Predicate.isRecord(headers) ? headers["date"] : undefined
  return typeof date === "string" ? date : undefined
}

const make = (settings: Settings) =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const { region: _, ...given } = settings
    const observeClock = yield* ClockSkew.observer(amazon)
    const skew = yield* Ref.make(Option.none<number>())
    const runSync = Runtime.runSync(yield* Effect.runtime())
    const clientOf = (region: string) => {
      // Trying again is this package's own business: a StartReplay must not be repeated without a look whether it worked.
      const client = new EventBridgeClient({ ...given, region, maxAttempts: 1 })
      client.middlewareStack.add(
        (next) => async (request) => {
          const sentAt = runSync(Clock.currentTimeMillis)
          const result = await next(request)
          const date = dateOf(result.response)
          runSync(observeClock(date, sentAt))
          runSync(Ref.set(skew, ClockSkew.of(date, sentAt, runSync(Clock.currentTimeMillis))))
          return result
        },
        { step: "deserialize", name: "observeClock", priority: "low" }
      )
      return client
    }
    const of = yield* Effect.cachedFunction((region: string) =>
      Effect.acquireRelease(
        Effect.sync(() => clientOf(region)),
        (client) => Effect.sync(() => client.destroy())
      ).pipe(
        Effect.flatMap((client) => Layer.build(EventBridgeService.baseLayer(() => client))),
        Effect.map(Context.get(EventBridgeService)),
        Scope.extend(scope)
      )
    )
    return {
      of,
      home: yield* Effect.cached(homeOf(settings)),
      target: yield* targetOf(settings),
      clockSkew: Ref.get(skew)
    }
  })

/** The service tag. */
export class EventBridgeClients extends Context.Tag("@genesys-replay/eventbridge/EventBridgeClients")<
  EventBridgeClients,
  {
    /** The client of this region; the same one for every caller. */
    readonly of: (region: string) => Effect.Effect<Client>
    /** The region where nothing names one: AWS_REGION, else the one of the profile, else `us-east-1`. */
    readonly home: Effect.Effect<string>
    /** Whom they talk to: Amazon, or the endpoint that stands in for it. The account is the event bus's. */
    readonly target: string
    /** How far this machine's clock is ahead of AWS's, in milliseconds, by the latest answer; see `ClockSkew.of`. */
    readonly clockSkew: Effect.Effect<Option.Option<number>>
  }
>() {
  /**
   * Credentials, endpoint and region by the AWS SDK's standard chain, through the proxy of the environment where it names one.
   * Building it sends nothing; `AwsMisconfigured` for a proxy that cannot be used.
   */
  static readonly layer: Layer.Layer<EventBridgeClients, AwsMisconfigured> = Layer.scoped(
    EventBridgeClients,
    Effect.flatMap(AwsProxy.settings, make)
  )

  /** With what is given instead of the standard chain. */
  static readonly layerOf = (settings: Settings): Layer.Layer<EventBridgeClients> =>
    Layer.scoped(EventBridgeClients, make(settings))

  /** One client for every region: for tests. */
  static readonly layerStub = (service: Client, clockSkew = Option.none<number>()): Layer.Layer<EventBridgeClients> =>
    Layer.succeed(EventBridgeClients, {
      of: () => Effect.succeed(service),
      home: Effect.succeed(defaultRegion),
      target: amazon,
      clockSkew: Effect.succeed(clockSkew)
    })
}
