/** What the processes of a run have in common, and what they do not see. */
import type { Dice } from "./Dice.js"
import type { Machine } from "./Machine.js"
import type { Fate, Mood, Scenario } from "./Scenario.js"
import type { Trace } from "./Trace.js"

/** See the module. */
export interface World {
  readonly machine: Machine
  readonly dice: Dice
  readonly trace: Trace
  readonly scenario: Scenario
  /** Milliseconds since the run began. */
  readonly elapsed: () => number
  /** Whether nothing goes wrong any more. */
  readonly isCalm: () => boolean
  /** What becomes of a request that is sent now; none where it goes well. */
  readonly fate: () => Fate | undefined
  /** What becomes of a delivery that is made now. */
  readonly mood: () => Mood | undefined
  /** What must be nowhere to be read. */
  readonly secrets: Set<string>
  /** What was found to be wrong, the first of it first. */
  readonly wrongs: Array<string>
}

/** The world of a scenario. */
export const make = (machine: Machine, dice: Dice, trace: Trace, scenario: Scenario): World => {
  const start = machine.now()
  const elapsed = () => machine.now() - start
  const isCalm = () => elapsed() >= scenario.calm
  const [weather, temper] = [dice.fork(), dice.fork()]
  const drawn = <A>(from: ReadonlyArray<A>, dice: Dice): A | undefined => {
    const [first, ...others] = from
    return first === undefined ? undefined : dice.pick([first, ...others])
  }
  return {
    machine,
    dice,
    trace,
    scenario,
    elapsed,
    isCalm,
    fate: () => {
      if (isCalm()) return undefined
      const at = elapsed()
      const storm = scenario.storms.find(({ from, until }) => from <= at && at < until)
      if (storm !== undefined) return storm.fate
      return weather.chance(scenario.trouble) ? drawn(scenario.fates, weather) : undefined
    },
    mood: () => (!isCalm() && temper.chance(scenario.moodiness) ? drawn(scenario.moods, temper) : undefined),
    secrets: new Set(),
    wrongs: []
  }
}
