/**
 * The story of a heal: the same command is given again and again, or `resume` in its place, and each process comes to its end, until
 * nothing goes wrong any more. Then the heal must come to its end, and the sinks must be told.
 */
import { Heal, ReplayPipeline, SyncOutbox } from "@genesys-replay/pipeline"
import { Effect, Option } from "effect"
import * as HealWork from "./HealWork.js"
import * as Life from "./Life.js"
import type { Outage } from "./Outage.js"
import * as Program from "./Program.js"
import * as Story from "./Story.js"
import * as Ward from "./Ward.js"

// The command `heal`: its report.
const heal = (lasting: Program.Lasting, outage: Outage, life: Life.Life) =>
  Heal.run(HealWork.options(lasting.world, outage, life)).pipe(Program.provided(lasting, life))

// The command `resume`: windows first, then the heals that have not ended.
const resume = (lasting: Program.Lasting, outage: Outage, life: Life.Life) =>
  Effect.gen(function* () {
    yield* ReplayPipeline.resume(yield* ReplayPipeline.unfinished)
    return Option.getOrUndefined(yield* Heal.goOn(HealWork.options(lasting.world, outage, life)))
  }).pipe(Program.provided(lasting, life))

const revive = (lasting: Program.Lasting, life: Life.Life) =>
  Effect.gen(function* () {
    const { halted } = yield* ReplayPipeline.ReplayPipeline
    yield* Effect.flatMap(SyncOutbox.SyncOutbox, ({ retry }) => retry("all"))
    return yield* halted
  }).pipe(Program.provided(lasting, life))

const doomOf = ({ world: { dice } }: Program.Lasting): Life.Doom => {
  const point = dice.pick(Life.pointsOfHeal)
  const rare = point === "consumer" || point === "file"
  return {
    how: "crash",
    at: dice.chance(0.15) ? { after: dice.scaled(10, 300_000) } : { point, number: dice.scaled(1, rare ? 12 : 60) },
    frozenFor: 0
  }
}

/** See the module. */
export const tell = (lasting: Program.Lasting, outage: Outage) =>
  Effect.gen(function* () {
    const { database, world } = lasting
    const { dice, scenario, wrongs } = world
    let lives = 0
    const next = (doom?: Life.Doom) => Life.begin(world, ++lives, doom)
    const healing = (doom?: Life.Doom) => {
      const life = next(doom)
      return Ward.begin(world, life, "heal", heal(lasting, outage, life))
    }
    const resuming = (doom?: Life.Doom) => {
      const life = next(doom)
      return Ward.begin(world, life, "resume", resume(lasting, outage, life))
    }

    for (let crash = 0; crash < scenario.crashes + 1 && !world.isCalm(); crash++) {
      const ward = (crash === 0 || dice.chance(0.7) ? healing : resuming)(doomOf(lasting))
      const stop = Effect.sleep(dice.scaled(1_000, 600_000))
      const ended = Effect.as(ward.ending, true)
      if (!(yield* dice.chance(0.2) ? Effect.raceFirst(ended, Effect.as(stop, false)) : ended)) {
        world.trace.count("stop in good order")
        yield* Story.stopped(ward)
      }
      yield* Effect.sleep(dice.scaled(1, 30_000))
    }
    yield* Effect.sleep(Math.max(0, scenario.calm - world.elapsed()))

    // A replay that an earlier process has begun may end badly now; after that, nothing can.
    const calm = Effect.suspend(() => Story.ended("the heal in the calm", healing().end))
    let ending = yield* calm
    for (let tries = 0; ending._tag !== "Done" && tries < 2; tries++) ending = yield* calm
    if (ending._tag !== "Done") wrongs.push(`the heal does not end in the calm: ${ending._tag}`)
    else if (ending.report.missing.count !== outage.missing().length) {
      wrongs.push(`${ending.report.missing.count} are missing, says the report, and it is ${outage.missing().length}`)
    }
    const life = next()
    const runner = Ward.begin(world, life, "revive", revive(lasting, life))
    yield* Story.ended("the outbox", Story.delivered(database))
    yield* Story.stopped(runner)
  }).pipe(Effect.catchAll((wrong) => Effect.sync(() => lasting.world.wrongs.push(wrong))))
