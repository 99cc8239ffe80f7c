/** What `sandbox` does. */
import { type Faults, Sandbox } from "@genesys-replay/sandbox"
import { DateTime, Duration, Effect, Option, Schema } from "effect"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, say } from "../terminal/Screen.js"

/** What `--json` prints: the variables to set, and where delivered events are written. */
export const document = Schema.Struct(
  {
    GENESYS_ENV_URL: Schema.String,
    GENESYS_LOGIN_URL: Schema.String,
    GENESYS_CLIENT_ID: Schema.String,
    GENESYS_CLIENT_SECRET: Schema.String,
    dataDirectory: Schema.String
  },
  Schema.Record({ key: Schema.String, value: Schema.String })
)

/** The arguments of `sandbox`. */
export interface SandboxArguments {
  readonly port: number
  readonly seed: Option.Option<string>
  readonly data: Option.Option<string>
  readonly rateLimit: number
  readonly rateWindow: number
  readonly tokenLifetime: number
  readonly conversations: number
  readonly history: number
  readonly live: boolean
  readonly recordsLag: number
  readonly lose: number
  readonly late: number
  readonly double: number
  readonly preliminary: number
  readonly drop: number
  readonly duplicate: number
  readonly reorder: number
  readonly tooMany: number
  readonly serverError: number
  readonly cutBefore: number
  readonly cutAfter: number
  readonly malformed: number
  readonly expired: number
  readonly slow: number
  readonly json: boolean
}

const request = <const Kind extends string>(kind: Kind, rate: number) => (rate === 0 ? [] : [{ kind, rate }])

const some = (rate: number) => (rate === 0 ? undefined : { rate })

const faultsOf = (input: SandboxArguments): Faults.Faults => ({
  platform: { lost: some(input.lose), late: some(input.late), doubled: some(input.double) },
  records: { preliminary: input.preliminary },
  deliveries: { drop: { rate: input.drop }, duplicate: { rate: input.duplicate }, reorder: { rate: input.reorder } },
  requests: [
    ...(input.slow === 0 ? [] : [{ kind: "slow" as const, delay: Duration.millis(input.slow) }]),
    ...request("rateLimited", input.tooMany),
    ...request("serverError", input.serverError),
    ...request("cutBefore", input.cutBefore),
    ...request("cutAfter", input.cutAfter),
    ...request("malformedBody", input.malformed),
    ...request("expiredTokens", input.expired)
  ]
})

const archive = "genesys-events"

/** Fills an archive with the last hours, and says where it is. */
const remember = Effect.fn("sandbox.remember")(function* (sandbox: Sandbox.Service, hours: number) {
  if (hours <= 0) return
  const now = yield* DateTime.now
  const { busArn, count } = yield* sandbox.aws.genesysHistory({
    archive,
    from: DateTime.subtract(now, { hours }),
    until: now
  })
  yield* say(`archive ${archive} with ${count} events of ${busArn}`)
})

/** Runs the sandbox until it is interrupted. */
export const run = Effect.fn("sandbox.run")((input: SandboxArguments) =>
  Sandbox.serve(
    {
      port: input.port,
      rateLimit: { allowed: input.rateLimit, window: Duration.seconds(input.rateWindow) },
      tokenLifetime: Duration.seconds(input.tokenLifetime),
      faults: faultsOf(input),
      world: { conversationsPerHour: input.conversations },
      live: input.live,
      records: { availabilityLag: Duration.minutes(input.recordsLag) },
      ...Option.match(input.seed, { onNone: () => ({}), onSome: (seed) => ({ seed }) }),
      ...Option.match(input.data, { onNone: () => ({}), onSome: (dataDirectory) => ({ dataDirectory }) })
    },
    (sandbox) =>
      Effect.gen(function* () {
        yield* remember(sandbox, input.history)
        const variables = sandbox.environment.map((line) => line.split(/=(.*)/s, 2))
        yield* input.json
          ? JsonDocument.print(document, { ...Object.fromEntries(variables), dataDirectory: sandbox.dataDirectory })
          : print(sandbox.environment.join("\n"))
        yield* say(`sandbox on ${sandbox.url}, deliveries in ${sandbox.dataDirectory}; stop it with Ctrl-C`)
      })
  )
)
