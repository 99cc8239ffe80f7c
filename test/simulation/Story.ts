/**
 * The story of a run: processes are started on the same plan, come to their ends, and are started again, until nothing goes
 * wrong any more. Then everything that was asked for must come to stand.
 */
import { Effect } from "effect"
import * as Life from "./Life.js"
import type { Lasting, Task } from "./Program.js"
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

/** See the module. */
export const tell = (lasting: Lasting) =>
  Effect.gen(function* () {
    const { database, world } = lasting
    const { dice, scenario, wrongs } = world
    const wards: Array<Ward.Ward> = []

    const begin = (task: Task, doom?: Life.Doom) => {
      const ward = Ward.begin(lasting, Life.begin(world, wards.length + 1, doom), task)
      wards.push(ward)
      return ward
    }
    const stopped = (ward: Ward.Ward) =>
      Effect.timeoutFail(ward.stop, {
        duration: "5 minutes",
        onTimeout: () => `${ward.life.name} was stopped, and does not end`
      })
    const ended = <A>(what: string, effect: Effect.Effect<A>) =>
      Effect.timeoutFail(effect, {
        duration: patience,
        onTimeout: () => `${what} does not end`
      })
    const isFinished = Effect.sync(() => database.look(({ runs }) => runs.list({ unfinished: true })).length === 0)
    const isDelivered = Effect.sync(() => {
      const { dead, pending } = database.look(({ outbox }) => outbox.tally)
      return dead + pending === 0
    })

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
    if (!(yield* isFinished)) wrongs.push("something is unfinished in the end")

    const runner = begin("revive")
    const until = (is: Effect.Effect<boolean>): Effect.Effect<void> =>
      Effect.zipRight(
        Effect.sleep(1_000),
        Effect.flatMap(is, (done) => (done ? Effect.void : until(is)))
      )
    yield* ended("the outbox", until(isDelivered))
    yield* stopped(runner)
  }).pipe(Effect.catchAll((wrong) => Effect.sync(() => lasting.world.wrongs.push(wrong))))
