/** The packages as a registry would hand them out, and a project of somebody else's that has them installed. */
import { Command, FileSystem } from "@effect/platform"
import { Effect, Schema } from "effect"

/** The folder of this project, with a slash at its end. */
export const root = new URL("../..", import.meta.url).pathname

/** The packages that are published as they are compiled. */
export const libraries = ["domain", "genesys", "eventbridge", "eventlog", "pipeline", "sandbox"].map(
  (name) => `packages/${name}`
)

const Packed = Schema.parseJson(Schema.Tuple(Schema.Struct({ filename: Schema.String, name: Schema.String })))

/** The tarball of the package in `directory`, as it is built now. */
export const pack = Effect.fn("Tarballs.pack")(function* (directory: string, destination: string) {
  const said = yield* Command.make("npm", "pack", "--ignore-scripts", "--json", "--pack-destination", destination).pipe(
    Command.workingDirectory(`${root}${directory}`),
    Command.string
  )
  const [{ filename, name }] = yield* Schema.decode(Packed)(said)
  return { name, directory, path: `${destination}/${filename}` }
})

/** Everything that is installed here beside this project's own packages: `effect`, `@effect/sql`. */
const installedHere = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const names = (yield* files.readDirectory(`${root}node_modules`)).filter((name) => !name.startsWith("."))
  const scoped = names.filter((name) => name.startsWith("@") && name !== "@genesys-replay")
  const inScopes = yield* Effect.forEach(scoped, (scope) =>
    Effect.map(files.readDirectory(`${root}node_modules/${scope}`), (all) => all.map((name) => `${scope}/${name}`))
  )
  return [...names.filter((name) => !name.startsWith("@")), ...inScopes.flat()]
})

/**
 * Installs the tarballs into `project`, beside those of the other packages that are installed here which `wanted` names; nothing is
 * downloaded.
 */
export const install = Effect.fn("Tarballs.install")(function* (
  project: string,
  tarballs: ReadonlyArray<Effect.Effect.Success<ReturnType<typeof pack>>>,
  wanted: (name: string) => boolean
) {
  const files = yield* FileSystem.FileSystem
  for (const { directory, name, path } of tarballs) {
    const home = `${project}/node_modules/${name}`
    yield* files.makeDirectory(home, { recursive: true })
    yield* Command.exitCode(Command.make("tar", "-xzf", path, "-C", home, "--strip-components=1"))
    const own = `${root}${directory}/node_modules`
    if (yield* files.exists(own)) yield* files.symlink(own, `${home}/node_modules`)
  }
  for (const name of (yield* installedHere).filter(wanted)) {
    const link = `${project}/node_modules/${name}`
    yield* files.makeDirectory(link.slice(0, link.lastIndexOf("/")), { recursive: true })
    yield* files.symlink(`${root}node_modules/${name}`, link)
  }
})

/** A project of somebody else's, in a folder of its own: all our packages from their tarballs, beside everything that is installed here. */
export const foreignProject = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const directory = yield* files.makeTempDirectoryScoped()
  const tarballs = yield* Effect.forEach(libraries, (library) => pack(library, directory))
  yield* files.writeFileString(`${directory}/package.json`, JSON.stringify({ type: "module" }))
  yield* install(directory, tarballs, () => true)
  return { directory, tarballs }
})
