/** Where a heal begins, or is gone on with. */
import { Instant, ReplayPlan, ReplayProvider, type ReplaySpec, TimePoint } from "@genesys-replay/domain"
import { DateTime, Effect, Option } from "effect"
import type { Healed } from "./HealMeasure.js"
import type { Options } from "./HealOptions.js"
import * as HealRecord from "./HealRecord.js"
import * as HealReplays from "./HealReplays.js"
import { Heals } from "./Heals.js"

/** The spec as it is kept. */
export const documentOf = (spec: ReplaySpec.ReplaySpec): ReplaySpec.SpecDocument => ({ ...spec, defaults: {} })

/** The spec's window, its times fixed now, and as it is planned. */
export const fixed = Effect.fn("HealStart.fixed")(function* ({
  planOptions,
  spec
}: Pick<Options<never, never>, "planOptions" | "spec">) {
  const now = yield* DateTime.now
  const absolute = HealReplays.fixed(spec, now)
  const planned = yield* ReplayPlan.make(absolute, planOptions)
  const [window] = planned.windows
  if (window === undefined) return yield* Effect.dieMessage("a plan without errors has a window")
  return { now, spec: absolute, window }
})

const instantOf = (text: string | undefined): Option.Option<DateTime.Utc> =>
  Option.flatMap(Option.fromNullable(text), Instant.parse)

/** What is to be measured for a heal. */
export const healedOf = ({
  beganAt,
  id,
  spec,
  window
}: Pick<HealRecord.HealRecord, "beganAt" | "id" | "spec" | "window">): Healed => {
  const [{ end, start }] = spec.windows
  const began = Option.getOrThrow(instantOf(beganAt))
  return {
    id,
    isNew: false,
    window,
    start: TimePoint.resolve(start, began),
    end: end === undefined ? began : TimePoint.resolve(end, began)
  }
}

/** The heal of this key that has not ended, or a new one, which is written down nowhere yet. */
export const found = Effect.fn("HealStart.found")(function* <E, R>(options: Options<E, R>) {
  const { target } = yield* ReplayProvider.ReplayProvider
  const latest = yield* Effect.flatMap(Heals, (heals) => heals.latest(options.key, target))
  if (Option.isSome(latest) && latest.value.report === null) return { heal: latest.value, isNew: false }
  const ordinal = Option.match(latest, { onNone: () => 1, onSome: (before) => before.ordinal + 1 })
  const { now, spec, window } = yield* fixed(options)
  const heal: HealRecord.HealRecord = {
    id: HealRecord.idOf(options.key, target, ordinal),
    key: options.key,
    ordinal,
    target,
    spec: documentOf(spec),
    window,
    sinks: [],
    asked: options.asked ?? null,
    missingBefore: 0,
    rounds: [],
    resent: 0,
    report: null,
    beganAt: Instant.format(now),
    updatedAt: Instant.format(now)
  }
  return { heal, isNew: true }
})
