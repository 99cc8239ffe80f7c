/**
 * What is published, as somebody else installs it. `npm test` runs this when the types have been checked, which compiles the packages:
 * alone it takes `npm run types` and `npm run bundle` before it.
 */
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"
import { Command, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import typescript from "typescript-5.9"
import { root } from "./Packing.js"
import { foreignProject, install, pack, packedLibraries } from "./Tarballs.js"

const Manifest = Schema.parseJson(
  Schema.Struct({ name: Schema.String, exports: Schema.Record({ key: Schema.String, value: Schema.Unknown }) })
)

const manifestOf = (directory: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.flatMap(files.readFileString(`${directory}/package.json`), Schema.decode(Manifest))
  )

/** Every module that the package lists, by the name under which it is imported. */
const modulesOf = (directory: string) =>
  Effect.map(manifestOf(directory), ({ exports, name }) =>
    Object.keys(exports)
      .filter((key) => key !== "./package.json" && !key.includes("*"))
      .map((key) => `${name}${key.slice(1)}`)
  )

const resolutions = {
  NodeNext: { module: "NodeNext", moduleResolution: "NodeNext" },
  Bundler: { module: "ESNext", moduleResolution: "Bundler" }
}

/** Settings as strict as they can be: those of the project under which main.ts and the app are compiled. */
const configure = (project: string, resolution: keyof typeof resolutions) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => {
    const compilerOptions = {
      ...resolutions[resolution],
      target: "ES2022",
      lib: ["ES2023"],
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false
    }
    const config = { compilerOptions, include: ["main.ts", "app"] }
    return Effect.as(files.writeFileString(`${project}/tsconfig.json`, JSON.stringify(config)), config)
  })

/** The project's own files and our declarations; those of others are theirs. */
const own = /^(?:main\.ts|app\/|node_modules\/@genesys-replay\/)/

/** What TypeScript 7 says. */
const complaints = (project: string, resolution: keyof typeof resolutions) =>
  Effect.gen(function* () {
    yield* configure(project, resolution)
    const compiler = `${root}node_modules/@typescript/native/bin/tsc`
    const said = yield* Command.make(process.execPath, compiler, "--pretty", "false").pipe(
      Command.workingDirectory(project),
      Command.string
    )
    return said.split("\n").filter((line) => own.test(line) || line.startsWith("error"))
  })

/** What TypeScript 5.9 says. By its API it can be asked for these files alone, which takes it half as long. */
const complaintsOf59 = (project: string, resolution: keyof typeof resolutions) =>
  Effect.map(configure(project, resolution), (config) => {
    const { errors, fileNames, options } = typescript.parseJsonConfigFileContent(config, typescript.sys, project)
    const program = typescript.createProgram(fileNames, options)
    const checked = program.getSourceFiles().filter(({ fileName }) => own.test(fileName.slice(project.length + 1)))
    return [
      ...errors,
      ...program.getOptionsDiagnostics(),
      ...program.getGlobalDiagnostics(),
      ...checked.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    ].map(({ file, messageText }) => `${file?.fileName}: ${typescript.flattenDiagnosticMessageText(messageText, " ")}`)
  })

