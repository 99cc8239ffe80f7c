import { describe, expect, it } from "@effect/vitest"
import { TopicId } from "@genesys-replay/domain"
import { TopicCatalogue } from "@genesys-replay/genesys"
import { StubHttpClient, StubPlatform } from "@genesys-replay/genesys/testing"
import { Effect } from "effect"

const topics = (...ids: ReadonlyArray<string>) => ids.map((id) => TopicId.TopicId.make(id))
const catalogue = [
  "v2.users.{id}.presence",
  "v2.routing.queues.{id}.users",
  "v2.detail.events.conversation.{id}.acw"
].map((id) => ({ id, transports: ["EventBridge"] }))

describe("TopicCatalogue", () => {
  it.effect("lists what EventBridge carries", () =>
    Effect.gen(function* () {
      const stub = yield* StubPlatform.make(
        StubHttpClient.inTurn({
          status: 200,
          json: {
            entities: [
              { id: "v2.a.{id}", description: "A", transports: ["EventBridge", "Websocket"], more: 1 },
              { id: "v2.b", transports: ["Websocket"] },
              { id: "v2.c" }
            ]
          }
        })
      )
      const list = yield* TopicCatalogue.TopicCatalogue.pipe(
        Effect.flatMap(({ list }) => list),
        Effect.provide(stub.layer)
      )
      expect(list.map(({ id }) => id)).toEqual(["v2.a.{id}"])
      const [asked] = yield* stub.asked
      expect(asked?.query.get("expand")).toBe("transports,description")
    })
  )

  it("knows topics by id, by placeholder and by wildcard", () => {
    const known = topics(
      "v2.users.{id}.presence",
      "v2.users.{userId}.presence",
      "v2.users.0f9a-77.presence",
      "v2.users.*.presence",
      "v2.detail.events.conversation.*",
      "v2.detail.*"
    )
    expect(TopicCatalogue.unknownTopics(known, catalogue)).toEqual([])
  })

  it("names the topics that the catalogue does not have, and asks about v2 topics only", () => {
    const asked = topics(
      "v2.users.1.absence",
      "v2.users.1",
      "v2.nothing.*",
      "genesys.conversations.call",
      "v2.users.1.presence"
    )
    expect(TopicCatalogue.unknownTopics(asked, catalogue)).toEqual(["v2.users.1.absence", "v2.users.1", "v2.nothing.*"])
  })

  it("finds what a replay cannot bring: unknown topics with what was meant, and those of other transports", () => {
    const known = [
      ...catalogue,
      { id: "v2.users.{id}.calls", transports: ["Websocket"] },
      { id: "v2.a.{id}", transports: ["All"] }
    ]
    const asked = topics("v2.users.1.presense", "v2.users.1.calls", "v2.a.1", "v2.nothing.like.it", "genesys.a.b")
    const found = TopicCatalogue.findings("w", asked, known)
    expect(found.map(({ path, severity }) => `${severity} ${path}`)).toEqual([
      "error topics[0]",
      "error topics[1]",
      "error topics[3]",
      "warning topics[4]"
    ])
    expect(found.map(({ message }) => message)).toEqual([
      expect.stringContaining("Did you mean v2.users.{id}.presence?"),
      expect.stringContaining("not offered over EventBridge"),
      expect.stringContaining("no topic v2.nothing.like.it"),
      expect.stringContaining("no topics of the form genesys.…")
    ])
  })
})
