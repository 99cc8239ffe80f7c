/** The provider over real HTTP: a sandbox, and the AWS SDK that talks to it. */
import { FetchHttpClient } from "@effect/platform"
import { ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { EventBridge, type EventBridgeConfig } from "@genesys-replay/eventbridge"
import { Genesys, GenesysConfig } from "@genesys-replay/genesys"
import { Sandbox, type Settings } from "@genesys-replay/sandbox"
import { DateTime, Duration, Effect, Layer, Logger, LogLevel, Redacted } from "effect"

/** The partner bus of every window here. */
export const bus = "aws.partner/genesys.com/cloud/4f1c/cx"

/** The topic of every window here. */
export const topic = "v2.detail.events.conversation.{id}.acd.start"

/** A sandbox whose replays are over in a moment. */
export const sandbox = (options: Settings.Options = {}) =>
  Sandbox.layer({
    seed: "contract",
    world: { conversationsPerHour: 60 },
    pace: { pending: Duration.millis(10), eventsPerSecond: 20_000, tick: Duration.millis(10) },
    rateLimit: { allowed: 100_000 },
    ...options
  })

const retry = { maxRetries: 3, baseDelay: Duration.millis(10) }

/** EventBridge, which is the sandbox. */
export const eventbridge = (values: Partial<EventBridgeConfig.Values> = {}) =>
  Layer.unwrapEffect(
    Effect.map(Sandbox.Sandbox, ({ aws, url }) =>
      EventBridge.layerOf(
        {
          endpoint: url,
          region: aws.region,
          credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: Redacted.value(aws.secretAccessKey) }
        },
        { retry, queue: { interval: Duration.millis(50), limit: Duration.seconds(20) }, ...values }
      )
    )
  )

/** Genesys Cloud, which is the sandbox. */
export const genesys = Layer.unwrapEffect(
  Effect.map(Sandbox.Sandbox, ({ clientId, clientSecret, url }) =>
    Genesys.layerOf({
      apiUrl: url,
      loginUrl: url,
      clientId,
      clientSecret,
      scope: GenesysConfig.defaultScope,
      retry
    }).pipe(Layer.provide(FetchHttpClient.layer))
  )
)

/** What is logged on the way is not shown. */
export const quiet = Logger.minimumLogLevel(LogLevel.None)

/** An archive `cx` of the bus, with the events of the last four hours. */
export const history = Effect.gen(function* () {
  const { aws } = yield* Sandbox.Sandbox
  const now = yield* DateTime.now
  return yield* aws.genesysHistory({
    archive: "cx",
    bus,
    topics: [topic],
    from: DateTime.subtract(now, { hours: 4 }),
    until: now
  })
})

/** A window of the last hours, planned now. */
export const planned = (provider: "eventbridge" | "genesys", name: string, fields: Record<string, unknown> = {}) =>
  Effect.gen(function* () {
    const spec = yield* ReplaySpec.decode({
      provider,
      windows: [
        {
          name,
          topics: [topic],
          start: "-2h",
          end: "-1h",
          destination: `arn:aws:events:us-east-1:123456789012:event-bus/${bus}`,
          ...fields
        }
      ]
    })
    const [window] = (yield* ReplayPlan.make(spec)).windows
    return window ?? (yield* Effect.dieMessage("no window"))
  }).pipe(Effect.orDie)