describe("the tarballs", () => {
  it.scopedLive("are found in order by publint, and by whoever resolves their types", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      for (const { directory: library, path } of yield* packedLibraries) {
        const bytes = yield* files.readFile(path)
        const { messages, pkg } = yield* Effect.promise(() =>
          publint({ pack: { tarball: bytes.slice().buffer }, strict: true })
        )
        expect([library, messages.map((message) => formatMessage(message, pkg))]).toEqual([library, []])
        const found = yield* Effect.promise(() =>
          checkPackage(createPackageFromTarballData(bytes), { entrypoints: ["."] })
        )
        // All modules are listed in the same way. The packages are ESM: from CommonJS they are loaded by import(), and what came before `exports` does not know them.
        const problems = (found.types === false ? [] : found.problems).filter(
          (problem) =>
            problem.kind !== "CJSResolvesToESM" && !("resolutionKind" in problem && problem.resolutionKind === "node10")
        )
        expect([library, found.types === false, problems]).toEqual([library, false, []])
      }
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("compile in a strict project of somebody else's, whose declarations are checked too", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const { directory, tarballs } = yield* foreignProject
      yield* files.copy(`${root}test/tarballs/app`, `${directory}/app`)
      const modules = (yield* Effect.forEach(tarballs, ({ name }) =>
        modulesOf(`${directory}/node_modules/${name}`)
      )).flat()
      expect(modules.length).toBeGreaterThan(100)
      const main = modules.map((module, at) => `export * as m${at} from "${module}"`).join("\n")
      // One line is wrong, and nothing else: a check that cannot fail shows nothing.
      yield* files.writeFileString(`${directory}/main.ts`, `${main}\nexport const wrong: number = m0`)
      const onlyThat = [expect.stringContaining("main.ts")]
      expect(yield* complaintsOf59(directory, "NodeNext")).toEqual(onlyThat)
      expect(yield* complaints(directory, "Bundler")).toEqual(onlyThat)
      expect(yield* complaints(directory, "NodeNext")).toEqual(onlyThat)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("hold the licence and what is compiled now, and nothing of how it was made", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const directory = yield* files.makeTempDirectoryScoped()
      const home = `${directory}/packages/domain`
      yield* files.makeDirectory(`${home}/dist`, { recursive: true })
      for (const name of ["LICENSE", "tsconfig.base.json"])
        yield* files.copyFile(`${root}${name}`, `${directory}/${name}`)
      for (const name of ["package.json", "tsconfig.json", "README.md", "src"]) {
        yield* files.copy(`${root}packages/domain/${name}`, `${home}/${name}`)
      }
      yield* files.symlink(`${root}node_modules`, `${directory}/node_modules`)
      yield* files.writeFileString(`${home}/dist/Former.d.ts`, "export {}")
      yield* Command.exitCode(
        Command.workingDirectory(Command.make("npm", "pack", "--pack-destination", directory), home)
      )
      const [tarball] = (yield* files.readDirectory(directory)).filter((name) => name.endsWith(".tgz"))
      const listed = yield* Command.string(Command.make("tar", "-tzf", `${directory}/${tarball}`))
      const names = listed.trim().split("\n")
      expect(names).toEqual(expect.arrayContaining(["package/LICENSE", "package/README.md", "package/dist/index.js"]))
      expect(names.filter((name) => /tsbuildinfo|\.test\.|node_modules/.test(name))).toEqual([])
      const sources = names
        .filter((name) => name.endsWith(".d.ts"))
        .map((name) => name.replace("package/dist/", "package/src/").replace(".d.ts", ".ts"))
      expect(sources.filter((name) => !names.includes(name))).toEqual([])
      expect(sources.length).toBeGreaterThan(50)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("of the command line runs beside its one native library", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const directory = yield* files.makeTempDirectoryScoped()
      const tarball = yield* pack("apps/cli", directory)
      const { dependencies } = yield* Effect.flatMap(
        files.readFileString(`${root}apps/cli/package.json`),
        Schema.decode(
          Schema.parseJson(Schema.Struct({ dependencies: Schema.Record({ key: Schema.String, value: Schema.String }) }))
        )
      )
      expect(Object.keys(dependencies)).toEqual(["libsql"])
      // What libsql brings with it.
      const wanted = new Set(["libsql", "@neon-rs/load", "detect-libc"])
      yield* install(directory, [tarball], (name) => wanted.has(name) || name.startsWith("@libsql/"))
      const program = `${directory}/node_modules/@genesys-replay/cli/bin/genesys-replay.js`
      const run = (...args: ReadonlyArray<string>) =>
        Command.make(process.execPath, program, ...args).pipe(
          Command.env({ XDG_STATE_HOME: directory }),
          Command.workingDirectory(directory),
          Command.string
        )
      expect(yield* run("--version")).toContain("0.1.0")
      expect(JSON.parse(yield* run("runs", "list", "--json"))).toEqual({ runs: [], heals: [] })
      expect(
        yield* files.readFileString(`${directory}/node_modules/@genesys-replay/cli/dist/THIRD-PARTY-NOTICES`)
      ).toContain("effect 3.")
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
