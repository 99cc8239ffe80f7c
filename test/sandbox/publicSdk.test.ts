import { describe, expect, it } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { Effect, Redacted } from "effect"
import platformClient from "purecloud-platform-client-v2"

const sdk = Effect.map(Sandbox.Sandbox, ({ url }) => {
  const { hostname, port } = new URL(url)
  // The SDK has one client for the whole process.
  const client = platformClient.ApiClient.instance
  client.setGateway({ host: hostname, protocol: "http", port: Number(port) })
  return client
})

describe("The platform's public JavaScript SDK", () => {
  it.scoped("logs in with the printed credentials and lists the topic catalogue", () =>
    Effect.gen(function* () {
      const { clientId, clientSecret } = yield* Sandbox.Sandbox
      const client = yield* sdk
      const auth = yield* Effect.promise(() =>
        client.loginClientCredentialsGrant(clientId, Redacted.value(clientSecret))
      )
      expect(auth.accessToken).toMatch(/^[\w-]{86}$/)
      const notifications = new platformClient.NotificationsApi(client)
      const topics = yield* Effect.promise(() =>
        notifications.getNotificationsAvailabletopics({ expand: ["description", "transports"] })
      )
      expect(topics.entities).toContainEqual({
        id: "v2.users.{id}.presence",
        description: "Presence of a user",
        transports: expect.arrayContaining(["EventBridge"])
      })
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("is refused with a wrong secret", () =>
    Effect.gen(function* () {
      const { clientId } = yield* Sandbox.Sandbox
      const client = yield* sdk
      const refused = yield* Effect.flip(Effect.tryPromise(() => client.loginClientCredentialsGrant(clientId, "wrong")))
      expect(refused.error).toMatchObject({ response: { status: 401, data: { error: "invalid_client" } } })
    }).pipe(Effect.provide(Sandbox.layer()))
  )
})
