import { describe, expect, it } from "@effect/vitest"
import {
  CallbackSink,
  Database,
  ReplayPipeline,
  Runs,
  type RunWindow,
  StateUnavailable,
  SyncSink
} from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Context, Effect, Exit, Fiber, Layer, Ref } from "effect"
import type { DurationInput } from "effect/Duration"
import {
  actions,
  apply,
  calls,
  during,
  engine,
  entries,
  join,
  messages,
  numbered,
  pass,
  plan,
  replays,
  states,
  stop,
  stopAfter,
  surroundings,
  withEngine
} from "./Surroundings.js"
import { reportOf } from "./Windows.js"

/** A provider whose submissions wait so long before they take effect, or after it before they are answered. */
const slow = (where: "before" | "after", pause: DurationInput): InMemoryProvider.Options => ({
  [where]: ({ operation }: InMemoryProvider.Call) => (operation === "submit" ? Effect.sleep(pause) : Effect.void)
})

describe("ReplayEngine, stopped", () => {
  it.effect("records that no answer came, after a grace of five seconds", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(apply(plan("outage")))
      yield* pass("250 millis")
      const stopping = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* pass("4999 millis")
      expect(yield* actions).toEqual(["plan_replay_config", "submit_replay_config"])
      expect(Exit.isInterrupted(yield* join("1 millis", stopping))).toBe(true)
      expect(yield* actions).toEqual(["plan_replay_config", "submit_replay_config", "interrupt_replay_config"])
      expect((yield* entries).at(-1)).toMatchObject({
        config_id: null,
        latency_ms: 5_250,
        detail: { outcome: "unknown" }
      })
      expect(yield* states).toEqual(["submitting"])
    }).pipe(Effect.provide(surroundings(slow("before", "1 hour"))))
  )

  it.effect("loses no submission whose answer comes within the grace", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(apply(plan("outage")))
      yield* pass("250 millis")
      expect(Exit.isInterrupted(yield* stop("3750 millis", fiber))).toBe(true)
      expect(yield* actions).toEqual(["plan_replay_config", "submit_replay_config", "create_replay_config"])
      expect((yield* entries).at(-1)).toMatchObject({ config_id: "replay-1", latency_ms: 4_000 })
      expect(yield* states).toEqual(["submitted"])
    }).pipe(Effect.provide(surroundings(slow("before", "4 seconds"))))
  )

  it.effect("sends nothing more once it is asked to stop", () =>
    Effect.gen(function* () {
      yield* stopAfter("250 millis", apply(plan("outage"), { wait: true }))
      yield* pass("1 hour")
      const provider = yield* InMemoryProvider.InMemoryProvider
      expect((yield* provider.calls).map(({ operation }) => operation)).toEqual(["submit"])
    }).pipe(Effect.provide(surroundings(slow("before", "1 second"))))
  )

  it.effect("stops at once where no request is under way", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(apply(plan("outage"), { wait: true }))
      yield* pass("90 seconds")
      yield* stop("0 millis", fiber)
      expect(yield* states).toEqual(["submitted"])
    }).pipe(Effect.provide(surroundings({ progress: [{ state: "RUNNING" }] })))
  )

  it.effect(
    "in the middle of a plan, the trail tells which windows stand, which are unknown, and which were never sent",
    () =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(apply(numbered(6), { concurrency: 2 }))
        yield* pass("1500 millis")
        yield* stop("5 seconds", fiber)
        const all = yield* entries
        expect(
          all
            .filter(({ action }) => action !== "plan_replay_config")
            .map(({ action, window }) => `${window} ${action}`)
            .sort()
        ).toEqual([
          "w1 create_replay_config",
          "w1 submit_replay_config",
          "w2 create_replay_config",
          "w2 submit_replay_config",
          "w3 interrupt_replay_config",
          "w3 submit_replay_config",
          "w4 interrupt_replay_config",
          "w4 submit_replay_config"
        ])
        expect(yield* states).toEqual(["finished", "finished", "submitting", "submitting", "requested", "requested"])
      }).pipe(
        Effect.provide(
          surroundings({
            before: ({ subject }) => Effect.sleep(subject === "w3" || subject === "w4" ? "1 hour" : "1 second")
          })
        )
      )
  )

  it.effect("who stops waiting stops nothing: the engine goes on", () =>
    Effect.gen(function* () {
      const waiting = yield* Effect.fork(ReplayPipeline.apply(plan("outage"), { wait: true }))
      yield* pass("10 millis")
      yield* stop("0 millis", waiting)
      expect(yield* states).toEqual(["submitted"])
      yield* pass("1 minute")
      expect(yield* states).toEqual(["finished"])
    }).pipe(withEngine, Effect.provide(surroundings()))
  )
})

