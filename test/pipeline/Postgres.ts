/** A real PostgreSQL server of the tests' own: in a directory of its own, on a free port, gone with the process. */
import { execFileSync, spawn } from "node:child_process"
import { accessSync, chownSync, constants, mkdtempSync, readdirSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Reactivity from "@effect/experimental/Reactivity"
import * as PgClient from "@effect/sql-pg/PgClient"
import { it } from "@effect/vitest"
import { Config, Context, Effect, Layer, Redacted, Schedule, type Scope, type TestServices } from "effect"

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

// A shell beside the server reads what never comes: when the process of the tests is gone, however it went, it stops the server and
// takes the directory away.
const keeper = 'directory=$1; shift; "$@" <&- & cat > /dev/null; kill -QUIT $!; wait $!; rm -rf "$directory"'

const start = Effect.gen(function* () {
  const found = yield* Effect.orDie(binaries)
  if (found === undefined) return yield* Effect.dieMessage("no PostgreSQL found")
  const as = yield* owner
  const directory = mkdtempSync(join(tmpdir(), "genesys-replay-postgres-"))
  if (as !== undefined) chownSync(directory, as.uid, as.gid)
  const data = join(directory, "data")
  const how = { ...as, cwd: directory }
  execFileSync(join(found, "initdb"), ["-D", data, "-U", "replay", "-A", "trust", "-E", "UTF8", "--no-sync"], {
    ...how,
    stdio: "pipe"
  })
  const port = yield* freePort
  const server = [join(found, "postgres"), "-D", data, "-p", String(port), "-k", directory, ...settings]
  spawn("/bin/sh", ["-c", keeper, "sh", directory, ...server], { ...how, stdio: ["pipe", "ignore", "ignore"] }).unref()
  const urlOf = (database: string) => `postgres://replay:hunter2@127.0.0.1:${port}/${database}`
  const query = (text: string, database = "postgres") =>
    Effect.flatMap(PgClient.make({ url: Redacted.make(urlOf(database)), maxConnections: 1 }), (sql) =>
      sql.unsafe(text)
    ).pipe(Effect.provide(Reactivity.layer), Effect.scoped)
  yield* Effect.orDie(Effect.retry(query("SELECT 1"), { schedule: Schedule.spaced("50 millis"), times: 600 }))
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

let started: Promise<Effect.Effect.Success<typeof start>> | undefined

// Outside of the test that asks first: by the wall clock, and nothing of that test reaches the others.
const shared = Effect.promise(() => {
  started ??= Effect.runPromise(start)
  return started
})

/** The server, one for all tests of a process: each makes databases of its own. */
export class Postgres extends Context.Tag("test/Postgres")<Postgres, Effect.Effect.Success<typeof start>>() {
  static readonly layer: Layer.Layer<Postgres> = Layer.effect(Postgres, shared)
}

/** Tests that have a server: like those of `it`, and `Postgres` is in their context. */
interface WithServer {
  readonly effect: <A, E>(name: string, test: () => Effect.Effect<A, E, Postgres | TestServices.TestServices>) => void
  readonly scoped: <A, E>(
    name: string,
    test: () => Effect.Effect<A, E, Postgres | Scope.Scope | TestServices.TestServices>
  ) => void
}

/** Tests with the server. The library's `it.layer` would change the `it` of every file that shares the worker. */
export const withServer = (tests: (it: WithServer) => void): void => {
  const provided = <A, E, R>(test: () => Effect.Effect<A, E, R>) => Effect.provide(Effect.suspend(test), Postgres.layer)
  tests({
    effect: (name, test) => it.effect(name, () => provided(test)),
    scoped: (name, test) => it.scoped(name, () => provided(test))
  })
}
