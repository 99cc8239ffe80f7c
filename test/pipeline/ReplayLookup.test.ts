import { describe, expect, it } from "@effect/vitest"
import { ProviderError, ReplayProvider } from "@genesys-replay/domain"
import { ReplayLookup } from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Clock, DateTime, Effect, Exit, Fiber, Ref, TestClock } from "effect"
import { windowOf } from "./Windows.js"

/** Looks for a replay that is submitted after a minute, if at all: how that ends, when, and what was told of the wait. */
const lookup = (options: ReplayLookup.Options, submitted = true, before?: InMemoryProvider.Options["before"]) =>
  Effect.gen(function* () {
    const { submit } = yield* ReplayProvider.ReplayProvider
    const start = yield* Clock.currentTimeMillis
    const told = yield* Ref.make<ReadonlyArray<string>>([])
    const onWait = (until: DateTime.Utc) => Ref.update(told, (all) => [...all, DateTime.formatIso(until).slice(11, 19)])
    const looking = yield* ReplayLookup.find("outage", { ...options, onWait }).pipe(
      Effect.exit,
      Effect.zip(Clock.currentTimeMillis),
      Effect.fork
    )
    yield* TestClock.adjust("1 minute")
    if (submitted) yield* submit(windowOf("outage"))
    yield* TestClock.adjust("1 hour")
    const [exit, at] = yield* Fiber.join(looking)
    return { exit, at: at - start, told: yield* Ref.get(told) }
  }).pipe(Effect.provide(InMemoryProvider.layer(before === undefined ? {} : { before })))

const error = { operation: "GET", attempts: 4, elapsedMs: 7_000, lastAnswer: "503 Service Unavailable" }

describe("ReplayLookup", () => {
  it.effect("finds a replay by its name, and by its id", () =>
    Effect.gen(function* () {
      const { submit } = yield* ReplayProvider.ReplayProvider
      const { replay } = yield* submit(windowOf("outage"))
      expect((yield* ReplayLookup.find("outage")).id).toBe(replay.id)
      expect((yield* ReplayLookup.find(replay.id)).name).toBe("outage")
    }).pipe(Effect.provide(InMemoryProvider.layer()))
  )

  it.effect("waits for one that is still to be submitted, and tells once until when", () =>
    Effect.gen(function* () {
      const { at, exit, told } = yield* lookup({ timeout: "15 minutes" })
      expect(Exit.isSuccess(exit)).toBe(true)
      expect(at).toBe(65_000)
      expect(told).toEqual(["00:15:00"])
    })
  )

  it.effect("fails when the time is over, and at once where it is not to wait", () =>
    Effect.gen(function* () {
      const late = yield* lookup({ timeout: "15 minutes" }, false)
      expect(late.exit).toMatchObject({ cause: { error: { _tag: "ReplayNotFound" } } })
      expect(late.at).toBe(15 * 60_000)
      const now = yield* lookup({}, false)
      expect(now.exit).toMatchObject({ cause: { error: { _tag: "ReplayNotFound" } } })
      expect([now.at, now.told]).toEqual([0, []])
    })
  )

  it.effect("waits for a provider that does not answer, and not where it refuses", () =>
    Effect.gen(function* () {
      const silent = new ProviderError.ProviderUnavailable(error)
      const once = yield* Ref.make(true)
      const recovered = yield* lookup({ timeout: "15 minutes" }, true, () =>
        Effect.flatMap(Ref.getAndSet(once, false), (first) => (first ? Effect.fail(silent) : Effect.void))
      )
      expect([Exit.isSuccess(recovered.exit), recovered.at]).toEqual([true, 65_000])
      const refused = new ProviderError.NotPermitted({ operation: "GET", status: 403, reason: "no" })
      const ended = yield* lookup({ timeout: "15 minutes" }, false, () => Effect.fail(refused))
      expect([ended.exit, ended.at]).toEqual([Exit.fail(refused), 0])
    })
  )
})
