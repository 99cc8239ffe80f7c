/** The proof of a window: how complete its replay came back, measured by what its spec says, else by the sequence of the replay. */
import type { FileSystem } from "@effect/platform"
import {
  FilingDelay,
  Instant,
  type PlannedWindow,
  PlatformRecords,
  type Proof,
  type Replay,
  type SequenceReport,
  TopicPattern
} from "@genesys-replay/domain"
import { Comparison, LogSource, Reconciliation, ReplayCompleteness } from "@genesys-replay/eventlog"
import { DateTime, Effect, Option, Schema, Stream } from "effect"
import { SyncOutbox } from "../sync/SyncOutbox.js"
import * as ApplyProgress from "../window/ApplyProgress.js"
import { type ApplyResult, isMeasured } from "../window/ApplyReport.js"
import { topicsNotJudged } from "../window/ProofNotPossible.js"
import { isFinal, type RunWindow } from "../window/RunWindow.js"
import * as Accuracy from "./Accuracy.js"
import { type Listener, Listeners } from "./Listeners.js"
import * as StepRetry from "./StepRetry.js"
import * as WindowRecord from "./WindowRecord.js"

/** Whether completeness is asked for and was not measured yet. */
export const isToMeasure = ({ result, verify }: RunWindow): boolean =>
  verify !== "nothing" && (result === null || !isMeasured(result))

/** What was to measure completeness is not here any more: the replay stands, and `genesys-replay verify` can prove it. */
export class VerifierGone extends Schema.TaggedError<VerifierGone>()("VerifierGone", { window: Schema.String }) {
  override get message(): string {
    return `${this.window} was to be verified by the program that asked for it, and this is another one. genesys-replay verify FILE proves it from captured events`
  }
}

// How many of these missing events are expected so near to the edge of the window that its replay need not bring them.
const atEdgeOf = (
  { eventbridge }: PlannedWindow.PlannedWindow,
  { endIsFixed }: Proof.Proof,
  { end, start }: { readonly start: DateTime.Utc; readonly end: DateTime.Utc },
  { earlierMs, laterMs }: FilingDelay.FilingDelay
) => {
  const from = DateTime.toEpochMillis(start) + earlierMs
  // Genesys Cloud replays up to now: behind an end that has passed it goes on.
  const goesOn = eventbridge === undefined && endIsFixed
  const until = goesOn ? Number.POSITIVE_INFINITY : DateTime.toEpochMillis(end) - laterMs
  return (expectedMs: number): boolean => expectedMs < from || expectedMs >= until
}

// Of which events it is told: of the window's topics, from its start to the end that its proof has.
const expectedOf = ({ payload }: PlannedWindow.PlannedWindow, { end }: Proof.Proof) =>
  Effect.map(
    Effect.orDie(Option.all([Instant.parse(payload.replayConfig.startDate), Instant.parse(end)])),
    ([start, until]) => ({
      window: { start, end: until },
      topics: payload.filters.topics.map((topic) => TopicPattern.TopicPattern.make(topic)),
      maxConversations: 0
    })
  )

// A proof over half of the events is none.
const allRead = ([first]: ReadonlyArray<LogSource.Unread>) => (first === undefined ? Effect.void : Effect.fail(first))

const byBaseline = Effect.fn("Verification.byBaseline")(function* (
  window: PlannedWindow.PlannedWindow,
  proof: Proof.Proof,
  captured: ReadonlyArray<string>,
  against: ReadonlyArray<string>
) {
  const options = yield* expectedOf(window, proof)
  const { missingEvents, report, unreadable } = yield* Comparison.compare({
    capture: captured.map(LogSource.file),
    baseline: against.map(LogSource.file),
    options
  })
  yield* allRead(unreadable)
  const isAtEdge = atEdgeOf(window, proof, options.window, FilingDelay.ofEventTime)
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
  const options = yield* expectedOf(window, proof)
  const retrieval = yield* retrieve(options.window)
  const { missingEvents, report, unreadable } = yield* Reconciliation.reconcile({
    capture: captured.map(LogSource.file),
    records: { _tag: "RecordStream", ...retrieval },
    options
  })
  yield* allRead(unreadable)
  const isAtEdge = atEdgeOf(window, proof, options.window, FilingDelay.ofRecords)
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
        onNone: (): Effect.Effect<Accuracy.Measured, unknown> => Effect.fail(new VerifierGone({ window: window.name })),
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
          (error) => error instanceof VerifierGone,
          (gone) => Effect.succeed(Effect.asVoid(StepRetry.giveUp(run, "verify_replay", result, gone)))
        )
      )
    })
  ).pipe(Effect.flatten)
)
