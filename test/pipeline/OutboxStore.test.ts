import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import { Database, type OutboxStore, type SyncMessage, SyncSink } from "@genesys-replay/pipeline"
import * as SqlSyncOutbox from "@genesys-replay/pipeline/SqlSyncOutbox"
import { Effect, Layer, Option } from "effect"
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
    return yield* Effect.provide(SqlSyncOutbox.makeStore, services)
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

const claim = (token: string, now: number, until = now + 10): OutboxStore.Claim => ({ token, now, until })

const numberOf = ({ document }: SyncMessage.SyncMessage): number =>
  "event_type" in document ? document.latency_ms : Number.NaN

const numbers = (messages: Iterable<SyncMessage.SyncMessage>): ReadonlyArray<number> => [...messages].map(numberOf)

const delivered = (one: SyncMessage.SyncMessage): OutboxStore.Verdict => ({ ...one, state: "delivered", attempts: 1 })
const dead = (one: SyncMessage.SyncMessage): OutboxStore.Verdict => ({
  ...one,
  state: "dead",
  attempts: 9,
  reason: "no"
})

/** What holds of every store. */
const rules = <E, R>(make: Effect.Effect<OutboxStore.Service, E, R>) => {
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

    "gives out the first of each lane only, the ones that wait longest first, and each once": Effect.gen(function* () {
      const store = yield* open(
        message("a", 1, "one", 30),
        message("a", 2, "one", 5),
        message("b", 3, "one", 20),
        message("c", 4, "one", 10),
        message("c", 4, "two", 10)
      )
      expect(numbers(yield* store.claim("one", claim("x", 25), 1))).toEqual([4])
      expect(numbers(yield* store.claim("one", claim("y", 25), 9))).toEqual([3])
      expect(numbers(yield* store.claim("one", claim("z", 25), 9))).toEqual([])
      expect(numbers(yield* store.claim("nobody", claim("z", 25), 9))).toEqual([])
      // Due or not.
      expect(Option.map(yield* store.claimFirst({ window: "a", sink: "one" }, claim("z", 25)), numberOf)).toEqual(
        Option.some(1)
      )
      expect(yield* store.claimFirst({ window: "a", sink: "one" }, claim("z", 25))).toEqual(Option.none())
      expect(yield* store.claimFirst({ window: "a", sink: "two" }, claim("z", 25))).toEqual(Option.none())
    }),

    "a claim ends by itself, unless it is extended, and then counts no more": Effect.gen(function* () {
      const store = yield* open(message("a", 1, "one"))
      const [first] = yield* store.claim("one", claim("x", 100, 110), 1)
      if (first === undefined) return yield* Effect.dieMessage("nothing claimed")
      expect(yield* store.claim("one", claim("y", 109), 1)).toEqual([])
      yield* store.extend(first, "x", 120)
      expect(yield* store.claim("one", claim("y", 119), 1)).toEqual([])
      expect(yield* store.claim("one", claim("y", 120), 1)).toHaveLength(1)
      yield* store.extend(first, "x", 999)
      expect(yield* store.settle(first, "x", delivered(first))).toBe(false)
      expect((yield* store.list())[0]?.state).toBe("pending")
      expect(yield* store.settle(first, "y", delivered(first))).toBe(true)
      expect(yield* store.settle(first, "y", dead(first))).toBe(false)
      expect(yield* store.list()).toEqual([{ ...message("a", 1, "one"), state: "delivered", attempts: 1 }])
    }),

    "what failed waits until it is due, and what comes behind it with it; what is dead lets it pass": Effect.gen(
      function* () {
        const store = yield* open(message("a", 1, "one"), message("a", 2, "one"))
        const [first] = yield* store.claim("one", claim("x", 100), 9)
        if (first === undefined) return yield* Effect.dieMessage("nothing claimed")
        yield* store.settle(first, "x", { state: "pending", attempts: 1, reason: "not now", dueAt: 500 })
        expect(yield* store.claim("one", claim("x", 499), 9)).toEqual([])
        expect(yield* store.due).toEqual([{ sink: "one", at: 500 }])
        const [again] = yield* store.claim("one", claim("x", 500), 9)
        expect(again).toMatchObject({ attempts: 1, reason: "not now" })
        yield* store.settle(first, "x", dead(first))
        expect(numbers(yield* store.claim("one", claim("y", 500), 9))).toEqual([2])
      }
    ),

    "says for each sink when there is something to do": Effect.gen(function* () {
      const store = yield* open(
        message("a", 1, "one", 30),
        message("a", 2, "one", 5),
        message("b", 3, "one", 40),
        message("b", 3, "two", 7)
      )
      const due = Effect.map(store.due, (all) => [...all].sort((left, right) => left.at - right.at))
      expect(yield* due).toEqual([
        { sink: "two", at: 7 },
        { sink: "one", at: 30 }
      ])
      yield* store.claim("two", claim("x", 10, 90), 1)
      expect(yield* due).toEqual([
        { sink: "one", at: 30 },
        { sink: "two", at: 90 }
      ])
      const [two] = yield* store
        .list({ window: "b" })
        .pipe(Effect.map((all) => all.filter(({ sink }) => sink === "two")))
      if (two === undefined) return yield* Effect.dieMessage("no message")
      yield* store.settle(two, "x", delivered(two))
      expect(yield* due).toEqual([{ sink: "one", at: 30 }])
    }),

    "revives what is dead, and waits for a later one of the lane that is under way": Effect.gen(function* () {
      const store = yield* open(message("a", 1, "one"), message("b", 2, "one"), message("a", 3, "one"))
      for (const one of yield* store.claim("one", claim("x", 100), 9)) yield* store.settle(one, "x", dead(one))
      expect(numbers(yield* store.claim("one", claim("y", 100, 150), 9))).toEqual([3])
      expect(yield* store.revive([], 120)).toEqual([])
      expect(yield* store.revive(["msg_nobody", message("a", 3, "one").id], 120)).toEqual([])
      expect(numbers(yield* store.revive([message("a", 1, "one").id], 120))).toEqual([1])
      expect(yield* store.claim("one", claim("z", 120), 9)).toEqual([])
      expect(yield* store.due).toEqual([{ sink: "one", at: 150 }])
      expect(yield* store.revive("all", 130)).toEqual([
        { ...message("b", 2, "one"), attempts: 0, reason: "no", dueAt: 130 }
      ])
      expect(numbers(yield* store.claim("one", claim("z", 150), 9))).toEqual([1, 2])
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
      const [first] = yield* store.claim("one", claim("x", 1), 1)
      if (first === undefined) return yield* Effect.dieMessage("nothing claimed")
      yield* store.settle(first, "x", dead(first))
      expect(yield* store.tally).toEqual({ pending: 2, dead: 1, oldest: Option.some(1_705_350_600_003) })
    })
  }
}

describe("OutboxStore in SQLite", () => {
  const make = Effect.flatMap(directory, (path) => storeAt(`file:${join(path, "state.db")}`))
  for (const [rule, test] of Object.entries(rules(make))) it.scoped(rule, () => test)
})

describe.skipIf(!isAvailable)("OutboxStore in PostgreSQL", () => {
  withServer((on) => {
    const make = Effect.flatMap(Postgres, ({ database }) => Effect.flatMap(database, storeAt))
    for (const [rule, test] of Object.entries(rules(make))) on.scoped(rule, () => test)
  })
})
