/** Instants as people type them. */
import { TimePoint } from "@genesys-replay/domain"
import { DateTime, Effect, Option } from "effect"
import { UsageError } from "./UsageError.js"

/** `2024-01-15T08:00:00Z`, or `-36h` before now: the value of `option`. {@link UsageError} for anything else. */
export const read = (option: string, text: string): Effect.Effect<DateTime.Utc, UsageError> =>
  Option.match(TimePoint.parse(text), {
    onNone: () =>
      Effect.fail(
        new UsageError({
          problem: `${option} ${JSON.stringify(text)} is not a time`,
          remedy: `${option} -36h, or ${option} 2024-01-15T08:00:00Z`
        })
      ),
    onSome: (point) => Effect.map(DateTime.now, (now) => TimePoint.resolve(point, now))
  })