/** Runs `effect` the first time, and nothing afterwards. */
const firstTime = <E, R>(effect: Effect.Effect<void, E, R>): Effect.Effect<void, E, R> => {
  let times = 0
  return Effect.suspend(() => (times++ === 0 ? effect : Effect.void))
}

const submitting = (effect: Effect.Effect<void>): NonNullable<InMemoryProvider.Options["before"]> => {
  const once = firstTime(effect)
  return ({ operation }) => (operation === "submit" ? once : Effect.void)
}

const forever = Effect.never

interface Trouble {
  readonly provider?: InMemoryProvider.Options
  readonly verifying?: Effect.Effect<void>
  readonly delivering?: (document: SyncSink.SyncDocument) => Effect.Effect<void>
}

const accepted = ["plan_replay_config", "submit_replay_config", "create_replay_config", "sync_replay"] as const

const proven = ["complete_replay", "verify_replay", "sync_replay"] as const

describe("ReplayEngine, started again with the same plan", () => {
  const rows: ReadonlyArray<
    readonly [
      what: string,
      trouble: Trouble,
      stoppedAfter: DurationInput,
      expected: {
        readonly outcome: "created" | "adopted"
        readonly state: RunWindow.WindowState
        readonly before: ReadonlyArray<string>
        readonly after: ReadonlyArray<string>
      }
    ]
  > = [
    [
      "before the request took effect: sent again",
      { provider: { before: submitting(forever) } },
      "1 second",
      {
        outcome: "created",
        state: "submitting",
        before: ["plan_replay_config", "submit_replay_config", "interrupt_replay_config"],
        after: ["submit_replay_config", "create_replay_config", "sync_replay", ...proven]
      }
    ],
    [
      "after the request took effect, before its answer: adopted, not made twice",
      { provider: { after: submitting(forever) } },
      "1 second",
      {
        outcome: "adopted",
        state: "submitting",
        before: ["plan_replay_config", "submit_replay_config", "interrupt_replay_config"],
        after: ["submit_replay_config", "adopt_replay_config", "sync_replay", ...proven]
      }
    ],
    [
      "after the answer: not asked again",
      {},
      "0 millis",
      { outcome: "created", state: "submitted", before: accepted, after: proven }
    ],
    [
      "while it watched: watched to the end",
      {
        provider: {
          progress: [{ state: "RUNNING" }, { state: "RUNNING" }, { state: "RUNNING" }, { state: "COMPLETED" }]
        }
      },
      "2 seconds",
      { outcome: "created", state: "submitted", before: accepted, after: proven }
    ],
    [
      "while it verified: verified, and the end is not recorded twice",
      { verifying: firstTime(forever) },
      "10 seconds",
      {
        outcome: "created",
        state: "ended",
        before: [...accepted, "complete_replay"],
        after: ["verify_replay", "sync_replay"]
      }
    ],
    [
      "while it told the sinks how complete it came back: told, and not measured again",
      {
        delivering: (
          (once) => (document: SyncSink.SyncDocument) =>
            SyncSink.kindOf(document) === "replay_config_complete" ? Effect.void : once
        )(firstTime(forever))
      },
      "10 seconds",
      {
        outcome: "created",
        state: "ended",
        before: [...accepted, "complete_replay", "verify_replay"],
        after: ["sync_replay"]
      }
    ],
    [
      "while it told the sinks that the window stands: told, in order",
      {
        delivering: (
          (once) => () =>
            once
        )(firstTime(forever))
      },
      "1 second",
      {
        outcome: "created",
        state: "submitted",
        before: ["plan_replay_config", "submit_replay_config", "create_replay_config"],
        after: ["sync_replay", ...proven]
      }
    ]
  ]
  for (const [what, { delivering = () => Effect.void, provider, verifying = Effect.void }, after, expected] of rows) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const told = yield* Ref.make<ReadonlyArray<string>>([])
        const sink = CallbackSink.fromEffect("collector", (document, id) =>
          Effect.zipRight(
            delivering(document),
            Ref.update(told, (all) => [...all, `${SyncSink.kindOf(document)} ${id}`])
          )
        )
        const options = {
          wait: true,
          verify: () => Effect.as(verifying, reportOf("outage", 3))
        }
        const program = Effect.gen(function* () {
          yield* stopAfter(after, apply(plan("outage"), options))
          expect(yield* states).toEqual([expected.state])
          expect(yield* actions).toEqual(expected.before)

          const { results } = yield* during("1 minute", apply(plan("outage"), options))
          expect(results).toMatchObject([
            { outcome: expected.outcome, error: null, replay: { state: "COMPLETED" }, accuracy: { sequence_gaps: 3 } }
          ])
          expect(yield* replays).toEqual(["outage"])
          expect(yield* states).toEqual(["finished"])
          expect(yield* actions).toEqual([...expected.before, ...expected.after])
          expect(yield* messages).toEqual([
            "collector replay_config_complete delivered",
            "collector replay_accuracy delivered"
          ])
          expect((yield* Ref.get(told)).map((one) => one.split(" ")[0])).toEqual([
            "replay_config_complete",
            "replay_accuracy"
          ])
        })
        yield* Effect.provide(program, surroundings(provider, SyncSink.SyncSinks.layerOf(sink)))
      })
    )
  }

  it.effect("looks from time to time at a replay that takes hours, and goes on with it after every restart", () =>
    Effect.gen(function* () {
      const wait = { interval: "2 minutes", maxInterval: "5 minutes" } as const
      yield* stopAfter("13 minutes", apply(plan("outage"), { wait }))
      expect(yield* states).toEqual(["submitted"])
      // Five in the first ten minutes, and then every minute or so.
      expect(yield* calls("describe")).toBe(7)
      yield* pass("1 hour")
      expect(yield* calls("describe")).toBe(7)
      const { results } = yield* during("12 minutes", apply(plan("outage"), { wait }))
      expect(results).toMatchObject([{ outcome: "created", error: null, replay: { state: "COMPLETED" } }])
      expect(yield* calls("describe")).toBe(13)
      expect(yield* actions).toEqual([
        "plan_replay_config",
        "submit_replay_config",
        "create_replay_config",
        "complete_replay"
      ])
    }).pipe(
      Effect.provide(
        surroundings({
          progress: [...Array.from({ length: 12 }, () => ({ state: "RUNNING" as const })), { state: "COMPLETED" }]
        })
      )
    )
  )
})

