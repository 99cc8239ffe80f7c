/** A real PostgreSQL server of a test's own: in a directory of its own, on a free port, gone with the scope. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { accessSync, chownSync, constants, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Reactivity from "@effect/experimental/Reactivity"
import * as PgClient from "@effect/sql-pg/PgClient"
import { afterAll, beforeAll, it } from "@effect/vitest"
import {
  Clock,
  Config,
  Context,
  Deferred,
  Effect,
  Exit,
  FiberId,
  Layer,
  Redacted,
  Schedule,
  Scope,
  type TestServices
} from "effect"

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const subdirectories = (path: string): ReadonlyArray<string> => {
  try {
    return readdirSync(path).map((name) => join(path, name))
  } catch {
    return []
  }
}

// Where the binaries are: Debian keeps them out of the PATH.
const binaries = Config.string("PATH").pipe(
  Config.withDefault(""),
  Config.map((path) =>
    [...path.split(":"), ...subdirectories("/usr/lib/postgresql").map((version) => join(version, "bin"))].find(
      (directory) => isExecutable(join(directory, "postgres")) && isExecutable(join(directory, "initdb"))
    )
  )
)

/**
 * Whether there is a PostgreSQL to try things on. A continuous integration without one fails instead of skipping what it
 * is there to show.
 */
export const isAvailable: boolean = Effect.runSync(
  Effect.gen(function* () {
    const found = yield* binaries
    const isCi = (yield* Config.withDefault(Config.string("CI"), "")) === "true"
    if (found === undefined && isCi) return yield* Effect.dieMessage("no PostgreSQL found: install postgresql")
    return found !== undefined
  })
)

const freePort = Effect.async<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

// PostgreSQL refuses to run as root.
const owner = Effect.sync(() => {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string, user: string) => Number(execFileSync("id", [flag, user], { stdio: "pipe" }).toString())
  const user = ["postgres", "nobody"].find((name) => {
    try {
      return idOf("-u", name) > 0
    } catch {
      return false
    }
  })
  return user === undefined ? undefined : { uid: idOf("-u", user), gid: idOf("-g", user) }
})

const settings = [
  "listen_addresses=127.0.0.1",
  // What a power failure would take is of no interest here, and the disk is slow.
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "max_connections=60",
  // A test that provokes a deadlock does not wait a second for it.
  "deadlock_timeout=100ms",
  "shared_buffers=16MB"
].flatMap((setting) => ["-c", setting])

const stopped = (child: ChildProcess) =>
  Effect.async<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    // Immediate: what is left of it is removed anyway.
    child.kill("SIGQUIT")
  })

const start = Effect.gen(function* () {
  const found = yield* Effect.orDie(binaries)
  if (found === undefined) return yield* Effect.dieMessage("no PostgreSQL found")
  const as = yield* owner
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "genesys-replay-postgres-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  if (as !== undefined) chownSync(directory, as.uid, as.gid)
  const data = join(directory, "data")
  const how = { ...as, cwd: directory }
  execFileSync(join(found, "initdb"), ["-D", data, "-U", "replay", "-A", "trust", "-E", "UTF8", "--no-sync"], {
    ...how,
    stdio: "pipe"
  })
  const port = yield* freePort
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(join(found, "postgres"), ["-D", data, "-p", String(port), "-k", directory, ...settings], {
        ...how,
        stdio: "ignore"
      })
    ),
    stopped
  )
  // A run that is broken off leaves no server behind.
  const kill = () => child.kill("SIGQUIT")
  yield* Effect.acquireRelease(
    Effect.sync(() => process.once("exit", kill)),
    () => Effect.sync(() => process.off("exit", kill))
  )
  const urlOf = (database: string) => `postgres://replay:hunter2@127.0.0.1:${port}/${database}`
  const query = (text: string, database = "postgres") =>
    Effect.flatMap(PgClient.make({ url: Redacted.make(urlOf(database)), maxConnections: 1 }), (sql) =>
      sql.unsafe(text)
    ).pipe(Effect.provide(Reactivity.layer), Effect.scoped)
  yield* Effect.orDie(Effect.retry(query("SELECT 1"), { schedule: Schedule.spaced("50 millis"), times: 200 }))
  let made = 0
  return {
    port,
    /** Runs SQL as the owner of the server, in the database of this name. */
    query: (text: string, database?: string) => Effect.orDie(query(text, database)),
    /** A new and empty database; its URL. */
    database: Effect.suspend(() => {
      made += 1
      const name = `replay_${made}`
      return Effect.as(Effect.orDie(query(`CREATE DATABASE ${name}`)), urlOf(name))
    })
  }
})

/** The server. It starts by the wall clock, whatever clock the test has. */
export class Postgres extends Context.Tag("test/Postgres")<Postgres, Effect.Effect.Success<typeof start>>() {
  static readonly layer: Layer.Layer<Postgres> = Layer.scoped(Postgres, Effect.withClock(start, Clock.make()))
}

/** Tests that have a server: like those of `it`, and `Postgres` is in their context. */
interface WithServer {
  readonly effect: <A, E>(name: string, test: () => Effect.Effect<A, E, Postgres | TestServices.TestServices>) => void
  readonly scoped: <A, E>(
    name: string,
    test: () => Effect.Effect<A, E, Postgres | Scope.Scope | TestServices.TestServices>
  ) => void
}

/** One server for these tests. The library's `it.layer` would change the `it` of every file that shares the worker. */
export const withServer = (tests: (it: WithServer) => void): void => {
  const scope = Effect.runSync(Scope.make())
  const server = Deferred.unsafeMake<Context.Context<Postgres>>(FiberId.none)
  beforeAll(
    () =>
      Effect.runPromise(Layer.buildWithScope(Postgres.layer, scope)).then((context) =>
        Deferred.unsafeDone(server, Effect.succeed(context))
      ),
    60_000
  )
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)), 60_000)
  const provided = <A, E, R>(test: () => Effect.Effect<A, E, R>) =>
    Effect.flatMap(Deferred.await(server), (context) => Effect.provide(Effect.suspend(test), context))
  tests({
    effect: (name, test) => it.effect(name, () => provided(test)),
    scoped: (name, test) => it.scoped(name, () => provided(test))
  })
}
