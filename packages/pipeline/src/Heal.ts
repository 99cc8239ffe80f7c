/**
 * Healing a window: what is missing is measured, replayed in as few minutes as cover it, captured, and measured again, round by
 * round, until nothing is missing or nothing more comes.
 *
 * Durable: every round is written down before the first of its replays is submitted, and the names of those are the heal's own. A
 * process that is killed at any step, and started again with the same key, goes on: a replay that stands is found and not started
 * again, and what a consumer has acknowledged is for `resend` to know. One process at a time works on a heal.
 */
import {
  type HealPlan,
  Instant,
  type PlannedWindow,
  type ReplayPlan,
  ReplayProvider,
  ReplaySpec
} from "@genesys-replay/domain"
import { Effect, Option, Ref } from "effect"
import type { AuditTrail } from "./audit/AuditTrail.js"
import * as HealLock from "./heal/HealLock.js"
import type { HealMeasure } from "./heal/HealMeasure.js"
import * as HealOptions from "./heal/HealOptions.js"
import * as HealOutcome from "./heal/HealOutcome.js"
import * as HealProgress from "./heal/HealProgress.js"
import * as HealRecord from "./heal/HealRecord.js"
import * as HealReplays from "./heal/HealReplays.js"
import { HealRoundFailed, type ReplayingError } from "./heal/HealRoundFailed.js"
import * as HealStart from "./heal/HealStart.js"
import * as HealSteps from "./heal/HealSteps.js"
import type { Heals } from "./heal/Heals.js"
import * as ReplayPipeline from "./ReplayPipeline.js"
import type { Database } from "./state/Database.js"
import { SyncOutbox } from "./sync/SyncOutbox.js"
import { Runs } from "./window/Runs.js"

export type { Healed, HealMeasure } from "./heal/HealMeasure.js"
export { type Captured, type Options, options, type Resent } from "./heal/HealOptions.js"
export { HealTooLarge } from "./heal/HealReplays.js"
export { HealRoundFailed, type ReplayingError } from "./heal/HealRoundFailed.js"

/** What the first round would be. */
export interface Forecast {
  readonly missing: number
  readonly plan: HealPlan.HealPlan
  /**
   * Events that the measure expects in the minutes of the plan: as many as a run at the same moment is held to (`maxEvents`), and as its
   * replays bring, where the measure counts them by the time of the envelope. Of those at the two ends of the window a replay may bring some
   * that happened just before it and were filed within it.
   */
  readonly events: number
  readonly doubts: ReadonlyArray<string>
}

/** What a heal would do now: the replays and their minutes are those of a run at the same moment. Nothing is changed anywhere. */
export const forecast = Effect.fn("Heal.forecast")(function* <E, R>(
  options: Pick<HealOptions.Options<E, R>, "key" | "measure" | "planOptions" | "source" | "spec">
): Effect.fn.Return<Forecast, E | ReplayPlan.PlanRejected, R> {
  const { now, spec, window } = yield* HealStart.fixed(options)
  const id = HealRecord.idOf(options.key, "", 1)
  const healed = HealStart.healedOf({ id, window, spec: HealStart.documentOf(spec), beganAt: Instant.format(now) })
  const measure = yield* options.measure(healed)
  const { events, plan } = yield* HealReplays.plan(measure, yield* options.source(healed))
  return { missing: measure.missing.length, plan, events, doubts: measure.doubts }
})

// The next round, written down; none where there is no use in one.
const nextRound = Effect.fn("Heal.nextRound")(function* <E, R>(
  heal: HealRecord.HealRecord,
  measure: HealMeasure,
  options: HealOptions.Options<E, R>
) {
  const last = heal.rounds.at(-1)
  const isOver = measure.missing.length === 0 || heal.rounds.length >= (options.rounds ?? 3) || last?.recovered === 0
  if (isOver) return Option.none()
  const { events, plan } = yield* HealReplays.plan(measure, yield* options.source(HealStart.healedOf(heal)))
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
  yield* HealOptions.tell(options, HealProgress.RoundBegun({ round, plan }))
  return Option.some(after)
})

// The replays of these windows that another process has seen end: `resume`, say, after this one was killed.
const endedBefore = Effect.fn("Heal.endedBefore")(function* (windows: ReadonlyArray<PlannedWindow.PlannedWindow>) {
  const runs = yield* Runs
  const { target } = yield* ReplayProvider.ReplayProvider
  const hashes = new Map(windows.map(({ name, payloadHash }) => [name, payloadHash]))
  const all = yield* runs.list({ target })
  const states = new Map(
    all.flatMap(({ result, state, window: { name, payloadHash } }) =>
      state === "finished" && result?.replay !== undefined && result.error === null && hashes.get(name) === payloadHash
        ? [[String(name), result.replay.state] as const]
        : []
    )
  )
  return [...states].map(([name, state]) => ({ name, state }))
})

const noteEnded = Effect.fn("Heal.noteEnded")(function* (
  state: Ref.Ref<HealRecord.HealRecord>,
  round: HealRecord.HealRound,
  ended: HealRecord.HealRound["ended"]
) {
  if (ended.length === 0) return
  const heal = yield* Ref.get(state)
  const now = HealRecord.openRound(heal) ?? round
  yield* Ref.set(state, yield* HealSteps.noteEnded(heal, { ...now, ended: [...now.ended, ...ended] }))
})

// Replays the batches of the round that have not ended, one after the other.
const replayed = <E, R>(
  state: Ref.Ref<HealRecord.HealRecord>,
  round: HealRecord.HealRound,
  options: HealOptions.Options<E, R>
): Effect.Effect<
  void,
  ReplayingError,
  ReplayPipeline.ReplayPipeline | ReplayProvider.ReplayProvider | AuditTrail | Database | Heals | Runs