describe("ReplayEngine, started again without the program that asked", () => {
  it.effect("does everything that is written down", () =>
    Effect.gen(function* () {
      yield* stopAfter("1 second", apply(numbered(3), { wait: true, concurrency: 1 }))
      yield* stopAfter("1 minute", engine)
      const windows = yield* Effect.flatMap(Runs.Runs, ({ list }) => list())
      expect(
        windows.map(({ result, state }) => [state, result?.outcome, result?.replay?.state, result?.error])
      ).toEqual(Array(3).fill(["finished", "created", "COMPLETED", null]))
      expect((yield* replays).sort()).toEqual(["w1", "w2", "w3"])
    }).pipe(Effect.provide(surroundings({ before: () => Effect.sleep("600 millis") })))
  )

  it.effect("says that what only that program could measure was not measured; the replay stands", () =>
    Effect.gen(function* () {
      yield* stopAfter("500 millis", apply(plan("outage"), { verify: () => Effect.succeed(reportOf("outage", 0)) }))
      yield* stopAfter("1 minute", engine)
      const [window] = yield* Effect.flatMap(Runs.Runs, ({ list }) => list())
      expect(window?.state).toBe("finished")
      expect(window?.result).toMatchObject({
        outcome: "created",
        error: { _tag: "VerifierGone" },
        replay: { state: "COMPLETED" }
      })
    }).pipe(Effect.provide(surroundings()))
  )

  it.effect("can be waited for with what is known of it", () =>
    Effect.gen(function* () {
      yield* stopAfter("500 millis", apply(plan("outage"), { wait: true }))
      const open = yield* ReplayPipeline.unfinished
      expect(open.map(({ state, window }) => [window.name, state])).toEqual([["outage", "submitted"]])
      const { results } = yield* during("1 minute", withEngine(ReplayPipeline.resume(open)))
      expect(results).toMatchObject([{ name: "outage", outcome: "created", replay: { state: "COMPLETED" } }])
      expect(yield* ReplayPipeline.unfinished).toEqual([])
    }).pipe(Effect.provide(surroundings()))
  )
})

