import { NodeContext } from "@effect/platform-node"
import { describe, it } from "@effect/vitest"
import { Config, Console, Effect, Layer } from "effect"
import { sandbox } from "../e2e/Scene.js"
import { render } from "./Figures.js"
import * as Round from "./Round.js"

// For more of them: npm run crash -- --rounds 100
const usual = 4

const { rounds, seed } = Effect.runSync(
  Effect.all({
    rounds: Config.withDefault(Config.integer("CRASH_ROUNDS"), usual),
    seed: Config.withDefault(Config.string("CRASH_SEED"), "1")
  })
)

describe("apply, killed with SIGKILL at random moments and gone on with by resume", () => {
  it.scopedLive(
    `loses nothing and does nothing twice, in ${rounds} rounds`,
    () =>
      Effect.gen(function* () {
        const numbers = Array.from({ length: rounds }, (_, index) => index + 1)
        const figures = yield* Effect.forEach(numbers, (number) => Round.play(number, seed), { concurrency: 6 })
        if (rounds !== usual) yield* Console.log(render(figures))
      }).pipe(Effect.provide(Layer.merge(sandbox(), NodeContext.layer))),
    120_000 + rounds * 10_000
  )
})
