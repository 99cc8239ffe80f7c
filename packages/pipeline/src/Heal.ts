/**
 * Healing a window: what is missing is measured, replayed in as few minutes as cover it, captured, and measured again, round by
 * round, until nothing is missing or nothing more comes.
 *
 * Durable: every round is written down before the first of its replays is submitted, and the names of those are the heal's own. A
 * process that is killed at any step, and started again with the same key, goes on: a replay that stands is found and not started
 * again, and what a consumer has acknowledged is for `resend` to know. One process at a time works on a heal.
 */
import {
  HealPlan,
  HealReport,
  Instant,
  type PlannedWindow,
  ReplayPlan,
  ReplayProvider,
  ReplaySpec,
  TimePoint
} from "@genesys-replay/domain"
import { DateTime, Effect, Option, Ref, Schema } from "effect"
import type { AuditTrail } from "./audit/AuditTrail.js"
import * as PayloadDigest from "./digest/PayloadDigest.js"
import type { Healed, HealMeasure } from "./heal/HealMeasure.js"
import * as HealProgress from "./heal/HealProgress.js"
import * as HealRecord from "./heal/HealRecord.js"
import * as HealReplays from "./heal/HealReplays.js"
import * as HealSteps from "./heal/HealSteps.js"
import { Heals } from "./heal/Heals.js"
import * as ReplayPipeline from "./ReplayPipeline.js"
import type { Database } from "./state/Database.js"
import type { StateUnavailable } from "./state/StateUnavailable.js"
import { SyncOutbox } from "./sync/SyncOutbox.js"
import { ErrorSummary } from "./window/ApplyReport.js"

export type { Healed, HealMeasure } from "./heal/HealMeasure.js"
export { HealTooLarge } from "./heal/HealReplays.js"

/** What a capture brought. */
export interface Captured {
  readonly captured: number
}

/** What a consumer has by now. */
export interface Resent {
  /** Events of this heal that it has acknowledged, in this process and earlier ones. */
  readonly resent: number
  /** Events that it refused. */
  readonly refused: number
}

/** How a window is healed. Effects of the caller do what needs a network or files. */
export interface Options<E, R> extends HealReplays.Options<E, R> {
  /** What heals are told apart by: the same for the same command. One that has not ended is gone on with. */
  readonly key: string
  /** What is replayed: one window; what a restart finds is what the first start meant. */
  readonly spec: ReplaySpec.ReplaySpec
  /** What the program needs to go on with it in another process, as JSON; kept, and not looked at. */
  readonly asked?: unknown
  /** What is missing now. The first time it is called for a new heal, it has to keep which events those are, for `resend`. */
  readonly measure: (healed: Healed) => Effect.Effect<HealMeasure, E, R>
  /** Captures what comes, while `replaying` goes on and until nothing comes any more; fails with what `replaying` fails with. */
  readonly capture: <E2, R2>(replaying: Effect.Effect<void, E2, R2>) => Effect.Effect<Captured, E | E2, R | R2>
  /** Hands those on that were missing when the heal began and have come since; each once, whatever is killed. Nobody unless told. */
  readonly resend?: ((healed: Healed) => Effect.Effect<Resent, E, R>) | undefined
  /** At most so many rounds; 3. */
  readonly rounds?: number | undefined
  /** A round that would replay more events is not begun; no limit unless told. */
  readonly maxEvents?: number | undefined
  /** Told of every step. */
  readonly onProgress?: ((progress: HealProgress.HealProgress) => Effect.Effect<void>) | undefined
}

/** Replays of a round could not be submitted, or watched to their end. The round stands: the same command goes on with it. */
export class HealRoundFailed extends Schema.TaggedError<HealRoundFailed>()("HealRoundFailed", {
  round: Schema.Number,
  errors: Schema.NonEmptyArray(Schema.Struct({ replay: Schema.String, error: ErrorSummary }))
}) {
  override get message(): string {
    return this.errors.map(({ error, replay }) => `${replay}: ${error.message}`).join("\n")
  }

  /** What to do about it. */
  get remedy(): string {
    return "mend what is said above, and run the same command again: it goes on with this round"
  }
}

/** What the first round would be. */
export interface Forecast {
  readonly missing: number
  readonly plan: HealPlan.HealPlan
  /** Events that the measure expects in the minutes of the plan: so many are replayed at least. */
  readonly events: number
  readonly doubts: ReadonlyArray<string>
}

// The spec's window, its times fixed now, and as it is planned.
const fixed = Effect.fn("Heal.fixed")(function* ({
  planOptions,
  spec
}: Pick<Options<never, never>, "planOptions" | "spec">) {
  const now = yield* DateTime.now
  const absolute = HealReplays.fixed(spec, now)
  const planned = yield* Effect.provide(ReplayPlan.make(absolute, planOptions), PayloadDigest.layer)
  const [window] = planned.windows
  if (window === undefined) return yield* Effect.dieMessage("a plan without errors has a window")
  return { now, spec: absolute, window }
})

const instantOf = (text: string | undefined): Option.Option<DateTime.Utc> =>
  Option.flatMap(Option.fromNullable(text), Instant.parse)

