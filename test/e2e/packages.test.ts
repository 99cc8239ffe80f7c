/** Every package says what it needs: whoever installs one of them from a registry has nothing else of this project. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

const root = new URL("../..", import.meta.url).pathname

const names = Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), { default: () => ({}) })
const Manifest = Schema.parseJson(
  Schema.Struct({ name: Schema.String, dependencies: names, peerDependencies: names, devDependencies: names })
)
const Project = Schema.parseJson(Schema.Struct({ references: Schema.Array(Schema.Struct({ path: Schema.String })) }))

const imports = /(?:\bfrom\s+|\bimport\s+|\bimport\()"([^"]+)"/g

/** The package that a module belongs to. */
const packageOf = (module: string): string => module.split("/", module.startsWith("@") ? 2 : 1).join("/")

const ours = (all: Iterable<string>) => [...all].filter((name) => name.startsWith("@genesys-replay/")).sort()

const read = (directory: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const text = (path: string) => files.readFileString(`${root}${directory}/${path}`)
    const manifest = yield* Effect.flatMap(text("package.json"), Schema.decode(Manifest))
    const { references } = yield* Effect.flatMap(text("tsconfig.json"), Schema.decode(Project))
    const sources = (yield* files.readDirectory(`${root}${directory}/src`, { recursive: true })).filter((path) =>
      path.endsWith(".ts")
    )
    const texts = yield* Effect.forEach(sources, (path) => text(`src/${path}`))
    // Examples in docstrings are the reader's.
    const code = texts.map((source) => source.replaceAll(/\/\*\*[\s\S]*?\*\//g, ""))
    const imported = new Set(
      code.flatMap((source) =>
        [...source.matchAll(imports)].flatMap(([, module]) => (module === undefined ? [] : [module]))
      )
    )
    return {
      declared: new Set([
        ...Object.keys(manifest.dependencies),
        ...Object.keys(manifest.peerDependencies),
        // The command line is bundled: what is in its bundle nobody installs.
        ...(directory === "apps/cli" ? Object.keys(manifest.devDependencies) : [])
      ]),
      imported: new Set([...imported].filter((module) => !/^(?:\.|node:)/.test(module)).map(packageOf)),
      references: references.map(({ path }) => `@genesys-replay/${path.split("/").at(-1)}`)
    }
  }).pipe(Effect.provide(NodeContext.layer))

const directories = ["domain", "genesys", "eventbridge", "eventlog", "pipeline", "sandbox"].map(
  (name) => `packages/${name}`
)

describe.each([...directories, "apps/cli"])("%s", (directory) => {
  it.effect("declares what it imports, and of this project nothing else", () =>
    Effect.gen(function* () {
      const { declared, imported } = yield* read(directory)
      expect(imported.size).toBeGreaterThan(0)
      expect([...imported].filter((name) => !declared.has(name))).toEqual([])
      expect(ours(declared)).toEqual(ours(imported))
    })
  )

  it.effect("is built after what it imports", () =>
    Effect.gen(function* () {
      const { imported, references } = yield* read(directory)
      expect(references.sort()).toEqual(ours(imported))
    })
  )
})
