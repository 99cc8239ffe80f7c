/** The steps after a window was accepted: watching, verifying, telling the sinks. Whatever goes wrong here, the replay stands. */
import type { FileSystem } from "@effect/platform"
import { EventStream, Replay, ReplayProvider, type SequenceReport } from "@genesys-replay/domain"
import { LogSource, ReplayCompleteness } from "@genesys-replay/eventlog"
import { Cause, Duration, Effect, Option, Ref, Schema, Stream } from "effect"
import * as Accuracy from "./Accuracy.js"
import * as ApplyProgress from "./ApplyProgress.js"
import { type ApplyResult, type ErrorSummary, summarize } from "./ApplyReport.js"
import { Attendance, type Attendant } from "./Attendance.js"
import { recordFor } from "./AuditTrail.js"
import { isFinal, type RunWindow } from "./RunWindow.js"
import * as Step from "./Step.js"
import { SyncOutbox } from "./SyncOutbox.js"
import * as Watch from "./Watch.js"

/** How long a replay is watched without a break; after that it is looked at from time to time. */
export const attention = Duration.minutes(10)

/** How long to wait before look number `look`, from 0: one minute, every time a tenth longer, at most five minutes. */
export const pause = (look: number): Duration.Duration =>
  Duration.min(Duration.minutes(5), Duration.millis(Math.round(60_000 * 1.1 ** look)))

/** What watching came to. */
export const Watched = Schema.Struct({
  /** Whether the replay is still under way, so that another look is worth it. */
  again: Schema.Boolean,
  /** The replay, where it has ended. */
  replay: Schema.NullOr(Replay.Replay)
}).annotations({ identifier: "Watched" })

/** See {@link Watched}. */
export type Watched = typeof Watched.Type

const over: Watched = { again: false, replay: null }

// The first thing that goes wrong is what the result tells.
const withError = (result: ApplyResult, error: ErrorSummary): ApplyResult => ({
  ...result,
  error: result.error ?? error
})

const complain = (run: RunWindow, result: ApplyResult, cause: Cause.Cause<unknown>) =>
  Effect.logDebug("a step after the submission failed", cause).pipe(
    Effect.zipRight(Step.commit(run, { result: withError(result, summarize(Cause.squash(cause))) }, Effect.void))
  )

const ended = (run: RunWindow, result: ApplyResult, replay: Replay.Replay) => {
  const { sequence, state } = replay.progress
  return Step.commit(
    run,
    { state: "ended", result: { ...result, replay: { state, ...(sequence === undefined ? {} : { sequence }) } } },
    recordFor(run.window, "complete_replay", { configId: result.id, detail: { run: run.run, ...replay.progress } })
  )
}

// Whether completeness is asked for and was not measured yet.
const isToMeasure = ({ result, verify }: RunWindow): boolean => verify !== "nothing" && result?.accuracy === undefined

// Every look takes its turn with the requests of the other windows.
const inTurn = (attendant: Attendant) =>
  Effect.map(
    ReplayProvider.ReplayProvider,
    (provider): ReplayProvider.Service => ({
      ...provider,
      describe: (id) => attendant.places.looking(provider.describe(id))
    })
  )

const watching = (
  run: RunWindow,
  look: (
    id: EventStream.ReplayId,
    attendant: Attendant
  ) => Effect.Effect<Option.Option<Replay.Replay>, Watch.WatchError, ReplayProvider.ReplayProvider | Attendance>
) =>
  Effect.gen(function* () {
    const { result } = run
    if (isFinal(run) || result?.id === undefined || result.id === null) return over
    // A restart: the end is written down, and the replay is needed once more only to measure it.
    const known = run.state === "ended"
    if (known && !isToMeasure(run)) return over
    const { id } = result
    const attendant = yield* Effect.flatMap(Attendance, ({ of }) => of(run.key))
    return yield* look(id, attendant).pipe(
      Effect.provideServiceEffect(ReplayProvider.ReplayProvider, inTurn(attendant)),
      Effect.matchCauseEffect({
        onFailure: (cause) =>
          Cause.isInterrupted(cause) ? Effect.interrupt : Effect.as(complain(run, result, cause), over),
        onSuccess: (found) => {
          const last = Option.filter(found, ({ progress }) => EventStream.isFinal(progress.state))
          return Option.match(last, {
            onNone: () => Effect.succeed<Watched>({ again: true, replay: null }),
            onSome: (replay) =>
              Effect.as(known ? Effect.void : ended(run, result, replay), { again: false, replay } satisfies Watched)
          })
        }
      })
    )
  })