const healedOf = ({
  beganAt,
  id,
  spec,
  window
}: Pick<HealRecord.HealRecord, "beganAt" | "id" | "spec" | "window">): Healed => {
  const [{ end, start }] = spec.windows
  const began = Option.getOrThrow(instantOf(beganAt))
  return {
    id,
    isNew: false,
    window,
    start: TimePoint.resolve(start, began),
    end: end === undefined ? began : TimePoint.resolve(end, began)
  }
}

/** What a heal would do now: the numbers are those of a run at the same moment. Nothing is changed anywhere. */
export const forecast = Effect.fn("Heal.forecast")(function* <E, R>(
  options: Pick<Options<E, R>, "key" | "measure" | "planOptions" | "source" | "spec">
): Effect.fn.Return<Forecast, E | ReplayPlan.PlanRejected, R> {
  const { now, spec, window } = yield* fixed(options)
  const id = HealRecord.idOf(options.key, 1)
  const healed = healedOf({ id, window, spec: documentOf(spec), beganAt: Instant.format(now) })
  const measure = yield* options.measure(healed)
  const { events, plan } = yield* HealReplays.plan(measure, yield* options.source(healed))
  return { missing: measure.missing.length, plan, events, doubts: measure.doubts }
})

const documentOf = (spec: ReplaySpec.ReplaySpec): ReplaySpec.SpecDocument => ({ ...spec, defaults: {} })

const tell = <E, R>({ onProgress }: Options<E, R>, progress: HealProgress.HealProgress): Effect.Effect<void> =>
  Effect.suspend(() => onProgress?.(progress) ?? Effect.void).pipe(
    Effect.catchAllDefect((defect) => Effect.logWarning("the progress callback died", defect))
  )

// The heal that is gone on with, or a new one that is written down nowhere yet.
const found = Effect.fn("Heal.found")(function* <E, R>(options: Options<E, R>) {
  const { target } = yield* ReplayProvider.ReplayProvider
  const latest = yield* Effect.flatMap(Heals, (heals) => heals.latest(options.key))
  if (Option.isSome(latest) && latest.value.report === null) return { heal: latest.value, isNew: false }
  const ordinal = Option.match(latest, { onNone: () => 1, onSome: (before) => before.ordinal + 1 })
  const { now, spec, window } = yield* fixed(options)
  const heal: HealRecord.HealRecord = {
    id: HealRecord.idOf(options.key, ordinal),
    key: options.key,
    ordinal,
    target,
    spec: documentOf(spec),
    window,
    asked: options.asked ?? null,
    missingBefore: 0,
    rounds: [],
    resent: 0,
    report: null,
    beganAt: Instant.format(now),
    updatedAt: Instant.format(now)
  }
  return { heal, isNew: true }
})

// The next round, written down; none where there is no use in one.
const nextRound = Effect.fn("Heal.nextRound")(function* <E, R>(
  heal: HealRecord.HealRecord,
  measure: HealMeasure,
  options: Options<E, R>
) {
  const last = heal.rounds.at(-1)
  const isOver = measure.missing.length === 0 || heal.rounds.length >= (options.rounds ?? 3) || last?.recovered === 0
  if (isOver) return Option.none()
  const { events, plan } = yield* HealReplays.plan(measure, yield* options.source(healedOf(heal)))
  if (plan.windows.length === 0) return Option.none()
  const { maxEvents = Number.POSITIVE_INFINITY } = options
  if (events > maxEvents) {
    return yield* new HealReplays.HealTooLarge({ events, replays: plan.windows.length, mostEvents: maxEvents })
  }
  const number = heal.rounds.length + 1
  const spec = yield* Effect.orDie(ReplaySpec.complete(heal.spec))
  const round: HealRecord.HealRound = {
    number,
    batches: yield* HealReplays.windows(spec, heal.id, number, plan, options.planOptions),
    missing: measure.missing.length,
    ended: [],
    captured: 0,
    recovered: null
  }
  const after = yield* HealSteps.beginRound(heal, round)
  yield* tell(options, HealProgress.RoundBegun({ round, plan }))
  return Option.some(after)
})

// Replays the batches of the round that have not ended, one after the other.
const replayed = <E, R>(
  state: Ref.Ref<HealRecord.HealRecord>,
  round: HealRecord.HealRound,
  options: Options<E, R>
): Effect.Effect<
  void,
  HealRoundFailed | StateUnavailable,
  ReplayPipeline.ReplayPipeline | AuditTrail | Database | Heals
> =>
  Effect.forEach(
    HealRecord.openBatches(round),
    (windows: ReadonlyArray<PlannedWindow.PlannedWindow>) =>
      Effect.gen(function* () {
        const { results } = yield* ReplayPipeline.apply(
          { windows },
          {
            wait: true,
            concurrency: windows.length,
            onProgress: (progress) => tell(options, HealProgress.Replaying({ round, progress }))
          }
        )
        const [first, ...more] = results.flatMap(({ error, name }) =>
          error === null ? [] : [{ replay: String(name), error }]
        )
        if (first !== undefined) return yield* new HealRoundFailed({ round: round.number, errors: [first, ...more] })
        const heal = yield* Ref.get(state)
        const now = HealRecord.openRound(heal) ?? round
        const ended = results.map(({ name, replay }) => ({ name: String(name), state: replay?.state ?? null }))
        yield* Ref.set(state, yield* HealSteps.noteEnded(heal, { ...now, ended: [...now.ended, ...ended] }))
      }),
    { discard: true }
  )

