import { describe, expect, it } from "@effect/vitest"
import { EventBridgeClients, EventBridgeConfig } from "@genesys-replay/eventbridge"
import { ConfigProvider, Effect, Exit } from "effect"

const environment = (values: Record<string, string>) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(values))))

describe("an endpoint of AWS in the environment", () => {
  const checked = (values: Record<string, string>) =>
    EventBridgeConfig.checkEndpoints.pipe(environment(values), Effect.exit)

  it.effect("is https, or on this machine", () =>
    Effect.gen(function* () {
      for (const url of [
        "https://vpce-1.events.us-east-1.vpce.amazonaws.com",
        "http://127.0.0.1:4566",
        "http://localhost",
        "http://[::1]:80",
        ""
      ]) {
        expect(yield* checked({ AWS_ENDPOINT_URL: url })).toEqual(Exit.void)
      }
      expect(yield* checked({})).toEqual(Exit.void)
    })
  )

  it.effect("that sends requests in the clear to another machine is refused, by the variable's name", () =>
    Effect.gen(function* () {
      for (const url of [
        "http://example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "ftp://x"
      ]) {
        const error = yield* Effect.flip(
          EventBridgeConfig.checkEndpoints.pipe(
            environment({ AWS_ENDPOINT_URL: url, AWS_ENDPOINT_URL_EVENTBRIDGE: "no url" })
          )
        )
        expect(error._tag).toBe("AwsMisconfigured")
        expect(error.problems).toHaveLength(2)
        expect(error.message).toContain(url)
      }
    })
  )
})

describe("the clients of EventBridge", () => {
  const clients = EventBridgeClients.EventBridgeClients

  it.effect("are one for each region, the same for every caller", () =>
    Effect.gen(function* () {
      const { of } = yield* clients
      const [first, again, other] = yield* Effect.all([of("us-east-1"), of("us-east-1"), of("eu-west-1")], {
        concurrency: "unbounded"
      })
      expect(first).toBe(again)
      expect(first).not.toBe(other)
    }).pipe(Effect.provide(clients.layerOf({ region: "us-east-1" })))
  )

  it.effect("are at home where AWS_REGION says", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flatMap(clients, ({ home }) => home)).toBe("eu-central-1")
    }).pipe(Effect.provide(clients.layer), environment({ AWS_REGION: "eu-central-1" }))
  )

  it.effect("are at home where the program says, whatever the environment", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flatMap(clients, ({ home }) => home)).toBe("eu-west-1")
    }).pipe(Effect.provide(clients.layerOf({ region: "eu-west-1" })), environment({ AWS_REGION: "eu-central-1" }))
  )
})
