import { describe, expect, it } from "@effect/vitest"
import { AuditEntry, Replay } from "@genesys-replay/domain"
import { WindowError } from "@genesys-replay/pipeline"
import { Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, Fiber, Schema } from "effect"
import { desk, put, specOf, type, until } from "./Desk.js"
import { json } from "./Run.js"

const exact = { onExcessProperty: "error" } as const

const replays = (text: string) =>
  Schema.decodeUnknownSync(Schema.Struct({ replays: Schema.Array(Replay.Replay) }), exact)(json(text)).replays

const entries = (text: string) =>
  Schema.decodeUnknownSync(Schema.Struct({ entries: Schema.Array(AuditEntry.AuditEntry) }), exact)(json(text)).entries

const cancelled = (text: string) =>
  Schema.decodeUnknownSync(
    Schema.Struct({
      results: Schema.Array(
        Schema.Struct({ id: Schema.String, cancelled: Schema.Boolean, error: Schema.NullOr(WindowError.ErrorSummary) })
      )
    }),
    exact
  )(json(text)).results

/** Applies windows of these names; answers their ids. */
const applied = (...names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { streams } = yield* Sandbox.Sandbox
    yield* put("a.yaml", yield* specOf(names))
    const { code } = yield* type(["apply", "a.yaml"])
    expect(code).toBe(0)
    const ids = new Map((yield* streams).map(({ id, payload }): [string, string] => [payload.name, id]))
    return names.map((name) => ids.get(name) ?? "")
  })

const slow = desk({ pace: { pending: Duration.hours(1) } })

describe.concurrent("genesys-replay list", () => {
  it.live("lists the replays at the provider, all of them or those of one name", () =>
    Effect.gen(function* () {
      const none = yield* type(["list"])
      expect([none.code, none.out]).toEqual([0, "no replays\n"])
      const [one] = yield* applied("one", "two")
      const all = yield* type(["list", "--json"])
      expect([all.code, all.err]).toEqual([0, ""])
      expect(replays(all.out).map(({ name, provider }) => [name, provider])).toEqual([
        ["one", "genesys"],
        ["two", "genesys"]
      ])
      const named = yield* type(["list", "--name", "one", "--json"])
      expect(replays(named.out).map(({ id }) => id)).toEqual([one])
      const table = yield* type(["list"])
      expect(table.out).toContain("PENDING")
      for (const line of table.out.split("\n")) expect(line.length).toBeLessThanOrEqual(120)
    }).pipe(Effect.provide(slow))
  )
})

describe.concurrent("genesys-replay status", () => {
  it.live("says how far replays are", () =>
    Effect.gen(function* () {
      const ids = yield* applied("one", "two")
      const { code, err, out } = yield* type(["status", ...ids, "--json"])
      expect([code, err]).toEqual([0, ""])
      expect(replays(out).map(({ id, progress }) => [id, progress.state])).toEqual(ids.map((id) => [id, "PENDING"]))
    }).pipe(Effect.provide(slow))
  )

  it.live("--watch follows until every one has ended: 0 where all completed, 3 where one did not", () =>
    Effect.gen(function* () {
      const { endReplay, streams } = yield* Sandbox.Sandbox
      const [one = "", two = ""] = yield* applied("one", "two")
      yield* endReplay(two, "CANCELLED")
      const running = yield* Effect.fork(type(["status", one, two, "--watch", "--json"]))
      yield* until(Effect.map(streams, ([stream]) => stream))
      yield* endReplay(one, "FAILED", "the bus is gone")
      const { code, out } = yield* Fiber.join(running)
      expect(code).toBe(3)
      expect(replays(out).map(({ progress }) => progress.state)).toEqual(["FAILED", "CANCELLED"])
    }).pipe(Effect.provide(slow))
  )

  it.live("--watch ends with 0 where every one completed", () =>
    Effect.gen(function* () {
      const ids = yield* applied("one")
      const { code, out } = yield* type(["status", ...ids, "--watch", "--json"])
      expect(code).toBe(0)
      expect(replays(out)).toMatchObject([{ progress: { state: "COMPLETED", sequence: { first: 1 } } }])
    }).pipe(Effect.provide(desk()))
  )

  it.live("of an id that nobody has is bad input, and names the id; so is an empty one", () =>
    Effect.gen(function* () {
      const empty = yield* type(["status", ""])
      expect([empty.code, empty.err]).toEqual([2, expect.stringContaining("is a variable not set?")])
      const { code, err, out } = yield* type(["status", "nobody", "--json"])
      expect(code).toBe(2)
      expect(json(out)).toMatchObject({ error: { tag: "ReplayNotFound", exitCode: 2 } })
      for (const word of ["nobody", "genesys-replay list"]) expect(err).toContain(word)
    }).pipe(Effect.provide(slow))
  )

  it.live("--watch and apply --wait end with 3 where --timeout is over, and stop nothing", () =>
    Effect.gen(function* () {
      const [id = ""] = yield* applied("one")
      const applying = yield* type(["apply", "a.yaml", "--wait", "--timeout", "1s", "--json"])
      expect([applying.code, json(applying.out)]).toMatchObject([3, { error: { tag: "WaitTimedOut", exitCode: 3 } }])
      expect(applying.err).toContain("genesys-replay resume")
      const watching = yield* type(["status", id, "--watch", "--timeout", "1s"])
      expect([watching.code, watching.err]).toEqual([3, expect.stringContaining("have not ended within 1s")])
      const { streams } = yield* Sandbox.Sandbox
      expect(yield* streams).toMatchObject([{ id, replay: { value: { state: "PENDING" } } }])
    }).pipe(Effect.provide(slow))
  )

  it.live("ends at Ctrl-C", () =>
    Effect.gen(function* () {
      const ids = yield* applied("one")
      const { code } = yield* type(["status", ...ids, "--watch"], { onErr: () => "SIGINT" })
      expect(code).toBe(130)
    }).pipe(Effect.provide(slow))
  )
})

