/** What a seed draws before its run begins: how much is to be done, how, and what will go wrong. */
import type { Dice } from "./Dice.js"

/** What can become of a request to the platform. */
export const fates = [
  "cut before it arrived",
  "cut before the answer",
  "torn answer",
  "late request",
  "late answer",
  "503 before",
  "500 before",
  "502 after",
  "429 with Retry-After",
  "429 without",
  "garbage before",
  "garbage after",
  "token revoked",
  "token echoed"
] as const

/** See {@link fates}. */
export type Fate = (typeof fates)[number]

/** What can become of a delivery to a sink. */
export const moods = ["refuses", "hangs", "takes and refuses", "takes and hangs"] as const

/** See {@link moods}. */
export type Mood = (typeof moods)[number]

/** All requests of a time meet one fate. */
export interface Storm {
  readonly fate: Fate
  readonly from: number
  readonly until: number
}

/** See the module. Times in milliseconds, from the start of the run. */
export interface Scenario {
  readonly windows: number
  readonly wait: boolean
  readonly verify: boolean
  readonly sinks: number
  readonly concurrency: number
  readonly requestTimeout: number
  readonly maxRetries: number
  readonly tries: number
  /** Requests in a minute that the platform allows. */
  readonly allowed: number
  /** How long the longest replay takes. */
  readonly longest: number
  /** Whether tokens end earlier than they say. */
  readonly brittleTokens: boolean
  /** How long a write takes at most. */
  readonly slowness: number
  /** How likely a write is refused. */
  readonly unwritable: number
  /** Steps of a fiber before others have their turn. */
  readonly steps: number
  readonly shuffled: boolean
  /** Whether the process that asks does not work itself. */
  readonly detached: boolean
  /** How many processes come to an end before their work is done, and how likely each of the ways is. */
  readonly crashes: number
  readonly freezes: boolean
  /** Whether workflows are driven by the engine of many machines; else by that of one. */
  readonly clustered: boolean
  /** When everything that goes wrong has gone wrong. */
  readonly calm: number
  readonly trouble: number
  readonly fates: ReadonlyArray<Fate>
  readonly storms: ReadonlyArray<Storm>
  readonly moodiness: number
  readonly moods: ReadonlyArray<Mood>
}

/** The scenario of a seed. */
export const draw = (dice: Dice): Scenario => {
  const calm = dice.scaled(20_000, 400_000)
  const storm = (): Storm => {
    const from = dice.between(0, calm)
    return { fate: dice.pick(fates), from, until: Math.min(calm, from + dice.scaled(1_000, 60_000)) }
  }
  return {
    windows: dice.between(2, 6),
    wait: dice.chance(0.7),
    verify: dice.chance(0.4),
    sinks: dice.between(0, 2),
    concurrency: dice.pick([1, 2, 4, 4]),
    requestTimeout: dice.pick([5_000, 30_000]),
    maxRetries: dice.pick([1, 3, 3, 5]),
    tries: dice.pick([2, 4]),
    allowed: dice.pick([300, 300, 60, 12]),
    longest: dice.pick([5_000, 60_000, 60_000, 1_500_000]),
    brittleTokens: dice.chance(0.3),
    slowness: dice.pick([0, 0, 20, 2_000]),
    unwritable: dice.pick([0, 0, 0, 0.02]),
    steps: dice.pick([2048, 2048, 200, 50]),
    shuffled: dice.chance(0.5),
    detached: dice.chance(0.25),
    crashes: dice.between(0, 5),
    freezes: dice.chance(0.25),
    clustered: dice.chance(0.3),
    calm,
    trouble: dice.pick([0, 0.05, 0.2, 0.5]),
    fates: fates.filter(() => dice.chance(0.5)),
    storms: Array.from({ length: dice.between(0, 3) }, storm),
    moodiness: dice.pick([0, 0.2, 0.7]),
    moods: moods.filter(() => dice.chance(0.6))
  }
}

/**
 * The scenario of a heal. One process at a time works on it, as it holds a lock, so none is frozen; and trouble lasts long enough to
 * meet the consumer, who is told last.
 */
export const ofHeal = (drawn: Scenario, dice: Dice): Scenario => ({
  ...drawn,
  freezes: false,
  verify: false,
  longest: Math.min(drawn.longest, 60_000),
  calm: 4 * drawn.calm,
  moodiness: dice.pick([0, 0.1, 0.3]),
  moods: drawn.moods.length === 0 ? moods : drawn.moods
})
