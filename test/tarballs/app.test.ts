/**
 * The packages inside somebody else's program, which has an engine, a database, migrations and a tracer of its own. Its files lie in `app/`;
 * here they are compiled against the tarballs and run by Node.js, as in any other project.
 */
import { Command, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { build } from "esbuild"
import { isAvailable, Postgres } from "../pipeline/Postgres.js"
import { root } from "./Packing.js"
import { foreignProject } from "./Tarballs.js"

const programs = ["OwnDatabase", "OwnEngine", "OtherProvider", "ReadEvents"]

/** The project, with the programs of the app in it, for all tests here. */
class Project extends Context.Tag("test/tarballs/Project")<Project, string>() {
  static readonly layer = Layer.scoped(
    Project,
    Effect.suspend(() => make)
  ).pipe(Layer.provideMerge(NodeContext.layer))
}

const make = Effect.gen(function* () {
  const { directory } = yield* foreignProject
  yield* Effect.promise(() =>
    build({
      entryPoints: programs.map((name) => `${root}test/tarballs/app/${name}.ts`),
      outdir: directory,
      outExtension: { ".js": ".mjs" },
      format: "esm",
      logLevel: "silent"
    })
  )
  return directory
})

/** Runs a program of the app; answers the document that it prints, or what it says where it prints none. */
const run = (directory: string, file: string, environment: Record<string, string> = {}) =>
  Command.make(process.execPath, file).pipe(
    Command.env(environment),
    Command.workingDirectory(directory),
    Command.string,
    Effect.map((said): unknown => (said.trimStart().startsWith("{") ? JSON.parse(said) : said)),
    Effect.timeout("60 seconds")
  )

const stored = {
  outcomes: ["created"],
  orders: [expect.objectContaining({ id: 7 })],
  migrations: [expect.objectContaining({ name: "orders" })]
}

describe("An app that composes the packages", () => {
  layer(Project.layer, { excludeTestServices: true, timeout: "2 minutes" })((it) => {
    it.scoped("keeps its own database, migrations, engine and traces, whichever comes first", () =>
      Effect.gen(function* () {
        const directory = yield* Project
        for (const first of ["app", "pipeline"]) {
          const files = {
            APP_DATABASE_URL: `file:${first}-app.db`,
            GENESYS_REPLAY_DATABASE_URL: `file:${first}-state.db`
          }
          expect(yield* run(directory, "OwnDatabase.mjs", { FIRST: first, ...files })).toEqual(stored)
        }
        // The windows run in the default group of the app's engine, or in the one that the app names.
        const engines: ReadonlyArray<Record<string, string>> = [
          {},
          { SHARD_GROUPS: "orders,replays", SHARD_GROUP: "replays" }
        ]
        for (const [at, engine] of engines.entries()) {
          const files = {
            APP_DATABASE_URL: `file:engine-${at}.db`,
            GENESYS_REPLAY_DATABASE_URL: `file:replays-${at}.db`
          }
          expect(yield* run(directory, "OwnEngine.mjs", { ...engine, ...files })).toEqual({
            outcomes: ["created", "created"],
            traces: 2,
            linked: true,
            apart: true
          })
        }
        const unserved = yield* run(directory, "OwnEngine.mjs", {
          SHARD_GROUP: "nobody",
          SHARD_GROUP_TIMEOUT: "3 seconds",
          APP_DATABASE_URL: "file:engine-unserved.db",
          GENESYS_REPLAY_DATABASE_URL: "file:replays-unserved.db"
        })
        expect(unserved).toEqual({ tag: "ShardGroupUnserved", shardGroup: "nobody" })
        expect(yield* run(directory, "OtherProvider.mjs")).toEqual({ tag: "ProviderMismatch", written: 0, requests: 0 })
      })
    )

    it.scoped("runs the tests that the READMEs show", () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const directory = yield* Project
        for (const name of ["outage", "platform"]) {
          yield* files.copyFile(`${root}test/consumer/${name}.test.ts`, `${directory}/${name}.test.ts`)
        }
        const said = yield* Command.make(process.execPath, `${root}node_modules/vitest/vitest.mjs`, "run").pipe(
          Command.env({ NO_COLOR: "1" }),
          Command.workingDirectory(directory),
          Command.string
        )
        expect(said).toMatch(/Test Files {2}2 passed \(2\)/)
      })
    )

    it.scoped("is bundled as CommonJS, and reads events in one thread", () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const directory = yield* Project
        const event = (sequenceIndex: number) => JSON.stringify({ "replay-name": "outage", detail: { sequenceIndex } })
        yield* files.writeFileString(`${directory}/events.ndjson`, [1, 2, 4].map(event).join("\n"))
        // All our packages, and the one program that is run.
        const all = ["domain", "genesys", "eventbridge", "eventlog", "pipeline", "sandbox"]
        const names = all.map((name) => `export * as ${name} from "@genesys-replay/${name}"`)
        yield* files.writeFileString(`${directory}/main.mjs`, [...names, 'import "./ReadEvents.mjs"'].join("\n"))
        yield* Effect.promise(() =>
          build({
            absWorkingDir: directory,
            entryPoints: ["main.mjs"],
            outfile: `${directory}/main.cjs`,
            bundle: true,
            format: "cjs",
            platform: "node",
            external: ["libsql"],
            logLevel: "silent"
          })
        )
        expect(yield* run(directory, "main.cjs")).toEqual({ missing: [3], unreadable: 0 })
      })
    )

    it.scoped.runIf(isAvailable)("shares a PostgreSQL database with the pipeline, whoever makes its tables first", () =>
      Effect.gen(function* () {
        const directory = yield* Project
        const { database } = yield* Postgres
        for (const first of ["app", "pipeline"]) {
          const url = yield* database
          const urls = { APP_DATABASE_URL: url, GENESYS_REPLAY_DATABASE_URL: url }
          expect(yield* run(directory, "OwnDatabase.mjs", { FIRST: first, ...urls })).toEqual(stored)
        }
      }).pipe(Effect.provide(Postgres.layer))
    )
  })
})