describe.concurrent("genesys-replay cancel", () => {
  it.live("stops replays; one that cannot be stopped keeps none of the others; all of it is in the trail", () =>
    Effect.gen(function* () {
      const [one = "", two = ""] = yield* applied("one", "two")
      const { code, err, out } = yield* type(["cancel", one, "nobody", two, "--json"])
      expect(code).toBe(2)
      expect(err).toContain("nobody")
      expect(cancelled(out)).toMatchObject([
        { id: one, cancelled: true, error: null },
        { id: "nobody", cancelled: false, error: { tag: "ReplayNotFound" } },
        { id: two, cancelled: true, error: null }
      ])
      const { streams } = yield* Sandbox.Sandbox
      expect((yield* streams).map(({ deleted }) => deleted)).toEqual([true, true])
      const trail = yield* type(["audit", "list", "--action", "cancel_replay", "--json"])
      expect(entries(trail.out).map(({ config_id, window }) => [config_id, window])).toEqual([
        [one, "one"],
        [two, "two"]
      ])
    }).pipe(Effect.provide(slow))
  )

  it.live("frees the name: the window may be applied anew", () =>
    Effect.gen(function* () {
      const [one = ""] = yield* applied("one")
      const { code, out } = yield* type(["cancel", one])
      expect([code, out]).toEqual([0, `cancelled  ${one}\n`])
      yield* applied("one")
      const { streams } = yield* Sandbox.Sandbox
      expect((yield* streams).map(({ deleted }) => deleted)).toEqual([true, false])
    }).pipe(Effect.provide(slow))
  )
})

describe.concurrent("genesys-replay audit list", () => {
  it.live("shows the trail, oldest first, as far as the options ask for it", () =>
    Effect.gen(function* () {
      const empty = yield* type(["audit", "list", "--json"])
      expect([empty.code, json(empty.out)]).toEqual([0, { entries: [] }])
      yield* applied("one", "two")
      const list = (...options: ReadonlyArray<string>) =>
        Effect.map(type(["audit", "list", "--json", ...options]), ({ code, err, out }) => {
          expect([code, err]).toEqual([0, ""])
          return entries(out).map(({ action, window }) => `${action} ${window}`)
        })
      const all = yield* list()
      expect([...all].sort()).toEqual([
        "create_replay_config one",
        "create_replay_config two",
        "plan_replay_config one",
        "plan_replay_config two",
        "submit_replay_config one",
        "submit_replay_config two"
      ])
      expect(yield* list("--window", "two")).toEqual([
        "plan_replay_config two",
        "submit_replay_config two",
        "create_replay_config two"
      ])
      expect(yield* list("--action", "create_replay_config", "--window", "one")).toEqual(["create_replay_config one"])
      expect(yield* list("--limit", "1")).toEqual(all.slice(-1))
      expect(yield* list("--since", "-1h")).toEqual(all)
      expect(yield* list("--until", "-1h")).toEqual([])
      const table = yield* type(["audit", "list"])
      expect(table.out).toContain("submit_replay_config")
    }).pipe(Effect.provide(slow))
  )

  it.live("says what is wrong with a time, and with a database", () =>
    Effect.gen(function* () {
      const time = yield* type(["audit", "list", "--since", "yesterday"])
      expect([time.code, time.out]).toEqual([2, ""])
      expect(time.err).toContain('--since "yesterday" is not a time')
      yield* put("state.db", "this is no database, however long one looks at it")
      const database = yield* type(["audit", "list", "--json"], {
        env: { GENESYS_REPLAY_DATABASE_URL: "file:state.db" }
      })
      expect(database.code).toBe(2)
      expect(json(database.out)).toMatchObject({ error: { tag: "StateUnavailable", exitCode: 2 } })
      const password = "postgres://user:hunter2@127.0.0.1:1/replays"
      const postgres = yield* type(["audit", "list"], { env: { GENESYS_REPLAY_DATABASE_URL: password } })
      expect(postgres.code).toBe(5)
      expect(postgres.err).toContain("the server cannot be reached")
      expect(postgres.err).not.toContain("hunter2")
    }).pipe(Effect.provide(slow))
  )
})
