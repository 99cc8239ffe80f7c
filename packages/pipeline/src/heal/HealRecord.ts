/** A heal as it is kept: what was asked for, and how far it is. A restart goes on from it. */
import { EventStream, HealReport, Instant, PlannedWindow, ReplaySpec } from "@genesys-replay/domain"
import { Option, Schema } from "effect"
import * as CanonicalJson from "../digest/CanonicalJson.js"

/** `heal-` and 12 hex digits: the names of all replays of a heal begin with it. */
export const HealId = Schema.String.pipe(
  Schema.pattern(/^heal-[0-9a-f]{12}$/),
  Schema.brand("HealId"),
  Schema.annotations({ identifier: "HealId" })
)

export type HealId = typeof HealId.Type

/** The id of a heal: the same for the same key, target and ordinal, so that a restart finds what was begun. */
export const idOf = (key: string, target: string, ordinal: number): HealId =>
  HealId.make(`heal-${CanonicalJson.digest([key, target, ordinal], 12)}`)

/** A replay of a round that has ended, and how. */
export const EndedReplay = Schema.Struct({ name: Schema.String, state: Schema.NullOr(EventStream.ReplayState) })

/** A round. */
export const HealRound = Schema.Struct({
  /** From 1. */
  number: Schema.Positive.pipe(Schema.int()),
  /** The windows of a batch are replayed at the same time, one batch after the other. */
  batches: Schema.Array(Schema.Array(PlannedWindow.PlannedWindow)),
  /** Events that were missing when it began. */
  missing: Schema.NonNegativeInt,
  /** Those of its replays that have ended. */
  ended: Schema.Array(EndedReplay),
  /** Messages that were captured, as far as the processes that captured them have told it. */
  captured: Schema.NonNegativeInt,
  /** Events that came back; null until it is over. */
  recovered: Schema.NullOr(Schema.NonNegativeInt)
}).annotations({ identifier: "HealRoundRecord" })

export interface HealRound extends Schema.Schema.Type<typeof HealRound> {}

/** A heal. */
export const HealRecord = Schema.Struct({
  id: HealId,
  /** What heals are told apart by: the same command has the same. */
  key: Schema.NonEmptyString,
  /** Counts the heals with this key, from 1. One begins when the one before has ended. */
  ordinal: Schema.Positive.pipe(Schema.int()),
  /** For whom it replays: `ReplayProvider.target`. */
  target: Schema.String,
  /** The one window that is healed, its times fixed. */
  spec: ReplaySpec.SpecDocument,
  /** The same as it is planned: what the audit trail and the sinks are told of. */
  window: PlannedWindow.PlannedWindow,
  /** The names of the sinks that are told when it has ended: those of the program that began it. */
  sinks: Schema.Array(Schema.String),
  /** What the program that began it needs to go on with it; its own business. */
  asked: Schema.Unknown,
  /** Events that were missing when it began. */
  missingBefore: Schema.NonNegativeInt,
  rounds: Schema.Array(HealRound),
  /** Events that the consumer has acknowledged, as of the latest round. */
  resent: Schema.NonNegativeInt,
  /** What it came to; null until it has ended. */
  report: Schema.NullOr(HealReport.HealReport),
  beganAt: Instant.UtcText,
  updatedAt: Instant.UtcText
}).annotations({ identifier: "HealRecord" })

export interface HealRecord extends Schema.Schema.Type<typeof HealRecord> {}

/** The heal with its latest round changed. */
export const withRound = (heal: HealRecord, round: HealRound): HealRecord => ({
  ...heal,
  rounds: [...heal.rounds.filter(({ number }) => number !== round.number), round]
})

/** The round that was begun and is not over. */
export const openRound = ({ rounds }: HealRecord): HealRound | undefined =>
  rounds.find(({ recovered }) => recovered === null)

/** The batches of which a replay has not ended. */
export const openBatches = ({ batches, ended }: HealRound): HealRound["batches"] => {
  const names = new Set(ended.map(({ name }) => name))
  return batches.filter((batch) => batch.some(({ name }) => !names.has(name)))
}

/** The replay of a window, as reports tell it. */
export const replayOf = ({ end, name, start }: PlannedWindow.PlannedWindow): HealReport.HealReplay => ({
  name,
  start: Instant.format(start),
  end: Option.getOrNull(Option.map(end, Instant.format))
})
