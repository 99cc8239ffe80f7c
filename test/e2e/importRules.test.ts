/** The import rules catch what they are for: the project's own configuration, on a small tree of the same shape. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

const root = fileURLToPath(new URL("../..", import.meta.url))

const Cruise = Schema.parseJson(
  Schema.Struct({
    summary: Schema.Struct({
      totalCruised: Schema.Number,
      violations: Schema.Array(
        Schema.Struct({ from: Schema.String, to: Schema.String, rule: Schema.Struct({ name: Schema.String }) })
      )
    })
  })
)

/** What the rules say of the tree in `directory`. */
const cruise = (directory: string) =>
  Effect.async<string>((resume) => {
    const child = execFile(
      process.execPath,
      [
        `${root}/node_modules/dependency-cruiser/bin/dependency-cruise.mjs`,
        ...["--config", `${root}/.dependency-cruiser.mjs`, "--output-type", "json", "packages", "apps"]
      ],
      { cwd: directory, maxBuffer: 64 * 1_024 * 1_024 },
      (_, stdout) => resume(Effect.succeed(stdout))
    )
    return Effect.sync(() => child.kill())
  }).pipe(
    Effect.flatMap(Schema.decode(Cruise)),
    Effect.map(({ summary }) => ({
      count: summary.totalCruised,
      violations: summary.violations.map(({ from, rule, to }) => `${rule.name}: ${from} → ${to}`)
    }))
  )

const dependencies: Readonly<Record<string, ReadonlyArray<string>>> = {
  domain: [],
  genesys: ["domain"],
  eventlog: ["domain"],
  pipeline: ["domain", "genesys"],
  sandbox: ["domain", "genesys"]
}

const manifest = (name: string, needs: ReadonlyArray<string>) =>
  JSON.stringify({
    name: `@genesys-replay/${name}`,
    version: "0.1.0",
    type: "module",
    exports: {
      ".": { "@genesys-replay/source": "./src/index.ts" },
      "./*": { "@genesys-replay/source": "./src/*.ts" }
    },
    dependencies: { effect: "3", ...Object.fromEntries(needs.map((need) => [`@genesys-replay/${need}`, "0.1.0"])) }
  })

/** A tree of the project's shape in which every import is right, but for those in `files`. */
const tree = (files: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const system = yield* FileSystem.FileSystem
    const directory = yield* system.realPath(yield* system.makeTempDirectoryScoped({ prefix: "import-rules-" }))
    const write = (path: string, text: string) =>
      Effect.zipRight(
        system.makeDirectory(`${directory}/${path}`.replace(/\/[^/]+$/, ""), { recursive: true }),
        system.writeFileString(`${directory}/${path}`, text)
      )
    yield* system.copyFile(`${root}/tsconfig.base.json`, `${directory}/tsconfig.base.json`)
    yield* write("package.json", JSON.stringify({ name: "tree", private: true, workspaces: ["packages/*", "apps/*"] }))
    yield* write("node_modules/effect/package.json", JSON.stringify({ name: "effect", version: "3.0.0", main: "i.js" }))
    yield* write("node_modules/effect/i.js", "export const Effect = 1")
    yield* system.makeDirectory(`${directory}/node_modules/@genesys-replay`, { recursive: true })
    for (const [name, needs] of Object.entries(dependencies)) {
      yield* write(`packages/${name}/package.json`, manifest(name, needs))
      const imports = needs.filter((need) => !(name === "pipeline" && need === "genesys"))
      yield* write(
        `packages/${name}/src/index.ts`,
        [`export { Effect } from "effect"`, ...imports.map((need) => `export * from "@genesys-replay/${need}"`)].join(
          "\n"
        )
      )
      yield* system.symlink(`${directory}/packages/${name}`, `${directory}/node_modules/@genesys-replay/${name}`)
    }
    yield* write("apps/cli/package.json", manifest("cli", ["pipeline", "genesys", "sandbox"]))
    yield* write("apps/cli/src/main.ts", `export * from "@genesys-replay/pipeline"`)
    for (const [path, text] of Object.entries(files)) yield* write(path, text)
    return directory
  })

