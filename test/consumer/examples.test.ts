import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Command, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { Effect, Layer } from "effect"
import { build } from "esbuild"
import { type Example, find } from "./Examples.js"

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "")

/** What the compiler is told: the project's own settings. What an example defines, its reader uses. */
const settings = {
  extends: `${root}/tsconfig.base.json`,
  compilerOptions: { composite: false, noEmit: true, noUnusedLocals: false, types: ["node"] },
  include: ["*.ts"]
}

/** A folder for this test alone: below the project, where node_modules is found, and one that git ignores. */
const folder = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  yield* files.makeDirectory(`${root}/build`, { recursive: true })
  return yield* files.makeTempDirectoryScoped({ directory: `${root}/build`, prefix: "examples-" })
})

/** What `npm run types` would say of the examples, were each a file of the project. */
const complaints = Effect.fn("complaints")(function* (examples: ReadonlyArray<Example>) {
  const files = yield* FileSystem.FileSystem
  const directory = yield* folder
  yield* files.writeFileString(`${directory}/tsconfig.json`, JSON.stringify(settings))
  yield* Effect.forEach(examples, ({ code }, index) => files.writeFileString(`${directory}/${index}.ts`, code))
  const compiler = yield* Command.string(Command.make("npx", "effect-tsgo", "get-exe-path"))
  const said = yield* Command.make(compiler.trim(), "--project", directory, "--pretty", "false").pipe(
    Command.workingDirectory(directory),
    Command.lines
  )
  return said.map((line) =>
    line.replace(
      /^(\d+)\.ts\((\d+),\d+\): \w+ TS\d+/,
      (_, index, at) => `${examples[Number(index)]?.place}, line ${at}`
    )
  )
})

const nameOf = ({ place }: Example): string => place.replaceAll(/[/:]/g, "-")

/** Bundles the examples, each a program of its own: what they share is bundled once. */
const bundle = Effect.fn("bundle")(function* (examples: ReadonlyArray<Example>, directory: string) {
  const files = yield* FileSystem.FileSystem
  yield* Effect.forEach(examples, (one) => files.writeFileString(`${directory}/${nameOf(one)}.ts`, one.code))
  yield* Effect.promise(() =>
    build({
      entryPoints: examples.map((one) => `${directory}/${nameOf(one)}.ts`),
      outdir: directory,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      conditions: ["@genesys-replay/source"],
      external: ["libsql"],
      banner: {
        js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);'
      },
      logLevel: "silent"
    })
  )
})

/** Runs a bundled example in a process of its own, as its reader would; answers its exit code and what it said. */
const run = (example: Example, directory: string, env: Record<string, string>) =>
  Effect.async<{ readonly code: unknown; readonly said: string }>((resume) => {
    const program = `${directory}/${nameOf(example)}.mjs`
    const child = execFile(process.execPath, [program], { cwd: directory, env }, (error, stdout, stderr) =>
      resume(Effect.succeed({ code: error === null ? 0 : (error.code ?? error.signal), said: stdout + stderr }))
    )
    return Effect.sync(() => child.kill())
  })

describe("The examples of the documentation", () => {
  it.live("are found, in READMEs and in docstrings", () =>
    Effect.gen(function* () {
      const places = (yield* find(root)).map(({ place }) => place.replace(/:\d+$/, ""))
      for (const name of ["domain", "genesys", "pipeline", "eventlog", "sandbox"]) {
        expect(places).toContain(`packages/${name}/README.md`)
      }
      expect(places).toContain("packages/domain/src/spec/ReplaySpec.ts")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.live("compile under the project's own settings", () =>
    Effect.gen(function* () {
      // Among them one that does not compile: a check that cannot fail shows nothing.
      const wrong = {
        place: "here:1",
        code: 'import { ReplayPlan } from "@genesys-replay/domain"\nReplayPlan.mak()\n'
      }
      expect(yield* complaints([...(yield* find(root)), wrong])).toEqual([
        expect.stringContaining("here:1, line 2: Property 'mak' does not exist")
      ])
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )

  it.live("run, each in a process of its own, with a sandbox in the environment", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const { environment } = yield* Sandbox.Sandbox
      const directory = yield* folder
      const event = (sequenceIndex: number) => JSON.stringify({ "replay-name": "outage", detail: { sequenceIndex } })
      yield* files.writeFileString(`${directory}/events.ndjson`, [1, 2, 4].map(event).join("\n"))
      const archived = yield* files.readFileString(`${root}/test/domain/samples/voice-conversation.events.ndjson`)
      yield* files.writeFileString(`${directory}/archived.ndjson`, archived)
      yield* files.writeFileString(`${directory}/captured.ndjson`, archived.slice(archived.indexOf("\n") + 1))
      const env = Object.fromEntries(
        environment.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)])
      )
      // Tests are run by their runner: they stand in this folder too.
      const examples = (yield* find(root)).filter(({ code }) => !code.includes("@effect/vitest"))
      yield* bundle(examples, directory)
      const runs = yield* Effect.forEach(
        examples,
        (example) =>
          Effect.map(
            run(example, directory, { ...env, HOME: directory, GENESYS_REPLAY_DATABASE_URL: "file:replays.db" }),
            (ran) => ({ ...example, ...ran })
          ),
        { concurrency: 2 }
      )
      expect(runs.filter(({ code }) => code !== 0).map(({ code, place, said }) => [place, code, said])).toEqual([])
      const said = (path: string) => runs.flatMap((ran) => (ran.place.startsWith(path) ? [ran.said] : [])).join("\n")
      expect(said("packages/domain/README.md")).toContain("start: 3")
      expect(said("packages/eventlog/README.md")).toContain("outage")
      expect(said("packages/eventlog/README.md")).toContain("1 of 12 events of the baseline is missing")
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(NodeContext.layer, Sandbox.layer({ seed: "examples" }))))
  )
})
