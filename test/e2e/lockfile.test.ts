import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

const Lockfile = Schema.parseJson(
  Schema.Struct({
    lockfileVersion: Schema.Number,
    packages: Schema.Record({
      key: Schema.String,
      value: Schema.Struct({ resolved: Schema.optional(Schema.String), integrity: Schema.optional(Schema.String) })
    })
  })
)

const lockfile = Effect.flatMap(FileSystem.FileSystem, (files) =>
  files.readFileString(new URL("../../package-lock.json", import.meta.url).pathname)
).pipe(Effect.flatMap(Schema.decode(Lockfile)))

describe("package-lock.json", () => {
  it.effect("names no registry: whoever installs takes the one that is configured", () =>
    Effect.gen(function* () {
      const { packages } = yield* lockfile
      const addresses = Object.values(packages).flatMap(({ resolved }) => (resolved === undefined ? [] : [resolved]))
      expect(addresses.filter((address) => /^[a-z+]+:/.test(address))).toEqual([])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("says of everything that is fetched what it must hash to", () =>
    Effect.gen(function* () {
      const { packages } = yield* lockfile
      const fetched = Object.entries(packages).filter(([path]) =>
        /^node_modules\/(?!@genesys-replay\/|genesys-replay$)/.test(path)
      )
      expect(fetched.length).toBeGreaterThan(100)
      expect(fetched.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual([])
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