const full = new StateUnavailable.StateUnavailable({
  operation: "written",
  location: "/state.db",
  reason: "the disk is full",
  remedy: "Free some space"
})

/** The surroundings with a disk that takes so many transactions, and then none until there is space again. */
const onDisk = (transactions: number) => {
  const disk = Layer.effect(
    Disk,
    Effect.map(Ref.make(transactions), (left) => ({ left, free: Ref.set(left, Number.POSITIVE_INFINITY) }))
  )
  const limited = Layer.effect(
    Database.Database,
    Effect.map(Effect.all([Disk, Database.Database]), ([{ left }, database]) => ({
      ...database,
      atomically: <A, E, R>(changes: Effect.Effect<A, E, R>) =>
        Effect.flatMap(
          Ref.updateAndGet(left, (count) => count - 1),
          (count): Effect.Effect<A, E | StateUnavailable.StateUnavailable, R> =>
            count < 0 ? Effect.fail(full) : database.atomically(changes)
        )
    }))
  )
  return limited.pipe(Layer.provideMerge(Layer.merge(disk, surroundings())))
}

class Disk extends Context.Tag("test/Disk")<
  Disk,
  { readonly left: Ref.Ref<number>; readonly free: Effect.Effect<void> }
>() {}

describe("ReplayEngine, when the state cannot be written", () => {
  const options = { wait: true, verify: () => Effect.succeed(reportOf("outage", 3)) }
  const rows: ReadonlyArray<readonly [transactions: number, what: string, requests: number]> = [
    [0, "nothing is planned, and nothing is sent", 0],
    [1, "what is planned is not sent", 0],
    [2, "an answer that cannot be written down is found again", 1],
    [3, "a replay that ended is looked at again", 1],
    [4, "a measurement that cannot be written down is made again", 1],
    [5, "what is not marked as finished is finished", 1]
  ]
  for (const [transactions, what, requests] of rows) {
    it.effect(`${what}: apply fails, and goes on when it is started again (${transactions} transactions)`, () =>
      Effect.gen(function* () {
        const error = yield* during("1 minute", Effect.flip(apply(plan("outage"), options)))
        expect(error).toEqual(full)
        expect(yield* calls("submit")).toBe(requests)
        expect((yield* states).filter((state) => state === "finished")).toEqual([])
        const { free } = yield* Disk
        yield* free
        const { results } = yield* during("1 minute", apply(plan("outage"), options))
        expect(results).toMatchObject([
          { outcome: transactions === 2 ? "adopted" : "created", error: null, accuracy: { sequence_gaps: 3 } }
        ])
        expect(yield* replays).toEqual(["outage"])
        expect(yield* states).toEqual(["finished"])
        expect(yield* actions).toEqual([
          "plan_replay_config",
          ...Array(transactions === 2 ? 2 : 1).fill("submit_replay_config"),
          transactions === 2 ? "adopt_replay_config" : "create_replay_config",
          "complete_replay",
          "verify_replay"
        ])
      }).pipe(Effect.provide(onDisk(transactions)))
    )
  }
})
