/** The steps after a window was accepted: watching, verifying, telling the sinks. Whatever goes wrong here, the replay stands. */
import type { FileSystem } from "@effect/platform"
import { type AuditEntry, EventStream, Replay, ReplayProvider, type SequenceReport } from "@genesys-replay/domain"
import { LogSource, ReplayCompleteness } from "@genesys-replay/eventlog"
import { Duration, Effect, Option, Ref, Schema, Stream } from "effect"
import { recordFor } from "../audit/AuditTrail.js"
import { SyncOutbox } from "../sync/SyncOutbox.js"
import * as ApplyProgress from "../window/ApplyProgress.js"
import { type ApplyResult, isMeasured } from "../window/ApplyReport.js"
import { isFinal, type RunWindow } from "../window/RunWindow.js"
import * as WindowError from "../window/WindowError.js"
import * as Accuracy from "./Accuracy.js"
import { type Listener, Listeners } from "./Listeners.js"
import { Shutdown } from "./Shutdown.js"
import * as StepRetry from "./StepRetry.js"
import * as Watch from "./Watch.js"
import * as WindowRecord from "./WindowRecord.js"

/** How long a replay is watched without a break; after that it is looked at from time to time. */
export const attention = Duration.minutes(10)

/** What watching came to. */
export const Watched = Schema.Struct({
  /** Whether the replay is still under way, so that another look is worth it. */
  again: Schema.Boolean,
  /** The replay, where it has ended. */
  replay: Schema.NullOr(Replay.Replay)
}).annotations({ identifier: "Watched" })

export interface Watched extends Schema.Schema.Type<typeof Watched> {}

const over: Watched = { again: false, replay: null }

// What no further try can mend. The first thing that goes wrong is what the result tells.
const giveUp = (run: RunWindow, action: AuditEntry.AuditAction, result: ApplyResult, error: WindowError.WindowError) =>
  WindowRecord.commit(
    run,
    { failure: null, result: { ...result, error: result.error ?? error } },
    StepRetry.recordFailed(run, action, error)
  )

const ended = (run: RunWindow, result: ApplyResult, replay: Replay.Replay) => {
  const { sequence, state } = replay.progress
  return WindowRecord.commit(
    run,
    {
      state: "ended",
      failure: null,
      result: {
        ...result,
        replay: {
          state,
          ...(sequence === undefined ? {} : { sequence }),
          ...(EventStream.isEmpty(replay.progress) ? { empty: true } : {})
        }
      }
    },
    recordFor(run.window, "complete_replay", { configId: result.id, detail: { run: run.run, ...replay.progress } })
  )
}

// Whether completeness is asked for and was not measured yet.
const isToMeasure = ({ result, verify }: RunWindow): boolean =>
  verify !== "nothing" && (result === null || !isMeasured(result))

// Every look takes its turn with the requests of the other windows.
const inTurn = (listener: Listener) =>
  Effect.map(
    ReplayProvider.ReplayProvider,
    (provider): ReplayProvider.Service => ({
      ...provider,
      describe: (id) => listener.slots.looking(provider.describe(id))
    })
  )

// The replay answers again: nothing keeps the window from getting on any more.
const getsOn = (run: RunWindow) =>
  run.failure === null
    ? Effect.succeed(Effect.void)
    : Effect.flatMap(Shutdown, ({ step }) =>
        Effect.once(step(WindowRecord.commit(run, { failure: null }, Effect.void)))
      )

type Looks<R> = Stream.Stream<Replay.Replay, Watch.WatchError, R>

const watching = (
  { key }: RunWindow,
  take: <R>(looks: Looks<R>) => Effect.Effect<Option.Option<Replay.Replay>, Watch.WatchError, R>
) =>
  StepRetry.untilDone(key, "watch_replay", (run) =>
    Effect.gen(function* () {
      const { result } = run
      if (isFinal(run) || result?.id === undefined || result.id === null) return Effect.succeed(over)
      // A restart: the end is written down, and the replay is needed once more only to measure it.
      const known = run.state === "ended"
      if (known && !isToMeasure(run)) return Effect.succeed(over)
      const listener = yield* Effect.flatMap(Listeners, ({ of }) => of(key))
      const answered = yield* known ? Effect.succeed(Effect.void) : getsOn(run)
      const looks = Watch.watch(result.id, listener.watch).pipe(
        Stream.tap((replay) =>
          Effect.zipRight(answered, listener.tell(ApplyProgress.Watching({ window: run.window, replay })))
        )
      )
      return yield* take(looks).pipe(
        Effect.provideServiceEffect(ReplayProvider.ReplayProvider, inTurn(listener)),
        Effect.map((found) =>
          Option.match(
            Option.filter(found, ({ progress }) => EventStream.isFinal(progress.state)),
            {
              onNone: () => Effect.succeed<Watched>({ again: true, replay: null }),
              onSome: (replay) =>
                Effect.as(known ? Effect.void : ended(run, result, replay), { again: false, replay } satisfies Watched)
            }
          )
        ),
        Effect.catchTag("ReplayNotFound", (gone) =>
          Effect.succeed(Effect.as(giveUp(run, "watch_replay", result, gone), over))
        )
      )
    })
  ).pipe(Effect.flatten)

