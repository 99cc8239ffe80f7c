/** The first line of each README, done as it says: what it installs is enough for every module of the package. */
import { Command, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { libraries, root } from "./Packing.js"
import { install, packedLibraries } from "./Tarballs.js"

const Names = Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), { default: () => ({}) })

const Manifest = Schema.parseJson(
  Schema.Struct({
    name: Schema.String,
    exports: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
    dependencies: Names,
    peerDependencies: Names,
    peerDependenciesMeta: Schema.optionalWith(
      Schema.Record({ key: Schema.String, value: Schema.Struct({ optional: Schema.Boolean }) }),
      { default: () => ({}) }
    )
  })
)

const manifestOf = (directory: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.flatMap(files.readFileString(`${root}${directory}/package.json`), Schema.decode(Manifest))
  )

type Manifest = typeof Manifest.Type

/** What `npm install` is given in the first lines of a README: a version, or none, by the package. */
const installed = (readme: string): ReadonlyMap<string, string> => {
  const [, all = ""] = /^# .*\n\n {4}npm install (?:--save-dev )?(.+)$/m.exec(readme) ?? []
  return new Map(
    all.split(" ").map((one) => {
      const at = one.indexOf("@", 1)
      return at < 0 ? [one, ""] : [one.slice(0, at), one.slice(at + 1)]
    })
  )
}

const required = ({ peerDependencies, peerDependenciesMeta }: Manifest) =>
  Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional !== true)

/** The package that a module is of: `@effect/platform` of `@effect/platform/HttpClient`. */
const packageOf = (module: string): string => module.split("/", module.startsWith("@") ? 2 : 1).join("/")

describe("The installation that a README begins with", () => {
  it.scopedLive(
    "names the versions that the package is for, and is enough for all of its modules and its first example",
    () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const directory = yield* files.makeTempDirectoryScoped()
        const manifests = new Map(
          yield* Effect.forEach(libraries, (library) =>
            Effect.map(manifestOf(library), (manifest) => [manifest.name, manifest] as const)
          )
        )
        const tarballs = yield* packedLibraries
        // A package of ours, and those of ours that it brings.
        const brought = (name: string): ReadonlyArray<string> => [
          name,
          ...Object.keys(manifests.get(name)?.dependencies ?? {}).flatMap((one) =>
            manifests.has(one) ? brought(one) : []
          )
        ]
        const examine = (library: string, manifest: Manifest) =>
          Effect.gen(function* () {
            const project = `${directory}/${library}`
            yield* files.makeDirectory(project, { recursive: true })
            const readme = yield* files.readFileString(`${root}${library}/README.md`)
            const named = installed(readme)
            expect([library, named.get(manifest.name)]).toEqual([library, ""])
            for (const [peer, range] of required(manifest)) {
              expect([library, peer, `^${named.get(peer)}.0`]).toEqual([library, peer, range])
            }
            const [, example = ""] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? []
            const used = [...example.matchAll(/from "([^"]+)"/g)].map(([, module = ""]) => packageOf(module))
            const own = brought(manifest.name)
            expect([library, used.filter((one) => !named.has(one) && !own.includes(one))]).toEqual([library, []])

            const others = new Set([
              ...named.keys(),
              ...own.flatMap((one) => Object.keys(manifests.get(one)?.dependencies ?? {}))
            ])
            yield* install(
              project,
              tarballs.filter(({ name }) => own.includes(name)),
              (name) => others.has(name)
            )
            const modules = Object.keys(manifest.exports)
              .filter((key) => key !== "./package.json" && !key.includes("*"))
              .map((key) => `import "${manifest.name}${key.slice(1)}"`)
            yield* files.writeFileString(`${project}/main.mjs`, [...modules, 'console.log("loaded")'].join("\n"))
            const said = yield* Command.make(process.execPath, "main.mjs").pipe(
              Command.workingDirectory(project),
              Command.env({ AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" }),
              Command.string
            )
            expect([library, said]).toEqual([library, "loaded\n"])
          })
        yield* Effect.forEach(
          libraries,
          (library) => Effect.flatMap(manifestOf(library), (manifest) => examine(library, manifest)),
          { concurrency: 2 }
        )
        // Without the driver of PostgreSQL, which is installed by who wants it.
        const program = `
        import { NodeContext } from "@effect/platform-node"
        import { Database } from "@genesys-replay/pipeline"
        import { Effect, Layer } from "effect"
        const state = Layer.provide(Database.Database.layer("postgres://localhost/replays"), NodeContext.layer)
        console.log((await Effect.runPromise(Effect.flip(Effect.scoped(Layer.build(state))))).remedy)
      `
        yield* files.writeFileString(`${directory}/packages/pipeline/main.mjs`, program)
        const said = yield* Command.make(process.execPath, "main.mjs").pipe(
          Command.workingDirectory(`${directory}/packages/pipeline`),
          Command.string
        )
        expect(said).toContain("npm install @effect/sql-pg@0.53")
      }).pipe(Effect.provide(NodeContext.layer))
  )
})
