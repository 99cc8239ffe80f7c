/** The packages as a registry would hand them out, and a project of somebody else's that has them installed. */
import { Command, FileSystem } from "@effect/platform"
import { Effect, Schema } from "effect"
import { inject } from "vitest"
import { libraries, root } from "./Packing.js"

/** The tarball of a package. */
export interface Tarball {
  readonly name: string
  /** The folder of the package, below that of this project. */
  readonly directory: string
  readonly path: string
}

const Packed = Schema.parseJson(Schema.Array(Schema.Struct({ filename: Schema.String, name: Schema.String })))

const tarballOf = (directory: string, packed: typeof Packed.Type, folder: string): Effect.Effect<Tarball> => {
  const found = packed.find(({ name }) => name === `@genesys-replay/${directory.slice(directory.indexOf("/") + 1)}`)
  return found === undefined
    ? Effect.dieMessage(`${directory} was not packed`)
    : Effect.succeed({ name: found.name, directory, path: `${folder}/${found.filename}` })
}

/** The tarballs of the libraries, as they were packed for all tests of this project. */
export const packedLibraries = Effect.gen(function* () {
  const { folder, printed } = inject("tarballs")
  const packed = yield* Schema.decode(Packed)(printed)
  return yield* Effect.forEach(libraries, (library) => tarballOf(library, packed, folder))
})

/** The tarball of the package in `directory`, as it is built now. */
export const pack = Effect.fn("Tarballs.pack")(function* (directory: string, destination: string) {
  const said = yield* Command.make("npm", "pack", "--ignore-scripts", "--json", "--pack-destination", destination).pipe(
    Command.workingDirectory(`${root}${directory}`),
    Command.string
  )
  return yield* tarballOf(directory, yield* Schema.decode(Packed)(said), destination)
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
  tarballs: ReadonlyArray<Tarball>,
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
  const tarballs = yield* packedLibraries
  yield* files.writeFileString(`${directory}/package.json`, JSON.stringify({ type: "module" }))
  yield* install(directory, tarballs, () => true)
  return { directory, tarballs }
})
