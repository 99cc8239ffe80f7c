/** The names of a plan's streams: each is given once. */
import type { DateTime } from "effect"
import { WindowName } from "../spec/ReplayWindow.js"
import * as Instant from "../value/Instant.js"
import type { RetentionDays } from "../value/RetentionDays.js"

const longest = 128

/** Names given so far. */
export interface StreamNames {
  /** A name for a window that has none: `eventbridge-replay-20240115080000`, then `…-2`, `…-3`. */
  readonly generate: () => WindowName
  /** Takes a name; false where it is given already. */
  readonly take: (name: WindowName) => boolean
}

/** Starts with the names that the spec gives, so that no generated one collides with them. */
export const make = (now: DateTime.Utc, explicit: Iterable<WindowName>): StreamNames => {
  const reserved = new Set<string>(explicit)
  const taken = new Set<string>()
  const base = `eventbridge-replay-${Instant.compact(now)}`
  let count = 0
  return {
    generate: () => {
      for (;;) {
        count += 1
        const name = count === 1 ? base : `${base}-${count}`
        if (!reserved.has(name)) return WindowName.make(name)
      }
    },
    take: (name) => {
      if (taken.has(name)) return false
      taken.add(name)
      return true
    }
  }
}

/** The name of the stream that keeps `days`, of a window that needs several: `<name>-<days>d`, cut to the longest allowed name. */
export const split = (name: WindowName, days: RetentionDays): WindowName => {
  const suffix = `-${days}d`
  return WindowName.make(`${name.slice(0, longest - suffix.length).trimEnd()}${suffix}`)
}
