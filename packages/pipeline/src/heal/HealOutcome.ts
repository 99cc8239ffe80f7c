/** What a heal has come to. */
import { HealPlan, HealReport, Instant } from "@genesys-replay/domain"
import { DateTime, Effect, Option } from "effect"
import type { HealMeasure } from "./HealMeasure.js"
import type { Options, Resent } from "./HealOptions.js"
import * as HealRecord from "./HealRecord.js"
import { healedOf } from "./HealStart.js"

const millis = (text: string): number =>
  Option.match(Instant.parse(text), { onNone: () => Number.NaN, onSome: DateTime.toEpochMillis })

// The times of the replays that were completed.
const completed = ({ rounds, updatedAt }: HealRecord.HealRecord): ReadonlyArray<HealPlan.Replayed> =>
  rounds.flatMap(({ batches, ended }) => {
    const names = new Set(ended.flatMap(({ name, state }) => (state === "COMPLETED" ? [name] : [])))
    return batches
      .flat()
      .filter(({ name }) => names.has(name))
      .map(HealRecord.replayOf)
      .map(({ end, start }) => ({ fromMs: millis(start), toMs: millis(end ?? updatedAt) }))
  })

/** The report of a heal, by the latest measure. */
export const reportOf = Effect.fn("HealOutcome.reportOf")(function* <E, R>(
  heal: HealRecord.HealRecord,
  measure: HealMeasure,
  sent: Resent,
  options: Options<E, R>
) {
  const { missing } = measure
  const now = yield* DateTime.now
  const left =
    missing.length === 0
      ? []
      : HealPlan.remaining(missing, yield* options.source(healedOf(heal)), { now, replayed: completed(heal) })
  return HealReport.make({
    rounds: heal.rounds.map(({ batches, captured, recovered }) => ({
      replays: batches.flat().map(HealRecord.replayOf),
      captured,
      recovered: recovered ?? 0
    })),
    missingBefore: heal.missingBefore,
    ...sent,
    missing: { count: missing.length, left, first: measure.first },
    notJudged: measure.notJudged,
    doubts: measure.doubts
  })
})
