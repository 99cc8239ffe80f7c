/** How patient the provider is with Amazon EventBridge. Credentials, region and endpoint are the AWS SDK's to find. */
import { RetryPolicy, SecureUrl } from "@genesys-replay/domain"
import { Config, Context, Duration, Effect, Layer, Option, Schema } from "effect"

/** The values. */
export interface Values {
  readonly retry: RetryPolicy.RetryPolicy
  /** How long one request may take. */
  readonly requestTimeout: Duration.Duration
  /** Where as many replays run as the account may have at once: how often to try again, and for how long. */
  readonly queue: { readonly interval: Duration.Duration; readonly limit: Duration.Duration }
  /** How often to look whether a new archive is ready, and for how long. */
  readonly creation: { readonly interval: Duration.Duration; readonly limit: Duration.Duration }
}

/** Three retries from one second on, 30 seconds for a request, up to 12 hours in the queue, a minute for a new archive. */
export const defaults: Values = {
  retry: RetryPolicy.defaults,
  requestTimeout: Duration.seconds(30),
  queue: { interval: Duration.seconds(15), limit: Duration.hours(12) },
  creation: { interval: Duration.seconds(2), limit: Duration.minutes(1) }
}

/** The environment does not do. Nothing was sent. */
export class AwsMisconfigured extends Schema.TaggedError<AwsMisconfigured>()("AwsMisconfigured", {
  /** One sentence for each problem, beginning with the variable. */
  problems: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `the configuration of AWS is not valid:${this.problems.map((problem) => `\n- ${problem}`).join("")}`
  }
}

const problemOf = (name: string, text: string): ReadonlyArray<string> => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return [`${name} is no URL: ${JSON.stringify(text)}`]
  return SecureUrl.isSecure(url) ? [] : [`${name} is not https, and its host is not this machine: ${text}`]
}

/**
 * The endpoint that the environment names for a service: AWS_ENDPOINT_URL_EVENTBRIDGE, say, else AWS_ENDPOINT_URL.
 * {@link AwsMisconfigured} where one of them would send signed requests in the clear to another machine.
 */
export const endpointOf = (service: "EVENTBRIDGE" | "SQS"): Effect.Effect<Option.Option<string>, AwsMisconfigured> =>
  Effect.gen(function* () {
    const named = yield* Effect.forEach([`AWS_ENDPOINT_URL_${service}`, "AWS_ENDPOINT_URL"], (name) =>
      Config.string(name).pipe(
        Effect.option,
        Effect.map(Option.filter((text) => text !== "")),
        Effect.map(Option.map((text) => ({ text, problems: problemOf(name, text) })))
      )
    )
    const problems = named.flatMap(Option.match({ onNone: () => [], onSome: (one) => one.problems }))
    if (problems.length > 0) return yield* new AwsMisconfigured({ problems })
    return Option.map(Option.firstSomeOf(named), ({ text }) => text)
  })

/** Checks the endpoints of EventBridge, which the AWS SDK reads by itself. */
export const checkEndpoints: Effect.Effect<void, AwsMisconfigured> = Effect.asVoid(endpointOf("EVENTBRIDGE"))

/** The configuration as a service. */
export class EventBridgeConfig extends Context.Tag("@genesys-replay/eventbridge/EventBridgeConfig")<
  EventBridgeConfig,
  Values
>() {
  /** {@link defaults}, and what is given instead of some of them. */
  static readonly layerOf = (values: Partial<Values> = {}): Layer.Layer<EventBridgeConfig> =>
    Layer.succeed(EventBridgeConfig, { ...defaults, ...values })
}
