import { describe, expect, it } from "@effect/vitest"
import { KnownTopics } from "@genesys-replay/domain"
import { Effect, Option } from "effect"

import { codes, draft, oneWindow } from "./Planning.js"

const planned = (...topics: ReadonlyArray<string>) =>
  Effect.map(draft(oneWindow({ topics })), ({ findings }) => findings)

describe("the topics of a window", () => {
  it.effect("that are known raise nothing: as they are written, with an id, with wildcards", () =>
    Effect.gen(function* () {
      const ids = KnownTopics.topics.map((topic) => topic.replaceAll("{id}", "0f9a7c1e-0000-4000-8000-000000000001"))
      const open = [
        "v2.detail.events.conversation.*",
        "v2.detail.*",
        "v2.users.*.presence",
        "v2.users.{userId}.activity"
      ]
      for (const topics of [KnownTopics.topics, ids, open]) expect(yield* planned(...topics)).toEqual([])
    })
  )

  const misspelt: ReadonlyArray<readonly [asked: string, meant: string]> = [
    ["v2.detail.events.conversation.{id}.acd.ned", "v2.detail.events.conversation.{id}.acd.end"],
    ["v2.detail.events.conversation.{id}.custmer.start", "v2.detail.events.conversation.{id}.customer.start"],
    ["v2.detial.events.conversation.*", "v2.detail.events.conversation.{id}.acd.start"],
    ["v2.users.{id}.presense", "v2.users.{id}.presence"],
    ["v2.users.0f9a7c1e-0000-4000-8000-000000000001.presense", "v2.users.{id}.presence"],
    ["v2.users.{id}.routingstatus", "v2.users.{id}.routingStatus"],
    ["v2.users.presence", "v2.users.{id}.presence"],
    ["v2.user.{id}.activity", "v2.users.{id}.activity"],
    ["genesys.conversation.message", "genesys.conversations.message"],
    ["genesys.conversations.mesage", "genesys.conversations.message"]
  ]
  for (const [asked, meant] of misspelt) {
    it.effect(`that are mistyped are errors with what was meant: ${asked}`, () =>
      Effect.gen(function* () {
        const findings = yield* planned("genesys.routing.queue", asked)
        expect(codes(findings)).toEqual(["error misspelt-topic windows[0].topics[1]"])
        expect(findings[0]?.message).toContain(`Did you mean ${meant}?`)
      })
    )
  }

  it.effect(
    "that are not known and like none that is are one warning: the platform has more topics than are known here",
    () =>
      Effect.gen(function* () {
        const topics = ["v2.routing.queues.{id}.users", "v2.nothing.like.it", "v2.users.{id}.presence"]
        const findings = yield* planned(...topics)
        expect(codes(findings)).toEqual(["warning unknown-topic windows[0].topics"])
        for (const topic of topics.slice(0, 2)) expect(findings[0]?.message).toContain(topic)
      })
  )

  it("are near to a known one by two letters at most, within their own form", () => {
    const nearest = (topic: string) => Option.getOrUndefined(KnownTopics.nearest(topic, KnownTopics.topics))
    expect(nearest("v2.users.{id}.activities")).toBeUndefined()
    expect(nearest("genesys.conversations.chat")).toBeUndefined()
    expect(nearest("v2.users.{id}.activit")).toBe("v2.users.{id}.activity")
  })
})
