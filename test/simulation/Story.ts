/**
 * The story of a run: processes are started on the same plan, come to their ends, and are started again, until nothing goes
 * wrong any more. Then everything that was asked for must come to stand.
 */
import type { ApplyReport } from "@genesys-replay/pipeline"
import { Effect } from "effect"
import * as Life from "./Life.js"
import type { Lasting, Task } from "./Program.js"
import * as Program from "./Program.js"
import * as Ward from "./Ward.js"

const doomOf = ({ world: { dice, scenario } }: Lasting): Life.Doom => ({
  how: scenario.freezes && dice.chance(0.5) ? "freeze" : "crash",
  at: dice.chance(0.15)
    ? { after: dice.scaled(10, 120_000) }
    : { point: dice.pick(scenario.clustered ? Life.points : Life.pointsAlone), number: dice.scaled(1, 80) },
  frozenFor: dice.scaled(1_000, 120_000)
})

// How long anything may take once nothing goes wrong any more.
const patience = "3 hours"

/** Stops a process in good order, which must not take long. */
export const stopped = <A>(ward: Ward.Ward<A>) =>
  Effect.timeoutFail(ward.stop, {
    duration: "5 minutes",
    onTimeout: () => `${ward.life.name} was stopped, and does not end`
  })

/** Waits for what must come to its end. */
export const ended = <A>(what: string, effect: Effect.Effect<A>) =>
  Effect.timeoutFail(effect, { duration: patience, onTimeout: () => `${what} does not end` })

/** Waits until the sinks have been told everything. */
export const delivered = ({ look }: Pick<Lasting["database"], "look">): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { dead, pending } = look(({ outbox }) => outbox.tally)
    return dead + pending === 0 ? Effect.void : delivered({ look })
  }).pipe(Effect.delay(1_000))

/** See the module. */
export const tell = (lasting: Lasting) =>
  Effect.gen(function* () {
    const { database, world } = lasting
    const { dice, scenario, wrongs } = world
    const wards: Array<Ward.Ward<ApplyReport.ApplyReport | undefined>> = []

    const begin = (task: Task, doom?: Life.Doom) => {
      const life = Life.begin(world, wards.length + 1, doom)
      const ward = Ward.begin(world, life, task, Program.of(lasting, life, task))
      wards.push(ward)
      return ward
    }
    const finished: Effect.Effect<void> = Effect.suspend(() =>
      database.look(({ runs }) => runs.list({ unfinished: true })).length === 0
        ? Effect.void
        : Effect.delay(finished, 1_000)
    )

    // A process that is asked for something and comes to a bad end, or to a good one, or is stopped.
    const live = (task: Task) =>
      Effect.gen(function* () {
        const ward = begin(task, doomOf(lasting))
        const stop = Effect.sleep(dice.scaled(1_000, 300_000))
        const isStopped = task === "run" || task === "revive" || dice.chance(0.2)
        const ended = Effect.as(ward.ending, true)
        if (!(yield* isStopped ? Effect.raceFirst(ended, Effect.as(stop, false)) : ended)) {
          world.trace.count("stop in good order")
          yield* stopped(ward)
        }
        yield* Effect.sleep(dice.scaled(1, 30_000))
      })

    if (scenario.detached) yield* live("request")
    for (let crash = 0; crash < scenario.crashes && !world.isCalm(); crash++) {
      yield* live(
        scenario.detached ? "run" : crash === 0 ? "apply" : dice.pick(["apply", "apply", "resume", "run", "revive"])
      )
    }
    const last = begin("apply")
    // Of processes at once, each of which believes that all work is its own, one may wait for another for ever.
    yield* scenario.freezes
      ? Effect.timeoutOption(last.end, "10 minutes")
      : ended("the last process before the calm", last.end)
    yield* Effect.sleep(Math.max(0, scenario.calm - world.elapsed()))
    for (const { life } of wards) life.crash("because the story is over")

    const calm = Effect.gen(function* () {
      const ending = yield* ended("the process in the calm", begin("apply").end)
      return ending._tag === "Done" ? (ending.report?.results ?? []) : []
    })
    // Windows that an earlier process had begun may end badly now; after that, nothing can.
    const isFine = ({ error, outcome }: { readonly error: unknown; readonly outcome: string }) =>
      outcome !== "failed" && error === null
    const first = yield* calm
    const results = first.every(isFine) ? first : yield* calm
    if (results.length === 0) wrongs.push("the process in the calm has no results")
    for (const { error, name, outcome } of results) {
      if (!isFine({ error, outcome })) {
        wrongs.push(`${name} is ${outcome} in the calm: ${error?._tag ?? "no error"} ${error?.message ?? ""}`)
      }
    }
    // Of an earlier run, of which a process in the calm does not wait for the windows, the last look may still be to come.
    const runner = begin("revive")
    yield* ended("what earlier processes were asked for", finished)
    yield* ended("the outbox", delivered(database))
    yield* stopped(runner)
  }).pipe(Effect.catchAll((wrong) => Effect.sync(() => lasting.world.wrongs.push(wrong))))
