/** The interval that analytics and audits are asked for. */

import type { AnalyticsInterval } from "@genesys-replay/genesys/AnalyticsInterval"
import { DateTime } from "effect"
import type * as World from "../../world/World.js"

const dayMs = 86_400_000

/** The span of an interval. */
export const spanOf = ({ end, start }: AnalyticsInterval): World.Span => ({
  from: DateTime.toEpochMillis(start),
  until: DateTime.toEpochMillis(end)
})

/** Whether an interval is longer than some days. */
export const isLonger = (interval: AnalyticsInterval, days: number): boolean => {
  const { from, until } = spanOf(interval)
  return until - from > days * dayMs
}
