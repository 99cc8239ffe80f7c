/** What `sandbox` does. */
import { Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, Option } from "effect"
import { print, printJson, say } from "../terminal/Screen.js"

/** The arguments of `sandbox`. */
export interface SandboxArguments {
  readonly port: number
  readonly seed: Option.Option<string>
  readonly data: Option.Option<string>
  readonly rateLimit: number
  readonly rateWindow: number
  readonly tokenLifetime: number
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

const faultsOf = (input: SandboxArguments) => ({
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

/** Runs the sandbox until it is interrupted. */
export const run = Effect.fn("sandbox.run")((input: SandboxArguments) =>
  Sandbox.serve(
    {
      port: input.port,
      rateLimit: { allowed: input.rateLimit, window: Duration.seconds(input.rateWindow) },
      tokenLifetime: Duration.seconds(input.tokenLifetime),
      faults: faultsOf(input),
      ...Option.match(input.seed, { onNone: () => ({}), onSome: (seed) => ({ seed }) }),
      ...Option.match(input.data, { onNone: () => ({}), onSome: (dataDirectory) => ({ dataDirectory }) })
    },
    (sandbox) =>
      Effect.gen(function* () {
        const variables = sandbox.environment.map((line) => line.split(/=(.*)/s, 2))
        yield* input.json
          ? printJson({ ...Object.fromEntries(variables), dataDirectory: sandbox.dataDirectory })
          : print(sandbox.environment.join("\n"))
        yield* say(`sandbox on ${sandbox.url}, deliveries in ${sandbox.dataDirectory}; stop it with Ctrl-C`)
      })
  )
)
