import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Ref } from "effect"
import * as FairLock from "../../packages/pipeline/src/state/FairLock.js"

/** A lock, and what was done under it, in order. */
const sceneOf = (permits: number) =>
  Effect.gen(function* () {
    const lock = FairLock.make<string>(permits)
    const done = yield* Ref.make<ReadonlyArray<string>>([])
    const take = Effect.uninterruptibleMask((restore) => lock.take(restore))
    const doing = (what: string) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(lock.take(restore), (release) =>
          Effect.ensuring(
            Ref.update(done, (all) => [...all, what]),
            release
          )
        )
      )
    return { lock, take, doing, done: Ref.get(done) }
  })

const scene = sceneOf(1)

/** Everything that can go on has gone on. */
const idle = Effect.repeatN(Effect.yieldNow(), 50)

describe("FairLock", () => {
  it.effect("goes to who has waited longest, also where who had it asks again at once", () =>
    Effect.gen(function* () {
      const { doing, done, take } = yield* scene
      const release = yield* take
      yield* Effect.fork(doing("first"))
      yield* Effect.fork(doing("second"))
      yield* idle
      yield* Effect.zipRight(release, doing("again"))
      expect(yield* done).toEqual(["first", "second", "again"])
    })
  )

  it.effect("is had by as many as there are permits, and then by who has waited longest", () =>
    Effect.gen(function* () {
      const { doing, done, take } = yield* sceneOf(2)
      const [one, two] = [yield* take, yield* take]
      yield* Effect.fork(doing("first"))
      yield* Effect.fork(doing("second"))
      yield* idle
      expect(yield* done).toEqual([])
      yield* two
      yield* idle
      expect(yield* done).toEqual(["first", "second"])
      yield* one
      yield* Effect.asVoid(take)
      yield* Effect.asVoid(take)
    })
  )

  it.effect("is given back once, however often that is said", () =>
    Effect.gen(function* () {
      const { doing, done, take } = yield* scene
      const release = yield* take
      yield* Effect.zipRight(release, release)
      const mine = yield* take
      yield* release
      yield* Effect.fork(doing("other"))
      yield* idle
      expect(yield* done).toEqual([])
      yield* mine
      yield* idle
      expect(yield* done).toEqual(["other"])
    })
  )

  it.effect(
    "passes over who was interrupted while waiting, and comes back from who was interrupted as it was given",
    () =>
      Effect.gen(function* () {
        const { doing, done, take } = yield* scene
        const release = yield* take
        const gone = yield* Effect.fork(doing("gone"))
        const late = yield* Effect.fork(doing("late"))
        yield* Effect.fork(doing("last"))
        yield* idle
        yield* Fiber.interrupt(gone)
        // Both before the one who waits can take a step.
        yield* Effect.zipRight(release, Fiber.interruptFork(late))
        yield* idle
        expect(yield* done).toContain("last")
        expect(yield* done).not.toContain("gone")
        yield* doing("again")
      })
  )

  it.effect("refuses, once it is closed, who waits and who comes", () =>
    Effect.gen(function* () {
      const { doing, done, lock, take } = yield* scene
      const release = yield* take
      const waiting = yield* Effect.fork(Effect.flip(doing("waiting")))
      yield* idle
      yield* lock.close("closed")
      expect(yield* Fiber.join(waiting)).toBe("closed")
      yield* release
      expect(yield* Effect.flip(doing("late"))).toBe("closed")
      expect(yield* done).toEqual([])
    })
  )
})