/** Watches the replay until it ends, but not longer than {@link attention}; of what keeps it from that see `StepRetry`. */
export const watch = Effect.fn("ReplayEnd.watch")((run: RunWindow) =>
  watching(run, (looks) =>
    Effect.gen(function* () {
      const latest = yield* Ref.make(Option.none<Replay.Replay>())
      const seen = Stream.runForEach(looks, (replay) => Ref.set(latest, Option.some(replay)))
      yield* Effect.raceFirst(seen, Effect.sleep(attention))
      return yield* Ref.get(latest)
    })
  )
)

/** Looks at the replay once, and again as a watch does where it is not answered. */
export const look = Effect.fn("ReplayEnd.look")((run: RunWindow) => watching(run, Stream.runHead))

// What measures the window; none where nothing is to be measured.
const measuring = (
  run: RunWindow,
  listener: Listener,
  replay: Replay.Replay
): Option.Option<Effect.Effect<SequenceReport.GroupReport, unknown, FileSystem.FileSystem>> => {
  const { verify, window } = run
  if (!isToMeasure(run) || verify === "nothing") return Option.none()
  if (verify !== "caller") return Option.some(ReplayCompleteness.measure(replay, verify.map(LogSource.file)))
  return Option.some(
    Option.match(listener.verify, {
      onNone: (): Effect.Effect<SequenceReport.GroupReport, unknown> =>
        Effect.fail(new WindowError.VerifierGone({ window: window.name })),
      onSome: (measure) => Effect.suspend(() => measure(replay, window))
    })
  )
}

const measured = Effect.fnUntraced(function* (run: RunWindow, result: ApplyResult, report: SequenceReport.GroupReport) {
  const { window } = run
  const measurement = yield* Accuracy.measure(window.name, report)
  const accuracy = Option.getOrUndefined(measurement.accuracy)
  const unproven = Option.getOrUndefined(measurement.unproven)
  const outbox = yield* SyncOutbox
  // A figure that proves nothing would be taken for one that does.
  const documents = accuracy === undefined || unproven !== undefined ? [] : [accuracy]
  yield* WindowRecord.commit(
    run,
    { failure: null, result: { ...result, accuracy, unproven } },
    Effect.zipRight(
      Accuracy.record(window, result.id ?? "", report, measurement),
      Effect.forEach(documents, (document) =>
        outbox.enqueue({ key: run.key, window, configId: result.id ?? "", sinks: run.sinks, document })
      )
    )
  )
  yield* WindowRecord.tell(run, ApplyProgress.Verified({ window, accuracy, unproven }))
})

/** Measures how complete the replay came back, where the run asks for it; of what keeps it from that see `StepRetry`. */
export const verify = Effect.fn("ReplayEnd.verify")(({ key }: RunWindow, replay: Replay.Replay) =>
  StepRetry.untilDone(key, "verify_replay", (run) =>
    Effect.gen(function* () {
      const { result } = run
      const listener = yield* Effect.flatMap(Listeners, ({ of }) => of(key))
      const measure = measuring(run, listener, replay)
      if (isFinal(run) || result === null || Option.isNone(measure)) return Effect.void
      return yield* listener.slots.verifying(measure.value).pipe(
        Effect.map((report) => measured(run, result, report)),
        Effect.catchIf(
          (error) => error instanceof WindowError.VerifierGone,
          (gone) => Effect.succeed(Effect.asVoid(giveUp(run, "verify_replay", result, gone)))
        )
      )
    })
  ).pipe(Effect.flatten)
)

/**
 * Delivers what the sinks are to be told of the window, one round; what a sink does not take stays in the outbox. Then nothing
 * more is to be done for the window.
 */
export const sync = Effect.fn("ReplayEnd.sync")(function* (run: RunWindow) {
  if (run.sinks.length > 0) {
    const outbox = yield* SyncOutbox
    const results = yield* outbox.deliver(run.key)
    yield* Effect.forEach(
      results,
      (result) => WindowRecord.tell(run, ApplyProgress.Synced({ window: run.window, result })),
      {
        discard: true
      }
    )
  }
  // Also where another process has seen the replay end meanwhile: no step comes after this one.
  yield* WindowRecord.commit({ key: run.key, state: "ended" }, { state: "finished", failure: null }, Effect.void)
})
