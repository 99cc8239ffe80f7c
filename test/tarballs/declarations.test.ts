import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { libraries, root } from "./Packing.js"

const Package = Schema.parseJson(
  Schema.Struct({
    exports: Schema.Record({
      key: Schema.String,
      value: Schema.Union(Schema.String, Schema.Struct({ types: Schema.String }))
    })
  })
)

/** The declared functions of a module, each with the lines that it takes. */
const functionsIn = (declarations: string) =>
  declarations.split(/^(?=export |declare |\/\*\*|import |\/\/#)/m).flatMap((one) => {
    const name = /^export declare const (\w+): [(<]/.exec(one)?.[1] ?? /^export declare function (\w+)/.exec(one)?.[1]
    // What a schema consists of is what it declares.
    return name === undefined || one.includes(" => Schema.") ? [] : [{ name, lines: one.trimEnd().split("\n").length }]
  })

/** All of what packages let others use. */
const functions = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const found = yield* Effect.forEach(libraries, (library) =>
    Effect.gen(function* () {
      const { exports } = yield* Effect.flatMap(
        files.readFileString(`${root}${library}/package.json`),
        Schema.decode(Package)
      )
      const modules = Object.values(exports).flatMap((one) => (typeof one === "string" ? [] : [one.types]))
      return yield* Effect.forEach(new Set(modules), (path) =>
        Effect.map(files.readFileString(`${root}${library}/${path}`), (text) =>
          functionsIn(text).map(({ lines, name }) => ({ name: `${library} ${path} ${name}`, lines }))
        )
      )
    })
  )
  return found.flat(2)
})

describe("The declarations of the packages", () => {
  it.effect("name what a function takes and gives, so that an editor shows a name and not what it consists of", () =>
    Effect.gen(function* () {
      const all = yield* functions
      expect(all.length).toBeGreaterThan(300)
      expect(all.filter(({ lines }) => lines > 15)).toEqual([])
      const long = `export declare const one: () => {\n${"  readonly a: string;\n".repeat(20)}};\n`
      expect(functionsIn(`${long}export declare const two: string;`)).toEqual([{ name: "one", lines: 22 }])
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
