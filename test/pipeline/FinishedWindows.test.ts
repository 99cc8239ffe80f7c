import { describe, expect, it } from "@effect/vitest"
import { FinishedWindows, Runs, type RunWindow } from "@genesys-replay/pipeline"
import { Effect, Fiber, Option, Ref } from "effect"
import { surroundings } from "./Surroundings.js"
import { recordOf } from "./Windows.js"

const one = recordOf("one", "requested")
const two = recordOf("two", "requested")

/** Two windows, and who hears of their ends. */
const scene = Effect.gen(function* () {
  const runs = yield* Runs.Runs
  yield* runs.add([one, two])
  const told = yield* Ref.make<ReadonlyArray<string>>([])
  const finished = yield* FinishedWindows.make(({ window }) => Ref.update(told, (all) => [...all, window.name]))
  return {
    ...finished,
    told: Ref.get(told),
    /** Writes down how far a window is, as any process may. */
    write: ({ key }: RunWindow.RunWindow, state: RunWindow.WindowState) =>
      runs.change(key, (now) => Option.some({ ...now, state })),
    announce: ({ key }: RunWindow.RunWindow) => runs.announce(key)
  }
})

describe("FinishedWindows", () => {
  it.scoped("tells of a window once, however often it is announced, and of one that is not finished not at all", () =>
    Effect.gen(function* () {
      const { announce, count, run, told, write } = yield* scene
      yield* Effect.forkScoped(run)
      yield* announce(one)
      yield* announce(two)
      yield* Effect.yieldNow()
      expect(yield* told).toEqual([])
      // The one before the last announcement finds it finished already.
      yield* write(one, "finished")
      yield* announce(one)
      yield* announce(one)
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      expect([yield* told, yield* count]).toEqual([["one"], 1])
    }).pipe(Effect.provide(surroundings()))
  )

  it.scoped("misses nothing that is announced before it listens, and leaves for the rest what it has not heard", () =>
    Effect.gen(function* () {
      const { announce, count, rest, run, told, write } = yield* scene
      yield* write(one, "finished")
      yield* announce(one)
      const listening = yield* Effect.forkScoped(run)
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      expect(yield* told).toEqual(["one"])
      yield* Fiber.interrupt(listening)
      yield* write(two, "cancelled")
      yield* announce(two)
      expect(yield* told).toEqual(["one"])
      yield* rest
      expect([yield* told, yield* count]).toEqual([["one", "two"], 2])
    }).pipe(Effect.provide(surroundings()))
  )

  it.scoped("the rest has also what was heard of, and whose last announcement did not come", () =>
    Effect.gen(function* () {
      const { announce, rest, run, told, write } = yield* scene
      const listening = yield* Effect.forkScoped(run)
      yield* announce(one)
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      yield* Fiber.interrupt(listening)
      yield* write(one, "finished")
      yield* write(two, "finished")
      yield* rest
      yield* rest
      // Two was another process's.
      expect(yield* told).toEqual(["one"])
    }).pipe(Effect.provide(surroundings()))
  )
})
