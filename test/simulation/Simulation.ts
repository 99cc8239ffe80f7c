/** One run of one seed, from the draw of its scenario to the check of what must hold. What is run is a play: windows, or a heal. */
import { ReplaySpec } from "@genesys-replay/domain"
import { Cause, Effect, Exit, Random, Runtime } from "effect"
import * as Database from "./Database.js"
import * as Dice from "./Dice.js"
import * as HealInvariants from "./HealInvariants.js"
import * as HealStory from "./HealStory.js"
import * as Invariants from "./Invariants.js"
import * as Journal from "./Journal.js"
import * as Machine from "./Machine.js"
import * as Outage from "./Outage.js"
import * as Platform from "./Platform.js"
import { client, type Lasting } from "./Program.js"
import * as RealTime from "./RealTime.js"
import * as Receiver from "./Receiver.js"
import * as Scenario from "./Scenario.js"
import * as Story from "./Story.js"
import * as Trace from "./Trace.js"
import * as World from "./World.js"

/** What came of a run. */
export interface Outcome {
  readonly seed: number
  /** What must hold and did not. */
  readonly wrongs: ReadonlyArray<string>
  readonly digest: string
  readonly lines: ReadonlyArray<string>
  readonly counts: ReadonlyMap<string, number>
  readonly scenario: Scenario.Scenario
  /** Steps of fibers. */
  readonly tasks: number
  /** How much virtual time went by, in milliseconds. */
  readonly elapsed: number
}

/** What is told in a run, and what must hold in the end. */
export type Play = (lasting: Lasting) => { readonly story: Effect.Effect<void>; readonly check: () => void }

/** Windows are submitted, watched and verified. */
export const windows: Play = (lasting) => ({
  story: Effect.asVoid(Story.tell(lasting)),
  check: () => Invariants.check(lasting)
})

/** A window is healed. */
export const heal: Play = (lasting) => {
  const outage = Outage.make(lasting, lasting.world.dice.fork())
  return {
    story: Effect.asVoid(HealStory.tell(lasting, outage)),
    check: () => {
      Invariants.check(lasting)
      HealInvariants.check(lasting, outage)
    }
  }
}

const start = Date.UTC(2024, 0, 15, 20, 30)

const specOf = (dice: Dice.Dice, windows: number) =>
  Effect.runSync(
    ReplaySpec.decode({
      retention: { "genesys.conversations.*": 60, "genesys.routing.*": dice.pick([60, 30]), "*": 7 },
      defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events" },
      windows: Array.from({ length: windows }, (_, index) => ({
        name: `window-${index + 1}`,
        topics: ["genesys.conversations.message", ...(dice.chance(0.2) ? ["genesys.routing.queue"] : [])],
        start: new Date(start - dice.between(3_600_000, 500_000_000)).toISOString()
      }))
    })
  )

const lastingOf = (world: World.World): Lasting => {
  const { dice, machine, scenario, secrets } = world
  secrets.add(client.secret).add(Receiver.secret).add(Receiver.secret.replace("whsec_", ""))
  const database = Database.make(world)
  return {
    world,
    database,
    journal: Journal.make(world),
    platform: Platform.make({
      now: machine.now,
      dice: dice.fork(),
      clientId: client.id,
      clientSecret: client.secret,
      allowed: scenario.allowed,
      brittleTokens: scenario.brittleTokens,
      longest: scenario.longest,
      onToken: (token) => secrets.add(token)
    }),
    deliveries: [],
    spec: specOf(dice, scenario.windows),
    onSend: (life, asked) => Invariants.onSend(world, database, life, asked)
  }
}

// Longer than any story takes.
const limit = 48 * 3_600_000

/** Runs a seed. */
export const run = async (seed: number, of: Play = windows): Promise<Outcome> => {
  const dice = Dice.make(seed)
  const drawn = Scenario.draw(dice)
  const scenario = of === heal ? Scenario.ofHeal(drawn, dice) : drawn
  const escapes = new Set<string>()
  const guard = RealTime.kept({
    dice: dice.fork(),
    time: () => machine.now(),
    onEscape: (what) => escapes.add(what),
    onPromise: () => machine.promised()
  })
  const machine: Machine.Machine = Machine.make({ ...scenario, start, dice: dice.fork(), guard })
  const trace = Trace.make(machine.now)
  const world = World.make(machine, dice, trace, scenario)
  const lasting = lastingOf(world)
  const teller = machine.spawn("story")
  const play = of(lasting)
  const story = play.story.pipe(
    Effect.withTracerEnabled(false),
    Effect.withClock(machine.clock(teller)),
    Effect.withRandom(Random.make(seed))
  )
  let over = false
  const begin = () =>
    Runtime.runFork(Machine.runtime)(story, { scheduler: machine.scheduler(teller) }).addObserver((exit) => {
      over = true
      if (Exit.isFailure(exit)) world.wrongs.push(`the story itself died: ${Cause.pretty(exit.cause)}`)
    })
  machine.at(start, begin, teller)
  const ending = await machine.run(() => over, start + limit)
  if (ending !== "over") world.wrongs.push(`the machine is ${ending}`)
  else play.check()
  lasting.database.remove()
  for (const what of escapes) world.wrongs.push(`something real was asked for: ${what}`)
  return {
    seed,
    wrongs: world.wrongs,
    digest: trace.digest(),
    lines: trace.lines(),
    counts: trace.counts(),
    scenario,
    tasks: machine.steps(),
    elapsed: world.elapsed()
  }
}
