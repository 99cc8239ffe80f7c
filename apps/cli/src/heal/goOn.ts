/** Going on with the heals that were begun and have not ended: what `resume` does beside the windows. */
import { ReplayProvider, ReplaySpec } from "@genesys-replay/domain"
import { Heals } from "@genesys-replay/pipeline"
import { Effect, Schema } from "effect"
import { Asked } from "./HealArguments.js"
import { healed } from "./run.js"

const decode = Schema.decodeUnknown(Asked)

/** Heals on, one after the other, and answers their reports. Those that another program began, in its own words, are left to it. */
export const goOn = Effect.fn("heal.goOn")(function* () {
  const { target } = yield* ReplayProvider.ReplayProvider
  const open = yield* Effect.flatMap(Heals.Heals, (heals) => heals.open(target))
  const reports = yield* Effect.forEach(open, (heal) =>
    Effect.gen(function* () {
      const asked = yield* Effect.option(decode(heal.asked))
      if (asked._tag === "None") {
        yield* Effect.logWarning(`${heal.id} was begun by another program: that one goes on with it`)
        return []
      }
      const spec = yield* Effect.orDie(ReplaySpec.complete(heal.spec))
      return [{ window: heal.window.name, report: yield* healed(heal.key, spec, asked.value) }]
    })
  )
  return reports.flat()
})