> =>
  Effect.forEach(
    HealRecord.openBatches(round),
    (batch: ReadonlyArray<PlannedWindow.PlannedWindow>) =>
      Effect.gen(function* () {
        const noted = new Set(round.ended.map(({ name }) => name))
        const open = batch.filter(({ name }) => !noted.has(name))
        const known = yield* endedBefore(open)
        yield* noteEnded(state, round, known)
        const windows = open.filter(({ name }) => !known.some((one) => one.name === name))
        if (windows.length === 0) return
        const { results } = yield* ReplayPipeline.apply(
          { windows },
          {
            wait: true,
            concurrency: windows.length,
            onProgress: (progress) => HealOptions.tell(options, HealProgress.Replaying({ round, progress }))
          }
          // They ask for no proof of their own: see HealReplays.
        ).pipe(Effect.catchTags({ ProofNotPossible: Effect.die, RecordsNotConfigured: Effect.die }))
        const [first, ...more] = results.flatMap(({ error, name }) =>
          error === null ? [] : [{ replay: String(name), error }]
        )
        if (first !== undefined) return yield* new HealRoundFailed({ round: round.number, errors: [first, ...more] })
        yield* noteEnded(
          state,
          round,
          results.map(({ name, replay }) => ({ name: String(name), state: replay?.state ?? null }))
        )
      }),
    { discard: true }
  )

// Goes on with the open round until it is over.
const played = Effect.fn("Heal.round")(function* <E, R>(
  before: HealRecord.HealRecord,
  round: HealRecord.HealRound,
  options: HealOptions.Options<E, R>
) {
  const state = yield* Ref.make(before)
  const healed = HealStart.healedOf(before)
  const services = yield* Effect.context<Effect.Effect.Context<ReturnType<typeof replayed>>>()
  const { captured } = yield* options.capture(Effect.provide(replayed(state, round, options), services))
  const measure = yield* options.measure(healed)
  yield* HealOptions.tell(options, HealProgress.Measured({ id: before.id, missing: measure.missing.length }))
  const sent = yield* options.resend?.(healed) ?? Effect.succeed(HealOptions.noConsumer)
  const heal = yield* Ref.get(state)
  const now = HealRecord.openRound(heal) ?? round
  const recovered = Math.max(0, round.missing - measure.missing.length)
  const over = { ...now, captured: now.captured + captured, recovered }
  const after = yield* HealSteps.endRound(heal, over, { ...sent, missing: measure.missing.length })
  yield* HealOptions.tell(options, HealProgress.RoundEnded({ round: over, recovered, resent: sent.resent }))
  return { heal: after, measure, sent }
})

// From where it is to its end.
const ended = Effect.fn("Heal.ended")(function* <E, R>(
  start: Effect.Effect.Success<ReturnType<typeof HealStart.found>>,
  options: HealOptions.Options<E, R>
) {
  let { heal } = start
  let wasPlayed = false
  let sent: HealOptions.Resent = { ...HealOptions.noConsumer, resent: heal.resent }
  let measure = yield* options.measure({ ...HealStart.healedOf(heal), isNew: start.isNew })
  yield* HealOptions.tell(options, HealProgress.Measured({ id: heal.id, missing: measure.missing.length }))
  if (start.isNew) {
    heal = { ...heal, missingBefore: measure.missing.length }
    if (measure.missing.length === 0) return yield* HealOutcome.reportOf(heal, measure, sent, options)
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
      yield* HealOptions.tell(options, HealProgress.RoundBegun({ round, plan: undefined }))
    }
    if (round === undefined) break
    const over = yield* played(heal, round, options)
    wasPlayed = true
    heal = over.heal
    measure = over.measure
    sent = over.sent
  }
  // Killed between the last round and its end: what the consumer refused then is tried once more.
  if (!start.isNew && !wasPlayed) sent = yield* options.resend?.(HealStart.healedOf(heal)) ?? Effect.succeed(sent)
  const report = yield* HealOutcome.reportOf(heal, measure, sent, options)
  yield* HealSteps.end(heal, report)
  yield* Effect.flatMap(SyncOutbox, ({ deliver }) => deliver(HealSteps.keyOf(heal.id, heal.window)))
  return report
})

/**
 * Heals the window, or goes on with the heal of this key that has not ended. Where nothing is missing, nothing is written down. Where
 * another process works on it, that one is waited for.
 *
 * Fails with what the caller's effects fail with; with `PlanRejected` where the spec's window or a replay cannot be planned, `HealTooLarge`
 * and `HealRoundFailed` (see there), `ProviderMismatch` where the spec is for another provider, `StateUnavailable` where the state cannot
 * be written: whatever was begun stands, and the same key goes on with it.
 */
export const run = Effect.fn("Heal.run")(function* <E, R>(options: HealOptions.Options<E, R>) {
  const held = yield* HealLock.acquire(options.key)
  const going = Effect.flatMap(HealStart.found(options), (start) => ended(start, options))
  return yield* HealLock.whileHeld(held, going)
}, Effect.scoped)

/**
 * Goes on with the heal of this key, and fails as {@link run} does. None where it has ended meanwhile, or another process works on it:
 * nothing is begun, and nobody waited for.
 */
export const goOn = Effect.fn("Heal.goOn")(function* <E, R>(options: HealOptions.Options<E, R>) {
  const held = yield* HealLock.attempt(options.key)
  if (held === undefined) return Option.none()
  const going = Effect.flatMap(HealStart.found(options), (start) =>
    start.isNew ? Effect.succeedNone : Effect.asSome(ended(start, options))
  )
  return yield* HealLock.whileHeld(held, going)
}, Effect.scoped)
