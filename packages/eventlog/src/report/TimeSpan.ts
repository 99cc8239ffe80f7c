/** How long it was between two events. */
import { Instant } from "@genesys-replay/domain"
import { DateTime, Option } from "effect"

const words = (millis: number): string | undefined => {
  if (millis < 0) return undefined
  if (millis < 1_000) return `${millis} ms`
  const seconds = Math.round(millis / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** `1 h 12 min` between two event times; undefined where one of them is no instant, or the second is before the first. */
export const between = (after: string, before: string): string | undefined =>
  Option.zipWith(Instant.parse(after), Instant.parse(before), (from, to) =>
    words(DateTime.toEpochMillis(to) - DateTime.toEpochMillis(from))
  ).pipe(Option.getOrUndefined)
