import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { EventStream, PlannedWindow } from "@genesys-replay/domain"
import { SampleWindow } from "@genesys-replay/domain/testing"
import { Database, HealRecord, Heals, KnownNames, Runs, State } from "@genesys-replay/pipeline"
import { Effect, Layer, Schema } from "effect"
import Sqlite from "libsql"
import { isAvailable, Postgres } from "./Postgres.js"
import { make as silentServer } from "./SilentServer.js"
import { directory, stateAt } from "./StateFile.js"
import { recordOf, windowOf } from "./Windows.js"

const submitted = recordOf("outage", "submitted")
const windows = [
  {
    ...submitted,
    result: {
      name: submitted.window.name,
      id: EventStream.ReplayId.make("stream-1"),
      outcome: "created" as const,
      payloadHash: submitted.window.payloadHash,
      latencyMs: 12,
      error: null
    }
  },
  { ...recordOf("the other one", "requested"), position: 1 }
]

const document = Schema.encodeSync(PlannedWindow.PlannedWindow)

const heal = Schema.decodeUnknownSync(HealRecord.HealRecord)({
  id: HealRecord.idOf("key", "here", 1),
  key: "key",
  ordinal: 1,
  target: "here",
  spec: {
    defaults: { destination: SampleWindow.destination },
    windows: [{ name: "healed", topics: ["genesys.conversations.call"], start: "2024-01-15T08:00:00Z" }]
  },
  window: document(windowOf("healed")),
  sinks: [],
  asked: null,
  missingBefore: 3,
  rounds: [
    { number: 1, batches: [[document(windowOf("heal-1"))]], missing: 3, ended: [], captured: 0, recovered: null }
  ],
  resent: 0,
  report: null,
  beganAt: "2024-01-15T20:30:00Z",
  updatedAt: "2024-01-15T20:30:00Z"
})

const message = (id: string, state: string) => ({
  ...{ id, sink: "here", run_key: submitted.key, window_name: "outage", planned_window: "{}", document: "{}", state },
  ...{ attempts: 0, enqueued_at: 0, due_at: 0, leased_until: 0 }
})

const writeDown = Effect.gen(function* () {
  yield* Effect.flatMap(Runs.Runs, ({ add }) => add(windows))
  yield* Effect.flatMap(Heals.Heals, ({ put }) => put(heal))
  const { sql, write } = yield* Database.Database
  for (const [id, state] of [
    ["msg_1", "pending"],
    ["msg_2", "delivered"],
    ["msg_3", "dead"]
  ] as const) {
    yield* write(sql`INSERT INTO genesys_replay_sync_message ${sql.insert(message(id, state))}`)
  }
})

const known = {
  runs: [submitted.run],
  windows: [
    { run: submitted.run, name: "outage" },
    { run: submitted.run, name: "the other one" },
    { run: null, name: "healed" }
  ],
  replays: ["stream-1"],
  replayNames: ["outage", "heal-1"],
  messages: ["msg_3", "msg_1"]
}

/** A file with these windows, and its path. */
const file = Effect.gen(function* () {
  const path = join(yield* directory, "state.db")
  yield* Effect.provide(writeDown, stateAt(path))
  return path
})

describe("The names that a state has", () => {
  it.scopedLive("are those of its runs, windows, heals and replays, and of messages that were not taken", () =>
    Effect.gen(function* () {
      expect(yield* KnownNames.latest(`file:${yield* file}`)).toEqual(known)
    })
  )

  it.scopedLive("are read while another program writes, and nothing is written for it", () =>
    Effect.gen(function* () {
      const path = yield* file
      const other = yield* Effect.acquireRelease(
        Effect.sync(() => new Sqlite(path)),
        (db) => Effect.sync(() => db.close())
      )
      other.exec("BEGIN EXCLUSIVE")
      expect(yield* KnownNames.latest(`file:${path}`)).toEqual(known)
      other.exec("COMMIT")
    })
  )

  it.scopedLive("are none where there is no state, and none is made", () =>
    Effect.gen(function* () {
      const home = yield* directory
      expect(yield* KnownNames.latest(`file:${join(home, "nowhere", "state.db")}`)).toEqual(KnownNames.none)
      expect(yield* KnownNames.latest(`file:${join(home, "state.db")}`)).toEqual(KnownNames.none)
      expect(readdirSync(home)).toEqual([])
    })
  )

  it.scopedLive("are none where it is locked, is no database, is another program's, or has a URL that is none", () =>
    Effect.gen(function* () {
      const home = yield* directory
      const locked = yield* Effect.acquireRelease(
        Effect.sync(() => new Sqlite(join(home, "locked.db"))),
        (db) => Effect.sync(() => db.close())
      )
      locked.exec("CREATE TABLE genesys_replay_run_window (record TEXT)")
      locked.exec("BEGIN EXCLUSIVE")
      writeFileSync(join(home, "text.db"), "no database".repeat(100))
      const foreign = new Sqlite(join(home, "foreign.db"))
      foreign.exec("CREATE TABLE orders (id INTEGER)")
      foreign.close()
      for (const name of ["locked.db", "text.db", "foreign.db"]) {
        expect([name, existsSync(join(home, name))]).toEqual([name, true])
        expect(yield* KnownNames.latest(`file:${join(home, name)}`)).toEqual(KnownNames.none)
      }
      expect(yield* KnownNames.latest("ftp://here")).toEqual(KnownNames.none)
    })
  )

  it.scopedLive.runIf(isAvailable)("are those of a server too, and none where it does not answer", () =>
    Effect.gen(function* () {
      const { database } = yield* Postgres
      const url = yield* database
      yield* Effect.provide(writeDown, State.layer(url))
      expect(yield* KnownNames.latest(url)).toEqual(known)
      const { port, silence } = yield* silentServer(Number(new URL(url).port))
      yield* silence
      const silent = new URL(url)
      silent.port = String(port)
      expect(yield* KnownNames.latest(silent.href)).toEqual(KnownNames.none)
    }).pipe(Effect.provide(Layer.merge(Postgres.layer, NodeContext.layer)))
  )
})