const noConsumer: Resent = { resent: 0, refused: 0 }

// Goes on with the open round until it is over.
const played = Effect.fn("Heal.round")(function* <E, R>(
  before: HealRecord.HealRecord,
  round: HealRecord.HealRound,
  options: Options<E, R>
) {
  const state = yield* Ref.make(before)
  const healed = healedOf(before)
  const { captured } = yield* options.capture(replayed(state, round, options))
  const measure = yield* options.measure(healed)
  yield* tell(options, HealProgress.Measured({ id: before.id, missing: measure.missing.length }))
  const sent = yield* options.resend?.(healed) ?? Effect.succeed(noConsumer)
  const heal = yield* Ref.get(state)
  const now = HealRecord.openRound(heal) ?? round
  const recovered = Math.max(0, round.missing - measure.missing.length)
  const over = { ...now, captured: now.captured + captured, recovered }
  const after = yield* HealSteps.endRound(heal, over, { ...sent, missing: measure.missing.length })
  yield* tell(options, HealProgress.RoundEnded({ round: over, recovered, resent: sent.resent }))
  return { heal: after, measure, sent }
})

const millis = (text: string): number =>
  Option.match(Instant.parse(text), { onNone: () => Number.NaN, onSome: DateTime.toEpochMillis })

// The times of the replays that were completed.
const completed = ({ rounds, updatedAt }: HealRecord.HealRecord): ReadonlyArray<HealPlan.Replayed> =>
  rounds.flatMap(({ batches, ended }) => {
    const names = new Set(ended.flatMap(({ name, state }) => (state === "COMPLETED" ? [name] : [])))
    return batches
      .flat()
      .filter(({ name }) => names.has(name))
      .map(HealRecord.replayOf)
      .map(({ end, start }) => ({ fromMs: millis(start), toMs: millis(end ?? updatedAt) }))
  })

const reportOf = Effect.fn("Heal.report")(function* <E, R>(
  heal: HealRecord.HealRecord,
  measure: HealMeasure,
  sent: Resent,
  options: Options<E, R>
) {
  const { missing } = measure
  const now = yield* DateTime.now
  const left =
    missing.length === 0
      ? []
      : HealPlan.remaining(missing, yield* options.source(healedOf(heal)), { now, replayed: completed(heal) })
  return HealReport.make({
    rounds: heal.rounds.map(({ batches, captured, recovered }) => ({
      replays: batches.flat().map(HealRecord.replayOf),
      captured,
      recovered: recovered ?? 0
    })),
    missingBefore: heal.missingBefore,
    ...sent,
    missing: { count: missing.length, left, first: measure.first },
    notJudged: measure.notJudged,
    doubts: measure.doubts
  })
})

/**
 * Heals the window, or goes on with the heal of this key that has not ended. Where nothing is missing, nothing is written down.
 *
 * Fails with what the caller's effects fail with; with `PlanRejected` where the spec's window or a replay cannot be planned, `HealTooLarge`
 * and `HealRoundFailed` (see there), `StateUnavailable` where the state cannot be written: whatever was begun stands, and the same key
 * goes on with it.
 */
export const run = Effect.fn("Heal.run")(function* <E, R>(options: Options<E, R>) {
  const start = yield* found(options)
  let { heal } = start
  let wasPlayed = false
  let sent: Resent = { ...noConsumer, resent: heal.resent }
  let measure = yield* options.measure({ ...healedOf(heal), isNew: start.isNew })
  yield* tell(options, HealProgress.Measured({ id: heal.id, missing: measure.missing.length }))
  if (start.isNew) {
    heal = { ...heal, missingBefore: measure.missing.length }
    if (measure.missing.length === 0) return yield* reportOf(heal, measure, sent, options)
    heal = yield* HealSteps.begin(heal)
  }
  while (true) {
    let round = HealRecord.openRound(heal)
    if (round === undefined) {
      const next = yield* nextRound(heal, measure, options)
      if (Option.isNone(next)) break
      heal = next.value
      round = HealRecord.openRound(heal)
    } else {
      yield* tell(options, HealProgress.RoundBegun({ round, plan: undefined }))
    }
    if (round === undefined) break
    const over = yield* played(heal, round, options)
    wasPlayed = true
    heal = over.heal
    measure = over.measure
    sent = over.sent
  }
  // Killed between the last round and its end: what the consumer refused then is tried once more.
  if (!start.isNew && !wasPlayed) sent = yield* options.resend?.(healedOf(heal)) ?? Effect.succeed(sent)
  const report = yield* reportOf(heal, measure, sent, options)
  yield* HealSteps.end(heal, report)
  yield* Effect.flatMap(SyncOutbox, ({ deliver }) => deliver(HealSteps.keyOf(heal.id, heal.window)))
  return report
})
