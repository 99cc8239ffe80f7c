/** The proof of a window: how complete its replay came back, measured by what its spec says, else by the sequence of the replay. */
import type { FileSystem } from "@effect/platform"
import {
  FilingDelay,
  type PlannedWindow,
  PlatformRecords,
  type Proof,
  type Replay,
  type SequenceReport,
  TopicPattern
} from "@genesys-replay/domain"
import { Comparison, LogSource, Reconciliation, ReplayCompleteness } from "@genesys-replay/eventlog"
import { DateTime, Effect, Option, Stream } from "effect"
import { SyncOutbox } from "../sync/SyncOutbox.js"
import * as ApplyProgress from "../window/ApplyProgress.js"
import { type ApplyResult, isMeasured } from "../window/ApplyReport.js"
import { topicsNotJudged } from "../window/ProofNotPossible.js"
import { isFinal, type RunWindow } from "../window/RunWindow.js"
import * as WindowError from "../window/WindowError.js"
import * as Accuracy from "./Accuracy.js"
import { type Listener, Listeners } from "./Listeners.js"
import * as StepRetry from "./StepRetry.js"
import * as WindowRecord from "./WindowRecord.js"

/** Whether completeness is asked for and was not measured yet. */
export const isToMeasure = ({ result, verify }: RunWindow): boolean =>
  verify !== "nothing" && (result === null || !isMeasured(result))

// Which missing events are expected so near to the edge of the window that its replay need not bring them.
const atEdgeOf = (
  { end, start }: PlannedWindow.PlannedWindow,
  proof: Proof.Proof,
  { earlierMs, laterMs }: FilingDelay.FilingDelay
) => {
  const from = DateTime.toEpochMillis(start) + earlierMs
  // A replay that takes no end goes on up to now: behind an end that has passed it brings what follows.
  const goesOn = Option.isNone(end) && proof.endIsFixed
  const until = goesOn ? Number.POSITIVE_INFINITY : DateTime.toEpochMillis(proof.end) - laterMs
  return (expectedMs: number): boolean => expectedMs < from || expectedMs >= until
}

// Of which events it is told: of the window's topics, from its start to the end that its proof has.
const expectedOf = ({ start, topics }: PlannedWindow.PlannedWindow, { end }: Proof.Proof) => ({
  window: { start, end },
  topics: topics.map((topic) => TopicPattern.TopicPattern.make(topic)),
  maxConversations: 0
})

// A proof over half of the events is none.
const allRead = ([first]: ReadonlyArray<LogSource.Unread>) => (first === undefined ? Effect.void : Effect.fail(first))

const byBaseline = Effect.fn("Verification.byBaseline")(function* (
  window: PlannedWindow.PlannedWindow,
  proof: Proof.Proof,
  captured: ReadonlyArray<string>,
  against: ReadonlyArray<string>
) {
  const options = expectedOf(window, proof)
  const { missingEvents, report, unreadable } = yield* Comparison.compare({
    capture: captured.map(LogSource.file),
    baseline: against.map(LogSource.file),
    options
  })
  yield* allRead(unreadable)
  const isAtEdge = atEdgeOf(window, proof, FilingDelay.ofEventTime)
  const atEdge = yield* Stream.runFold(missingEvents, 0, (count, { timeMs }) =>
    timeMs !== null && isAtEdge(timeMs) ? count + 1 : count
  )
  return yield* Accuracy.ofBaseline(window.name, report, atEdge)
}, Effect.scoped)

