import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { Effect, Layer } from "effect"
import { build } from "esbuild"
import ts from "typescript"
import { type Example, find } from "./Examples.js"

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "")

const options = (): ts.CompilerOptions => {
  const { config } = ts.readConfigFile(`${root}/tsconfig.base.json`, ts.sys.readFile)
  return {
    ...ts.parseJsonConfigFileContent(config, ts.sys, root).options,
    composite: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    noEmit: true,
    types: ["node"],
    // What an example defines, its reader uses.
    noUnusedLocals: false
  }
}

/** What the compiler says of the examples, each a file of its own that is nowhere but in memory. */
const complaints = (examples: ReadonlyArray<Example>): ReadonlyArray<string> => {
  const virtual = new Map(examples.map((example, index) => [`${root}/test/consumer/example-${index}.ts`, example]))
  const host = ts.createCompilerHost(options())
  const program = ts.createProgram([...virtual.keys()], options(), {
    ...host,
    fileExists: (path) => virtual.has(path) || host.fileExists(path),
    readFile: (path) => virtual.get(path)?.code ?? host.readFile(path),
    getSourceFile: (path, version, ...rest) => {
      const example = virtual.get(path)
      return example === undefined
        ? host.getSourceFile(path, version, ...rest)
        : ts.createSourceFile(path, example.code, version)
    }
  })
  return [...virtual].flatMap(([path, { place }]) => {
    const source = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start = 0 }) =>
        `${place}, line ${source?.getLineAndCharacterOfPosition(start).line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`
    )
  })
}

/** Bundles an example and runs it in a process of its own, as its reader would; answers its exit code and what it said. */
const run = (example: Example, directory: string, env: Record<string, string>) =>
  Effect.gen(function* () {
    const outfile = `${directory}/${example.place.replaceAll(/[/:]/g, "-")}.mjs`
    const built = yield* Effect.tryPromise(() =>
      build({
        stdin: { contents: example.code, loader: "ts", resolveDir: `${root}/test/consumer` },
        outfile,
        bundle: true,
        format: "esm",
        platform: "node",
        conditions: ["@genesys-replay/source"],
        external: ["@libsql/client", "libsql"],
        banner: {
          js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);'
        },
        logLevel: "silent"
      })
    ).pipe(Effect.either)
    if (built._tag === "Left") return { code: "not built", said: String(built.left.cause) }
    return yield* Effect.async<{ readonly code: unknown; readonly said: string }>((resume) => {
      const child = execFile(process.execPath, [outfile], { cwd: directory, env }, (error, stdout, stderr) =>
        resume(Effect.succeed({ code: error === null ? 0 : (error.code ?? error.signal), said: stdout + stderr }))
      )
      return Effect.sync(() => child.kill())
    })
  })

describe("The examples of the documentation", () => {
  it.live("are found, in READMEs and in docstrings", () =>
    Effect.gen(function* () {
      const places = (yield* find(root)).map(({ place }) => place.replace(/:\d+$/, ""))
      for (const name of ["domain", "genesys", "pipeline", "eventlog", "sandbox"]) {
        expect(places).toContain(`packages/${name}/README.md`)
      }
      expect(places).toContain("packages/domain/src/ReplaySpec.ts")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.live(
    "compile under the project's own settings",
    () =>
      Effect.gen(function* () {
        // Among them one that does not compile: a check that cannot fail shows nothing.
        const wrong = {
          place: "here:1",
          code: 'import { ReplayPlan } from "@genesys-replay/domain"\nReplayPlan.mak()\n'
        }
        expect(complaints([...(yield* find(root)), wrong])).toEqual([
          expect.stringContaining("here:1, line 1: Property 'mak' does not exist")
        ])
      }).pipe(Effect.provide(NodeContext.layer)),
    120_000
  )

  it.live(
    "run, each in a process of its own, with a sandbox in the environment",
    () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const { environment } = yield* Sandbox.Sandbox
        yield* files.makeDirectory(`${root}/build`, { recursive: true })
        // Below the project, where node_modules is found, and in a folder that git ignores.
        const directory = yield* files.makeTempDirectoryScoped({ directory: `${root}/build`, prefix: "examples-" })
        const event = (sequenceIndex: number) => JSON.stringify({ "replay-name": "outage", detail: { sequenceIndex } })
        yield* files.writeFileString(`${directory}/events.ndjson`, [1, 2, 4].map(event).join("\n"))
        const env = Object.fromEntries(
          environment.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)])
        )
        const examples = yield* find(root)
        const runs = yield* Effect.forEach(
          examples,
          (example) =>
            Effect.map(run(example, directory, { ...env, HOME: directory }), (ran) => ({ ...example, ...ran })),
          { concurrency: 2 }
        )
        expect(runs.filter(({ code }) => code !== 0).map(({ code, place, said }) => [place, code, said])).toEqual([])
        const said = (path: string) => runs.find(({ place }) => place.startsWith(path))?.said
        expect(said("packages/domain/README.md")).toContain("start: 3")
        expect(said("packages/eventlog/README.md")).toContain("outage")
      }).pipe(Effect.scoped, Effect.provide(Layer.merge(NodeContext.layer, Sandbox.layer({ seed: "examples" })))),
    120_000
  )
})
