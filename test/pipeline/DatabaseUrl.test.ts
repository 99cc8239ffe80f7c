import { FileSystem } from "@effect/platform"
import * as PlatformError from "@effect/platform/Error"
import { NodePath } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { ReplayPipeline } from "@genesys-replay/pipeline"
import * as Database from "@genesys-replay/pipeline/Database"
import * as DatabaseUrl from "@genesys-replay/pipeline/DatabaseUrl"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { ConfigProvider, Effect, Layer, Logger, LogLevel, Redacted } from "effect"

/** A file system in which nothing can be made. */
const nothing = FileSystem.layerNoop({
  makeDirectory: (path) =>
    Effect.fail(
      new PlatformError.SystemError({
        reason: "PermissionDenied",
        module: "FileSystem",
        method: "makeDirectory",
        pathOrDescriptor: path
      })
    )
})

const refused = (url: string) => Effect.map(Effect.flip(DatabaseUrl.read(url)), ({ message }) => message)

describe("DatabaseUrl", () => {
  it.effect("reads file:PATH, relative, absolute and with slashes", () =>
    Effect.gen(function* () {
      const places = yield* Effect.forEach(
        ["file:a.db", "file:/x/a.db", "file:///x/a.db", "FILE://localhost/x/a.db"],
        DatabaseUrl.read
      )
      expect(places).toEqual(["a.db", "/x/a.db", "/x/a.db", "/x/a.db"].map((file) => ({ kind: "file", file })))
    })
  )

  it.effect("reads postgres:// and postgresql://, and says where that is without the password", () =>
    Effect.gen(function* () {
      const locations = [
        ["postgres://user:hunter2@db.example.com:6543/replay?sslmode=require", "db.example.com:6543/replay"],
        ["postgresql://user:hunter2@db/replay", "db/replay"],
        ["POSTGRES://user:hunter%402@db/my%20replay", "db/my replay"],
        ["postgres://someone@db", "db/someone"],
        ["postgres:///replay?host=/run/postgresql", "/run/postgresql/replay"],
        ["postgres://user:p@ss@db/replay", "db/replay"]
      ] as const
      for (const [url, location] of locations) {
        const place = yield* DatabaseUrl.read(url)
        expect(place).toMatchObject({ kind: "postgres", location })
        expect(place.kind === "postgres" ? Redacted.value(place.url) : "").toBe(url)
        expect(JSON.stringify(place)).not.toMatch(/hunter|p@ss/)
      }
    })
  )

  it.effect("refuses every other one, and shows no password", () =>
    Effect.gen(function* () {
      expect(yield* refused("mysql://user:hunter2@db")).toBe(
        "the database URL cannot be used: its scheme is mysql:. Set GENESYS_REPLAY_DATABASE_URL to file:PATH or postgres://USER:PASSWORD@HOST/DATABASE"
      )
      const urls = [
        ...["state.db", "", "file:", "file://host/state.db", "file::memory:"],
        // A password that is not percent-encoded makes a part of itself something else.
        ...[
          "postgres://user:hunter2/2@db/x",
          "postgres://user:2#hunter2@db/x",
          "postgres://user:2/hunter2@db/x",
          "postgres://"
        ]
      ]
      for (const url of urls) {
        const message = yield* refused(url)
        expect(message).toContain("the database URL cannot be used")
        expect(message).not.toContain("hunter")
      }
    })
  )

  it.effect("is asked for: a library keeps nothing in a place that nobody has named", () =>
    Effect.gen(function* () {
      const within = (environment: Record<string, string>) =>
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment))))
      expect(yield* within({ GENESYS_REPLAY_DATABASE_URL: "file:x.db" })(DatabaseUrl.named)).toBe("file:x.db")
      for (const environment of [{ HOME: "/home/a", XDG_STATE_HOME: "/s" }, { GENESYS_REPLAY_DATABASE_URL: "" }]) {
        const pipeline = ReplayPipeline.ReplayPipeline.layerConfig().pipe(
          Layer.provide(InMemoryProvider.layer()),
          Layer.provide([nothing, NodePath.layer])
        )
        const error = yield* within(environment)(Effect.flip(Effect.scoped(Layer.build(pipeline))))
        expect(error).toMatchObject({
          _tag: "DatabaseUrlMissing",
          variable: "GENESYS_REPLAY_DATABASE_URL",
          remedy:
            "Set GENESYS_REPLAY_DATABASE_URL to file:PATH or postgres://USER:PASSWORD@HOST/DATABASE, or name the database in the program: Database.layer(url)"
        })
      }
    })
  )

  it.effect("reads ~/ as the home that the environment names, and is refused where there is none", () =>
    Effect.gen(function* () {
      const within = (environment: Record<string, string>) =>
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment))))
      const home = within({ HOME: "/home/a" })
      expect(yield* home(DatabaseUrl.read("file:~/x/a.db"))).toEqual({ kind: "file", file: "/home/a/x/a.db" })
      expect(yield* within({})(refused("file:~/a.db"))).toContain("HOME is not set, so that ~/ is nowhere")
      for (const url of ["file:~", "file:~/", "file:~root/a.db"]) {
        expect(yield* home(refused(url))).toContain("only ~/ is understood as a home: write the whole path")
      }
    })
  )

  it.effect("says in the log where the state is", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
        lines.push(`${logLevel.label} ${String(message)}`)
      })
      yield* Effect.flip(Layer.build(Database.Database.layer("file:/s/x.db"))).pipe(
        Effect.scoped,
        Effect.provide([nothing, NodePath.layer, Logger.replace(Logger.defaultLogger, logger)]),
        Logger.withMinimumLogLevel(LogLevel.Debug)
      )
      expect(lines).toEqual(["DEBUG the state is kept in /s/x.db"])
    })
  )
})
