import { describe, expect, it } from "@effect/vitest"
import { ExpectedSequences } from "@genesys-replay/eventlog"
import { Effect } from "effect"

const read = (document: unknown) => ExpectedSequences.fromJson("expected.json", JSON.stringify(document))
const sequence = { first: 1, last: 1_804 }
const bounds = new Map([["outage", { start: 1, end: 1_804 }]])

describe("ExpectedSequences", () => {
  it.effect("are read from a stream of the platform", () =>
    Effect.gen(function* () {
      const stream = { id: "s-1", name: "outage", more: true, replay: { state: "COMPLETED", sequence } }
      expect(yield* read(stream)).toEqual(bounds)
    })
  )

  it.effect("are read from what status and list print", () =>
    Effect.gen(function* () {
      const replay = {
        id: "s-1",
        name: "outage",
        provider: "genesys",
        topics: [],
        progress: { state: "COMPLETED", sequence }
      }
      const pending = { ...replay, name: "later", progress: { state: "PENDING" } }
      expect(yield* read({ replays: [pending, replay] })).toEqual(bounds)
    })
  )

  it.effect("are read from what apply prints", () =>
    Effect.gen(function* () {
      const applied = { name: "outage", id: "s-1", outcome: "created", replay: { state: "COMPLETED", sequence } }
      expect(yield* read({ results: [applied], summary: {} })).toEqual(bounds)
    })
  )

  it.effect("are not guessed: a document without any is an error that names it", () =>
    Effect.gen(function* () {
      const documents: ReadonlyArray<readonly [unknown, string]> = [
        [{ id: "s-1", name: "outage", replay: { state: "RUNNING" } }, "wait until it has ended"],
        [{ results: [] }, "wait until it has ended"],
        [{ something: "else" }, "neither a stream nor"],
        [null, "neither a stream nor"]
      ]
      for (const [document, reason] of documents) {
        const error = yield* Effect.flip(read(document))
        expect(error.message).toContain("expected.json tells no bounds: ")
        expect(error.message).toContain(reason)
      }
      expect((yield* Effect.flip(ExpectedSequences.fromJson("x", "{"))).message).toContain("neither a stream nor")
    })
  )
})
