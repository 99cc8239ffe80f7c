/**
 * The names in a state database, for who completes or suggests them: the latest runs, windows, replays and messages. It is looked at as it
 * is: nothing is made, migrated, changed or locked, and no lock of another program is waited for.
 */
import { pathToFileURL } from "node:url"
import * as Reactivity from "@effect/experimental/Reactivity"
import { Effect, Option, type Redacted, Schema } from "effect"
import Sqlite from "libsql"
import * as DatabaseUrl from "./state/DatabaseUrl.js"

/** What is known, the latest first. */
export interface KnownNames {
  /** The ids of runs. */
  readonly runs: ReadonlyArray<string>
  /** Windows, by the run that they are of; those of heals are of none. */
  readonly windows: ReadonlyArray<{ readonly run: string | null; readonly name: string }>
  /** The ids of replays that were submitted. */
  readonly replays: ReadonlyArray<string>
  /** The names of those replays, and of those of heals. */
  readonly replayNames: ReadonlyArray<string>
  /** The ids of messages that a sink has not taken. */
  readonly messages: ReadonlyArray<string>
}

/** What is known where nothing can be read. */
export const none: KnownNames = { runs: [], windows: [], replays: [], replayNames: [], messages: [] }

type Rows = ReadonlyArray<unknown>

const windows = "SELECT record FROM genesys_replay_run_window ORDER BY run DESC, position LIMIT 500"
const heals = "SELECT record FROM genesys_replay_heal ORDER BY heal_id LIMIT 500"
const messages =
  "SELECT id FROM genesys_replay_sync_message WHERE state IN ('dead', 'pending') ORDER BY sequence DESC LIMIT 200"

const named = Schema.Struct({ name: Schema.String })

const recordOf = <A, I>(record: Schema.Schema<A, I>) => Schema.Struct({ record: Schema.parseJson(record) })

const Window = recordOf(
  Schema.Struct({
    run: Schema.String,
    window: named,
    result: Schema.NullOr(Schema.Struct({ id: Schema.NullOr(Schema.String) }))
  })
)

const Heal = recordOf(
  Schema.Struct({
    beganAt: Schema.String,
    window: named,
    rounds: Schema.Array(Schema.Struct({ batches: Schema.Array(Schema.Array(named)) }))
  })
)

const Message = Schema.Struct({ id: Schema.String })

/** The rows that are what they should be. */
const read = <A, I>(row: Schema.Schema<A, I>, rows: Rows): ReadonlyArray<A> => {
  const is = Schema.decodeUnknownOption(row)
  return rows.flatMap((one) => Option.toArray(is(one)))
}

const distinct = (names: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(names)]

const namesOf = (windowRows: Rows, healRows: Rows, messageRows: Rows): KnownNames => {
  const ofRuns = read(Window, windowRows).map(({ record }) => record)
  const ofHeals = read(Heal, healRows)
    .map(({ record }) => record)
    .sort((one, other) => (one.beganAt < other.beganAt ? 1 : -1))
  const ofRounds = ofHeals.flatMap(({ rounds }) => rounds.flatMap(({ batches }) => batches.flat()))
  return {
    runs: distinct(ofRuns.map(({ run }) => run)),
    windows: [
      ...ofRuns.map(({ run, window }) => ({ run, name: window.name })),
      ...ofHeals.map(({ window }) => ({ run: null, name: window.name }))
    ],
    replays: distinct(ofRuns.flatMap(({ result }) => result?.id ?? [])),
    replayNames: distinct(
      [...ofRuns.flatMap(({ result, window }) => (result === null ? [] : [window])), ...ofRounds].map(
        ({ name }) => name
      )
    ),
    messages: read(Message, messageRows).map(({ id }) => id)
  }
}

// A database of an earlier release lacks a table; it has the others.
const all = (rowsOf: (sql: string) => Effect.Effect<Rows, unknown>) =>
  Effect.all([windows, heals, messages].map((sql) => Effect.orElseSucceed(rowsOf(sql), (): Rows => []))).pipe(
    Effect.map(([windowRows = [], healRows = [], messageRows = []]) => namesOf(windowRows, healRows, messageRows))
  )

const inFile = (file: string) =>
  Effect.acquireUseRelease(
    Effect.try(() => new Sqlite(`${pathToFileURL(file).href}?mode=ro`)),
    (db) =>
      Effect.try(() => db.exec("PRAGMA busy_timeout = 0")).pipe(
        Effect.zipRight(all((sql) => Effect.try((): Rows => db.prepare(sql).all())))
      ),
    (db) => Effect.sync(() => db.close())
  )

const onServer = (url: Redacted.Redacted) =>
  Effect.gen(function* () {
    const { make } = yield* Effect.tryPromise(() => import("./state/postgres/PostgresClient.js"))
    const client = yield* make(url, { connectTimeout: "1 second", reconnect: 0 })
    return yield* all((sql) => client.unsafe(sql))
  }).pipe(Effect.scoped, Effect.provide(Reactivity.layer))

/**
 * The names in the database that `url` names (`file:PATH`, `postgres://…`). {@link none} where there is no such database, it cannot be read
 * at once, or does not answer within a second.
 */
export const latest = (url: string): Effect.Effect<KnownNames> =>
  DatabaseUrl.read(url).pipe(
    Effect.flatMap((place) => (place.kind === "file" ? inFile(place.file) : onServer(place.url))),
    Effect.disconnect,
    Effect.timeout("1 second"),
    Effect.catchAllCause(() => Effect.succeed(none)),
    Effect.withSpan("KnownNames.latest")
  )
