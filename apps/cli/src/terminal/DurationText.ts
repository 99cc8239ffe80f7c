/** Durations as people type them. */
import { Duration, Option } from "effect"

const milliseconds: Partial<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** `30s`, `5m`, `1h`, `500ms`; a number alone is seconds. */
export const duration = (text: string): Option.Option<Duration.Duration> => {
  const [, figure, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? []
  const each = milliseconds[unit]
  return figure === undefined || each === undefined
    ? Option.none()
    : Option.some(Duration.millis(Math.round(Number(figure) * each)))
}
