import { FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { ProviderName } from "@genesys-replay/domain"
import { Effect, Layer, Option } from "effect"
import * as Providers from "../../apps/cli/src/wiring/Providers.js"

describe("A provider that a plan names", () => {
  it.effect("and that the command line has no layer for is refused, with those that it has", () =>
    Effect.gen(function* () {
      for (const name of ["folder", "toString"]) {
        const layer = Providers.layer(ProviderName.ProviderName.make(name), { maxWait: Option.none() })
        const error = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
        expect(error).toMatchObject({
          _tag: "UsageError",
          problem: `there is no provider "${name}" here: known are genesys and eventbridge`,
          remedy: "--provider genesys, or --provider eventbridge"
        })
      }
    }).pipe(Effect.provide(FileSystem.layerNoop({})))
  )
})