const byRecords = Effect.fn("Verification.byRecords")(function* (
  window: PlannedWindow.PlannedWindow,
  proof: Proof.Proof,
  captured: ReadonlyArray<string>
) {
  const { retrieve } = yield* PlatformRecords.PlatformRecords
  const options = expectedOf(window, proof)
  const retrieval = yield* retrieve(options.window)
  const { missingEvents, report, unreadable } = yield* Reconciliation.reconcile({
    capture: captured.map(LogSource.file),
    records: { _tag: "RecordStream", ...retrieval },
    options
  })
  yield* allRead(unreadable)
  const isAtEdge = atEdgeOf(window, proof, FilingDelay.ofRecords)
  let atEdge = 0
  for (const { expectedAt } of missingEvents) if (isAtEdge(DateTime.toEpochMillis(expectedAt))) atEdge++
  return yield* Accuracy.ofRecords(window.name, report, { topicsNotJudged: topicsNotJudged(window), atEdge })
}, Effect.scoped)

const bySequence = (
  { name }: PlannedWindow.PlannedWindow,
  measure: Effect.Effect<SequenceReport.GroupReport, unknown, FileSystem.FileSystem>
) => Effect.flatMap(measure, (report) => Accuracy.ofSequence(name, report))

// What measures the window; none where nothing is to be measured.
const measuring = (
  run: RunWindow,
  listener: Listener,
  replay: Replay.Replay
): Option.Option<Effect.Effect<Accuracy.Measured, unknown, FileSystem.FileSystem>> => {
  const { against = [], verify, window } = run
  if (!isToMeasure(run) || verify === "nothing") return Option.none()
  if (verify === "caller") {
    return Option.some(
      Option.match(listener.verify, {
        onNone: (): Effect.Effect<Accuracy.Measured, unknown> =>
          Effect.fail(new WindowError.VerifierGone({ window: window.name })),
        onSome: (measure) =>
          bySequence(
            window,
            Effect.suspend(() => measure(replay, window))
          )
      })
    )
  }
  const { prove } = window
  switch (prove?.by) {
    case "baseline":
      return Option.some(byBaseline(window, prove, verify, against))
    case "records":
      return Option.some(byRecords(window, prove, verify))
    default:
      return Option.some(bySequence(window, ReplayCompleteness.measure(replay, verify.map(LogSource.file))))
  }
}

const measured = Effect.fnUntraced(function* (run: RunWindow, result: ApplyResult, measurement: Accuracy.Measured) {
  const { verify, window } = run
  const measuredBy = verify === "caller" ? undefined : window.prove?.by
  const accuracy = Option.getOrUndefined(measurement.accuracy)
  const unproven = Option.getOrUndefined(measurement.unproven)
  const outbox = yield* SyncOutbox
  // A figure that proves nothing would be taken for one that does.
  const documents = accuracy === undefined || unproven !== undefined ? [] : [accuracy]
  yield* WindowRecord.commit(
    run,
    { failure: null, result: { ...result, ...(measuredBy === undefined ? {} : { measuredBy }), accuracy, unproven } },
    Effect.zipRight(
      Accuracy.record(window, result.id ?? "", measurement),
      Effect.forEach(documents, (document) =>
        outbox.enqueue({ key: run.key, window, configId: result.id ?? "", sinks: run.sinks, document })
      )
    )
  )
  yield* WindowRecord.tell(run, ApplyProgress.Verified({ window, accuracy, unproven }))
})

/** Measures how complete the replay came back, where the run asks for it; of what keeps it from that see `StepRetry`. */
export const verify = Effect.fn("Verification.verify")(({ key }: RunWindow, replay: Replay.Replay) =>
  StepRetry.untilDone(key, "verify_replay", (run) =>
    Effect.gen(function* () {
      const { result } = run
      const listener = yield* Effect.flatMap(Listeners, ({ of }) => of(key))
      const measure = measuring(run, listener, replay)
      if (isFinal(run) || result === null || Option.isNone(measure)) return Effect.void
      return yield* listener.slots.verifying(measure.value).pipe(
        Effect.map((measurement) => measured(run, result, measurement)),
        Effect.catchIf(
          (error) => error instanceof WindowError.VerifierGone,
          (gone) => Effect.succeed(Effect.asVoid(StepRetry.giveUp(run, "verify_replay", result, gone)))
        )
      )
    })
  ).pipe(Effect.flatten)
)
