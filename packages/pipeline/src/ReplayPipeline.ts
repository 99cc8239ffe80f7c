/**
 * The pipeline: windows are asked for, and an engine submits, watches, verifies and tells the sinks; every step is in the
 * audit trail. Nothing is submitted without one: a window that cannot be written down is not sent.
 */
import { type PlannedWindow, type Replay, ReplayProvider, type SequenceReport } from "@genesys-replay/domain"
import { type Duration, Effect, Option, Queue } from "effect"
import type { AuditTrail } from "./audit/AuditTrail.js"
import { ReplayEngine } from "./engine/ReplayEngine.js"
import type { Database } from "./state/Database.js"
import * as Listeners from "./steps/Listeners.js"
import type * as Watch from "./steps/Watch.js"
import type { SyncSinks } from "./sync/SyncSink.js"
import * as ApplyProgress from "./window/ApplyProgress.js"
import * as ApplyReport from "./window/ApplyReport.js"
import { announce, type RequestOptions, type Windows, writeDown } from "./window/RunRequest.js"
import { Runs } from "./window/Runs.js"
import { hasFailedSince, isFailing, isFinal, type RunKey, type RunWindow } from "./window/RunWindow.js"

/** {@link RequestOptions}, and what only the program that waits can give. */
export interface ApplyOptions<E = never, R = never> {
  /** Wait until the replay has ended. `true` looks as often as `Watch` does by itself. */
  readonly wait?: boolean | Watch.Options | undefined
  /** See {@link RequestOptions.captured}. */
  readonly captured?: RequestOptions["captured"]
  /**
   * Measures how complete the replay came back, when it has ended, instead of `captured`: asking for it is asking to wait. It
   * cannot leave this process: where another one works on the window, the result's error is `VerifierGone`.
   */
  readonly verify?:
    | ((replay: Replay.Replay, window: PlannedWindow.PlannedWindow) => Effect.Effect<SequenceReport.GroupReport, E, R>)
    | undefined
  /** Told of every step that is taken in this process. What it dies of is logged and changes nothing. */
  readonly onProgress?: ((progress: ApplyProgress.ApplyProgress) => Effect.Effect<void>) | undefined
  /**
   * How many submissions are under way at the same time, and as many looks and verifications beside them; 4. Waiting for a
   * replay to end holds no place, so that every replay is started before the first has ended.
   */
  readonly concurrency?: number | undefined
}

export { abandon, cancel, withdraw } from "./steps/Cancellation.js"
export { request } from "./window/RunRequest.js"

/** What {@link apply} runs on. */
export type Requirements = ReplayEngine | ReplayProvider.ReplayProvider | Runs | AuditTrail | SyncSinks | Database

const tell = <E, R>({ onProgress }: ApplyOptions<E, R>, progress: ApplyProgress.ApplyProgress): Effect.Effect<void> =>
  Effect.suspend(() => onProgress?.(progress) ?? Effect.void).pipe(
    Effect.catchAllDefect((defect) => Effect.logWarning("the progress callback died", defect))
  )

const cancelled: ApplyReport.ErrorSummary = {
  tag: "WindowCancelled",
  message: "somebody cancelled the window while it was worked on. Apply it again if it is wanted after all"
}

/** What became of a window; of one that does not get on, why. */
export const resultOf = (one: RunWindow): ApplyReport.ApplyResult => {
  const { result, state, window } = one
  const known = result ?? {
    name: window.name,
    id: null,
    outcome: "failed",
    payloadHash: window.payloadHash,
    latencyMs: null,
    error: null
  }
  if (isFailing(one)) return { ...known, error: one.failure.error, unfinished: true }
  return state === "cancelled" ? { ...known, error: known.error ?? cancelled } : known
}

/**
 * Waits until nothing more is to be done for these windows, but for those of which the latest try has failed since they were as
 * they are given; answers them in the same order. A window that does not get on is still worked on for as long as the others are
 * waited for. `StateUnavailable` where they cannot be read, or the engine of this process cannot go on.
 */
