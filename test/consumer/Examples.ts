/** The examples of the documentation: code blocks of the READMEs, and of `@example` in the sources. */
import { FileSystem } from "@effect/platform"
import { Effect, Option } from "effect"

export interface Example {
  /** Where it stands: `packages/domain/README.md:7`. */
  readonly place: string
  readonly code: string
}

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length

const blocks = (path: string, text: string): ReadonlyArray<Example> =>
  [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: code = "", index }) => ({
    place: `${path}:${lineOf(text, index)}`,
    code
  }))

const docstrings = (path: string, text: string): ReadonlyArray<Example> =>
  [...text.matchAll(/@example\n(?: *\*.*\n)*? *\* ```ts\n(.*?) *\* ```$/gms)].map(({ 1: code = "", index }) => ({
    place: `${path}:${lineOf(text, index)}`,
    code: code.replaceAll(/^ *\* ?/gm, "")
  }))

/** All examples below `root`. A README that does not exist has none. */
export const find = Effect.fn("Examples.find")(function* (root: string) {
  const files = yield* FileSystem.FileSystem
  const read = (path: string) =>
    Effect.map(Effect.option(files.readFileString(`${root}/${path}`)), (text) => Option.getOrElse(text, () => ""))
  const packages = yield* files.readDirectory(`${root}/packages`)
  const readmes = ["README.md", "apps/cli/README.md", ...packages.map((name) => `packages/${name}/README.md`)]
  const sources = yield* Effect.forEach(packages, (name) =>
    Effect.map(files.readDirectory(`${root}/packages/${name}/src`, { recursive: true }), (all) =>
      all.filter((file) => file.endsWith(".ts")).map((file) => `packages/${name}/src/${file}`)
    )
  )
  const ofReadmes = yield* Effect.forEach(readmes, (path) => Effect.map(read(path), (text) => blocks(path, text)))
  const ofSources = yield* Effect.forEach(sources.flat(), (path) =>
    Effect.map(read(path), (text) => docstrings(path, text))
  )
  return [...ofReadmes, ...ofSources].flat().sort((left, right) => (left.place < right.place ? -1 : 1))
})
