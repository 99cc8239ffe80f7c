import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import {
  Database,
  DatabaseEngine,
  ReplayEngine,
  ReplayPipeline,
  State,
  SyncOutbox,
  SyncSink
} from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Cause, Context, Deferred, Effect, Exit, Fiber, Layer, Logger, LogLevel, Ref } from "effect"
import * as OtherProgram from "./OtherProgram.js"
import { directory, pipelineAt } from "./StateFile.js"
import { numbered, replays } from "./Surroundings.js"

// Longer than the engine waits from one look for messages to the next: it is always the first to meet a lock.
const lockTimeout = "1500 millis"
const untilItLooks = "1200 millis"

type Moment = InMemoryProvider.Call["operation"] | "Submitted"

/** A program on a file of its own, the provider that it works with, and another program on the file. `at` runs once, at this moment. */
const scene = Effect.gen(function* () {
  const path = `${yield* directory}/state.db`
  const url = `file:${path}`
  const at = yield* Ref.make<{ readonly moment: Moment; readonly what: Effect.Effect<void> } | undefined>(undefined)
  const reached = (moment: Moment) =>
    Effect.flatMap(
      Ref.modify(at, (now) => (now?.moment === moment ? [now.what, undefined] : [Effect.void, now])),
      (what) => what
    )
  const outside = Layer.mergeAll(
    InMemoryProvider.layer({ after: ({ operation }) => reached(operation) }),
    SyncSink.SyncSinks.layerNone,
    NodeContext.layer,
    Logger.minimumLogLevel(LogLevel.None)
  )
  const apply = ReplayPipeline.apply(numbered(2), {
    wait: { interval: "20 millis" },
    concurrency: 1,
    onProgress: ({ _tag }) => (_tag === "Submitted" ? reached(_tag) : Effect.void)
  }).pipe(Effect.provide(Layer.fresh(pipelineAt(url, { lockTimeout }))))
  // The file is there before somebody holds it.
  yield* Effect.provide(Effect.void, Layer.provide(Database.Database.layer(url), NodeContext.layer))
  return {
    url,
    outside,
    apply,
    at: (moment: Moment, what: Effect.Effect<unknown>) => Ref.set(at, { moment, what: Effect.asVoid(what) }),
    ...(yield* OtherProgram.on(path))
  }
})

/** It ends because the file is locked. */
const expectLocked = (exit: Exit.Exit<unknown, unknown>) => {
  expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toMatchObject({
    _tag: "StateUnavailable",
    reason: "it is locked by another program"
  })
}

/** Once nobody holds the file, the same again makes of each window what it should be, and none twice. */
const expectGoesOn = ({ apply, letGo }: Pick<Effect.Effect.Success<typeof scene>, "apply" | "letGo">) =>
  Effect.gen(function* () {
    yield* letGo
    const { exit } = yield* OtherProgram.inTime("15 seconds", apply)
    const { summary } = yield* exit
    expect(summary.failed).toBe(0)
    expect((yield* replays).sort()).toEqual(["w1", "w2"])
  })

describe("the engine on a file that another program holds", () => {
  const rules: Record<string, (moments: Effect.Effect.Success<typeof scene>) => Effect.Effect<void>> = {
    "before the answer to a submission is written down": ({ at, hold }) =>
      at("submit", Effect.zipRight(hold, Effect.sleep(untilItLooks))),
    "just after that, before the engine has written down that the step is done": ({ at, hold }) =>
      at("Submitted", hold),
    "while a replay is watched": ({ at, hold }) => at("describe", hold)
  }

  for (const [when, rule] of Object.entries(rules)) {
    it.scopedLive(`ends and says why, ${when}`, () =>
      Effect.gen(function* () {
        const moments = yield* scene
        yield* Effect.gen(function* () {
          yield* rule(moments)
          // The wait for the lock, and once more for what ends in good order.
          const { exit } = yield* OtherProgram.inTime("5 seconds", moments.apply)
          expectLocked(exit)
          yield* expectGoesOn(moments)
        }).pipe(Effect.provide(moments.outside))
      })
    )
  }

  it.scopedLive("ends and says why, when it starts with something to do", () =>
    Effect.gen(function* () {
      const { apply, hold, letGo, outside, url } = yield* scene
      yield* Effect.gen(function* () {
        const state = SyncOutbox.SyncOutbox.layer().pipe(Layer.provideMerge(State.layer(url, { lockTimeout })))
        const { exit } = yield* Effect.provide(
          Effect.gen(function* () {
            yield* ReplayPipeline.request(numbered(2))
            yield* hold
            const engine = yield* Layer.build(DatabaseEngine.layer())
            return yield* OtherProgram.inTime("5 seconds", Context.get(engine, ReplayEngine.ReplayEngine).halted)
          }).pipe(Effect.scoped),
          Layer.fresh(state)
        )
        expectLocked(exit)
        yield* expectGoesOn({ apply, letGo })
      }).pipe(Effect.provide(outside))
    })
  )

  it.scopedLive("ends while it is stopped", () =>
    Effect.gen(function* () {
      const moments = yield* scene
      const { apply, at, hold, outside } = moments
      yield* Effect.gen(function* () {
        const held = yield* Deferred.make<void>()
        yield* at("submit", Effect.zipRight(hold, Deferred.succeed(held, undefined)))
        const fiber = yield* Effect.fork(apply)
        yield* Deferred.await(held)
        const { exit } = yield* OtherProgram.inTime("5 seconds", Fiber.interrupt(fiber))
        expect(Exit.isSuccess(exit)).toBe(true)
        yield* expectGoesOn(moments)
      }).pipe(Effect.provide(outside))
    })
  )
})
