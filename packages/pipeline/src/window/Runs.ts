/** The runs: which windows were asked for, and how far each of them is. What is written here is what a restart goes on from. */
import { Context, type Duration, Effect, Layer, Option, PubSub, Schema, type Scope } from "effect"
import type { Dequeue } from "effect/Queue"
import { Database } from "../state/Database.js"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import { finalStates, isFailing, type RunId, RunKey, RunWindow } from "./RunWindow.js"

/** Which windows. Without any field: all. */
export interface Filter {
  /** Only those of this run. */
  readonly run?: RunId | undefined
  /** Only those that were taken on for this target. */
  readonly target?: string | undefined
  /** Only those that something is to be done for. */
  readonly unfinished?: boolean | undefined
}

/** What became of a window that was to be changed. */
export interface Changed {
  readonly changed: boolean
  /** As it is now. */
  readonly window: RunWindow
}

/** The operations. Writing belongs into a transaction, together with the audit entries that report it. */
export interface Service {
  /** Writes down new windows. */
  readonly add: (windows: ReadonlyArray<RunWindow>) => Effect.Effect<void, StateUnavailable>
  /** The window with this key. */
  readonly get: (key: RunKey) => Effect.Effect<Option.Option<RunWindow>, StateUnavailable>
  /** Changes a window, or leaves it where `to` says none. In a transaction nobody else changes it meanwhile. A window that is not there is a bug. */
  readonly change: (
    key: RunKey,
    to: (window: RunWindow) => Option.Option<RunWindow>
  ) => Effect.Effect<Changed, StateUnavailable>
  /** The windows that pass the filter, run by run as they were asked for, in the order of the plan. */
  readonly list: (filter?: Filter) => Effect.Effect<ReadonlyArray<RunWindow>, StateUnavailable>
  /** The keys of the windows that something is to be done for, of those that were taken on for this target. */
  readonly open: (target: string) => Effect.Effect<ReadonlyArray<RunKey>, StateUnavailable>
  /** The keys of a run's windows that nothing more is to be done for, and of those whose latest try failed. */
  readonly settled: (run: RunId) => Effect.Effect<ReadonlyArray<RunKey>, StateUnavailable>
  /** Tells this process that a window has changed: after the transaction, not in it. */
  readonly announce: (key: RunKey) => Effect.Effect<void>
  /** The announcements from now on. */
  readonly announcements: Effect.Effect<Dequeue<RunKey>, never, Scope.Scope>
  /** How often to look for what other processes have changed; none where there are no others. */
  readonly others: Option.Option<Duration.Duration>
}

const Record = Schema.parseJson(RunWindow)
const encode = Schema.encode(Record)
const records = { row: Schema.Struct({ record: Record }), called: "a run" }
const keys = { row: Schema.Struct({ window_key: RunKey }), called: "a run" }

const rowOf = (record: RunWindow) =>
  Effect.map(Effect.orDie(encode(record)), (text) => ({
    window_key: record.key,
    run: record.run,
    position: record.position,
    target: record.target,
    state: record.state,
    failing: isFailing(record) ? 1 : 0,
    record: text
  }))

// Rows of one INSERT: SQLite takes 32,766 parameters at once.
const chunk = 1_000

const make = Effect.gen(function* () {
  const { forUpdate, others, read, sql, write } = yield* Database
  const hub = yield* PubSub.unbounded<RunKey>()

  const one = (key: RunKey, lock = sql.literal("")) =>
    Effect.map(
      read(records, sql`SELECT record FROM genesys_replay_run_window WHERE window_key = ${key} ${lock}`),
      ([found]) => Option.map(Option.fromNullable(found), ({ record }) => record)
    )

  const add: Service["add"] = Effect.fn("Runs.add")(function* (windows) {
    const rows = yield* Effect.forEach(windows, rowOf)
    for (let at = 0; at < rows.length; at += chunk) {
      yield* write(sql`INSERT INTO genesys_replay_run_window ${sql.insert(rows.slice(at, at + chunk))}`)
    }
  })

  const change: Service["change"] = Effect.fn("Runs.change")(function* (key, to) {
    const before = yield* Effect.orDie(yield* one(key, forUpdate))
    const after = to(before)
    if (Option.isNone(after)) return { changed: false, window: before }
    const { failing, record, state } = yield* rowOf(after.value)
    yield* write(
      sql`UPDATE genesys_replay_run_window SET state = ${state}, failing = ${failing}, record = ${record}
        WHERE window_key = ${key}`
    )
    return { changed: true, window: after.value }
  })

  const list: Service["list"] = Effect.fn("Runs.list")(function* ({ run, target, unfinished } = {}) {
    const conditions = sql.and([
      ...(run === undefined ? [] : [sql`run = ${run}`]),
      ...(target === undefined ? [] : [sql`target = ${target}`]),
      ...(unfinished === true ? [sql`state NOT IN ${sql.in(finalStates)}`] : [])
    ])
    const found = yield* read(
      records,
      sql`SELECT record FROM genesys_replay_run_window WHERE ${conditions} ORDER BY run, position`
    )
    return found.map(({ record }) => record)
  })

  const keysOf = (statement: Parameters<typeof read>[1]) =>
    Effect.map(read(keys, statement), (found) => found.map(({ window_key }) => window_key))

  const open: Service["open"] = Effect.fn("Runs.open")((target) =>
    keysOf(
      sql`SELECT window_key FROM genesys_replay_run_window
        WHERE target = ${target} AND state NOT IN ${sql.in(finalStates)} ORDER BY run, position`
    )
  )

  const settled: Service["settled"] = Effect.fn("Runs.settled")((run) =>
    keysOf(
      sql`SELECT window_key FROM genesys_replay_run_window
        WHERE run = ${run} AND (state IN ${sql.in(finalStates)} OR failing = 1)`
    )
  )

  return {
    add,
    get: (key) => one(key),
    change,
    list,
    open,
    settled,
    announce: (key) => Effect.asVoid(PubSub.publish(hub, key)),
    announcements: PubSub.subscribe(hub),
    others
  } satisfies Service
})

/** The service tag. */
export class Runs extends Context.Tag("@genesys-replay/pipeline/Runs")<Runs, Service>() {
  /** The runs in the database of the context. */
  static readonly layer: Layer.Layer<Runs, never, Database> = Layer.effect(Runs, make)
}
