import { describe, expect, it } from "@effect/vitest"
import { ProviderMismatch, ProviderName, ReplayWindow } from "@genesys-replay/domain"
import { Effect } from "effect"

const own = { name: ReplayWindow.WindowName.make("own"), provider: ProviderName.genesys }
const other = (name: string) => ({ name: ReplayWindow.WindowName.make(name), provider: ProviderName.eventbridge })

describe("A plan and the provider that is to replay it", () => {
  it.effect("belong together where every window was planned for that provider", () =>
    Effect.gen(function* () {
      yield* ProviderMismatch.check([], ProviderName.genesys)
      yield* ProviderMismatch.check([own], ProviderName.genesys)
      yield* ProviderMismatch.check([other("a")], ProviderName.eventbridge)
    })
  )

  it.effect("are refused where one was not: which windows, for whom they are, and what to do", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(ProviderMismatch.check([own, other("a"), other("b")], ProviderName.genesys))
      expect(error).toMatchObject({
        _tag: "ProviderMismatch",
        windows: ["a", "b"],
        planned: "eventbridge",
        provider: "genesys",
        remedy: "Provide the layer of the provider eventbridge, or plan with provider: genesys"
      })
      expect(error.message).toBe(
        `"a" and 1 other window would be submitted to genesys, but the plan is for eventbridge. ${error.remedy}`
      )
    })
  )
})
