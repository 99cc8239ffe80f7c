import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import { Database, type SyncMessage, SyncSink } from "@genesys-replay/pipeline"
import { Effect, Layer, Option } from "effect"
import * as MessageTable from "../../packages/pipeline/src/sync/MessageTable.js"
import { documentOf } from "./Outbox.js"
import { isAvailable, Postgres, withServer } from "./Postgres.js"
import { windowOf } from "./Windows.js"

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "genesys-replay-outbox-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const storeAt = (url: string) =>
  Effect.gen(function* () {
    const services = yield* Layer.build(Layer.provide(Database.Database.layer(url), NodeContext.layer))
    return yield* Effect.provide(MessageTable.make, services)
  }).pipe(Effect.orDie)

const message = (window: string, number: number, sink: string, dueAt = 0): SyncMessage.SyncMessage => ({
  id: SyncSink.idOf(documentOf(window, number)),
  sink,
  key: `20240115203000-abcdef/${window}`,
  window: windowOf(window),
  configId: null,
  document: documentOf(window, number),
  state: "pending",
  attempts: 0,
  reason: null,
  enqueuedAt: 1_705_350_600_000 + number,
  dueAt
})

const numberOf = ({ document }: SyncMessage.SyncMessage): number =>
  "latency_ms" in document ? document.latency_ms : Number.NaN

const numbers = (messages: Iterable<SyncMessage.SyncMessage>): ReadonlyArray<number> => [...messages].map(numberOf)

const delivered = (one: SyncMessage.SyncMessage): MessageTable.Outcome => ({ ...one, state: "delivered", attempts: 1 })
const dead = (one: SyncMessage.SyncMessage): MessageTable.Outcome => ({
  ...one,
  state: "dead",
  attempts: 9,
  reason: "no"
})