/** Watches the replay until it ends, but not longer than {@link attention}. What a provider fails with becomes the result's error. */
export const watch = Effect.fn("FollowUp.watch")((run: RunWindow) =>
  watching(run, (id, attendant) =>
    Effect.gen(function* () {
      const latest = yield* Ref.make(Option.none<Replay.Replay>())
      const looks = Watch.watch(id, attendant.watch).pipe(
        Stream.tap((replay) => Ref.set(latest, Option.some(replay))),
        Stream.tap((replay) => attendant.tell(ApplyProgress.Watching({ window: run.window, replay }))),
        Stream.runDrain
      )
      yield* Effect.raceFirst(looks, Effect.sleep(attention))
      return yield* Ref.get(latest)
    })
  )
)

/** Looks at the replay once, with the patience of a watch. */
export const look = Effect.fn("FollowUp.look")((run: RunWindow) =>
  watching(run, (id, attendant) =>
    Watch.watch(id, attendant.watch).pipe(
      Stream.tap((replay) => attendant.tell(ApplyProgress.Watching({ window: run.window, replay }))),
      Stream.runHead
    )
  )
)

/** What was to measure completeness is not here any more: the replay stands, and `genesys-replay verify` can prove it. */
export class VerifierGone extends Schema.TaggedError<VerifierGone>()("VerifierGone", { window: Schema.String }) {
  override get message(): string {
    return `${this.window} was to be verified by the program that asked for it, and this is another one. genesys-replay verify FILE proves it from captured events`
  }
}

// What measures the window; none where nothing is to be measured.
const measuring = (
  run: RunWindow,
  attendant: Attendant,
  replay: Replay.Replay
): Option.Option<Effect.Effect<SequenceReport.GroupReport, unknown, FileSystem.FileSystem>> => {
  const { verify, window } = run
  if (!isToMeasure(run) || verify === "nothing") return Option.none()
  if (verify !== "caller") return Option.some(ReplayCompleteness.measure(replay, verify.map(LogSource.file)))
  return Option.some(
    Option.match(attendant.verify, {
      onNone: (): Effect.Effect<SequenceReport.GroupReport, unknown> =>
        Effect.fail(new VerifierGone({ window: window.name })),
      onSome: (measure) => Effect.suspend(() => measure(replay, window))
    })
  )
}

/** Measures how complete the replay came back, where the run asks for it. What that fails with becomes the result's error. */
export const verify = Effect.fn("FollowUp.verify")(function* (run: RunWindow, replay: Replay.Replay) {
  const { result, window } = run
  const attendant = yield* Effect.flatMap(Attendance, ({ of }) => of(run.key))
  const measure = measuring(run, attendant, replay)
  if (isFinal(run) || result === null || Option.isNone(measure)) return
  const measured = yield* Effect.exit(attendant.places.verifying(measure.value))
  if (measured._tag === "Failure") {
    yield* Cause.isInterrupted(measured.cause) ? Effect.interrupt : complain(run, result, measured.cause)
    return
  }
  const accuracy = yield* Accuracy.measure(window.name, measured.value)
  const outbox = yield* SyncOutbox
  yield* Step.commit(
    run,
    { result: { ...result, accuracy } },
    Effect.zipRight(
      Accuracy.record(window, result.id ?? "", measured.value, accuracy),
      outbox.enqueue({ key: run.key, window, configId: result.id ?? "", sinks: run.sinks, document: accuracy })
    )
  )
  yield* Step.tell(run, ApplyProgress.Verified({ window, accuracy }))
})

/**
 * Delivers what the sinks are to be told of the window, one round; what a sink does not take stays in the outbox. Then nothing
 * more is to be done for the window.
 */
export const sync = Effect.fn("FollowUp.sync")(function* (run: RunWindow) {
  if (run.sinks.length > 0) {
    const outbox = yield* SyncOutbox
    const results = yield* outbox.flush(run.key)
    yield* Effect.forEach(results, (result) => Step.tell(run, ApplyProgress.Synced({ window: run.window, result })), {
      discard: true
    })
  }
  // Also where another process has seen the replay end meanwhile: no step comes after this one.
  yield* Step.commit({ key: run.key, state: "ended" }, { state: "finished" }, Effect.void)
})
