/** How long something lasts, in words. */
import { Instant } from "@genesys-replay/domain"
import { DateTime, Option } from "effect"

const units: ReadonlyArray<readonly [millis: number, name: string]> = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
  [1, "ms"]
]

/** `250 ms`, `30 s`, `1 h 12 min`: by the two largest units that it has, and to the second from one second on. */
export const words = (millis: number): string => {
  const rounded = millis < 1_000 ? Math.round(millis) : Math.round(millis / 1_000) * 1_000
  const at = units.findIndex(([unit]) => rounded >= unit)
  if (at === -1) return "0 s"
  let rest = rounded
  return units
    .slice(at, at + 2)
    .flatMap(([unit, name]) => {
      const count = Math.floor(rest / unit)
      rest -= count * unit
      return count === 0 ? [] : [`${count} ${name}`]
    })
    .join(" ")
}

/** `1 h 12 min` between two event times; undefined where one of them is no instant, or the second is before the first. */
export const between = (after: string, before: string): string | undefined =>
  Option.zipWith(
    Instant.parse(after),
    Instant.parse(before),
    (from, to) => DateTime.toEpochMillis(to) - DateTime.toEpochMillis(from)
  ).pipe(
    Option.filter((millis) => millis >= 0),
    Option.map(words),
    Option.getOrUndefined
  )
