/** What is written down of a heal, each step together with its audit entries and what the sinks are to be told. */
import { type AuditEntry, type HealEvent, type HealReport, Instant, type PlannedWindow } from "@genesys-replay/domain"
import { DateTime, Effect } from "effect"
import { recordFor } from "../audit/AuditTrail.js"
import { atomically } from "../state/Database.js"
import { SyncOutbox } from "../sync/SyncOutbox.js"
import { SyncSinks } from "../sync/SyncSink.js"
import { type HealId, type HealRecord, type HealRound, replayOf, withRound } from "./HealRecord.js"
import { Heals } from "./Heals.js"

const put = (heal: HealRecord) =>
  Effect.gen(function* () {
    const heals = yield* Heals
    const now = { ...heal, updatedAt: Instant.format(yield* DateTime.now) }
    yield* heals.put(now)
    return now
  })

const record = (
  { id, window }: Pick<HealRecord, "id" | "window">,
  action: AuditEntry.AuditAction,
  detail: Readonly<Record<string, unknown>>
) => recordFor(window, action, { configId: id, detail })

/** A heal begins, for the sinks of this program. */
export const begin = Effect.fn("HealSteps.begin")(function* (heal: HealRecord) {
  const { register, sinks } = yield* SyncSinks
  return yield* atomically(
    Effect.gen(function* () {
      yield* register
      const begun = yield* put({ ...heal, sinks: sinks.map(({ name }) => name) })
      yield* record(heal, "begin_heal", { missing: heal.missingBefore, target: heal.target })
      return begun
    })
  )
})

/** A round begins: its windows are written down before the first of them is submitted. */
export const beginRound = Effect.fn("HealSteps.beginRound")(function* (heal: HealRecord, round: HealRound) {
  return yield* atomically(
    Effect.tap(
      put(withRound(heal, round)),
      record(heal, "begin_heal_round", {
        round: round.number,
        missing: round.missing,
        replays: round.batches.flat().map(replayOf)
      })
    )
  )
})

/** Some of its replays have ended; the trail has entries of their own for that. */
export const noteEnded = Effect.fn("HealSteps.noteEnded")(function* (heal: HealRecord, round: HealRound) {
  return yield* atomically(put(withRound(heal, round)))
})

/** A round is over. */
export const endRound = Effect.fn("HealSteps.endRound")(function* (
  heal: HealRecord,
  round: HealRound & { readonly recovered: number },
  { missing, refused, resent }: { readonly missing: number; readonly refused: number; readonly resent: number }
) {
  return yield* atomically(
    Effect.tap(
      put({ ...withRound(heal, round), resent }),
      record(heal, "end_heal_round", {
        round: round.number,
        replays: round.ended,
        captured: round.captured,
        recovered: round.recovered,
        missing,
        resent,
        ...(refused === 0 ? {} : { refused })
      })
    )
  )
})

/** The key of what the sinks are told of a heal, in place of `RUN/NAME`. */
export const keyOf = (id: HealId, window: PlannedWindow.PlannedWindow): string => `${id}/${window.name}`

/** A heal has ended: the sinks of the program that began it are told, and those of this one. */
export const end = Effect.fn("HealSteps.end")(function* (heal: HealRecord, report: HealReport.HealReport) {
  const outbox = yield* SyncOutbox
  const { register, sinks } = yield* SyncSinks
  const { id, window } = heal
  const { byReason, count } = report.missing
  return yield* atomically(
    Effect.gen(function* () {
      yield* register
      const ended = yield* put({ ...heal, report })
      yield* record(heal, "complete_heal", {
        complete: report.isComplete,
        rounds: report.rounds.length,
        missing_before: report.missingBefore,
        recovered: report.recovered,
        resent: report.resent,
        missing: count,
        by_reason: byReason
      })
      const document: HealEvent.HealEvent = {
        event_type: "replay_heal_complete",
        config_id: id,
        recovered: report.recovered,
        missing: count,
        timestamp: ended.updatedAt,
        window: window.name
      }
      const names = [...new Set([...heal.sinks, ...sinks.map(({ name }) => name)])]
      yield* outbox.enqueue({ key: keyOf(id, window), window, configId: id, document, sinks: names })
      return ended
    })
  )
})