export const settle = Effect.fn("ReplayPipeline.settle")(
  function* (
    windows: ReadonlyArray<RunWindow>,
    onFinished: (window: RunWindow) => Effect.Effect<void> = () => Effect.void
  ) {
    const runs = yield* Runs
    const news = yield* runs.announcements
    const open = new Set(windows.map(({ key }) => key))
    const failedSince = new Map(windows.map((window) => [window.key, hasFailedSince(window)]))
    const done = new Map<RunKey, RunWindow>()
    const stalled = new Map<RunKey, RunWindow>()
    const check = (key: RunKey) =>
      Effect.gen(function* () {
        if (!open.has(key)) return
        const window = yield* Effect.orDie(yield* runs.get(key))
        stalled.delete(key)
        if (failedSince.get(key)?.(window) === true) stalled.set(key, window)
        if (!isFinal(window)) return
        open.delete(key)
        done.set(key, window)
        yield* onFinished(window)
      })
    const glance = Effect.gen(function* () {
      const runIds = new Set(windows.filter(({ key }) => open.has(key)).map(({ run }) => run))
      const settled = yield* Effect.forEach(runIds, runs.settled)
      yield* Effect.forEach(new Set([...stalled.keys(), ...settled.flat()]), check, { discard: true })
    })
    yield* glance
    while (open.size > stalled.size) {
      const told = Effect.asSome(Queue.take(news))
      const key = yield* Option.match(runs.others, {
        onNone: () => told,
        onSome: (pause: Duration.Duration) =>
          Effect.raceFirst(told, Effect.as(Effect.sleep(pause), Option.none<RunKey>()))
      })
      yield* Option.match(key, { onNone: () => glance, onSome: check })
    }
    yield* Effect.forEach(stalled.values(), onFinished, { discard: true })
    return windows.map((window) => done.get(window.key) ?? stalled.get(window.key) ?? window)
  },
  (effect) => Effect.scoped(effect)
)

// Listens to the windows and waits for them, as long as the engine of this process can work.
const listened = <E, R>(asked: ReadonlyArray<RunWindow>, options: ApplyOptions<E, R>) =>
  Effect.gen(function* () {
    const engine = yield* ReplayEngine
    const context = yield* Effect.context<R>()
    const slots = yield* Listeners.makeSlots(Math.max(1, options.concurrency ?? Listeners.concurrency))
    const { verify, wait } = options
    yield* engine.listen(
      asked.map(({ key }) => key),
      {
        slots,
        watch: typeof wait === "object" ? wait : {},
        verify: Option.map(
          Option.fromNullable(verify),
          (measure) => (replay, window) => Effect.provide(measure(replay, window), context)
        ),
        tell: (progress) => tell(options, progress)
      }
    )
    yield* announce(asked)
    const finished = (window: RunWindow) =>
      tell(options, ApplyProgress.Finished({ window: window.window, result: resultOf(window) }))
    const settled = yield* Effect.raceFirst(settle(asked, finished), engine.halted)
    return ApplyReport.of(settled.map(resultOf))
  }).pipe(Effect.scoped)

/**
 * Makes sure that one replay of every window of an accepted plan exists, takes the steps that the options ask for, and
 * waits until all of that is done. The same plan again takes up what is not finished, and finds the rest `unchanged`. One
 * failure does not stop the others: it is a `failed` result with its error, also where it is a bug (tag `Defect`). A window whose
 * replay stands and that does not get on, as credentials were refused, say, is waited for no longer: its result has the error, and
 * it stays unfinished, for {@link resume} or the same plan again. Results are in the order of the plan. An interruption ends the waiting; the engine goes on for as long as its layer lives.
 *
 * `StateUnavailable` where the state cannot be written or read: what was accepted until then stands, and the same plan
 * again goes on from there.
 */
export const apply = <E = never, R = never>(plan: Windows, options: ApplyOptions<E, R> = {}) =>
  Effect.gen(function* () {
    const { captured = [], verify, wait = false } = options
    const asked = yield* writeDown(plan, {
      wait: wait !== false || verify !== undefined || captured.length > 0,
      verify: verify !== undefined ? "caller" : captured.length > 0 ? captured : "nothing"
    })
    return yield* listened(asked, options)
  }).pipe(Effect.withSpan("ReplayPipeline.apply", { attributes: { windows: plan.windows.length } }))

/** The windows that were taken on for the provider's target and are not finished. */
export const unfinished = Effect.gen(function* () {
  const { target } = yield* ReplayProvider.ReplayProvider
  const runs = yield* Runs
  return yield* runs.list({ target, unfinished: true })
})

/**
 * Goes on with these windows, which were asked for earlier and perhaps by another program, and waits as {@link apply} does.
 * What is to be done for them is written down with them.
 */
export const resume = (
  windows: ReadonlyArray<RunWindow>,
  options: Pick<ApplyOptions, "onProgress" | "concurrency"> = {}
) =>
  listened<never, never>(windows, options).pipe(
    Effect.withSpan("ReplayPipeline.resume", { attributes: { windows: windows.length } })
  )