/** What holds in every database. */
const rules = <E, R>(make: Effect.Effect<MessageTable.MessageTable, E, R>) => {
  const open = (...messages: ReadonlyArray<SyncMessage.SyncMessage>) => Effect.tap(make, (store) => store.add(messages))

  return {
    "keeps messages as they are, in order, and each once": Effect.gen(function* () {
      const messages = [message("a", 1, "one"), message("a", 1, "two"), message("b", 2, "one")]
      const store = yield* open(...messages)
      yield* store.add([{ ...message("a", 1, "one"), reason: "another" }, message("c", 3, "one")])
      expect(yield* store.list()).toEqual([...messages, message("c", 3, "one")])
      expect(yield* store.list({ key: message("b", 2, "one").key })).toEqual([messages[2]])
      expect(yield* store.list({ window: "a" })).toEqual(messages.slice(0, 2))
      expect(yield* store.list({ state: "dead" })).toEqual([])
      expect(yield* store.list({ limit: 2 })).toEqual([messages[2], message("c", 3, "one")])
      expect(yield* store.list({ limit: 0 })).toEqual([])
      expect(yield* store.list({ window: "x' OR '1'='1" })).toEqual([])
    }),

    "shows the first of each lane only, the ones that wait longest first, and leases each once": Effect.gen(
      function* () {
        const store = yield* open(
          message("a", 1, "one", 30),
          message("a", 2, "one", 5),
          message("b", 3, "one", 20),
          message("c", 4, "one", 10),
          message("c", 4, "two", 10)
        )
        const windows = (sink: string, limit: number) =>
          Effect.map(store.heads(sink, limit), (heads) => heads.map(({ dueAt, window }) => [window, dueAt]))
        expect([...(yield* store.pendingSinks)].sort()).toEqual(["one", "two"])
        expect(yield* windows("one", 1)).toEqual([["c", 10]])
        const leased = (window: string, sink: string) =>
          Effect.map(store.lease({ window, sink }, 25, 35), Option.map(numberOf))
        expect(yield* leased("c", "one")).toEqual(Option.some(4))
        expect(yield* windows("one", 9)).toEqual([
          ["b", 20],
          ["a", 30],
          ["c", 35]
        ])
        expect(yield* windows("nobody", 9)).toEqual([])
        expect(yield* leased("b", "one")).toEqual(Option.some(3))
        expect(yield* leased("b", "one")).toEqual(Option.none())
        // Due or not.
        expect(yield* leased("a", "one")).toEqual(Option.some(1))
        expect(yield* leased("a", "one")).toEqual(Option.none())
        expect(yield* leased("a", "two")).toEqual(Option.none())
        expect((yield* windows("one", 9)).map(([, dueAt]) => dueAt)).toEqual([35, 35, 35])
      }
    ),

    "a lease ends by itself, unless it is renewed, and then counts no more": Effect.gen(function* () {
      const store = yield* open(message("a", 1, "one"))
      const lease = (now: number, until: number) => store.lease({ window: "a", sink: "one" }, now, until)
      const first = yield* Effect.flatten(lease(100, 110))
      expect(yield* lease(109, 119)).toEqual(Option.none())
      yield* store.renew(first, 110, 120)
      expect(yield* lease(119, 129)).toEqual(Option.none())
      expect(Option.isSome(yield* lease(120, 130))).toBe(true)
      yield* store.renew(first, 120, 999)
      expect(yield* store.settle(first, 120, delivered(first))).toBe(false)
      expect((yield* store.list())[0]?.state).toBe("pending")
      expect(yield* store.settle(first, 130, delivered(first))).toBe(true)
      expect(yield* store.settle(first, 130, dead(first))).toBe(false)
      expect(yield* store.list()).toEqual([{ ...message("a", 1, "one"), state: "delivered", attempts: 1 }])
    }),

    "what failed waits until it is due, and what comes behind it with it; what is dead lets it pass": Effect.gen(
      function* () {
        const store = yield* open(message("a", 1, "one"), message("a", 2, "one"))
        const lane = { window: "a", sink: "one" }
        const first = yield* Effect.flatten(store.lease(lane, 100, 110))
        yield* store.settle(first, 110, { state: "pending", attempts: 1, reason: "not now", dueAt: 500 })
        expect(yield* store.heads("one", 9)).toEqual([{ window: "a", dueAt: 500 }])
        const again = yield* Effect.flatten(store.lease(lane, 500, 510))
        expect(again).toMatchObject({ attempts: 1, reason: "not now" })
        yield* store.settle(first, 510, dead(first))
        expect(Option.map(yield* store.lease(lane, 500, 510), numberOf)).toEqual(Option.some(2))
      }
    ),

    "revives what is dead, and waits for a later one of the lane that is under way": Effect.gen(function* () {
      const store = yield* open(message("a", 1, "one"), message("b", 2, "one"), message("a", 3, "one"))
      for (const window of ["a", "b"]) {
        const one = yield* Effect.flatten(store.lease({ window, sink: "one" }, 90, 100))
        yield* store.settle(one, 100, dead(one))
      }
      const lane = { window: "a", sink: "one" }
      expect(Option.map(yield* store.lease(lane, 100, 150), numberOf)).toEqual(Option.some(3))
      expect(yield* store.revive([], 120)).toEqual([])
      expect(yield* store.revive(["msg_nobody", message("a", 3, "one").id], 120)).toEqual([])
      expect(numbers(yield* store.revive([message("a", 1, "one").id], 120))).toEqual([1])
      expect(yield* store.lease(lane, 120, 130)).toEqual(Option.none())
      expect(yield* store.heads("one", 9)).toEqual([{ window: "a", dueAt: 150 }])
      expect(yield* store.revive("all", 130)).toEqual([
        { ...message("b", 2, "one"), attempts: 0, reason: "no", dueAt: 130 }
      ])
      expect((yield* store.heads("one", 9)).map(({ window }) => window)).toEqual(["b", "a"])
      expect(Option.map(yield* store.lease(lane, 150, 160), numberOf)).toEqual(Option.some(1))
    }),

    "says why a sink's messages are not tried, where nothing else was said of them": Effect.gen(function* () {
      const store = yield* open(
        message("a", 1, "one"),
        { ...message("b", 2, "one"), reason: "not now" },
        message("c", 3, "two")
      )
      yield* store.excuse("one", "nobody knows it")
      expect((yield* store.list()).map(({ reason }) => reason)).toEqual(["nobody knows it", "not now", null])
    }),

    counts: Effect.gen(function* () {
      const store = yield* make
      expect(yield* store.tally).toEqual({ pending: 0, dead: 0, oldest: Option.none() })
      yield* store.add([message("a", 7, "one"), message("b", 5, "one"), message("c", 3, "one")])
      const first = yield* Effect.flatten(store.lease({ window: "a", sink: "one" }, 1, 11))
      yield* store.settle(first, 11, dead(first))
      expect(yield* store.tally).toEqual({ pending: 2, dead: 1, oldest: Option.some(1_705_350_600_003) })
    })
  }
}

describe("MessageTable in SQLite", () => {
  const make = Effect.flatMap(directory, (path) => storeAt(`file:${join(path, "state.db")}`))
  for (const [rule, test] of Object.entries(rules(make))) it.scoped(rule, () => test)
})

describe.skipIf(!isAvailable)("MessageTable in PostgreSQL", () => {
  withServer((on) => {
    const make = Effect.flatMap(Postgres, ({ database }) => Effect.flatMap(database, storeAt))
    for (const [rule, test] of Object.entries(rules(make))) on.scoped(rule, () => test)
  })
})
