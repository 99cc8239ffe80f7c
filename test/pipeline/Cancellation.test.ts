import { describe, expect, it } from "@effect/vitest"
import { ProviderError } from "@genesys-replay/domain"
import { CallbackSink, ReplayPipeline, Runs, RunWindow, SyncSink } from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Effect, Layer, Option } from "effect"
import {
  apply,
  calls,
  engine,
  entries,
  join,
  messages,
  pass,
  plan,
  states,
  stopAfter,
  surroundings
} from "./Surroundings.js"

/** The only window that was asked for, as it is now. */
const theWindow = Effect.flatMap(Runs.Runs, (runs) =>
  Effect.flatMap(runs.list(), ([window]) => Effect.orDie(Option.fromNullable(window)))
)

const withdraw = Effect.flatMap(theWindow, ReplayPipeline.withdraw)

/** What was done, and to which replay. */
const done = Effect.map(entries, (all) => all.map(({ action, config_id }) => `${action} ${config_id}`))

const progress = Effect.flatMap(InMemoryProvider.InMemoryProvider, (provider) =>
  Effect.map(provider.replays, (all) => all.map(({ progress }) => progress.state))
)

const running: InMemoryProvider.Options = { progress: [{ state: "RUNNING" }] }

describe("ReplayPipeline.withdraw", () => {
  it.effect("takes back what was not sent yet: nothing is sent any more", () =>
    Effect.gen(function* () {
      yield* ReplayPipeline.request(plan("outage"))
      expect(yield* withdraw).toBe(true)
      yield* stopAfter("1 minute", engine)
      expect(yield* states).toEqual(["cancelled"])
      expect(yield* calls("submit")).toBe(0)
      expect(yield* done).toEqual(["plan_replay_config null", "cancel_replay null"])
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("while the request is under way: what it makes is stopped, and the sinks are told nothing", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(apply(plan("outage"), { wait: true }))
      yield* pass("1 second")
      expect(yield* states).toEqual(["submitting"])
      expect(yield* withdraw).toBe(true)
      const { results } = yield* join("10 seconds", fiber)
      expect(results).toMatchObject([{ outcome: "failed", id: null, error: { _tag: "WindowCancelled" } }])
      expect(yield* progress).toEqual(["CANCELLED"])
      expect(yield* done).toEqual([
        "plan_replay_config null",
        "submit_replay_config null",
        "cancel_replay null",
        "cancel_replay replay-1"
      ])
      expect(yield* messages).toEqual([])
    }).pipe(
      Effect.provide(
        surroundings(
          { before: ({ operation }) => (operation === "submit" ? Effect.sleep("4 seconds") : Effect.void) },
          SyncSink.SyncSinks.layerOf(CallbackSink.fromEffect("collector", () => Effect.void))
        )
      )
    )
  )

  it.effect("also where it takes effect between the look and the mark", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(apply(plan("outage"), { wait: true }))
      yield* pass("1 second")
      const withdrawing = yield* Effect.fork(withdraw)
      yield* pass("500 millis")
      expect(yield* states).toEqual(["submitted"])
      yield* join("10 seconds", withdrawing)
      const { results } = yield* join("1 second", fiber)
      expect(results).toMatchObject([{ outcome: "created", id: "replay-1", error: { _tag: "WindowCancelled" } }])
      expect(yield* progress).toEqual(["CANCELLED"])
      expect((yield* done).at(-1)).toBe("cancel_replay replay-1")
    }).pipe(
      Effect.provide(
        surroundings({
          ...running,
          // The look is answered with what was there when it began.
          before: ({ operation }) => (operation === "submit" ? Effect.sleep("1200 millis") : Effect.void),
          after: ({ operation }) => (operation === "findByName" ? Effect.sleep("1 second") : Effect.void)
        })
      )
    )
  )

  it.effect("where a request was sent and nobody waits for its answer: what it has made is found and stopped", () =>
    Effect.gen(function* () {
      yield* stopAfter("1 second", apply(plan("outage")))
      expect(yield* states).toEqual(["submitting"])
      expect(yield* withdraw).toBe(true)
      expect(yield* states).toEqual(["cancelled"])
      expect(yield* progress).toEqual(["CANCELLED"])
      expect((yield* done).at(-1)).toBe("cancel_replay replay-1")
      const asked = yield* calls("submit")
      yield* stopAfter("1 minute", engine)
      expect(yield* calls("submit")).toBe(asked)
    }).pipe(
      Effect.provide(surroundings({ after: ({ operation }) => (operation === "submit" ? Effect.never : Effect.void) }))
    )
  )

  it.effect("stops a replay that is watched; who waits is told, and the sinks keep what they were told", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(apply(plan("outage"), { wait: true }))
      yield* pass("10 seconds")
      expect(yield* withdraw).toBe(true)
      const { results } = yield* join("1 second", fiber)
      expect(results).toMatchObject([{ outcome: "created", id: "replay-1", error: { _tag: "WindowCancelled" } }])
      expect(yield* progress).toEqual(["CANCELLED"])
      expect(yield* states).toEqual(["cancelled"])
      expect(yield* done).toEqual([
        "plan_replay_config null",
        "submit_replay_config null",
        "create_replay_config replay-1",
        "sync_replay replay-1",
        "cancel_replay replay-1"
      ])
      expect(yield* messages).toEqual(["collector replay_config_complete delivered"])
    }).pipe(
      Effect.provide(
        surroundings(running, SyncSink.SyncSinks.layerOf(CallbackSink.fromEffect("collector", () => Effect.void)))
      )
    )
  )

  it.effect("has nothing to do for a window that is finished, or was taken back already", () =>
    Effect.gen(function* () {
      yield* apply(plan("outage"))
      const before = yield* done
      expect(yield* withdraw).toBe(false)
      expect([yield* states, yield* done]).toEqual([["finished"], before])

      const [other] = yield* ReplayPipeline.request(plan("other"))
      if (other === undefined) return expect.fail("nothing was asked for")
      expect(yield* ReplayPipeline.withdraw(other)).toBe(true)
      const once = yield* done
      expect(yield* ReplayPipeline.withdraw(other)).toBe(false)
      expect(yield* done).toEqual(once)
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect(
    "does nothing where the replay cannot be stopped: the window is worked on, and can be taken back later",
    () =>
      Effect.gen(function* () {
        yield* stopAfter("10 seconds", apply(plan("outage"), { wait: true }))
        const before = yield* done
        const error = yield* Effect.flip(withdraw)
        expect(error._tag).toBe("ProviderUnavailable")
        expect([yield* states, yield* done]).toEqual([["submitted"], before])
        expect(yield* withdraw).toBe(true)
        expect(yield* progress).toEqual(["CANCELLED"])
      }).pipe(
        Effect.provide(
          Effect.sync(() => {
            let times = 0
            const down = new ProviderError.ProviderUnavailable({
              operation: "DELETE /api/v2/eventstreams",
              attempts: 4,
              elapsedMs: 1_000,
              lastAnswer: "503"
            })
            return surroundings({
              ...running,
              before: ({ operation }) => (operation === "cancel" && times++ === 0 ? Effect.fail(down) : Effect.void)
            })
          }).pipe(Layer.unwrapEffect)
        )
      )
  )

  it.effect("can do without the provider: then the replay is left as it is, and the trail says so", () =>
    Effect.gen(function* () {
      yield* stopAfter("10 seconds", apply(plan("outage"), { wait: true }))
      expect(yield* Effect.flatMap(theWindow, ReplayPipeline.abandon)).toBe(true)
      expect([yield* states, yield* progress, yield* calls("cancel")]).toEqual([["cancelled"], ["RUNNING"], 0])
      expect((yield* entries).at(-1)).toMatchObject({
        action: "cancel_replay",
        config_id: "replay-1",
        detail: { replay: "left as it is" }
      })
      expect(yield* Effect.flatMap(theWindow, ReplayPipeline.abandon)).toBe(false)
    }).pipe(Effect.provide(surroundings(running)))
  )

  it.effect(
    "refuses what another platform, or other credentials, were asked for; what was not sent yet is nobody's",
    () =>
      Effect.gen(function* () {
        const runs = yield* Runs.Runs
        const [asked] = yield* ReplayPipeline.request(plan("outage"))
        if (asked === undefined) return expect.fail("nothing was asked for")
        const elsewhere = (state: RunWindow.WindowState, run: RunWindow.RunId): RunWindow.RunWindow => ({
          ...asked,
          run,
          key: RunWindow.keyOf(run, asked.window.name),
          target: "another region",
          state
        })
        const unsent = elsewhere("requested", RunWindow.RunId.make("20240115202959-000000"))
        const sent = elsewhere("submitting", RunWindow.RunId.make("20240115202959-000001"))
        yield* runs.add([unsent, sent])
        expect(yield* ReplayPipeline.withdraw(unsent)).toBe(true)
        const refused = yield* Effect.flip(ReplayPipeline.withdraw(sent))
        expect(refused).toMatchObject({ _tag: "OtherTarget", wanted: "another region", found: "in memory" })
        expect(refused.message).toContain("outage was taken on for another region")
        expect(yield* runs.get(sent.key)).toEqual(Option.some(sent))
      }).pipe(Effect.provide(surroundings()))
  )
})