const found = (files: Readonly<Record<string, string>>) =>
  Effect.flatMap(tree(files), cruise).pipe(
    Effect.map(({ violations }) => violations),
    Effect.scoped,
    Effect.provide(NodeContext.layer)
  )

describe("The import rules", () => {
  it.live("have nothing to say of this project", () =>
    Effect.gen(function* () {
      const { count, violations } = yield* cruise(root)
      expect(violations).toEqual([])
      expect(count).toBeGreaterThan(100)
    })
  )

  it.live("have nothing to say of a tree in which imports run downwards", () =>
    Effect.gen(function* () {
      expect(yield* found({})).toEqual([])
    })
  )

  // One tree with everything that is wrong: to cruise it takes most of a second.
  const wrong: ReadonlyArray<readonly [path: string, text: string, caught: ReadonlyArray<string>]> = [
    // The domain, importing the file system, or another package.
    ["packages/domain/src/Files.ts", `export { readFileSync } from "node:fs"`, ["domain-is-pure: fs"]],
    [
      "packages/domain/src/Other.ts",
      `export * from "../../eventlog/src/Shape.js"`,
      ["domain-imports-downwards: packages/eventlog/src/Shape.ts", "domain-is-pure: packages/eventlog/src/Shape.ts"]
    ],
    // A chapter, importing one above it, or what stands above all chapters.
    [
      "packages/domain/src/value/Early.ts",
      `export * from "../sequence/Late.js"\nexport * from "../C.js"`,
      [
        "domain-value-imports-chapters-below: packages/domain/src/C.ts",
        "domain-value-imports-chapters-below: packages/domain/src/sequence/Late.ts"
      ]
    ],
    ["packages/domain/src/sequence/Late.ts", `export * from "../value/Other.js"`, []],
    ["packages/domain/src/value/Other.ts", "export const other = 1", []],
    ["packages/domain/src/C.ts", "export const c = 1", []],
    // The pipeline, importing a provider, and be it for a type.
    [
      "packages/pipeline/src/Provider.ts",
      `import type { Shape } from "@genesys-replay/genesys/Shape"\nexport const shape: Shape | undefined = undefined`,
      ["pipeline-imports-downwards: packages/genesys/src/Shape.ts"]
    ],
    // A package, importing the command line.
    [
      "packages/sandbox/src/App.ts",
      `export * from "../../../apps/cli/src/main.js"`,
      ["nobody-imports-the-app: apps/cli/src/main.ts", "sandbox-imports-downwards: apps/cli/src/main.ts"]
    ],
    // An import that leads nowhere, one that is not declared, and a circle, which is told once.
    ["packages/genesys/src/Nowhere.ts", `export * from "./Nothing.js"`, ["resolvable: ./Nothing.js"]],
    [
      "packages/eventlog/src/Undeclared.ts",
      `export * from "undeclared"`,
      ["declared: node_modules/undeclared/index.js"]
    ],
    ["packages/domain/src/A.ts", `export * from "./B.js"`, ["no-cycles: packages/domain/src/B.ts"]],
    ["packages/domain/src/B.ts", `export * from "./A.js"`, []]
  ]

  it.live("catch every import that is wrong, and say nothing of the others", () =>
    Effect.gen(function* () {
      const shape = "export interface Shape { readonly a: 1 }"
      const violations = yield* found({
        "packages/eventlog/src/Shape.ts": shape,
        "packages/genesys/src/Shape.ts": shape,
        "node_modules/undeclared/package.json": JSON.stringify({ name: "undeclared", version: "1.0.0" }),
        "node_modules/undeclared/index.js": "export const undeclared = 1",
        ...Object.fromEntries(wrong.map(([path, text]) => [path, text]))
      })
      for (const [path, , caught] of wrong) {
        const of = violations
          .filter((line) => line.includes(`: ${path} → `))
          .map((line) => line.replace(`${path} → `, ""))
        expect([path, of.sort()]).toEqual([path, caught])
      }
      expect(violations).toHaveLength(wrong.flatMap(([, , caught]) => caught).length)
    })
  )
})
