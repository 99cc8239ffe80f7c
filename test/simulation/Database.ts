/**
 * What is kept, outside of all lives: one SQLite file, to which every process has a connection of its own, as it has in earnest. A
 * process that dies drops its connection, wherever it is: a transaction is then kept whole or not at all.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import * as Statement from "@effect/sql/Statement"
import { AuditTrail, Heals, Database as Kept, Runs, State } from "@genesys-replay/pipeline"
import { Context, Duration, Effect, Exit, Layer, Option, Scope } from "effect"
import * as Migrations from "../../packages/pipeline/src/state/Migrations.js"
import * as SqliteClient from "../../packages/pipeline/src/state/sqlite/SqliteClient.js"
import * as MessageTable from "../../packages/pipeline/src/sync/MessageTable.js"
import type { Life } from "./Life.js"
import type { World } from "./World.js"

/** What somebody sees who looks from outside. */
export interface Seen {
  readonly runs: Runs.Service
  readonly heals: Heals.Service
  readonly trail: AuditTrail.Service
  readonly outbox: MessageTable.MessageTable
}

/** See the module. */
export interface Database {
  /** What a process sees of it. */
  readonly connect: (life: Life) => Layer.Layer<State.State>
  /** Looks at what is committed, from outside. */
  readonly look: <A, E>(read: (seen: Seen) => Effect.Effect<A, E>) => A
  /** Takes the file away. */
  readonly remove: () => void
}

// How often processes look for what others did: less often than in earnest, to save the time of who runs this.
const glance = Option.some(Duration.seconds(10))

// Longer than a process is frozen in the middle of a transaction.
const lockTimeout = "10 minutes"

const refused = new SqlError({ cause: { code: "SQLITE_FULL" }, message: "the disk is full" })

const reads = /^\s*(?:SELECT|PRAGMA)\b/i

// A short name of what a statement changes, for the trace.
const labelOf = (sql: string): string => {
  const [, verb = "change", table = "?"] = /(INSERT|UPDATE|DELETE)\b.*?genesys_replay_(\w+)/is.exec(sql) ?? []
  return `${verb.toLowerCase()} ${table}`
}

/** See the module. */
export const make = (world: World): Database => {
  const { scenario, trace } = world
  const dice = world.dice.fork()
  const directory = mkdtempSync(join(tmpdir(), "genesys-replay-simulation-"))
  const file = join(directory, "state.db")
  // The locks that a process holds beside a file are the system's, which takes them from one that is dead: there are none here.
  const place = { kind: "memory", location: "the database of the simulation" } as const

  const slow = Effect.suspend(() =>
    scenario.slowness > 0 && dice.chance(0.2) ? Effect.sleep(dice.between(0, scenario.slowness)) : Effect.void
  )
  const isRefused = () => !world.isCalm() && dice.chance(scenario.unwritable)

  // Nothing is lost with the power here, and nobody waits for a lock with the whole thread.
  const open = (onOpen: (drop: () => void) => void) =>
    Effect.tap(SqliteClient.make(file, { lockTimeout, onOpen }), (client) =>
      Effect.zipRight(client.unsafe("PRAGMA synchronous = OFF"), client.unsafe("PRAGMA busy_timeout = 0"))
    )

  // The connection of a process, which may end, be refused or take long at any point of it.
  const troubled = (life: Life) => {
    const committing = <A>(what: string, commit: Effect.Effect<A, SqlError>, undo: Effect.Effect<unknown, SqlError>) =>
      Effect.gen(function* () {
        yield* life.pass("write", `before the commit of ${what}`)
        if (isRefused()) {
          trace.note(`${life.name} cannot commit ${what}`)
          trace.count("fault commit refused")
          yield* undo
          return yield* refused
        }
        const answer = yield* commit
        trace.note(`${life.name} commits ${what}`)
        yield* life.pass("write", `after the commit of ${what}`)
        return answer
      }).pipe(Effect.uninterruptible)
    return (connection: Connection): Connection => {
      let changes: ReadonlyArray<string> | undefined
      const control = (sql: string, run: Effect.Effect<ReadonlyArray<unknown>, SqlError>) => {
        const undo = connection.executeUnprepared("ROLLBACK", [], undefined)
        if (sql === "BEGIN IMMEDIATE") {
          return life.pass("write", "the beginning of a transaction").pipe(
            Effect.zipRight(slow),
            Effect.zipRight(run),
            Effect.tap(() => {
              changes = []
            })
          )
        }
        return sql === "COMMIT" && changes !== undefined && changes.length > 0
          ? committing(changes.join(" + "), run, undo)
          : run
      }
      const execute = <A>(sql: string, run: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> => {
        if (reads.test(sql)) return run
        if (changes === undefined) {
          return Effect.zipRight(slow, committing(labelOf(sql), run, Effect.void))
        }
        changes = [...changes, labelOf(sql)]
        return run
      }
      return {
        execute: (sql, ...rest) => execute(sql, connection.execute(sql, ...rest)),
        executeRaw: (sql, ...rest) => execute(sql, connection.executeRaw(sql, ...rest)),
        executeValues: (sql, ...rest) => execute(sql, connection.executeValues(sql, ...rest)),
        executeUnprepared: (sql, ...rest) => control(sql, connection.executeUnprepared(sql, ...rest)),
        executeStream: connection.executeStream
      }
    }
  }

  const client = (life: Life) =>
    Effect.flatMap(open(life.onDeath), ({ reserve }) =>
      SqlClient.make({
        acquirer: Effect.map(reserve, troubled(life)),
        compiler: Statement.makeCompilerSqlite(),
        beginTransaction: "BEGIN IMMEDIATE",
        spanAttributes: []
      })
    )

  const stateOver = (opened: Layer.Layer<SqlClient.SqlClient, SqlError>) =>
    State.layerStores.pipe(
      Layer.provideMerge(Kept.Database.layerClient(place, glance)),
      Layer.provide(opened),
      Layer.orDie
    )
  const connect: Database["connect"] = (life) =>
    stateOver(Layer.scoped(SqlClient.SqlClient, client(life)).pipe(Layer.provide(Reactivity.layer)))

  const scope = Effect.runSync(Scope.make())
  const seen = Effect.runSync(
    Effect.gen(function* () {
      const own = yield* open(() => undefined)
      yield* Effect.provideService(Migrations.run, SqlClient.SqlClient, own)
      const state = yield* Layer.buildWithScope(stateOver(Layer.succeed(SqlClient.SqlClient, own)), scope)
      return {
        runs: Context.get(state, Runs.Runs),
        heals: Context.get(state, Heals.Heals),
        trail: Context.get(state, AuditTrail.AuditTrail),
        outbox: yield* Effect.provide(MessageTable.make, state)
      }
    }).pipe(Scope.extend(scope), Effect.provide(Reactivity.layer), Effect.withTracerEnabled(false))
  )

  return {
    connect,
    look: (read) => Effect.runSync(Effect.withTracerEnabled(Effect.orDie(read(seen)), false)),
    remove: () => {
      Effect.runSync(Scope.close(scope, Exit.void))
      rmSync(directory, { recursive: true, force: true })
    }
  }
}
