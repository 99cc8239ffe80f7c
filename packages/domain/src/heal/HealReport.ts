/** What a heal came to: the document that `heal --json` prints. */
import { Schema } from "effect"
import { Count } from "../value/Count.js"
import { UtcText } from "../value/Instant.js"
import type { Left, Reason } from "./HealPlan.js"

/** A replay of a round. */
export const HealReplay = Schema.Struct({
  name: Schema.String,
  start: UtcText,
  /** Exclusive; null where the provider replays up to now. */
  end: Schema.NullOr(UtcText)
}).annotations({ identifier: "HealReplay" })

/** See {@link HealReplay}. */
export interface HealReplay extends Schema.Schema.Type<typeof HealReplay> {}

/** A round: replays, and what they brought. */
export const HealRound = Schema.Struct({
  replays: Schema.Array(HealReplay),
  /** Events that the queue delivered meanwhile, also such as were not missing, as far as this and earlier processes counted them. */
  captured: Count,
  /** Events that were missing before and are not any more. */
  recovered: Count
}).annotations({ identifier: "HealRound" })

/** See {@link HealRound}. */
export interface HealRound extends Schema.Schema.Type<typeof HealRound> {}

/** An event that is missing still. */
export const MissingEvent = Schema.Struct({
  topic: Schema.NullOr(Schema.String),
  /** When it happened, or is expected to have. */
  time: Schema.NullOr(UtcText),
  conversationId: Schema.NullOr(Schema.String)
}).annotations({ identifier: "StillMissingEvent" })

/** See {@link MissingEvent}. */
export interface MissingEvent extends Schema.Schema.Type<typeof MissingEvent> {}

const reasons = [
  "not-judged",
  "outside-pattern",
  "time-unknown",
  "beyond-retention",
  "outside-life",
  "not-yet-archived",
  "not-replayed",
  "not-in-archive"
] as const satisfies ReadonlyArray<Reason>

/** The report. `recovered` and `missing.count` add up to `missingBefore`. */
export const HealReport = Schema.Struct({
  /** Whether nothing is missing, that is proven, and the consumer took everything it was sent. */
  isComplete: Schema.Boolean,
  rounds: Schema.Array(HealRound),
  missingBefore: Count,
  recovered: Count,
  /** Events that the consumer has acknowledged. */
  resent: Count,
  /** Events that the consumer refused; absent where there is none. */
  refused: Schema.optional(Count),
  missing: Schema.Struct({
    count: Count,
    /** Why they are missing; `not-judged` is told beside them, and not part of `count`. */
    byReason: Schema.Array(Schema.Struct({ reason: Schema.Literal(...reasons), count: Count })),
    first: Schema.Array(MissingEvent)
  }),
  /** What was rejected, or not read, so that the measure proves less than it says; absent where there is none. */
  doubts: Schema.optional(Schema.Array(Schema.String))
}).annotations({ identifier: "HealReport" })

/** See {@link HealReport}. */
export interface HealReport extends Schema.Schema.Type<typeof HealReport> {}

/** What a report is made of. */
export interface Outcome {
  readonly rounds: ReadonlyArray<HealRound>
  readonly missingBefore: number
  readonly resent: number
  readonly refused: number
  readonly missing: {
    readonly count: number
    readonly left: ReadonlyArray<Left>
    readonly first: ReadonlyArray<MissingEvent>
  }
  /** Events that are not judged: told beside the missing ones, and not counted among them. */
  readonly notJudged: number
  readonly doubts: ReadonlyArray<string>
}

/** The report of an outcome. */
export const make = ({ doubts, missing, missingBefore, notJudged, refused, resent, rounds }: Outcome): HealReport => ({
  isComplete: missing.count === 0 && doubts.length === 0 && refused === 0,
  rounds,
  missingBefore,
  recovered: missingBefore - missing.count,
  resent,
  ...(refused === 0 ? {} : { refused }),
  missing: {
    count: missing.count,
    byReason: [
      ...missing.left.map(({ count, reason }) => ({ reason, count })),
      ...(notJudged === 0 ? [] : [{ reason: "not-judged" as const, count: notJudged }])
    ],
    first: missing.first
  },
  ...(doubts.length === 0 ? {} : { doubts })
})
