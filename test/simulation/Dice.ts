/** The one source of chance: everything that a run draws comes from its seed. */
import { PCGRandom } from "effect/Utils"

/** Draws. */
export interface Dice {
  /** At least 0, less than 1. */
  readonly next: () => number
  /** Whether something of this probability happens. */
  readonly chance: (probability: number) => boolean
  /** A whole number from `least` to `most`. */
  readonly between: (least: number, most: number) => number
  /** Like `between`, but small numbers as likely as large ones of more digits. */
  readonly scaled: (least: number, most: number) => number
  /** One of them. */
  readonly pick: <A>(from: readonly [A, ...ReadonlyArray<A>]) => A
  /** So many hexadecimal digits. */
  readonly hex: (digits: number) => string
  /** Dice of their own: what they draw does not change what these draw. */
  readonly fork: () => Dice
}

/** The dice of a seed. */
export const make = (seed: number): Dice => {
  const random = new PCGRandom(seed, 7)
  const next = () => random.number()
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    chance: (probability) => next() < probability,
    between,
    scaled: (least, most) => Math.round(least * (most / least) ** next()),
    pick: (from) => from[Math.floor(next() * from.length)] ?? from[0],
    hex: (digits) => Array.from({ length: digits }, () => between(0, 15).toString(16)).join(""),
    fork: () => make(random.integer(2 ** 31 - 1))
  }
}
